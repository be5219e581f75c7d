package ddbec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
)

// maxDescription limits the size of a material description in bytes. Real ones,
// with a data key wrapped by KMS, have less than 2 KB.
const maxDescription = 64 << 10

var errDescription = errors.New("malformed material description")

// encodeDescription serializes a material description: a version of four zero
// bytes, then names and values with their lengths, sorted by name.
func encodeDescription(description providers.MaterialDescription) ([]byte, error) {
	encoded := make([]byte, 4, 256)
	var err error
	for _, name := range slices.Sorted(maps.Keys(description)) {
		for _, text := range []string{name, description[name]} {
			if encoded, err = appendString(encoded, text); err != nil {
				return nil, fmt.Errorf("material description: %w", err)
			}
		}
	}
	if len(encoded) > maxDescription {
		return nil, fmt.Errorf("%w: the material description is longer than %d bytes", crypto.ErrInvalidItem, maxDescription)
	}
	return encoded, nil
}

// decodeDescription is the inverse of encodeDescription. Names may be in any
// order.
func decodeDescription(encoded []byte) (providers.MaterialDescription, error) {
	s := cryptobyte.String(encoded)
	var version uint32
	if len(encoded) > maxDescription || !s.ReadUint32(&version) || version != 0 {
		return nil, errDescription
	}
	description := make(providers.MaterialDescription)
	for !s.Empty() {
		name, err := decodeBytes(&s)
		if err != nil {
			return nil, errDescription
		}
		value, err := decodeBytes(&s)
		if err != nil || !utf8.Valid(name) || !utf8.Valid(value) {
			return nil, errDescription
		}
		if _, twice := description[string(name)]; twice {
			return nil, errDescription
		}
		description[string(name)] = string(value)
	}
	return description, nil
}
