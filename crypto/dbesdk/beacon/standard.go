package beacon

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
)

// standard is a standard beacon.
type standard struct {
	name       string
	keyName    string // the name that derives the key
	length     int
	location   source
	set        bool
	partOnly   bool
	partitions int // at least 1
}

// isOfAttribute reports whether the beacon is that of the attribute with its name.
// Otherwise its name is one that only queries have.
func (b *standard) isOfAttribute() bool {
	return b.location.virtual == nil && len(b.location.path) == 1 && b.location.path.root() == b.name
}

// hash hashes the bytes of a value for a partition of the table.
func (b *standard) hash(k *Key, data []byte, partition int) string {
	var suffix []byte
	if p := partition % b.partitions; p > 0 {
		suffix = []byte{byte(p)}
	}
	return truncate(k.hasher(b.keyName)(data, suffix), b.length)
}

// scalar returns the beacon of a value as a whole.
func (b *standard) scalar(k *Key, v types.AttributeValue, partition int) (types.AttributeValue, error) {
	encoded, err := attribute.Encode(v)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberS{Value: b.hash(k, encoded.Value(), partition)}, nil
}

// members returns the beacons of the members of a set.
func (b *standard) members(k *Key, set types.AttributeValue, partition int) (types.AttributeValue, error) {
	if _, err := attribute.Encode(set); err != nil {
		return nil, err
	}
	members, ok := membersOf(set)
	if !ok {
		return nil, fmt.Errorf("%w: the beacon is of the members of a set, but the value is not a set",
			crypto.ErrInvalidItem)
	}
	hashes := make([]string, len(members))
	for i, member := range members {
		encoded, _ := attribute.Encode(member) // the whole set could be encoded
		hashes[i] = b.hash(k, encoded.Value(), partition)
	}
	slices.Sort(hashes)
	return &types.AttributeValueMemberSS{Value: slices.Compact(hashes)}, nil
}

// membersOf returns the members of a set as values.
func membersOf(set types.AttributeValue) (members []types.AttributeValue, ok bool) {
	switch set := set.(type) {
	case *types.AttributeValueMemberSS:
		for _, s := range set.Value {
			members = append(members, &types.AttributeValueMemberS{Value: s})
		}
	case *types.AttributeValueMemberNS:
		for _, n := range set.Value {
			members = append(members, &types.AttributeValueMemberN{Value: n})
		}
	case *types.AttributeValueMemberBS:
		for _, b := range set.Value {
			members = append(members, &types.AttributeValueMemberB{Value: b})
		}
	default:
		return nil, false
	}
	return members, true
}

// of returns the beacon of a value.
func (b *standard) of(k *Key, v types.AttributeValue, partition int) (types.AttributeValue, error) {
	if b.set {
		return b.members(k, v, partition)
	}
	return b.scalar(k, v, partition)
}
