// Package encryptioncontext serializes the encryption context of the Database
// Encryption SDK format: for keyrings, which authenticate it with each wrapped
// key, and for the header and the signature of items.
package encryptioncontext

import (
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"

	"github.com/ddbenc/ddbenc/crypto"
)

// maxUint16 is the limit of the counts and lengths in the serialization.
const maxUint16 = 1<<16 - 1

// Marshal returns the serialized context: a count, and then names and values in
// turn, sorted by name, each with its length. All numbers take two bytes in
// big-endian order. An empty context serializes to no bytes at all. The error
// wraps [crypto.ErrInvalidItem].
// (aws-encryption-sdk-specification, framework/structures.md#serialization)
func Marshal(ec map[string]string) ([]byte, error) {
	if len(ec) == 0 {
		return nil, nil
	}
	if len(ec) > maxUint16 {
		return nil, fmt.Errorf("%w: the encryption context has %d entries, more than %d",
			crypto.ErrInvalidItem, len(ec), maxUint16)
	}
	size := 2
	names := make([]string, 0, len(ec))
	for name, value := range ec {
		if !fits(name) || !fits(value) {
			return nil, fmt.Errorf("%w: a name or value in the encryption context is not UTF-8 or has more than %d bytes",
				crypto.ErrInvalidItem, maxUint16)
		}
		names = append(names, name)
		size += 2 + len(name) + 2 + len(value)
	}
	slices.Sort(names)
	data := binary.BigEndian.AppendUint16(make([]byte, 0, size), uint16(len(names)))
	for _, name := range names {
		data = appendText(data, name)
		data = appendText(data, ec[name])
	}
	return data, nil
}

func fits(text string) bool { return len(text) <= maxUint16 && utf8.ValidString(text) }

func appendText(data []byte, text string) []byte {
	return append(binary.BigEndian.AppendUint16(data, uint16(len(text))), text...)
}

// Parse reads a serialized context of at least one entry from the front of s.
// It accepts only what [Marshal] writes: names in order, without duplicates, and
// all text in UTF-8.
func Parse(s *cryptobyte.String) (map[string]string, bool) {
	var count uint16
	if !s.ReadUint16(&count) || count == 0 || int(count)*4 > len(*s) {
		return nil, false
	}
	ec := make(map[string]string, count)
	last := ""
	for i := range count {
		var name, value cryptobyte.String
		if !s.ReadUint16LengthPrefixed(&name) || !s.ReadUint16LengthPrefixed(&value) ||
			!utf8.Valid(name) || !utf8.Valid(value) {
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
