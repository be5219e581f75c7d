package ddbec

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/providers"
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
	encrypted := 0
	for name, v := range item {
		if e.Reserved(name) {
			return nil, failure.Attribute(crypto.ErrInvalidItem, name, "the attribute name is reserved by the item format")
		}
		if err := failure.Name(name); err != nil {
			return nil, err
		}
		if crypto.IsNil(v) {
			return nil, &crypto.ItemError{Attribute: name, Err: errNil}
		}
		if actions.Of(name) == crypto.Encrypt {
			encrypted++
		}
	}
	ec, err := encryptionContext(table, item)
	if err != nil {
		return nil, err
	}
	materials, err := e.encryptionMaterials(ctx, ec)
	if err != nil {
		return nil, err
	}
	description, err := e.describe(materials)
	if err != nil {
		return nil, err
	}

	sealed := make(crypto.Item, len(item)+2)
	maps.Copy(sealed, item)
	if encrypted > 0 {
		if err := encryptAttributes(sealed, actions, materials.EncryptionKey, encrypted); err != nil {
			return nil, err
		}
	}
	message, err := stringToSign(table.Name, sealed, actions, ours, e.Reserved)
	if err != nil {
		return nil, err
	}
	signature, err := materials.Signer.Sign(message)
	if err != nil {
		return nil, failure.WithKind(fmt.Errorf("sign: %w", err))
	}
	sealed[e.description] = &types.AttributeValueMemberB{Value: description}
	sealed[e.signature] = &types.AttributeValueMemberB{Value: signature}
	return sealed, nil
}

// encryptAttributes encrypts n values of item in place.
func encryptAttributes(item crypto.Item, actions crypto.Actions, key []byte, n int) error {
	if key == nil {
		return fmt.Errorf("%w: attributes are to be encrypted, but the provider has no encryption key", crypto.ErrNoUsableKey)
	}
	block, err := newCipher(key)
	if err != nil {
		return err
	}
	ivs := make([]byte, n*aes.BlockSize)
	rand.Read(ivs)
	for name, v := range item {
		if actions.Of(name) != crypto.Encrypt {
			continue
		}
		ciphertext, err := encryptAttribute(block, ivs[:aes.BlockSize], v)
		if err != nil {
			return &crypto.ItemError{Attribute: name, Err: err}
		}
		ivs = ivs[aes.BlockSize:]
		item[name] = &types.AttributeValueMemberB{Value: ciphertext}
	}
	return nil
}

func newCipher(key []byte) (cipher.Block, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("%w: an AES key has 16, 24 or 32 bytes, not %d", crypto.ErrNoUsableKey, len(key))
	}
	return block, nil
}

// encryptionContext returns what a provider learns about an item: its key, with
// numbers in normal form.
func encryptionContext(table crypto.TableInfo, item crypto.Item) (providers.EncryptionContext, error) {
	key := make(crypto.Item, 2)
	for _, name := range table.KeyNames() {
		if v := item[name]; v != nil && crypto.IsNil(v) {
			return providers.EncryptionContext{}, &crypto.ItemError{Attribute: name, Err: errNil}
		}
		switch v := item[name].(type) {
		case *types.AttributeValueMemberS, *types.AttributeValueMemberB:
			key[name] = v
		case *types.AttributeValueMemberN:
			number, err := crypto.NormalizeNumber(v.Value)
			if err != nil {
				return providers.EncryptionContext{}, &crypto.ItemError{Attribute: name, Err: err}
			}
			key[name] = &types.AttributeValueMemberN{Value: number}
		default:
			return providers.EncryptionContext{}, failure.Attribute(crypto.ErrInvalidItem, name,
				"a key attribute must be present, and be a string, number or binary")
		}
	}
	return providers.EncryptionContext{Table: table, Key: key}, nil
}

func (e *Encryptor) encryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext,
) (*providers.EncryptionMaterials, error) {
	if err := failure.Context(ctx); err != nil {
		return nil, err
	}
	materials, err := e.provider.EncryptionMaterials(ctx, ec)
	switch {
	case err != nil:
		return nil, failure.WithKind(err)
	case materials == nil || materials.Signer == nil:
		return nil, fmt.Errorf("%w: the provider returned no signer", crypto.ErrNoUsableKey)
	}
	return materials, failure.Context(ctx)
}

// describe returns the serialized material description.
func (e *Encryptor) describe(materials *providers.EncryptionMaterials) ([]byte, error) {
	description := make(providers.MaterialDescription, len(materials.Description)+2)
	for name, value := range materials.Description {
		if e.own(name) {
			return nil, fmt.Errorf("%w: the provider's material description has the entry %q, which is reserved by the item "+
				"format", crypto.ErrPolicy, name)
		}
		description[name] = value
	}
	if materials.EncryptionKey != nil {
		description[e.base+entryMode] = modeCBC
	}
	description[e.base+entryAlgorithm] = materials.Signer.Algorithm()
	return encodeDescription(description)
}
