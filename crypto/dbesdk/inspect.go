package dbesdk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/uuid"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Inspection is what a sealed item says of itself. Nothing of it is verified:
// it takes no key to read it, and took none to write it.
type Inspection struct {
	// Version is the header's: 2 if attributes other than the key are in the
	// encryption context, otherwise 1.
	Version int
	// Suite is the algorithm suite.
	Suite Suite
	// MessageID is different for each sealing, 32 bytes.
	MessageID []byte
	// DataKeys are the keys that can open the item.
	DataKeys []DataKey
	// StoredContext is the part of the encryption context that is stored with
	// the item, such as its public key. Table and primary key are in the
	// context too, and are not.
	StoredContext keyring.EncryptionContext
	// Legend has a letter for each signed attribute in canonical order, which
	// is shorter names first: e (encrypted), s (signed), c (signed and in the
	// encryption context).
	Legend string
	// Actions are the actions by attribute, as the legend says. An attribute
	// that is not signed has the action none. It is nil if the legend is not
	// one for these attributes: some are unsigned that Inspect was not told
	// of, or the item was changed.
	Actions map[string]crypto.Action
	// HeadSize and FootSize are the sizes of the attributes that the format
	// adds, in bytes without their names.
	HeadSize, FootSize int
}

// DataKey tells which key an encrypted data key is for.
type DataKey struct {
	// ProviderID is the keyring's: "aws-kms-hierarchy", "aws-kms",
	// "aws-kms-rsa", or the namespace of a raw keyring.
	ProviderID string
	// KeyID is the key's: a branch key ID, the ARN of a KMS key or the name of
	// a raw key.
	KeyID string
	// Version is the version of a branch key, a UUID; otherwise empty.
	Version string
	// Size is what the encrypted data key takes in the head, in bytes.
	Size int
}

// Inspect reads what a sealed item says of itself. It needs no key and costs
// little. Name the attributes that are not signed ("none"), which the item does
// not tell; without them [Inspection.Actions] may be missing.
//
// The error is a [*crypto.ItemError]. It wraps [crypto.ErrNotProtected] for an
// item without the format's attributes and [crypto.ErrTampered] if they are
// malformed.
func Inspect(item crypto.Item, unsigned ...string) (*Inspection, error) {
	if !recognizes(item) {
		return nil, &crypto.ItemError{Op: opInspect, Err: crypto.ErrNotProtected}
	}
	head, ok := binaryOf(item[HeadAttribute])
	if !ok {
		return nil, malformed(HeadAttribute, "the attribute is missing or not a binary")
	}
	foot, ok := binaryOf(item[FootAttribute])
	if !ok {
		return nil, malformed(FootAttribute, "the attribute is missing or not a binary")
	}
	h, _, _, ok := parseHeader(head, 255)
	if !ok {
		return nil, malformed(HeadAttribute, "malformed header")
	}
	in := &Inspection{
		Version:       int(h.version),
		Suite:         h.suite,
		MessageID:     slices.Clone(h.messageID[:]),
		StoredContext: h.context,
		Legend:        string(h.legend),
		HeadSize:      len(head),
		FootSize:      len(foot),
	}
	for _, key := range h.keys {
		in.DataKeys = append(in.DataKeys, inspectKey(key))
	}
	in.Actions = actionsOf(item, h.legend, unsigned)
	return in, nil
}

const opInspect = "inspect"

func malformed(attribute, why string) error {
	return &crypto.ItemError{Op: opInspect, Attribute: attribute, Err: fmt.Errorf("%w: %s", crypto.ErrTampered, why)}
}

var letterActions = map[byte]crypto.Action{legendEncrypted: crypto.Encrypt, legendSigned: crypto.Sign, legendContext: crypto.SignInContext}

func actionsOf(item crypto.Item, legend []byte, unsigned []string) map[string]crypto.Action {
	actions := make(map[string]crypto.Action, len(item))
	var names []string
	for name := range item {
		switch {
		case strings.HasPrefix(name, ReservedPrefix):
		case slices.Contains(unsigned, name):
			actions[name] = crypto.None
		default:
			names = append(names, name)
		}
	}
	if len(names) != len(legend) {
		return nil
	}
	sortCanonically(names)
	for i, name := range names {
		if legend[i] == legendEncrypted {
			if b, ok := binaryOf(item[name]); !ok || len(b) < 2+tagSize {
				return nil
			}
		}
		actions[name] = letterActions[legend[i]]
	}
	return actions
}

// inspectKey names the key of an encrypted data key as far as its keyring's
// layout is known.
func inspectKey(key keyring.EncryptedDataKey) DataKey {
	k := DataKey{
		ProviderID: key.ProviderID,
		KeyID:      strings.ToValidUTF8(string(key.ProviderInfo), "\ufffd"),
		Size:       3*2 + len(key.ProviderID) + len(key.ProviderInfo) + len(key.Ciphertext),
	}
	switch {
	case key.ProviderID == "aws-kms-hierarchy":
		// After the wrapped data key, a salt and a nonce comes the version.
		const version = keySize + tagSize + 16 + nonceSize
		if len(key.Ciphertext) >= version+16 {
			k.Version = uuid.UUID(key.Ciphertext[version : version+16]).String()
		}
	case strings.HasPrefix(key.ProviderID, "aws-kms"):
	default:
		// Raw AES appends the sizes of its tag and nonce, and the nonce.
		const sizes = "\x00\x00\x00\x80\x00\x00\x00\x0c"
		if at := len(key.ProviderInfo) - nonceSize - len(sizes); at > 0 && string(key.ProviderInfo[at:at+len(sizes)]) == sizes {
			k.KeyID = strings.ToValidUTF8(string(key.ProviderInfo[:at]), "\ufffd")
		}
	}
	return k
}
