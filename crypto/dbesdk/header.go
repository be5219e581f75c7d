package dbesdk

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"

	"github.com/ddbenc/ddbenc/internal/encryptioncontext"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// The letters of the legend.
const (
	legendEncrypted = 'e'
	legendSigned    = 's'
	legendContext   = 'c' // signed, and in the encryption context
)

const (
	versionPlain   = 1
	versionContext = 2 // at least one attribute is legendContext

	messageIDSize  = 32
	commitmentSize = 32

	// Limits when reading. They bound the work that a malicious header can
	// cause. The format itself writes far less.
	maxStoredContext = 64       // entries
	maxContextSize   = 16 << 10 // bytes of the serialized stored context
)

// header is the content of an item's head, without the commitment.
// (specification/structured-encryption/header.md)
type header struct {
	version   byte
	suite     Suite
	messageID [messageIDSize]byte
	legend    []byte // one letter for each signed attribute, in canonical order
	context   keyring.EncryptionContext
	keys      []keyring.EncryptedDataKey
}

// marshal returns the serialized header. The commitment covers it and is
// appended to it.
func (h *header) marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddUint8(h.version)
	b.AddUint8(h.suite.flavor())
	b.AddBytes(h.messageID[:])
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(h.legend) })
	if len(h.context) == 0 {
		b.AddUint16(0)
	} else {
		context, err := encryptioncontext.Marshal(h.context)
		if err != nil {
			return nil, err
		}
		b.AddBytes(context)
	}
	b.AddUint8(uint8(len(h.keys)))
	for _, key := range h.keys {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(key.ProviderID)) })
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(key.ProviderInfo) })
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(key.Ciphertext) })
	}
	return b.Bytes()
}

// parseHeader is the inverse of marshal. The results share memory with data.
// committed is the part of data that the commitment covers.
func parseHeader(data []byte, maxKeys int) (h *header, committed, commitment []byte, ok bool) {
	if len(data) < commitmentSize {
		return nil, nil, nil, false
	}
	committed, commitment = data[:len(data)-commitmentSize], data[len(data)-commitmentSize:]
	s := cryptobyte.String(committed)
	h = &header{}
	var flavor uint8
	var legend cryptobyte.String
	if !s.ReadUint8(&h.version) || h.version != versionPlain && h.version != versionContext ||
		!s.ReadUint8(&flavor) || flavor > 1 ||
		!s.CopyBytes(h.messageID[:]) ||
		!s.ReadUint16LengthPrefixed(&legend) || !validLegend(legend, h.version) {
		return nil, nil, nil, false
	}
	h.suite, h.legend = suiteOf(flavor), legend
	if h.context, ok = readStoredContext(&s); !ok {
		return nil, nil, nil, false
	}
	if h.keys, ok = readKeys(&s, maxKeys); !ok || !s.Empty() {
		return nil, nil, nil, false
	}
	return h, committed, commitment, true
}

func validLegend(legend []byte, version byte) bool {
	for _, letter := range legend {
		switch letter {
		case legendEncrypted, legendSigned:
		case legendContext:
			if version != versionContext {
				return false
			}
		default:
			return false
		}
	}
	return len(legend) > 0 // the primary key is always signed
}

func readStoredContext(s *cryptobyte.String) (keyring.EncryptionContext, bool) {
	rest := *s
	var count uint16
	if !rest.ReadUint16(&count) || count > maxStoredContext {
		return nil, false
	}
	if count == 0 {
		*s = rest
		return nil, true
	}
	before := len(*s)
	context, ok := encryptioncontext.Parse(s)
	return context, ok && before-len(*s) <= maxContextSize
}

func readKeys(s *cryptobyte.String, limit int) ([]keyring.EncryptedDataKey, bool) {
	var count uint8
	if !s.ReadUint8(&count) || count == 0 || int(count) > limit {
		return nil, false
	}
	keys := make([]keyring.EncryptedDataKey, count)
	for i := range keys {
		var id, info, ciphertext cryptobyte.String
		if !s.ReadUint16LengthPrefixed(&id) || !utf8.Valid(id) ||
			!s.ReadUint16LengthPrefixed(&info) ||
			!s.ReadUint16LengthPrefixed(&ciphertext) {
			return nil, false
		}
		// Clip, so that a keyring that appends to a slice does not write into
		// the item.
		keys[i] = keyring.EncryptedDataKey{ProviderID: string(id), ProviderInfo: slices.Clip(info),
			Ciphertext: slices.Clip(ciphertext)}
	}
	return keys, true
}
