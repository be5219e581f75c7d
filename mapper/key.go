package mapper

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// checkKey refuses a key that is not exactly the table's. Anything else in it
// would reach DynamoDB in the clear.
func (t *table) checkKey(op string, key crypto.Item) error {
	return t.checkKeyOf(op, "the table", t.info.KeyNames(), key)
}

// checkKeyOf refuses a key that does not consist of exactly the named
// attributes. of names the table or index, for the error.
func (t *table) checkKeyOf(op, of string, names []string, key crypto.Item) error {
	for _, name := range slices.Sorted(maps.Keys(key)) {
		if !slices.Contains(names, name) {
			return t.fail(op, name, fmt.Errorf("%w: the attribute is not part of the key of %s, which is %s",
				crypto.ErrInvalidKey, of, strings.Join(names, ", ")))
		}
	}
	for _, name := range names {
		if !isKeyValue(key[name]) {
			return t.fail(op, name, fmt.Errorf("%w: the attribute has no value of a key type (S, N or B); the key of %s is %s",
				crypto.ErrInvalidKey, of, strings.Join(names, ", ")))
		}
	}
	return nil
}

// isKeyValue reports whether v is of a type that keys can have.
func isKeyValue(v types.AttributeValue) bool {
	if crypto.IsNil(v) {
		return false
	}
	switch v.(type) {
	case *types.AttributeValueMemberS, *types.AttributeValueMemberN, *types.AttributeValueMemberB:
		return true
	}
	return false
}

// startKey checks the key at which a page starts or ended. It must have exactly
// the key attributes of the table and of the index that is read, if any, because
// guregu/dynamo copies the attributes that it names from opened items into page
// tokens.
func (t *table) startKey(op string, index *string, key crypto.Item) error {
	if key == nil {
		return nil
	}
	names := t.info.KeyNames()
	if index == nil {
		return t.checkKeyOf(op, "the table", names, key)
	}
	of := fmt.Sprintf("index %q", *index)
	if declared, ok := t.policy.Index(*index); ok {
		for _, name := range t.storedNames(slices.Concat(declared.Partition, declared.Sort)) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return t.checkKeyOf(op, of, names, key)
	}
	// An index that no tag declares: its key can only have attributes that
	// DynamoDB can read.
	for name := range key {
		if !slices.Contains(names, name) && (t.isBeacon(name) || !t.Reserved(name) && t.Action(name) != crypto.Encrypt) {
			names = append(names, name)
		}
	}
	return t.checkKeyOf(op, of, names, key)
}

// keyNamesOf returns the names of the key attributes of the table, or of an
// index; none for an index that no tag declares.
func (t *table) keyNamesOf(index *string) []string {
	if index == nil {
		return t.info.KeyNames()
	}
	declared, _ := t.policy.Index(*index)
	return slices.Concat(declared.Partition, declared.Sort)
}

// storedKeyNamesOf is like keyNamesOf, with the names that DynamoDB knows: those
// of beacons for attributes that have one.
func (t *table) storedKeyNamesOf(index *string) []string { return t.storedNames(t.keyNamesOf(index)) }

func (t *table) storedNames(names []string) []string {
	stored := slices.Clone(names)
	for i, name := range stored {
		if b := t.beaconOf(expr.Path{{Name: name}}); b != nil {
			stored[i] = b.Attribute()
		}
	}
	return stored
}

// keyString returns a string that identifies an item of the table by its key.
func (t *table) keyString(item crypto.Item) string {
	return valuesString(t.info.KeyNames(), item)
}

// entryString returns a string that identifies an entry of an index. An item can
// have two entries on a page if it moved while the page was read. Beacons are not
// signed, so where the entry has a signature, that identifies the version of the
// item in their place.
func (t *table) entryString(index *string, item crypto.Item) string {
	names := t.info.KeyNames()
	if index != nil {
		if declared, ok := t.policy.Index(*index); ok {
			names = slices.Concat(names, t.storedNames(slices.Concat(declared.Partition, declared.Sort)))
		} else {
			names = slices.Sorted(maps.Keys(item))
		}
	}
	if t.beacons != nil && item[t.writer.SignatureAttribute()] != nil {
		names = append(slices.DeleteFunc(names, t.isBeacon), t.writer.SignatureAttribute())
	}
	return valuesString(names, item)
}

func valuesString(names []string, item crypto.Item) string {
	var d digest
	for _, name := range names {
		d.value(item[name])
	}
	return d.String()
}
