package keyring

import (
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"

	"github.com/ddbenc/ddbenc/crypto"
)

// EncryptionContext is what an item's keys are bound to: names and values that
// are not secret and are authenticated wherever a key is wrapped. The item
// format puts the table and the primary key into it.
type EncryptionContext map[string]string

// maxUint16 bounds the counts and lengths of the serialization.
const maxUint16 = 1<<16 - 1

// Marshal returns the serialization that is authenticated: a count and then
// names and values in turn, sorted by name, each with its length, all numbers
// as two bytes in big-endian order. An empty context is no bytes at all.
// (aws-encryption-sdk-specification, framework/structures.md#serialization)
func (ec EncryptionContext) Marshal() ([]byte, error) {
	if len(ec) == 0 {
		return nil, nil
	}
	if len(ec) > maxUint16 {
		return nil, fmt.Errorf("%w: an encryption context of %d entries", crypto.ErrInvalidItem, len(ec))
	}
	var b cryptobyte.Builder
	b.AddUint16(uint16(len(ec)))
	for _, name := range slices.Sorted(maps.Keys(ec)) {
		for _, text := range []string{name, ec[name]} {
			if len(text) > maxUint16 || !utf8.ValidString(text) {
				return nil, fmt.Errorf("%w: a name or value in the encryption context is not UTF-8 or has more than %d bytes", crypto.ErrInvalidItem, maxUint16)
			}
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
		}
	}
	return b.Bytes()
}

// ParseEncryptionContext reads a serialized context of at least one entry from
// the front of s. It takes what [EncryptionContext.Marshal] writes and nothing
// else: names in order, none twice, all text in UTF-8.
func ParseEncryptionContext(s *cryptobyte.String) (EncryptionContext, bool) {
	var count uint16
	if !s.ReadUint16(&count) || count == 0 || int(count)*4 > len(*s) {
		return nil, false
	}
	ec := make(EncryptionContext, count)
	last := ""
	for i := range count {
		var name, value cryptobyte.String
		if !s.ReadUint16LengthPrefixed(&name) || !s.ReadUint16LengthPrefixed(&value) || !utf8.Valid(name) || !utf8.Valid(value) {
			return nil, false
		}
		if i > 0 && string(name) <= last {
			return nil, false
		}
		last = string(name)
		ec[last] = string(value)
	}
	return ec, true
}
