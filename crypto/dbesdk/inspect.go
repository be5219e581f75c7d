package dbesdk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/uuid"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Inspection is what a sealed item records about itself. Nothing in it is
// verified: anyone who can write to the table can forge it.
type Inspection struct {
	// Version is the header's: 2 if attributes other than the key are in the
	// encryption context, otherwise 1.
	Version int
	// Suite is the algorithm suite.
	Suite Suite
	// MessageID has 32 random bytes, new each time an item is sealed.
	MessageID []byte
	// DataKeys are the keys that can open the item.
	DataKeys []DataKey
	// StoredContext is the part of the encryption context that is stored in the
	// item, such as its public key. The table's name and the primary key are
	// part of the encryption context but are not stored.
	StoredContext keyring.EncryptionContext
	// Legend has one letter for each signed attribute: e (encrypted), s
	// (signed) or c (signed and in the encryption context). They are in
	// canonical order: by length of the name, then by name.
	Legend string
	// Actions are the actions by attribute, as the legend records them.
	// Unsigned attributes have the action [crypto.None]. Actions is nil if the
	// legend does not fit the attributes: either unsigned ones were not named
	// in the options, or the item was changed.
	Actions map[string]crypto.Action
	// HeadSize and FootSize are the sizes in bytes of the values of
	// [HeadAttribute] and [FootAttribute].
	HeadSize, FootSize int
}

// DataKey identifies the key that an encrypted data key is wrapped with.
type DataKey struct {
	// ProviderID identifies the kind of keyring: "aws-kms-hierarchy",
	// "aws-kms", "aws-kms-rsa", or the namespace of a raw keyring.
	ProviderID string
	// KeyID is a branch key ID, the ARN of a KMS key or the name of a raw key.
	KeyID string
	// Version is the version of a branch key, a UUID. It is empty for other
	// keys.
	Version string
	// Size is how many bytes the encrypted data key takes up in the header.
	Size int
}

// Inspect returns what a sealed item records about itself. It needs no key,
// costs little and verifies nothing.
//
// The options are those of [New], but only [WithUnsigned] and
// [WithUnsignedPrefix] matter. An item does not record which attributes are
// unsigned. Without these options, [Inspection.Actions] is nil if an item has
// unsigned attributes.
//
// The error is a [*crypto.ItemError]. It wraps [crypto.ErrNotProtected] if the
// item has none of the format's attributes, [crypto.ErrTampered] if they are
// malformed, and [crypto.ErrPolicy] if an option is invalid.
func Inspect(item crypto.Item, options ...Option) (*Inspection, error) {
	c, err := newConfig(options)
	if err != nil {
		return nil, &crypto.ItemError{Op: opInspect, Err: err}
	}
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
	h, _, _, ok := parseHeader(head, maxDataKeys)
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
	in.Actions = actionsOf(item, h.legend, c.pinned)
	return in, nil
}

const opInspect = "inspect"

func malformed(attribute, why string) error {
	return &crypto.ItemError{Op: opInspect, Attribute: attribute, Err: fmt.Errorf("%w: %s", crypto.ErrTampered, why)}
}

var letterActions = map[byte]crypto.Action{legendEncrypted: crypto.Encrypt, legendSigned: crypto.Sign,
	legendContext: crypto.SignInContext}

func actionsOf(item crypto.Item, legend []byte, unsigned func(name string) bool) map[string]crypto.Action {
	actions := make(map[string]crypto.Action, len(item))
	var names []string
	for name := range item {
		switch {
		case strings.HasPrefix(name, reservedPrefix):
		case unsigned(name):
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

// inspectKey identifies the key of an encrypted data key, as far as the layout
// of its keyring is known.
func inspectKey(key keyring.EncryptedDataKey) DataKey {
	k := DataKey{
		ProviderID: key.ProviderID,
		KeyID:      strings.ToValidUTF8(string(key.ProviderInfo), "\ufffd"),
		Size:       3*2 + len(key.ProviderID) + len(key.ProviderInfo) + len(key.Ciphertext),
	}
	switch {
	case key.ProviderID == "aws-kms-hierarchy":
		// The version follows the wrapped data key, a salt and a nonce.
		const version = keySize + tagSize + 16 + nonceSize
		if len(key.Ciphertext) >= version+16 {
			k.Version = uuid.UUID(key.Ciphertext[version : version+16]).String()
		}
	case strings.HasPrefix(key.ProviderID, "aws-kms"):
	default:
		// Raw AES appends the sizes of its tag and nonce, then the nonce.
		const sizes = "\x00\x00\x00\x80\x00\x00\x00\x0c"
		if at := len(key.ProviderInfo) - nonceSize - len(sizes); at > 0 &&
			string(key.ProviderInfo[at:at+len(sizes)]) == sizes {
			k.KeyID = strings.ToValidUTF8(string(key.ProviderInfo[:at]), "\ufffd")
		}
	}
	return k
}
