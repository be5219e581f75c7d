package beacon

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
)

// AttributePrefix begins the names of the attributes that hold beacons. The name of
// the beacon follows.
const AttributePrefix = "aws_dbe_b_"

// Beacon is a beacon that queries can use: one that is stored. It is immutable and
// safe for concurrent use.
//
// Equal and the other methods return what stored beacons look like for a
// plaintext value. The conditions on stored beacons are necessary ones: every item
// that meets the condition on plaintext meets them, but so do others. Evaluate the
// plaintext condition on the opened items; see [Search.Derive]. ok is false if
// nothing can be said about stored beacons. partition is less than
// [Beacon.Partitions].
type Beacon struct {
	name     string
	standard *standard // nil for a compound beacon
	compound *compound
	search   *Search
}

// Name returns the configured name.
func (b *Beacon) Name() string { return b.name }

// Attribute returns the name of the attribute that holds the beacon.
func (b *Beacon) Attribute() string { return AttributePrefix + b.name }

// IsSet reports whether the beacon is a set: the hashes of a set's members.
func (b *Beacon) IsSet() bool { return b.standard != nil && b.standard.set }

// IsCompound reports whether the beacon is a compound beacon.
func (b *Beacon) IsCompound() bool { return b.compound != nil }

// Partitions returns how many queries it takes to find the items of all
// partitions, at least 1.
func (b *Beacon) Partitions() int {
	if b.standard != nil {
		return b.standard.partitions
	}
	return b.compound.partitions(b.search.partitions)
}

// Roots returns the top-level attributes that every item with this beacon has, in
// order.
func (b *Beacon) Roots() []string {
	var names []string
	if b.standard != nil {
		names = slices.Clone(b.standard.location.roots())
	} else {
		names = b.compound.roots()
	}
	slices.Sort(names)
	return names
}

// Beacon returns the beacon that queries can use for a document path in
// expression syntax, such as "address.zip" or "phones[0]". It looks for the name
// of a beacon first, and then for the location of one. It returns nil if there is
// none that is stored. Signed beacons are attributes of their own.
func (s *Search) Beacon(path string) *Beacon { return s.queried[path] }

// Key returns the key for a query. For a single key store, branchKeyID is ignored.
// The error has the kind of the key store's error.
func (s *Search) Key(ctx context.Context, branchKeyID string) (*Key, error) {
	return s.keys.load(ctx, branchKeyID)
}

// Equal returns what every item has stored whose plaintext value is equal to v: a
// string, or a string set for a set beacon.
func (b *Beacon) Equal(k *Key, partition int, v types.AttributeValue) (types.AttributeValue, bool) {
	if b.compound != nil {
		return b.compound.equal(k, partition, v)
	}
	if k == nil {
		return nil, false
	}
	hashed, err := b.standard.of(k, v, partition)
	return hashed, err == nil
}

// Contains returns what the stored set of every item contains whose plaintext set
// contains v. It is only for set beacons.
func (b *Beacon) Contains(k *Key, partition int, v types.AttributeValue) (types.AttributeValue, bool) {
	if k == nil || !b.IsSet() {
		return nil, false
	}
	encoded, err := attribute.Encode(v)
	if err != nil {
		return nil, false
	}
	switch encoded.Type {
	case attribute.String, attribute.Number, attribute.Binary:
		return &types.AttributeValueMemberS{Value: b.standard.hash(k, encoded.Value(), partition)}, true
	}
	return nil, false
}

// Begins returns what the stored beacon of every item begins with whose plaintext
// value begins with v. It is only for compound beacons. The last piece of v may go
// on, so unless it is followed by the split character, an encrypted piece is cut to
// its prefix.
func (b *Beacon) Begins(k *Key, partition int, v types.AttributeValue) (types.AttributeValue, bool) {
	if b.compound == nil {
		return nil, false
	}
	return b.compound.begins(k, partition, v)
}

// Compare returns what to compare stored beacons with, by the operator "<", "<=",
// ">" or ">=", for a comparison of the plaintext value with v. It is only for
// compound beacons, and for values that consist of signed parts, optionally followed
// by the bare prefix of an encrypted part. Stored beacons have a hash there, so the
// result depends on the operator: a plaintext value whose part is empty is equal to
// v, but the stored one is greater. The official clients miss such an item in a
// comparison with "<=".
func (b *Beacon) Compare(k *Key, op string, v types.AttributeValue) (types.AttributeValue, bool) {
	if b.compound == nil {
		return nil, false
	}
	return b.compound.compare(k, op, v)
}

// Between returns the bounds to compare stored beacons with for a plaintext value
// that is between low and high. It is only for compound beacons. What follows the
// pieces that low and high have in common must consist of signed parts, optionally
// followed by the bare prefix of an encrypted part.
func (b *Beacon) Between(
	k *Key, partition int, low, high types.AttributeValue,
) (l, h types.AttributeValue, ok bool) {
	if b.compound == nil {
		return nil, nil, false
	}
	return b.compound.between(k, partition, low, high)
}
