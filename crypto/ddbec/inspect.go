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

// Entries that the providers make in the material description.
const (
	entryWrappedKey = "amzn-ddb-env-key"
	entryKeyUse     = "amzn-ddb-env-alg"
	entryWrapping   = "amzn-ddb-wrap-alg"
	entryVersion    = "amzn-ddb-meta-id"
)

// Inspection is what a sealed item says of itself. Nothing of it is verified:
// it takes no key to read it, and took none to write it.
//
// It does not say which attributes are signed, nor surely which are encrypted:
// this format keeps that in the actions of whoever writes and reads.
type Inspection struct {
	// Description is the whole material description, which may be empty.
	Description providers.MaterialDescription
	// Mode is how attributes are encrypted. Without one nothing is.
	Mode string
	// SigningAlgorithm is the JCA name of the signature's algorithm. Java leaves
	// it out of items that are signed with a secret key.
	SigningAlgorithm string
	// WrappedKey is the item's encryption key; nil if the item holds none,
	// because it is the same for all items ("static").
	WrappedKey *WrappedKey
	// Encrypted names, sorted, the attributes that may be encrypted: binary
	// ones with the size of a ciphertext. Plain binary can have it too.
	Encrypted []string
	// Readable names, sorted, the attributes that are certainly not encrypted.
	Readable []string
	// DescriptionSize and SignatureSize are the sizes of the attributes that
	// the format adds, in bytes without their names. Java leaves out an empty
	// description, whose size is then 0.
	DescriptionSize, SignatureSize int
}

// WrappedKey tells how an item's encryption key is kept in it.
type WrappedKey struct {
	// Provider is the package that opens it, as far as the description tells:
	// "directkms", "mostrecent" or "wrapped".
	Provider string
	// Wrapping is the algorithm that it is wrapped with: "kms", "AESWrap", or
	// one of RSA. Some Java clients leave it out.
	Wrapping string
	// Algorithm is what the key is for, such as "AES" or, with directkms, "AES/256".
	Algorithm string
	// Material and Version name the key that wraps it, with the provider
	// mostrecent; otherwise Material is empty.
	Material string
	Version  int64
	// Size is the wrapped key's, in bytes; 0 if it is malformed.
	Size int
}

// Inspect reads what a sealed item says of itself. It needs no key and costs
// little. The options are those of [New].
//
// The error is a [*crypto.ItemError]. It wraps [crypto.ErrNotProtected] for an
// item without the format's attributes and [crypto.ErrTampered] if they are
// malformed.
func Inspect(item crypto.Item, options ...Option) (*Inspection, error) {
	e := &Encryptor{description: DescriptionAttribute, signature: SignatureAttribute, base: DescriptionBase}
	for _, option := range options {
		option(e)
	}
	if !e.Recognizes(item) {
		return nil, &crypto.ItemError{Op: opInspect, Err: crypto.ErrNotProtected}
	}
	signature, ok := item[e.signature].(*types.AttributeValueMemberB)
	if !ok || signature == nil {
		return nil, malformed(e.signature, "the attribute is missing or not a binary")
	}
	description, err := e.storedDescription(item)
	if err != nil {
		return nil, malformed(e.description, "the attribute is malformed or not a binary")
	}
	in := &Inspection{
		Description:      maps.Clone(description),
		Mode:             description[e.base+entryMode],
		SigningAlgorithm: description[e.base+entryAlgorithm],
		WrappedKey:       inspectKey(description),
		SignatureSize:    len(signature.Value),
	}
	if stored, ok := item[e.description].(*types.AttributeValueMemberB); ok {
		in.DescriptionSize = len(stored.Value)
	}
	for _, name := range slices.Sorted(maps.Keys(item)) {
		switch {
		case e.Reserved(name):
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

// maybeCiphertext reports whether a value has the size of an IV and at least
// one block.
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
