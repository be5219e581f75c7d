// Package crypto holds the words that ddbenc's item formats share: what an
// item is, what to do with each of its attributes, and how a failure is told.
//
// You rarely import it. Applications declare tables with package mapper, which
// takes the attribute actions from struct tags; this package is for those who
// call an [ItemEncryptor] directly, write one, or want to tell failures apart
// with errors.Is.
//
// The formats themselves are the packages crypto/ddbec (the DynamoDB
// Encryption Client of Java and Python) and, for new tables, crypto/dbesdk
// (the Database Encryption SDK).
package crypto

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is a DynamoDB item: attribute values by attribute name.
type Item = map[string]types.AttributeValue

// IsNil reports whether v holds no value: a nil interface, or a nil pointer to
// one of the types that it may have.
func IsNil(v types.AttributeValue) bool {
	return v == nil || reflect.ValueOf(v).IsNil()
}

// TableInfo is what an item format needs to know of the table that an item
// belongs to.
type TableInfo struct {
	// Name is the logical table name. It is bound into every item, so it must
	// stay the same for as long as the items are to be read, even if the table
	// is restored or copied under another physical name.
	Name string

	// PartitionKey and SortKey name the primary key's attributes. SortKey is
	// empty for a table without one.
	PartitionKey, SortKey string
}

// IsKey reports whether name is one of the primary key's attributes.
func (t TableInfo) IsKey(name string) bool {
	return name != "" && (name == t.PartitionKey || name == t.SortKey)
}

// KeyNames returns the names of the primary key's attributes, partition key
// first.
func (t TableInfo) KeyNames() []string {
	if t.SortKey == "" {
		return []string{t.PartitionKey}
	}
	return []string{t.PartitionKey, t.SortKey}
}

// Key returns the attributes of item that make up its primary key. Those that
// item lacks are missing from the result too.
func (t TableInfo) Key(item Item) Item {
	key := make(Item, 2)
	for _, name := range t.KeyNames() {
		if v, ok := item[name]; ok {
			key[name] = v
		}
	}
	return key
}

// ItemEncryptor seals and opens items in one item format.
//
// Implementations are safe for concurrent use, never change the items they are
// given, and share nothing with them that they return changed. What they
// return may share unchanged attribute values with what they were given.
type ItemEncryptor interface {
	// EncryptItem returns item sealed: attributes encrypted and signed as
	// actions say, with the format's own attributes added.
	EncryptItem(ctx context.Context, table TableInfo, actions Actions, item Item) (Item, error)

	// DecryptItem verifies a sealed item and, only then, returns it opened and
	// without the format's own attributes. It fails with [ErrNotProtected] for
	// an item that was never sealed, [ErrTampered] for one that does not
	// verify, [ErrNoUsableKey] if none of the encryptor's keys is for it, and
	// [ErrKeyUnavailable] if the key could not be obtained this time.
	DecryptItem(ctx context.Context, table TableInfo, actions Actions, item Item) (Item, error)

	// Recognizes reports whether item carries any of the attributes that this
	// format adds, and so is this encryptor's to open. It verifies nothing.
	Recognizes(item Item) bool

	// Reserved reports whether the format keeps the attribute name for itself.
	Reserved(name string) bool

	// ActionOf returns what the encryptor does with the attribute called name
	// under the given actions. It is [Actions.Of] unless the encryptor's own
	// configuration decides about the attribute.
	ActionOf(actions Actions, name string) Action

	// SignatureAttribute names the attribute that every sealed item has and
	// that changes whenever anything that is signed changes. Conditional
	// writes compare it.
	SignatureAttribute() string

	// Check reports, when a table is declared, why items of that table could
	// not be sealed under these actions. Its error is an [*ItemError] that
	// wraps [ErrPolicy].
	Check(table TableInfo, actions Actions) error
}
