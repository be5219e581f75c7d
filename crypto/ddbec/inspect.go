package ddbec

import (
	"crypto/aes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
)

// The entries that providers add to the material description.
const (
	entryWrappedKey = "amzn-ddb-env-key"
	entryKeyUse     = "amzn-ddb-env-alg"
	entryWrapping   = "amzn-ddb-wrap-alg"
	entryVersion    = "amzn-ddb-meta-id"
)

// Inspection is what a sealed item records about itself. Nothing in it is
// verified: anyone who can write to the table can forge it.
//
// An item of this format does not record which attributes are signed or
// encrypted. That follows from the actions of whoever writes and reads it.
type Inspection struct {
	// Description is the complete material description. It may be empty.
	Description providers.MaterialDescription
	// Mode is the cipher mode, such as "/CBC/PKCS5Padding". If it is empty, no
	// attribute is encrypted.
	Mode string
	// SigningAlgorithm is the JCA name of the signature's algorithm. Java omits
	// it from items that are signed with a secret key.
	SigningAlgorithm string
	// WrappedKey describes the item's encryption key. It is nil if the item does
	// not hold one because all items share a key, as with providers/static.
	WrappedKey *WrappedKey
	// Encrypted holds the sorted names of the attributes that may be encrypted:
	// binary values with the size of a ciphertext. Unencrypted binary values
	// can have such a size too.
	Encrypted []string
	// Readable holds the sorted names of the attributes that are certainly not
	// encrypted.
	Readable []string
	// DescriptionSize and SignatureSize are the sizes in bytes of the values of
	// the attributes that the format adds. Java omits an empty description,
	// whose size is then 0.
	DescriptionSize, SignatureSize int
}

// WrappedKey describes how an item's encryption key is stored in it.
type WrappedKey struct {
	// Provider is the package that unwraps the key, judging by the material
	// description: "directkms", "mostrecent" or "wrapped".
	Provider string
	// Wrapping is the wrapping algorithm: "kms", "AESWrap" or an RSA
	// transformation. Some Java clients omit it.
	Wrapping string
	// Algorithm is the algorithm that the key is for, such as "AES" or, with
	// directkms, "AES/256".
	Algorithm string
	// Material and Version identify the wrapping key if Provider is
	// "mostrecent". Otherwise Material is empty.
	Material string
	Version  int64
	// Size is the wrapped key's size in bytes. It is 0 if the key is malformed.
	Size int
}

// Inspect returns what a sealed item records about itself. It needs no key,
// costs little and verifies nothing. The options are those of [New].
//
// The error is a [*crypto.ItemError]. It wraps [crypto.ErrNotProtected] if the
// item has none of the format's attributes, [crypto.ErrTampered] if they are
// malformed, and [crypto.ErrPolicy] if an option is invalid.
func Inspect(item crypto.Item, options ...Option) (*Inspection, error) {
	c, err := newConfig(options)
	if err != nil {
		return nil, &crypto.ItemError{Op: opInspect, Err: err}
	}
	if !c.recognizes(item) {
		return nil, &crypto.ItemError{Op: opInspect, Err: crypto.ErrNotProtected}
	}
	signature, ok := item[c.signature].(*types.AttributeValueMemberB)
	if !ok || signature == nil {
		return nil, malformed(c.signature, "the attribute is missing or not a binary")
	}
	description, err := c.storedDescription(item)
	if err != nil {
		return nil, malformed(c.description, "the attribute is malformed or not a binary")
	}
	in := &Inspection{
		Description:      maps.Clone(description),
		Mode:             description[c.base+entryMode],
		SigningAlgorithm: description[c.base+entryAlgorithm],
		WrappedKey:       inspectKey(description),
		SignatureSize:    len(signature.Value),
	}
	if stored, ok := item[c.description].(*types.AttributeValueMemberB); ok {
		in.DescriptionSize = len(stored.Value)
	}
	for _, name := range slices.Sorted(maps.Keys(item)) {
		switch {
		case c.reserved(name):
		case in.Mode != "" && maybeCiphertext(item[name]):
			in.Encrypted = append(in.Encrypted, name)
		default:
			in.Readable = append(in.Readable, name)
		}
	}
	return in, nil
}

const opInspect = "inspect"

func malformed(attribute, why string) error {
	return &crypto.ItemError{Op: opInspect, Attribute: attribute, Err: fmt.Errorf("%w: %s", crypto.ErrTampered, why)}
}

// maybeCiphertext reports whether a value can be an IV and at least one block.
func maybeCiphertext(v types.AttributeValue) bool {
	b, ok := v.(*types.AttributeValueMemberB)
	return ok && b != nil && len(b.Value) >= 2*aes.BlockSize && len(b.Value)%aes.BlockSize == 0
}

func inspectKey(description providers.MaterialDescription) *WrappedKey {
	encoded, ok := description[entryWrappedKey]
	if !ok {
		return nil
	}
	key := &WrappedKey{Provider: "wrapped", Wrapping: description[entryWrapping], Algorithm: description[entryKeyUse]}
	if wrapped, err := base64.StdEncoding.DecodeString(encoded); err == nil {
		key.Size = len(wrapped)
	}
	if key.Wrapping == "kms" {
		key.Provider = "directkms"
	}
	if material, number, ok := strings.Cut(description[entryVersion], "#"); ok {
		if version, err := strconv.ParseInt(number, 10, 64); err == nil {
			key.Provider, key.Material, key.Version = "mostrecent", material, version
		}
	}
	return key
}
