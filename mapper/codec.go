package mapper

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

// ErrDecode is returned by a [Repository] for an item that does not fit its Go
// type.
var ErrDecode = errors.New("item does not fit its Go type")

// decode decodes an opened item into item. guregu/dynamo's errors quote values,
// so the error names only the attribute.
func (r *Repository[T]) decode(op string, raw crypto.Item, item *T) error {
	if dynamo.UnmarshalItem(raw, item) == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		var probe T
		if dynamo.UnmarshalItem(crypto.Item{name: raw[name]}, &probe) != nil {
			return r.table.fail(op, name, fmt.Errorf("%w %v", ErrDecode, reflect.TypeFor[T]()))
		}
	}
	return r.table.fail(op, "", fmt.Errorf("%w %v", ErrDecode, reflect.TypeFor[T]()))
}

// encode encodes an item. Its error names only the Go type.
func (r *Repository[T]) encode(op string, item T) (crypto.Item, error) {
	encoded, err := dynamo.MarshalItem(item)
	if err != nil {
		return nil, r.table.fail(op, "", fmt.Errorf("%w: type %v cannot be encoded", crypto.ErrInvalidItem,
			reflect.TypeFor[T]()))
	}
	return encoded, nil
}

// encodeChecked encodes an item and checks that it is of type T.
func (r *Repository[T]) encodeChecked(op string, item T) (crypto.Item, error) {
	encoded, err := r.encode(op, item)
	if err != nil {
		return nil, err
	}
	return encoded, r.checkType(op, encoded)
}

// checkType refuses an item that is not of type T.
func (r *Repository[T]) checkType(op string, item crypto.Item) error {
	if !r.discriminator.allows(r.table.info, item) {
		return r.table.fail(op, "", fmt.Errorf("%w than %v", ErrOtherType, reflect.TypeFor[T]()))
	}
	return nil
}

// keyItem returns the key as attributes. It refuses keys that no item of type
// T can have.
func (r *Repository[T]) keyItem(op string, key dynamo.Keyed) (crypto.Item, error) {
	values := []any{key.HashKey(), key.RangeKey()}
	item := make(crypto.Item, 2)
	for i, name := range r.table.info.KeyNames() {
		value, err := dynamo.Marshal(values[i])
		if err != nil || value == nil {
			return nil, r.table.fail(op, name, fmt.Errorf("%w: the key attribute has no value", crypto.ErrInvalidKey))
		}
		item[name] = value
	}
	if !r.discriminator.allowsKey(r.table.info, item) {
		return nil, r.table.fail(op, "", fmt.Errorf("%w than %v", ErrOtherType, reflect.TypeFor[T]()))
	}
	return item, nil
}
