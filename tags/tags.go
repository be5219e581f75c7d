// Package tags derives from a Go struct type how each attribute of a table's
// items is protected. The result is a [Policy].
//
// A struct for guregu/dynamo needs no changes. Fields are encrypted by default;
// tag those that should not be:
//
//	type Account struct {
//		ID     string    `dynamo:"id,hash"`                 // key: signed
//		Opened time.Time `dynamo:"opened,range"`            // key: signed
//		Email  string    `dynamo:"email"`                   // encrypted and signed
//		Plan   string    `dynamo:"plan" ddbenc:"sign"`      // readable, signed
//		Visits int       `dynamo:"visits" ddbenc:"none"`    // not protected
//	}
//
//	policy, err := tags.Of[Account]()
//
// A ddbenc tag holds one of these actions:
//
//   - "encrypt" encrypts and signs the attribute. It is the default for fields
//     that are not keys, and for fields with a beacon. Keys of the table cannot
//     have it, and keys of indexes only with a beacon.
//   - "sign" signs the attribute but leaves it readable. It is the default for
//     keys of the table and of indexes.
//   - "sign,context" is like "sign" and also adds the value to the encryption
//     context.
//   - "none" does not protect the attribute. Keys of the table cannot have it.
//
// Print the policy with [Policy.String] and have it reviewed. Attributes with
// the action "none" are neither secret nor protected from changes.
//
// # Attribute names and keys
//
// Names, embedding and keys follow guregu/dynamo 2.6. `dynamo:"name"` renames a
// field and `dynamo:"-"` omits it. The fields of embedded structs are promoted.
// The options `hash` or `partition` and `range` or `sort` after the name mark
// the table's key; `index:"name,hash"` and `localIndex:"name,range"` mark the
// keys of its indexes.
//
// CreateTable of guregu/dynamo itself truncates index names after `partition`
// and `sort`, so use `hash` and `range` with it. It also overlooks keys in
// structs that are embedded by pointer. This package does not.
//
// # Beacons
//
// A beacon lets queries find encrypted attributes by equality. It is a truncated
// keyed hash of the value that is stored with the item: see [Beacon]. A beacon
// tag holds its length in bits, from 1 to 63, and options:
//
//		Email string   `dynamo:"email" ddbenc:"encrypt" beacon:"16" index:"by-email,hash"`
//		Codes []string `dynamo:"codes,set" ddbenc:"encrypt" beacon:"12,set"`
//
//	  - "set" hashes each element of a set. Sets need it, and nothing else can
//	    have it.
//	  - "partonly" does not store the beacon, which is only part of compound
//	    beacons.
//	  - "shared=NAME" gives the beacon the same values as the beacon of attribute
//	    NAME, which must have the same length and must not be shared itself.
//	  - "partitions=N" limits the beacon to N of the table's partitions.
//
// The attribute must be encrypted, so a key of the table cannot have a beacon.
// The key of an index can, unless the beacon is set or partonly. The name of an
// attribute with a beacon must not contain a dot or a bracket.
//
// # Invalid tags
//
// A tag without effect suggests that a field is treated differently than it is.
// Every such tag is therefore an error: a ddbenc or beacon tag inside a nested
// struct or an element of a slice or map, on an embedded struct, on a field that
// is not written, and one that is misspelled or malformed. An attribute is protected
// as a whole, so tag the field that holds the nested value. The contents of an
// interface cannot be checked.
//
// Two fields must not have the same attribute name. guregu/dynamo lets an
// earlier field hide a later one and treats names differently when writing and
// reading, so any duplicate name is an error here, even if an outer field
// shadows one of an embedded struct. Tag the hidden field `dynamo:"-"`. The
// name of an exported embedded struct counts too, since guregu/dynamo reserves
// it. The name of an unexported one counts only if an earlier field has that
// name.
//
// Types that guregu/dynamo does not write field by field, or writes
// incorrectly, are errors too: types with a MarshalDynamoItem or
// UnmarshalDynamoItem method; types with fields below three or more levels of
// embedding, where version 2.6 writes the value of one field under the name of
// another; and types that embed a pointer to an unexported struct, whose fields
// cannot be read back.
package tags

import (
	"reflect"
	"sync"

	"github.com/ddbenc/ddbenc/internal/policy"
)

// Of returns the policy of struct type T, or of the struct that T points to.
// See [OfType].
func Of[T any]() (*Policy, error) {
	return OfType(reflect.TypeFor[T]())
}

// OfType returns the policy of a struct type, or of the struct type that a
// pointer type points to. If the tags of the type are invalid, the error is an
// [*Error]. A type without a partition key is valid here, but a table cannot be
// declared with it alone.
//
// Results are cached: later calls with the same type return the same Policy or
// an equal error.
func OfType(t reflect.Type) (*Policy, error) {
	if t == nil {
		_, err := policy.Of(nil)
		return nil, newError(err)
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, ok := cache.Load(t); ok {
		return known.(*outcome).unpack()
	}
	read := &outcome{}
	if p, err := policy.Of(reflected{t}); err != nil {
		read.err = newError(err)
	} else {
		read.policy = newPolicy(p)
	}
	// The number of types in a program is bounded, and the result for a type
	// never changes.
	known, _ := cache.LoadOrStore(t, read)
	return known.(*outcome).unpack()
}

var cache sync.Map // reflect.Type → *outcome

type outcome struct {
	policy *Policy
	err    *Error
}

func (o *outcome) unpack() (*Policy, error) {
	if o.err != nil {
		e := *o.err // a copy, which the caller may modify
		return nil, &e
	}
	return o.policy, nil
}
