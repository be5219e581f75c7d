package directkms

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
)

// Entries of the material description.
const (
	entryKey        = "amzn-ddb-env-key"  // base64 of the wrapped data key
	entryEncryption = "amzn-ddb-env-alg"  // AES/256
	entrySigning    = "amzn-ddb-sig-alg"  // HmacSHA256/256
	entryWrap       = "amzn-ddb-wrap-alg" // kms
	entryCovered    = "aws-kms-ec-attr"   // which attributes are in the KMS encryption context

	wrapKMS     = "kms"
	coveredKeys = "*keys*"
)

// Names in the KMS encryption context that are not key attributes.
const (
	contextEncryption = "*" + entryEncryption + "*"
	contextSigning    = "*" + entrySigning + "*"
	contextTable      = "*aws-kms-table*"
)

// algorithms are the algorithms of an item's keys as the description spells
// them: a name and a length in bits.
type algorithms struct{ encryption, signing string }

var defaultAlgorithms = algorithms{"AES/256", "HmacSHA256/256"}

func (a algorithms) describe(wrapped string) providers.MaterialDescription {
	return providers.MaterialDescription{
		entryKey:        wrapped,
		entryEncryption: a.encryption,
		entrySigning:    a.signing,
		entryWrap:       wrapKMS,
		entryCovered:    coveredKeys,
	}
}

// readDescription reads the description of a stored item. An attacker can
// change it, but the algorithms are also in the KMS encryption context, so KMS
// rejects changed ones.
func readDescription(description providers.MaterialDescription) (wrapped []byte, a algorithms, err error) {
	encoded, ok := description[entryKey]
	if !ok {
		return nil, a, fmt.Errorf("%w: the item has no wrapped key", crypto.ErrNoUsableKey)
	}
	if wrapped, err = base64.StdEncoding.Strict().DecodeString(encoded); err != nil || !isWrapped(wrapped) {
		return nil, a, fmt.Errorf("%w: the item's wrapped key is malformed", crypto.ErrNoUsableKey)
	}
	if wrap, ok := description[entryWrap]; ok && wrap != wrapKMS {
		return nil, a, fmt.Errorf("%w: the item's key is wrapped with %q, not by KMS", crypto.ErrNoUsableKey, wrap)
	}
	a = algorithms{description[entryEncryption], description[entrySigning]}
	return wrapped, a, nil
}

// keys are the keys that are derived from a data key.
type keys struct {
	encryption []byte
	signing    *providers.HMAC
}

// derive returns the two keys of an item: HKDF-SHA-256 (RFC 5869) without a
// salt.
func derive(dataKey []byte, a algorithms) (*keys, error) {
	cipher, encryptionBits, err := split(a.encryption)
	if err != nil {
		return nil, err
	}
	if cipher != "AES" || encryptionBits > 256 {
		return nil, fmt.Errorf("%w: the item has an unknown encryption algorithm, %q", crypto.ErrNoUsableKey, a.encryption)
	}
	mac, signingBits, err := split(a.signing)
	if err != nil {
		return nil, err
	}
	k := &keys{}
	// These fail only if the standard library forbids the algorithm.
	if k.encryption, err = hkdf.Key(sha256.New, dataKey, nil, "Encryption", encryptionBits/8); err != nil {
		return nil, fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
	}
	signing, err := hkdf.Key(sha256.New, dataKey, nil, "Signing", signingBits/8)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
	}
	k.signing, err = providers.NewHMAC(mac, signing)
	return k, err
}

// split reads a name and a length in bits, such as AES/256.
func split(algorithm string) (name string, bits int, err error) {
	name, length, named := strings.Cut(algorithm, "/")
	if !named {
		return name, 256, nil // what both official clients assume
	}
	switch bits, err = strconv.Atoi(length); {
	case err != nil, bits != 128 && bits != 192 && bits != 256 && bits != 384 && bits != 512:
		return "", 0, fmt.Errorf("%w: the item has an unknown key length", crypto.ErrNoUsableKey)
	}
	return name, bits, nil
}

// kmsContext returns the KMS encryption context of an item: its algorithms,
// table and primary key. It rejects a key attribute whose name would replace one
// of the other entries.
func kmsContext(ec providers.EncryptionContext, a algorithms) (map[string]string, error) {
	context := map[string]string{contextEncryption: a.encryption, contextSigning: a.signing, contextTable: ec.Table.Name}
	for _, name := range ec.Table.KeyNames() {
		if _, taken := context[name]; taken {
			return nil, fmt.Errorf("directkms: table %q: key attribute %q: %w: KMS encryption contexts reserve the name",
				ec.Table.Name, name, crypto.ErrPolicy)
		}
		value, err := contextValue(ec.Key[name])
		if err != nil {
			return nil, fmt.Errorf("directkms: table %q: key attribute %q: %w", ec.Table.Name, name, err)
		}
		context[name] = value
	}
	return context, nil
}

// contextValue returns a key attribute as text. DynamoDB normalizes numbers
// when it stores them, so the context must have them in normal form. Otherwise,
// the item could never be read.
func contextValue(v types.AttributeValue) (string, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value, nil
	case *types.AttributeValueMemberN:
		return crypto.NormalizeNumber(v.Value)
	case *types.AttributeValueMemberB:
		return base64.StdEncoding.EncodeToString(v.Value), nil
	}
	return "", fmt.Errorf("%w: missing, or not a string, number or binary", crypto.ErrInvalidItem)
}
