// Package tags reads from a Go struct type what is to be done with each
// attribute of a table's items: its [Policy].
//
// A struct for guregu/dynamo needs no change to be protected. Tag the fields
// that are not to be encrypted:
//
//	type Account struct {
//		ID     string    `dynamo:"id,hash"`                 // key: signed
//		Opened time.Time `dynamo:"opened,range"`            // key: signed
//		Email  string    `dynamo:"email"`                   // encrypted and signed
//		Plan   string    `dynamo:"plan" ddbenc:"sign"`      // readable, signed
//		Visits int       `dynamo:"visits" ddbenc:"none"`    // left alone
//	}
//
//	policy, err := tags.Of[Account]()
//
// The words are "encrypt" (what a field without the tag gets), "sign" (what a
// key of the table or of an index gets), "sign,context" (sign, and make the
// value part of the encryption context) and "none". A key of the table cannot
// be "encrypt" or "none", a key of an index cannot be "encrypt".
//
// Print the policy ([Policy.String]) and have it reviewed: what it calls none
// is neither secret nor safe from change.
//
// # What is an attribute
//
// Names, embedding and keys follow guregu/dynamo 2.6: `dynamo:"name"` renames,
// `dynamo:"-"` leaves out, the fields of embedded structs count as the outer
// struct's, `hash` or `partition` and `range` or `sort` after the name mark
// the table's key, and `index:"name,hash"` and `localIndex:"name,range"` those
// of its indexes. The role words mean the same in all of them; note however
// that CreateTable of guregu/dynamo itself cuts index names wrongly after
// `partition` and `sort`, so write `hash` and `range` there if you use it.
// It also overlooks keys in structs that are embedded by pointer; this package
// does not.
//
// # What is refused
//
// A tag that has no effect is a field that its author believes to be treated
// otherwise, so every one is an error: a ddbenc tag below a field (in a nested
// struct, an element of a slice or a map), on an embedded struct itself, on a
// field that is not written, misspelled or malformed. Tag the field that holds
// the nested value: an attribute is protected as a whole. The contents of an
// interface cannot be looked into.
//
// One attribute name belongs to one field. guregu/dynamo lets an earlier field
// hide a later one, and treats names differently when writing and reading;
// here any second field of a name is an error, even where an outer field
// shadows an embedded struct's. Tag the hidden one `dynamo:"-"`. The name of
// an exported embedded struct counts too, since guregu/dynamo reserves it; an
// unexported one's only if a field before it has that name.
//
// Also refused are types that guregu/dynamo does not write by their fields or
// writes wrongly: those with a MarshalDynamoItem or UnmarshalDynamoItem
// method, those with fields below three or more levels of embedding, where
// version 2.6 writes one field's value under another's name, and those that
// embed a pointer to an unexported struct, whose fields it cannot read back.
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
// pointer type points to. Any mistake in the type's tags is an [*Error]. A
// type without a partition key is none: whoever declares a table decides.
//
// A type is looked at once; later calls return the same Policy or error.
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
	// Types are facts of the program: their number is bounded, and what is
	// said about one, good or bad, stays true.
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
		e := *o.err // the caller's to keep, and to change
		return nil, &e
	}
	return o.policy, nil
}
