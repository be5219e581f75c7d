package beacon

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The methods of this file rely on these facts. The text of a part does not
// contain the split character, and neither does a prefix. So the pieces of a
// plaintext value are its parts, and the prefix of a piece identifies the part. A
// stored value is equal to the plaintext one up to and including the prefix of the
// first encrypted part.

// piecesOf returns the pieces of a value in a query.
func (c *compound) piecesOf(v types.AttributeValue) ([]string, bool) {
	s, ok := v.(*types.AttributeValueMemberS)
	if !ok || s == nil || s.Value == "" || !utf8.ValidString(s.Value) {
		return nil, false
	}
	return strings.Split(s.Value, c.split), true
}

func (c *compound) joined(pieces ...string) types.AttributeValue {
	return &types.AttributeValueMemberS{Value: strings.Join(pieces, c.split)}
}

// partOf returns the part that a piece belongs to, or nil.
func (c *compound) partOf(piece string) *part {
	for _, p := range c.parts {
		if strings.HasPrefix(piece, p.prefix) {
			return p
		}
	}
	return nil
}

// cut reports whether a piece may end in the middle of a prefix.
func (c *compound) cut(piece string) bool {
	for _, p := range c.parts {
		if strings.HasPrefix(p.prefix, piece) {
			return true
		}
	}
	return false
}

// hashAll hashes whole pieces. It returns false if a piece belongs to no part, or
// if it needs a key and there is none.
func (c *compound) hashAll(k *Key, partition int, pieces []string) ([]string, bool) {
	hashed := make([]string, len(pieces))
	for i, piece := range pieces {
		p := c.partOf(piece)
		if p == nil || p.encrypted != nil && k == nil {
			return nil, false
		}
		hashed[i] = p.hashed(k, piece[len(p.prefix):], partition)
	}
	return hashed, true
}

func (c *compound) equal(k *Key, partition int, v types.AttributeValue) (types.AttributeValue, bool) {
	pieces, ok := c.piecesOf(v)
	if !ok {
		return nil, false
	}
	hashed, ok := c.hashAll(k, partition, pieces)
	return c.joined(hashed...), ok
}

func (c *compound) begins(k *Key, partition int, v types.AttributeValue) (types.AttributeValue, bool) {
	pieces, ok := c.piecesOf(v)
	if !ok {
		return nil, false
	}
	last := pieces[len(pieces)-1]
	switch p := c.partOf(last); {
	case p == nil && !c.cut(last):
		return nil, false
	case p != nil && p.encrypted != nil:
		last = p.prefix
	}
	hashed, ok := c.hashAll(k, partition, pieces[:len(pieces)-1])
	return c.joined(append(hashed, last)...), ok
}

func (c *compound) compare(k *Key, op string, v types.AttributeValue) (types.AttributeValue, bool) {
	pieces, ok := c.piecesOf(v)
	if !ok {
		return nil, false
	}
	bare, ok := c.ordered(pieces)
	if bare != nil && op == "<=" {
		return c.atMost(k, pieces, bare)
	}
	return c.joined(pieces...), ok
}

// atMost returns the greatest stored value of a plaintext value that is at most the
// pieces. If the last of them is a bare prefix, a plaintext value that is equal to
// them has the hash of an empty text there. It is the greatest one of all partitions,
// so that queries for different partitions do not overlap.
func (c *compound) atMost(k *Key, pieces []string, bare *part) (types.AttributeValue, bool) {
	if bare != nil {
		if k == nil {
			return nil, false
		}
		greatest := ""
		for partition := range bare.encrypted.partitions {
			greatest = max(greatest, bare.hashed(k, "", partition))
		}
		pieces = append(slices.Clone(pieces[:len(pieces)-1]), greatest)
	}
	return c.joined(pieces...), true
}

// ordered reports whether stored values compare with the pieces as plaintext
// values do: whether they are signed parts. The last piece may also end in the
// middle of a prefix, or be the bare prefix of an encrypted part, which is
// returned. Stored values do compare like plaintext ones with a bare prefix, unless
// the plaintext value is equal to it.
func (c *compound) ordered(pieces []string) (bare *part, ok bool) {
	for i, piece := range pieces {
		p, last := c.partOf(piece), i == len(pieces)-1
		switch {
		case p == nil && last && c.cut(piece):
		case p == nil:
			return nil, false
		case p.encrypted != nil && last && piece == p.prefix:
			return p, true
		case p.encrypted != nil:
			return nil, false
		}
	}
	return nil, true
}

func (c *compound) between(
	k *Key, partition int, low, high types.AttributeValue,
) (l, h types.AttributeValue, ok bool) {
	from, okFrom := c.piecesOf(low)
	to, okTo := c.piecesOf(high)
	if !okFrom || !okTo {
		return nil, nil, false
	}
	if slices.Equal(from, to) {
		same, ok := c.equal(k, partition, low)
		return same, same, ok
	}
	// Everything between two texts begins as both of them do. Pieces that both have
	// in common are whole only if the split character follows in both.
	n := 0
	for n < len(from)-1 && n < len(to)-1 && from[n] == to[n] {
		n++
	}
	common, ok := c.hashAll(k, partition, from[:n])
	if !ok {
		return nil, nil, false
	}
	from, to = from[n:], to[n:]
	if _, ok := c.ordered(from); !ok {
		return nil, nil, false
	}
	bare, ok := c.ordered(to)
	if !ok || strings.Join(from, c.split) > strings.Join(to, c.split) {
		return nil, nil, false
	}
	l = c.joined(slices.Concat(common, from)...)
	h, ok = c.atMost(k, slices.Concat(common, to), bare)
	return l, h, ok
}

// textsAt returns the texts of the signed parts of a value that are located at an
// attribute.
func (c *compound) textsAt(attribute, value string) []string {
	var texts []string
	for piece := range strings.SplitSeq(value, c.split) {
		if p := c.partOf(piece); p != nil && p.encrypted == nil && p.location.String() == attribute {
			texts = append(texts, piece[len(p.prefix):])
		}
	}
	return texts
}
