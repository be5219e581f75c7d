// Package tag has struct tags that say nothing, or the wrong thing. // want package:"tables"
package tag

import "github.com/ddbenc/ddbenc/mapper"

type Account struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" ddbenc:"secret"` // want `tag.Account.Email: unknown action "secret"`
}

type Malformed struct {
	ID   string `dynamo:"id,hash"`
	Name string `dynamo:"name" ddbenc: "sign"` // want `tag.Malformed.Name: malformed struct tag`
}

type EncryptedIndex struct {
	ID   string `dynamo:"id,hash"`
	Plan string `ddbenc:"encrypt" index:"by-plan,hash"` // want `tag.EncryptedIndex.Plan: the key of an index cannot be encrypted without a beacon`
}

type UnsignedKey struct {
	ID string `dynamo:"id,hash" ddbenc:"none"` // want `tag.UnsignedKey.ID: a key of the table must be signed`
}

type Card struct {
	Number string `ddbenc:"encrypt"` // want `tag.Customer.Cards\[\].Number: a ddbenc tag in a nested value has no effect`
}

type Customer struct {
	ID    string `dynamo:"id,hash" ddbenc:"sign"`
	Cards []Card
}

type Base struct {
	ID      string `dynamo:"id,hash"`
	Created string `dynamo:"created" ddbenc:"sign"`
}

type Twice struct {
	Base
	Date string `dynamo:"created" ddbenc:"sign"` // want `tag.Twice.Date: attribute "created" is already field Base.Created`
}

type TaggedEmbedding struct {
	Base `ddbenc:"sign"` // want `tag.TaggedEmbedding.Base: a ddbenc, beacon, key or index tag has no effect on an embedded struct`
}

// Both declare the one table key.
type TwoKeys struct {
	A    string `dynamo:"a,hash"`
	B, C string `dynamo:",hash" ddbenc:"sign"` // want `tag.TwoKeys.B: the table's partition key is already tag.TwoKeys.A`
}

// Sorted is there to be embedded: its sort key needs a partition key that it
// does not have.
type Sorted struct {
	At string `dynamo:"at,range" ddbenc:"sign"`
}

// Unsorted is wrong, since it is a table's.
type Unsorted struct {
	At string `dynamo:"at,range"` // want `tag.Unsorted.At: the table has a sort key but no partition key`
}

type Custom struct { // want `tag.Custom: it has a MarshalDynamoItem or UnmarshalDynamoItem method`
	ID   string `dynamo:"id,hash"`
	Name string `ddbenc:"sign"`
}

func (Custom) MarshalDynamoItem() (map[string]any, error) { return nil, nil }

// Plain has nothing to do with ddbenc, and nothing is said about it.
type Plain struct {
	A string `dynamo:"x"`
	B string `dynamo:"x" json:"b"`
}

// Untagged is looked at only since it is declared.
type Untagged struct {
	ID   string `dynamo:"id,hash"`
	Name string `dynamo:"name"`
	Nick string `dynamo:"name"` // want `tag.Untagged.Nick: attribute "name" is already field Name`
}

type Page[T any] struct {
	ID   string `dynamo:"id,hash"`
	Body T      `ddbenc:"secret"` // want `tag.Page\[string\].Body: unknown action "secret"`
}

type Generic[T any] struct {
	ID   string `dynamo:"id,hash"`
	Body T      `ddbenc:"secret"` // want `tag.Generic.*.Body: unknown action "secret"`
}

func local() {
	type account struct {
		ID string `dynamo:"id,hash" ddbenc:"none"` // want `tag.account.ID: a key of the table must be signed`
	}
}

var _ = []mapper.Option{
	mapper.TableOf[*Untagged]("untagged", nil),
	mapper.TableOf[Unsorted]("unsorted", nil),
	mapper.TableOf[Page[string]]("pages", nil),
	mapper.TableOf[string]("strings", nil), // want `string: not a struct type`
}

// Declare is generic: what T is, its callers know.
func Declare[T any](name string) mapper.Option { return mapper.TableOf[T](name, nil) }
