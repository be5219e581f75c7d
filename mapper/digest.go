package mapper

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// digest hashes requests or keys, to compare them without keeping them. Its
// encoding is unambiguous: every part has its type and length. The zero value is
// ready to use.
type digest struct {
	hash hash.Hash
}

// String returns the digest's bytes, for use as a map key.
func (d *digest) String() string {
	d.text("")
	return string(d.hash.Sum(nil))
}

func (d *digest) count(n int) {
	if d.hash == nil {
		d.hash = sha256.New()
	}
	d.hash.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func (d *digest) text(s string) {
	d.count(len(s))
	d.hash.Write([]byte(s))
}

// pointer distinguishes nil from the empty string.
func (d *digest) pointer(s *string) {
	if s == nil {
		d.count(0)
		return
	}
	d.count(1)
	d.text(*s)
}

func (d *digest) names(names map[string]string) {
	d.count(len(names))
	for _, placeholder := range slices.Sorted(maps.Keys(names)) {
		d.text(placeholder)
		d.text(names[placeholder])
	}
}

func (d *digest) item(item crypto.Item) {
	d.count(len(item))
	for _, name := range slices.Sorted(maps.Keys(item)) {
		d.text(name)
		d.value(item[name])
	}
}

func (d *digest) value(v types.AttributeValue) {
	if crypto.IsNil(v) {
		v = nil
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		d.text("S")
		d.text(v.Value)
	case *types.AttributeValueMemberN:
		d.text("N")
		d.text(number(v.Value))
	case *types.AttributeValueMemberB:
		d.text("B")
		d.text(string(v.Value))
	case *types.AttributeValueMemberBOOL:
		d.text("BOOL")
		if v.Value {
			d.count(1)
		}
	case *types.AttributeValueMemberNULL:
		d.text("NULL")
	case *types.AttributeValueMemberSS:
		d.text("SS")
		d.set(v.Value, func(s string) string { return s })
	case *types.AttributeValueMemberNS:
		d.text("NS")
		d.set(v.Value, number)
	case *types.AttributeValueMemberBS:
		d.text("BS")
		members := make([]string, len(v.Value))
		for i, b := range v.Value {
			members[i] = string(b)
		}
		d.set(members, func(s string) string { return s })
	case *types.AttributeValueMemberL:
		d.text("L")
		d.count(len(v.Value))
		for _, member := range v.Value {
			d.value(member)
		}
	case *types.AttributeValueMemberM:
		d.text("M")
		d.item(v.Value)
	default:
		d.text("?")
	}
}

// set is independent of the order of its members.
func (d *digest) set(members []string, normal func(string) string) {
	normalized := make([]string, len(members))
	for i, m := range members {
		normalized[i] = normal(m)
	}
	slices.Sort(normalized)
	d.count(len(normalized))
	for _, m := range normalized {
		d.text(m)
	}
}

// number returns a number's normal form. Non-numbers are returned unchanged.
func number(s string) string {
	if normal, err := crypto.NormalizeNumber(s); err == nil {
		return normal
	}
	return s
}
