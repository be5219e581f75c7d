package mapper

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// ErrOtherType is returned by a [Repository] for an item that the
// [Discriminator] of its type excludes.
var ErrOtherType = errors.New("item is of another type")

// Discriminator recognizes the items of one struct type in a table with several
// (single-table design). If both Key and Attribute are set, an item must meet
// both.
type Discriminator struct {
	// Key, if set, reports whether items of the type can have the key. It is
	// given the primary key attributes, and may be called from several
	// goroutines at once.
	Key func(key crypto.Item) bool

	// Attribute, if set, names an attribute that is the string Value in every
	// item of the type. It must be signed or encrypted.
	Attribute, Value string
}

// WithDiscriminator sets how items of type T, one of the table's types, are
// recognized. Repositories for T leave other items out of queries and scans, and
// fail with [ErrOtherType] when another item is read by key or written. Without
// a discriminator, a repository treats every item that it reads as a T.
func WithDiscriminator[T any](d Discriminator) TableOption {
	return func(decl *declaration) error {
		if decl.discriminators == nil {
			decl.discriminators = make(map[reflect.Type]Discriminator)
		}
		typ := structType(reflect.TypeFor[T]())
		if _, ok := decl.discriminators[typ]; ok {
			return fmt.Errorf("%w: type %v has two discriminators", crypto.ErrPolicy, typ)
		}
		decl.discriminators[typ] = d
		return nil
	}
}

// checkDiscriminator checks the discriminator of a type.
func (t *table) checkDiscriminator(typ reflect.Type, d Discriminator) error {
	switch {
	case !t.hasType(typ):
		return fmt.Errorf("%w: discriminator for type %v: the table is not declared for it", crypto.ErrPolicy, typ)
	case d.Key == nil && d.Attribute == "":
		return fmt.Errorf("%w: discriminator for type %v: neither Key nor Attribute is set", crypto.ErrPolicy, typ)
	case d.Attribute == "" && d.Value != "":
		return fmt.Errorf("%w: discriminator for type %v: Value is set without Attribute", crypto.ErrPolicy, typ)
	case d.Attribute != "" && !t.info.IsKey(d.Attribute) && !t.Action(d.Attribute).Signed():
		return fmt.Errorf("%w: discriminator for type %v: attribute %q is not signed, so anyone who can write to the "+
			"table could change an item's type",
			crypto.ErrPolicy, typ, d.Attribute)
	}
	return nil
}

// allowsKey reports whether an item with the key can be of the type.
func (d Discriminator) allowsKey(info crypto.TableInfo, item crypto.Item) bool {
	return d.Key == nil || d.Key(info.Key(item))
}

// allows reports whether an item is of the type.
func (d Discriminator) allows(info crypto.TableInfo, item crypto.Item) bool {
	if !d.allowsKey(info, item) {
		return false
	}
	if d.Attribute == "" {
		return true
	}
	value, ok := item[d.Attribute].(*types.AttributeValueMemberS)
	return ok && value != nil && value.Value == d.Value
}
