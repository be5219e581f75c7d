// Package crypto defines the types shared by both item formats: items,
// attribute actions and errors.
//
// Applications rarely import it. They declare tables with package mapper, which
// takes the attribute actions from struct tags. Use this package to call or
// implement an [ItemEncryptor], or to distinguish errors with errors.Is.
//
// The formats are implemented in crypto/dbesdk (the AWS Database Encryption
// SDK, for new tables) and crypto/ddbec (the DynamoDB Encryption Client for
// Java and Python).
package crypto

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is a DynamoDB item. It maps attribute names to values.
type Item = map[string]types.AttributeValue

// IsNil reports whether v holds no value: whether it is nil or a nil pointer.
// Implementations of [ItemEncryptor] have to reject such values.
func IsNil(v types.AttributeValue) bool {
	return v == nil || reflect.ValueOf(v).IsNil()
}

// TableInfo describes the table that an item belongs to, as far as an item
// format needs to know it.
type TableInfo struct {
	// Name is the logical name of the table. It is bound into every item, so it
	// must not change as long as there are items to be read, even if the table
	// is restored or copied under another name.
	Name string

	// PartitionKey and SortKey are the names of the primary key's attributes.
	// SortKey is empty if the table has no sort key.
	PartitionKey, SortKey string
}

// IsKey reports whether name is one of the primary key's attributes.
func (t TableInfo) IsKey(name string) bool {
	return name != "" && (name == t.PartitionKey || name == t.SortKey)
}

// KeyNames returns the names of the primary key's attributes, with the
// partition key first.
func (t TableInfo) KeyNames() []string {
	if t.SortKey == "" {
		return []string{t.PartitionKey}
	}
	return []string{t.PartitionKey, t.SortKey}
}

// Key returns the primary key of item. Attributes that item lacks are missing
// from the result.
func (t TableInfo) Key(item Item) Item {
	key := make(Item, 2)
	for _, name := range t.KeyNames() {
		if v, ok := item[name]; ok {
			key[name] = v
		}
	}
	return key
}

// ItemEncryptor encrypts and signs items ("seals" them), and verifies and
// decrypts them ("opens" them), in one item format.
//
// Implementations must be safe for concurrent use and must not modify their
// arguments. An item that they return may share attribute values with the item
// that was passed in, but only values that were not changed.
type ItemEncryptor interface {
	// EncryptItem returns item sealed: with attributes encrypted and signed
	// according to actions, and with the format's own attributes added.
	EncryptItem(ctx context.Context, table TableInfo, actions Actions, item Item) (Item, error)

	// DecryptItem verifies a sealed item, and only then decrypts it and removes
	// the format's own attributes. The error wraps [ErrNotProtected] if the
	// item was never sealed, [ErrTampered] if it does not verify,
	// [ErrNoUsableKey] if none of the encryptor's keys opens it, and
	// [ErrKeyUnavailable] if the key could not be obtained at the moment.
	DecryptItem(ctx context.Context, table TableInfo, actions Actions, item Item) (Item, error)

	// Recognizes reports whether item has any of the attributes that this
	// format adds, so that this encryptor is the one to open it. It does not
	// verify anything.
	Recognizes(item Item) bool

	// Reserved reports whether the attribute name is reserved for the format.
	Reserved(name string) bool

	// ActionOf returns the encryptor's action for the attribute called name,
	// given the actions of the table. The result is actions.Of(name) unless the
	// encryptor's own configuration determines the action.
	ActionOf(actions Actions, name string) Action

	// SignatureAttribute returns the name of an attribute that every sealed
	// item has and that changes whenever anything signed changes. Conditional
	// writes compare it.
	SignatureAttribute() string

	// Check returns an error if items of the table could not be sealed under
	// these actions. It is called when a table is declared. The error is an
	// [*ItemError] that wraps [ErrPolicy].
	Check(table TableInfo, actions Actions) error
}
