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
	return &types.AttributeValueMemberS{Value: b.hash(k, encoded.Value, partition)}, nil
}

// members returns the beacons of the members of a set.
func (b *standard) members(k *Key, v types.AttributeValue, partition int) (types.AttributeValue, error) {
	if _, err := attribute.Encode(v); err != nil {
		return nil, err
	}
	var hashes []string
	add := func(member types.AttributeValue) error {
		encoded, err := attribute.Encode(member)
		if err == nil {
			hashes = append(hashes, b.hash(k, encoded.Value, partition))
		}
		return err
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			if err := add(&types.AttributeValueMemberS{Value: s}); err != nil {
				return nil, err
			}
		}
	case *types.AttributeValueMemberNS:
		for _, n := range v.Value {
			if err := add(&types.AttributeValueMemberN{Value: n}); err != nil {
				return nil, err
			}
		}
	case *types.AttributeValueMemberBS:
		for _, bytes := range v.Value {
			if err := add(&types.AttributeValueMemberB{Value: bytes}); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("%w: beacon %q hashes the members of a set, but the value is not a set", crypto.ErrInvalidItem,
			b.name)
	}
	slices.Sort(hashes)
	return &types.AttributeValueMemberSS{Value: slices.Compact(hashes)}, nil
}

// of returns the beacon of a value.
func (b *standard) of(k *Key, v types.AttributeValue, partition int) (types.AttributeValue, error) {
	if b.set {
		return b.members(k, v, partition)
	}
	return b.scalar(k, v, partition)
}
