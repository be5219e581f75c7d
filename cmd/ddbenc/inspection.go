package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// inspection is what an item of either format records about itself.
type inspection struct {
	Where   string `json:"where,omitempty"`
	Format  string `json:"format"` // dbesdk, ddbec or none
	Version int    `json:"version,omitempty"`
	// Suite and Signature describe the algorithms.
	Suite       string            `json:"suite,omitempty"`
	Encryption  string            `json:"encryption,omitempty"`
	Signature   string            `json:"signature,omitempty"`
	MessageID   string            `json:"messageID,omitempty"`
	DataKeys    []inspectedKey    `json:"dataKeys,omitempty"`
	Context     map[string]string `json:"storedContext,omitempty"`
	Description map[string]string `json:"materialDescription,omitempty"`
	Beacons     []inspectedBeacon `json:"beacons,omitempty"`
	Attributes  []inspectedField  `json:"attributes"`
	// Size is the approximate size that DynamoDB counts. Overhead is the part
	// that certainly belongs to the format.
	Size     int      `json:"size"`
	Overhead int      `json:"overhead"`
	Parts    []string `json:"overheadParts,omitempty"`
	Notes    []string `json:"notes,omitempty"`
}

// inspectedKey is a key that opens the item.
type inspectedKey struct {
	Provider string `json:"provider"`
	Key      string `json:"key,omitempty"`
	Version  string `json:"version,omitempty"`
	Wrapping string `json:"wrapping,omitempty"`
	Size     int    `json:"size,omitempty"`
}

type inspectedField struct {
	Name   string `json:"name"`
	Action string `json:"action"`
	Type   string `json:"type"`
	Size   int    `json:"size"`
}

// The formats of items.
const (
	inDBESDK  = "dbesdk"
	inDDBEC   = "ddbec"
	inNeither = "none"
)

// Descriptions of attributes without an action.
const (
	actionUnknown  = "unknown"
	actionReadable = "readable" // it is not known whether it is signed
	actionMaybe    = "encrypt?"
	actionFormat   = "(format)"
)

// inspect explains an item. An item of neither format is explained too.
func inspect(item crypto.Item, unsigned []string) (*inspection, error) {
	sealed, err := dbesdk.Inspect(item, dbesdk.WithUnsigned(unsigned...))
	older, olderErr := ddbec.Inspect(item)
	switch {
	case err == nil:
		in := inspectDBESDK(item, sealed)
		if !errors.Is(olderErr, crypto.ErrNotProtected) {
			in.note("The item also has attributes of the format ddbec.")
		}
		return in, nil
	case !errors.Is(err, crypto.ErrNotProtected):
		return nil, fmt.Errorf("format dbesdk: %w", err)
	case olderErr == nil:
		return inspectDDBEC(item, older), nil
	case !errors.Is(olderErr, crypto.ErrNotProtected):
		return nil, fmt.Errorf("format ddbec: %w", olderErr)
	}
	in := &inspection{Format: inNeither}
	in.attributes(item, func(string) string { return crypto.None.String() })
	in.note("The item is not sealed: it has no attributes of either format.")
	return in, nil
}

func (in *inspection) note(text string) { in.Notes = append(in.Notes, text) }

// attributes lists the attributes by name.
func (in *inspection) attributes(item crypto.Item, action func(name string) string) {
	for _, name := range slices.Sorted(maps.Keys(item)) {
		size := len(name) + expr.StoredSize(item[name])
		in.Attributes = append(in.Attributes, inspectedField{name, action(name), expr.TypeName(item[name]), size})
		in.Size += size
	}
}

func (in *inspection) add(part string, bytes int) {
	in.Parts = append(in.Parts, fmt.Sprintf("%s %d", part, bytes))
	in.Overhead += bytes
}

// dbesdkOverhead is how many bytes encryption adds to an attribute: the type
// and the tag.
const dbesdkOverhead = 2 + 16

func inspectDBESDK(item crypto.Item, sealed *dbesdk.Inspection) *inspection {
	in := &inspection{
		Format: inDBESDK, Version: sealed.Version, Suite: sealed.Suite.String(),
		Encryption: "AES-256-GCM, with a separate data key for each item", MessageID: hex.EncodeToString(sealed.MessageID),
		Context: sealed.StoredContext,
	}
	in.Signature = "HMAC-SHA-384 for each data key"
	if sealed.Suite == dbesdk.SuiteECDSA {
		in.Signature += ", and ECDSA P-384 with a separate key"
	}
	for _, key := range sealed.DataKeys {
		in.DataKeys = append(in.DataKeys, inspectedKey{Provider: key.ProviderID, Key: key.KeyID, Version: key.Version,
			Size: key.Size})
	}
	in.Beacons = inspectBeacons(item)
	encrypted, others := 0, 0
	in.attributes(item, func(name string) string {
		switch action, known := sealed.Actions[name]; {
		case strings.HasPrefix(name, reservedPrefix):
			return actionFormat
		case known:
			if action == crypto.Encrypt {
				encrypted++
			}
			return action.String()
		case sealed.Actions == nil && !couldBeSealed(item[name]):
			others++
			return actionReadable
		default:
			others++
			return actionUnknown
		}
	})
	in.add("head", len(dbesdk.HeadAttribute)+sealed.HeadSize)
	in.add("foot", len(dbesdk.FootAttribute)+sealed.FootSize)
	if len(in.Beacons) > 0 {
		bytes := 0
		for _, b := range in.Beacons {
			bytes += len(b.Attribute) + expr.StoredSize(item[b.Attribute])
		}
		in.add("beacons", bytes)
	}
	if sealed.Actions == nil {
		in.note(fmt.Sprintf("The item was sealed with %d signed attributes, but %d of its attributes may be signed. "+
			"Name the unsigned ones (--unsigned, --policy) to see the actions. If that does not help, the item was changed.",
			len(sealed.Legend), others))
	} else {
		in.add("encrypted values", encrypted*dbesdkOverhead)
	}
	if len(in.Beacons) > 0 {
		in.note("Beacons are not signed. Items with equal values have equal beacons, up to collisions.")
	}
	in.note("Any one of the data keys opens the item. Table name, key names and key values are in the encryption " +
		"context too.")
	in.note("Items do not record which attributes are signed. All that are not named as unsigned are assumed to be " +
		"signed.")
	in.note("None of this is verified.")
	return in
}

// couldBeSealed reports whether dbesdk could have encrypted a value.
func couldBeSealed(v types.AttributeValue) bool {
	b, ok := v.(*types.AttributeValueMemberB)
	return ok && len(b.Value) >= dbesdkOverhead
}

func inspectDDBEC(item crypto.Item, sealed *ddbec.Inspection) *inspection {
	in := &inspection{
		Format: inDDBEC, Signature: sealed.SigningAlgorithm, Description: sealed.Description,
	}
	switch sealed.Mode {
	case "/CBC/PKCS5Padding":
		in.Encryption = "AES-CBC"
	case "":
		in.Encryption = "none"
	default:
		in.Encryption = sealed.Mode
	}
	if in.Signature == "" {
		in.Signature = "not named: HMAC of a Java client"
	}
	if key := sealed.WrappedKey; key != nil {
		of := inspectedKey{Provider: key.Provider, Wrapping: key.Wrapping, Size: key.Size}
		if key.Material != "" {
			of.Key, of.Version = key.Material, fmt.Sprint(key.Version)
		}
		in.DataKeys = append(in.DataKeys, of)
	} else if sealed.Mode != "" {
		in.note("The item has no wrapped key: it was sealed with static keys, which all items share.")
	}
	in.attributes(item, func(name string) string {
		switch {
		case name == ddbec.DescriptionAttribute || name == ddbec.SignatureAttribute:
			return actionFormat
		case slices.Contains(sealed.Encrypted, name):
			return actionMaybe
		}
		return actionReadable
	})
	if sealed.DescriptionSize > 0 {
		in.add("material description", len(ddbec.DescriptionAttribute)+sealed.DescriptionSize)
	}
	in.add("signature", len(ddbec.SignatureAttribute)+sealed.SignatureSize)
	if len(sealed.Encrypted) > 0 {
		in.note("Encryption adds 23 to 38 bytes to each text or binary value.")
	}
	in.note("Items in this format do not record which attributes are encrypted or signed: \"" +
		actionMaybe + "\" is binary with the size of a ciphertext, and \"" + actionReadable + "\" is certainly not " +
		"encrypted but may be signed. The key is always signed.")
	in.note("None of this is verified.")
	return in
}
