package ddbec

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// The part of the string to sign that says whether an attribute is encrypted.
var (
	hashEncrypted = sha256.Sum256([]byte("ENCRYPTED"))
	hashPlaintext = sha256.Sum256([]byte("PLAINTEXT"))
)

// stringToSign returns the message that the item signature covers: the hash of
// the table's name, then three hashes for each signed attribute, in order: of
// its name, of whether it is encrypted, and of its stored value. It omits
// attributes for which skip returns true.
func stringToSign(
	table string, item crypto.Item, actions crypto.Actions, by reading, skip func(string) bool,
) ([]byte, error) {
	h := hasher{hash: sha256.New()}
	out := make([]byte, 0, sha256.Size*(1+3*len(item)))
	out = h.append(out, "TABLE>", table, "<TABLE")
	for _, name := range sortedNames(item, by) {
		action := actions.Of(name)
		if !action.Signed() || skip(name) {
			continue
		}
		out = h.append(out, name)
		if action == crypto.Encrypt {
			out = append(out, hashEncrypted[:]...)
		} else {
			out = append(out, hashPlaintext[:]...)
		}
		var err error
		if out, err = h.appendValue(out, item[name], by); err != nil {
			return nil, &crypto.ItemError{Attribute: name, Err: err}
		}
	}
	return out, nil
}

// hasher computes hashes one after another in the same memory.
type hasher struct {
	hash    hash.Hash
	scratch []byte
}

// append appends the hash of the concatenated texts.
func (h *hasher) append(out []byte, texts ...string) []byte {
	h.hash.Reset()
	for _, text := range texts {
		h.write(text)
	}
	return h.hash.Sum(out)
}

// appendValue appends the hash of a value's encoding. It hashes binaries
// without copying them, because they can be large.
func (h *hasher) appendValue(out []byte, v types.AttributeValue, by reading) ([]byte, error) {
	h.hash.Reset()
	if b, ok := v.(*types.AttributeValueMemberB); ok && b != nil {
		head := [6]byte{0, tagBinary}
		binary.BigEndian.PutUint32(head[2:], uint32(len(b.Value)))
		h.scratch = append(h.scratch[:0], head[:]...)
		h.hash.Write(h.scratch)
		h.hash.Write(b.Value)
		return h.hash.Sum(out), nil
	}
	encoded, err := appendAttribute(h.scratch[:0], v, by)
	if err != nil {
		return nil, err
	}
	h.scratch = encoded
	h.hash.Write(encoded)
	return h.hash.Sum(out), nil
}

// write hashes text without copying it as a whole.
func (h *hasher) write(text string) {
	h.scratch = append(h.scratch[:0], text...)
	h.hash.Write(h.scratch)
}
