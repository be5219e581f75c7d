package mappertest

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// schema is the key of a table or an index. An index may have several
// partition and sort attributes.
type schema struct {
	partition, sort []string
}

func (s schema) names() []string { return append(append([]string{}, s.partition...), s.sort...) }

func (s schema) has(name string) bool {
	for _, n := range s.names() {
		if n == name {
			return true
		}
	}
	return false
}

// of returns the key attributes of item, or nil if one is missing.
func (s schema) of(item crypto.Item) crypto.Item {
	key := make(crypto.Item, 2)
	for _, name := range s.names() {
		v, ok := item[name]
		if !ok {
			return nil
		}
		key[name] = v
	}
	return key
}

// id returns a string that identifies a key. Items are stored by it.
func (s schema) id(item crypto.Item) string { return id(item, s.names()) }

func id(item crypto.Item, names []string) string {
	var b strings.Builder
	for _, name := range names {
		text := scalar(item[name])
		b.WriteString(expr.TypeName(item[name]))
		b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(text))))
		b.WriteString(text)
	}
	return b.String()
}

func scalar(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberB:
		return string(v.Value)
	}
	return ""
}

// hash determines the order of partitions, like the server's own hash.
func (s schema) hash(item crypto.Item) uint64 {
	sum := sha256.Sum256([]byte(id(item, s.partition)))
	return binary.BigEndian.Uint64(sum[:])
}

// compare compares items of the same partition by sort key.
func (s schema) compare(a, b crypto.Item) int {
	for _, name := range s.sort {
		if c, _ := expr.Compare(a[name], b[name]); c != 0 {
			return c
		}
	}
	return 0
}

var errKeyElement = invalid("The provided key element does not match the schema")

// checkKey checks the key of a request.
func (t *table) checkKey(key crypto.Item) (crypto.Item, error) {
	stored, err := store(key)
	if err != nil {
		return nil, err
	}
	if len(stored) != len(t.key.names()) {
		return nil, errKeyElement
	}
	for _, name := range t.key.names() {
		v, ok := stored[name]
		if !ok || expr.TypeName(v) != t.types[name] {
			return nil, errKeyElement
		}
		if err := checkNotEmpty(name, v); err != nil {
			return nil, err
		}
	}
	return stored, t.checkKeySizes(stored)
}

// checkItemKey checks the primary key of an item to be stored.
func (t *table) checkItemKey(item crypto.Item) error {
	for _, name := range t.key.names() {
		v, ok := item[name]
		if !ok {
			return parameters("Missing the key %s in the item", name)
		}
		if expr.TypeName(v) != t.types[name] {
			return parameters("Type mismatch for key %s expected: %s actual: %s", name, t.types[name], expr.TypeName(v))
		}
		if err := checkNotEmpty(name, v); err != nil {
			return err
		}
	}
	return t.checkKeySizes(item)
}

const (
	maxPartitionKey = 2048 // bytes
	maxSortKey      = 1024
)

func (t *table) checkKeySizes(item crypto.Item) error {
	if len(scalar(item[t.key.partition[0]])) > maxPartitionKey {
		return parameters("Size of hashkey has exceeded the maximum size limit of%d bytes", maxPartitionKey)
	}
	if len(t.key.sort) > 0 && len(scalar(item[t.key.sort[0]])) > maxSortKey {
		return parameters("Aggregated size of all range keys has exceeded the size limit of %d bytes", maxSortKey)
	}
	return nil
}

// fits reports whether item has all attributes of a key, with the right types.
func (t *table) fits(key schema, item crypto.Item) bool {
	return !slices.ContainsFunc(key.names(), func(name string) bool { return expr.TypeName(item[name]) != t.types[name] })
}

// checkIndexKeys checks the index keys of an item to be stored.
func (t *table) checkIndexKeys(item crypto.Item) error {
	for _, index := range t.indexes {
		for _, name := range index.key.names() {
			v, ok := item[name]
			if !ok || t.key.has(name) {
				continue
			}
			if expr.TypeName(v) != t.types[name] {
				return parameters("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", name, t.types[name],
					expr.TypeName(v), index.name)
			}
			if emptyKey(v) {
				return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not "+
					"supported. The AttributeValue for a key attribute cannot contain an empty %s value. "+
					"IndexName: %s, IndexKey: %s", keyKind(v), index.name, name)
			}
		}
	}
	return nil
}

func checkNotEmpty(name string, v types.AttributeValue) error {
	if emptyKey(v) {
		return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain "+
			"an empty %s value. Key: %s", keyKind(v), name)
	}
	return nil
}

func emptyKey(v types.AttributeValue) bool { return expr.TypeName(v) != "N" && scalar(v) == "" }

func keyKind(v types.AttributeValue) string {
	if expr.TypeName(v) == "B" {
		return "binary"
	}
	return "string"
}
