package mapper

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/guard"
	"github.com/ddbenc/ddbenc/tags"
)

// table is a declared table. It does not change once the client is made.
type table struct {
	name    string // physical
	info    crypto.TableInfo
	policy  *tags.Policy
	actions crypto.Actions

	writer  crypto.ItemEncryptor
	readers []crypto.ItemEncryptor // the writer first

	plaintextReads  bool
	plaintextWrites bool
	noRewrites      bool
	projections     map[string][]string // by index; an index that is not here has whole items
	noFetches       bool
	selects         func(key crypto.Item) bool // nil: every item

	// unprotected is the variant of the table for the items that selects leaves
	// out. Its field bare is true.
	bare        bool
	unprotected *table

	discriminators map[reflect.Type]Discriminator

	beacons      *beacon.Search  // nil if the table has no beacons
	derived      map[string]bool // names that only queries have
	dropsBeacons bool            // see WithoutBeacons
}

// table returns the declared table that a request names, or nil.
func (c *Client) table(name *string) *table {
	if name == nil {
		return nil
	}
	return c.tables[arn.TableName(*name)]
}

// hasType reports whether the table is declared for a struct type.
func (t *table) hasType(typ reflect.Type) bool { return slices.Contains(t.policy.Types(), typ) }

// of returns the table as it is for the item with these attributes: without
// protection if [WithSelection] says so. An item without a whole key is
// protected: only a damaged or partial one lacks it. The predicate sees numbers
// as DynamoDB stores them, so that it answers the same on write and on read.
func (t *table) of(item crypto.Item) *table {
	if t.selects == nil {
		return t
	}
	key := make(crypto.Item, 2)
	for _, name := range t.info.KeyNames() {
		value := item[name]
		if !isKeyValue(value) {
			return t
		}
		if n, ok := value.(*types.AttributeValueMemberN); ok {
			value = &types.AttributeValueMemberN{Value: number(n.Value)}
		}
		key[name] = value
	}
	if t.selects(key) {
		return t
	}
	return t.unprotected
}

// IsKey reports whether the attribute is part of the primary key.
func (t *table) IsKey(name string) bool { return t.info.IsKey(name) }

// Action returns how an attribute is protected. It is [crypto.None] only if all
// of the table's encryptors leave the attribute alone.
func (t *table) Action(name string) crypto.Action {
	if t.bare {
		return crypto.None
	}
	if t.derived[name] {
		return crypto.Encrypt // not stored
	}
	for _, e := range t.readers {
		if action := e.ActionOf(t.actions, name); action != crypto.None {
			return action
		}
	}
	return crypto.None
}

// Reserved reports whether any format that the table reads or writes reserves
// the attribute name.
func (t *table) Reserved(name string) bool {
	for _, e := range t.readers {
		if e.Reserved(name) {
			return true
		}
	}
	return false
}

// signatureAttributes returns the names of the attributes by which a sealed item
// is recognized, without duplicates.
func (t *table) signatureAttributes() []string {
	var names []string
	seen := make(map[string]bool)
	for _, e := range t.readers {
		if name := e.SignatureAttribute(); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// recognizes reports whether any of the table's encryptors recognizes an item as
// sealed.
func (t *table) recognizes(item crypto.Item) bool {
	return slices.ContainsFunc(t.readers, func(e crypto.ItemEncryptor) bool { return e.Recognizes(item) })
}

// hasBinary reports whether an attribute that is to be encrypted has a binary
// value, as a ciphertext has.
func (t *table) hasBinary(item crypto.Item) bool {
	for name, value := range item {
		if _, ok := value.(*types.AttributeValueMemberB); ok && guard.Encrypted(t, name) {
			return true
		}
	}
	return false
}
