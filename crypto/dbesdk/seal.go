package dbesdk

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// EncryptItem returns item sealed. See [crypto.ItemEncryptor].
func (e *Encryptor) EncryptItem(
	ctx context.Context, table crypto.TableInfo, actions crypto.Actions, item crypto.Item,
) (crypto.Item, error) {
	sealed, err := e.seal(ctx, table, actions, item)
	if err != nil {
		return nil, failure.At("encrypt", table, err)
	}
	return sealed, nil
}

func (e *Encryptor) seal(
	ctx context.Context, table crypto.TableInfo, actions crypto.Actions, item crypto.Item,
) (crypto.Item, error) {
	if err := e.check(table, actions); err != nil {
		return nil, err
	}
	for name, v := range item {
		if e.Reserved(name) {
			return nil, failure.Attribute(crypto.ErrInvalidItem, name,
				"names that begin with %q are reserved by the item format", reservedPrefix)
		}
		if err := failure.Name(name); err != nil {
			return nil, err
		}
		if crypto.IsNil(v) {
			return nil, &crypto.ItemError{Attribute: name, Err: attribute.ErrNil}
		}
	}
	if err := checkKey(table, item); err != nil {
		return nil, err
	}

	h := &header{version: versionOf(actions), suite: e.suite}
	rand.Read(h.messageID[:])
	names := e.signedNames(actions, item)
	if len(names) > 1<<16-1 {
		return nil, fmt.Errorf("%w: %d signed attributes are too many", crypto.ErrInvalidItem, len(names))
	}
	h.legend = e.legend(h.version, table, actions, names)
	fields, err := encodeFields(names, h.legend, item)
	if err != nil {
		return nil, err
	}
	ec := baseContext(h.version, table, fields, h.legend)
	private, err := e.keyPair(h, ec)
	if err != nil {
		return nil, err
	}
	materials, err := e.encryptionMaterials(ctx, ec)
	if err != nil {
		return nil, err
	}
	h.keys = materials.EncryptedDataKeys()
	keys, err := newItemKeys(materials.DataKey(), h.messageID)
	if err != nil {
		return nil, err
	}
	head, err := h.commit(keys)
	if err != nil {
		return nil, err
	}
	if err := encryptFields(fields, h.legend, table.Name, keys); err != nil {
		return nil, err
	}
	hash := canonicalHash(head, materials.AAD(), table.Name, fields, h.legend)
	foot, err := makeFooter(hash, materials.SigningKeys(), private)
	if err != nil {
		return nil, fmt.Errorf("sign: %w: %w", crypto.ErrNoUsableKey, err)
	}

	sealed := make(crypto.Item, len(item)+2)
	maps.Copy(sealed, item)
	for i, f := range fields {
		if h.legend[i] == legendEncrypted {
			sealed[f.name] = &types.AttributeValueMemberB{Value: f.Data}
		}
	}
	sealed[HeadAttribute] = &types.AttributeValueMemberB{Value: head}
	sealed[FootAttribute] = &types.AttributeValueMemberB{Value: foot}
	return sealed, nil
}

// checkKey returns an error unless item has the table's key attributes.
func checkKey(table crypto.TableInfo, item crypto.Item) error {
	for _, name := range table.KeyNames() {
		switch item[name].(type) {
		case *types.AttributeValueMemberS, *types.AttributeValueMemberN, *types.AttributeValueMemberB:
		default:
			return failure.Attribute(crypto.ErrInvalidItem, name,
				"a key attribute must be present, and be a string, number or binary")
		}
	}
	return nil
}

// legend returns the letter of each signed attribute. In version 2, the primary
// key has the letter of the encryption context too.
func (e *Encryptor) legend(version byte, table crypto.TableInfo, actions crypto.Actions, names []string) []byte {
	legend := make([]byte, len(names))
	for i, name := range names {
		switch action := e.ActionOf(actions, name); {
		case action == crypto.Encrypt:
			legend[i] = legendEncrypted
		case action == crypto.SignInContext, version == versionContext && table.IsKey(name):
			legend[i] = legendContext
		default:
			legend[i] = legendSigned
		}
	}
	return legend
}

// encodeFields returns the signed attributes. The value of an attribute to be
// encrypted is its type and plaintext, with room for the tag.
func encodeFields(names []string, legend []byte, item crypto.Item) ([]field, error) {
	fields := make([]field, len(names))
	for i, name := range names {
		fields[i].name = name
		var err error
		if legend[i] == legendEncrypted {
			fields[i].Type = attribute.Binary
			fields[i].Data, err = attribute.EncodeWithRoom(item[name], tagSize)
		} else {
			fields[i].Encoded, err = attribute.Encode(item[name])
		}
		if err != nil {
			return nil, &crypto.ItemError{Attribute: name, Err: err}
		}
	}
	return fields, nil
}

// encryptFields encrypts, in place, the attributes that are to be encrypted.
func encryptFields(fields []field, legend []byte, table string, item *itemKeys) error {
	keys, err := item.fieldKeys()
	if err != nil {
		return err
	}
	var path []byte
	for i := range fields {
		if legend[i] != legendEncrypted {
			continue
		}
		aead, nonce, err := keys.next()
		if err != nil {
			return err
		}
		f := &fields[i]
		path = appendPath(path[:0], table, f.name)
		f.Data = aead.Seal(f.Data[:2], nonce, f.Data[2:], path)
	}
	return nil
}

// keyPair returns a new key pair for an item and adds the public key to the
// header and the encryption context. It returns nil if the suite has no
// signatures.
func (e *Encryptor) keyPair(h *header, ec keyring.EncryptionContext) (*ecdsa.PrivateKey, error) {
	if h.suite != SuiteECDSA {
		return nil, nil
	}
	private, err := e.pairs.take()
	if err != nil {
		return nil, err
	}
	public, err := encodePublicKey(&private.PublicKey)
	if err != nil {
		return nil, err
	}
	ec[contextPublicKey] = public
	h.context = keyring.EncryptionContext{contextPublicKey: public}
	return private, nil
}

func (e *Encryptor) encryptionMaterials(
	ctx context.Context, ec keyring.EncryptionContext,
) (*keyring.EncryptionMaterials, error) {
	if err := failure.Context(ctx); err != nil {
		return nil, err
	}
	materials, err := keyring.NewEncryptionMaterials(ec)
	if err != nil {
		return nil, err
	}
	if err := e.keyring.OnEncrypt(ctx, materials); err != nil {
		return nil, failure.WithKind(err)
	}
	switch n := len(materials.EncryptedDataKeys()); {
	case n == 0:
		return nil, fmt.Errorf("%w: the keyring returned no encrypted data key", crypto.ErrNoUsableKey)
	case n > e.maxDataKeys:
		return nil, fmt.Errorf("%w: the keyring returned %d encrypted data keys, but at most %d are allowed (see "+
			"dbesdk.WithMaxDataKeys)", crypto.ErrPolicy, n, e.maxDataKeys)
	}
	return materials, failure.Context(ctx)
}

// commit returns the whole head: the header and its commitment.
func (h *header) commit(keys *itemKeys) ([]byte, error) {
	head, err := h.marshal()
	if err != nil {
		return nil, err
	}
	return append(head, keys.commitment(head)...), nil
}
