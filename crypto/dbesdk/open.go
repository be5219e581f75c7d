package dbesdk

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// DecryptItem verifies item and returns it opened. See [crypto.ItemEncryptor].
//
// If the number of signed attributes is not the one that the item was sealed
// with, the error is a [*LegendError]. If the data key cannot be unwrapped, the
// error is the keyring's. All other modifications result in
// [crypto.ErrTampered], always with the same text.
//
// An item that verifies can be opened even if another client encrypted values
// in it that DynamoDB does not accept, such as empty sets. Such values cannot
// be sealed again unchanged. An encrypted value that no attribute value can
// hold results in [crypto.ErrInvalidItem].
func (e *Encryptor) DecryptItem(
	ctx context.Context, table crypto.TableInfo, actions crypto.Actions, item crypto.Item,
) (crypto.Item, error) {
	opened, err := e.open(ctx, table, actions, item)
	if err != nil {
		return nil, failure.At("decrypt", table, err)
	}
	return opened, nil
}

// LegendError reports that an item's number of signed attributes is not the one
// that it was sealed with. It unwraps to [crypto.ErrTampered] because the usual
// causes cannot be distinguished from an attack.
type LegendError struct {
	// Sealed is the number of signed attributes when the item was sealed.
	Sealed int
	// Found is the number of signed attributes now, under the current actions.
	Found int
}

// Error lists the possible causes.
func (e *LegendError) Error() string {
	if e.Found > e.Sealed {
		return fmt.Sprintf("%v: it was sealed with %d signed attributes and has %d: either attributes were added without "+
			"sealing the item, or attributes that are unsigned (\"none\") in it are signed now (see dbesdk.WithUnsigned)",
			crypto.ErrTampered, e.Sealed, e.Found)
	}
	return fmt.Sprintf("%v: it was sealed with %d signed attributes and has %d: either attributes were removed without "+
		"sealing the item, or attributes that are signed in it are unsigned (\"none\") now, or a projection left "+
		"attributes out",
		crypto.ErrTampered, e.Sealed, e.Found)
}

// Unwrap returns [crypto.ErrTampered].
func (e *LegendError) Unwrap() error { return crypto.ErrTampered }

func (e *Encryptor) open(
	ctx context.Context, table crypto.TableInfo, actions crypto.Actions, item crypto.Item,
) (crypto.Item, error) {
	if err := e.check(table, actions); err != nil {
		return nil, err
	}
	if !e.Recognizes(item) {
		return nil, crypto.ErrNotProtected
	}
	head, ok := binaryOf(item[HeadAttribute])
	if !ok {
		return nil, crypto.ErrTampered
	}
	foot, ok := binaryOf(item[FootAttribute])
	if !ok {
		return nil, crypto.ErrTampered
	}
	h, committed, stored, ok := parseHeader(head, e.maxDataKeys)
	if !ok || checkKey(table, item) != nil {
		return nil, crypto.ErrTampered
	}
	names := e.signedNames(actions, item)
	if len(names) != len(h.legend) {
		return nil, &LegendError{Sealed: len(h.legend), Found: len(names)}
	}
	fields, ok := storedFields(names, h, table, item)
	if !ok {
		return nil, crypto.ErrTampered
	}
	ec, public, ok := fullContext(h, baseContext(h.version, table, fields, h.legend))
	if !ok {
		return nil, crypto.ErrTampered
	}
	materials, err := e.decryptionMaterials(ctx, ec, h.keys)
	if err != nil {
		return nil, err
	}

	keys, err := newItemKeys(materials.DataKey(), h.messageID)
	if err != nil {
		return nil, crypto.ErrTampered
	}
	if subtle.ConstantTimeCompare(keys.commitment(committed), stored) != 1 {
		return nil, crypto.ErrTampered
	}
	hash := canonicalHash(head, materials.AAD(), table.Name, fields, h.legend)
	if !verifyFooter(foot, hash, len(h.keys), materials.SigningKey(), e.validator(public, hash)) {
		return nil, crypto.ErrTampered
	}

	opened := make(crypto.Item, len(item))
	for name, v := range item {
		if !e.Reserved(name) {
			opened[name] = v
		}
	}
	if err := decryptFields(opened, fields, h.legend, table.Name, keys); err != nil {
		return nil, err
	}
	return opened, nil
}

func binaryOf(v types.AttributeValue) ([]byte, bool) {
	b, ok := v.(*types.AttributeValueMemberB)
	if !ok || b == nil {
		return nil, false
	}
	return b.Value, true
}

// storedFields returns the signed attributes of a sealed item. It fails if they
// do not fit the legend.
func storedFields(names []string, h *header, table crypto.TableInfo, item crypto.Item) ([]field, bool) {
	keyLetter := byte(legendSigned)
	if h.version == versionContext {
		keyLetter = legendContext
	}
	fields := make([]field, len(names))
	for i, name := range names {
		value, err := attribute.Encode(item[name])
		if err != nil || table.IsKey(name) && h.legend[i] != keyLetter {
			return nil, false
		}
		if h.legend[i] == legendEncrypted && (value.Type != attribute.Binary || len(value.Data) < 2+tagSize) {
			return nil, false
		}
		fields[i] = field{name, value}
	}
	return fields, true
}

// fullContext adds the stored part of the encryption context to the part that
// is derived from the item, and returns the public key in it. There is a public
// key if and only if the suite has signatures.
func fullContext(
	h *header, base keyring.EncryptionContext,
) (ec keyring.EncryptionContext, public []byte, ok bool) {
	for name := range h.context {
		// All other reserved names are derived from the item. Branch key
		// suppliers rely on that before anything is verified.
		if strings.HasPrefix(name, contextReserved) && name != contextPublicKey {
			return nil, nil, false
		}
	}
	maps.Copy(base, h.context)
	encoded, found := h.context[contextPublicKey]
	if found != (h.suite == SuiteECDSA) {
		return nil, nil, false
	}
	if !found {
		return base, nil, true
	}
	public, err := decodePublicKey(encoded)
	return base, public, err == nil
}

func (e *Encryptor) decryptionMaterials(
	ctx context.Context, ec keyring.EncryptionContext, keys []keyring.EncryptedDataKey,
) (*keyring.DecryptionMaterials, error) {
	if err := failure.Context(ctx); err != nil {
		return nil, err
	}
	materials, err := keyring.NewDecryptionMaterials(ec)
	if err != nil {
		return nil, crypto.ErrTampered
	}
	if err := e.keyring.OnDecrypt(ctx, materials, keys); err != nil {
		return nil, failure.WithKind(err)
	}
	if materials.DataKey() == nil {
		return nil, fmt.Errorf("%w: the keyring returned no data key", crypto.ErrNoUsableKey)
	}
	return materials, failure.Context(ctx)
}

// decryptFields decrypts the encrypted attributes of a verified item into
// opened.
func decryptFields(opened crypto.Item, fields []field, legend []byte, table string, item *itemKeys) error {
	keys, err := item.fieldKeys()
	if err != nil {
		return crypto.ErrTampered
	}
	var path, plain []byte // in the same memory for each field
	for i, f := range fields {
		if legend[i] != legendEncrypted {
			continue
		}
		aead, nonce, err := keys.next()
		if err != nil {
			return crypto.ErrTampered
		}
		path = appendPath(path[:0], table, f.name)
		if plain, err = aead.Open(plain[:0], nonce, f.Data[2:], path); err != nil {
			return crypto.ErrTampered
		}
		if opened[f.name], err = attribute.Decode(attribute.Type(binary.BigEndian.Uint16(f.Data)), plain); err != nil {
			return failure.OfValue(f.name, err)
		}
	}
	return nil
}
