package ddbec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/providers"
)

// DecryptItem verifies item and returns it opened. See [crypto.ItemEncryptor].
//
// Once the provider has returned the materials, all modifications of the item
// result in [crypto.ErrTampered], always with the same text.
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

func (e *Encryptor) open(
	ctx context.Context, table crypto.TableInfo, actions crypto.Actions, item crypto.Item,
) (crypto.Item, error) {
	if err := e.check(table, actions); err != nil {
		return nil, err
	}
	if !e.Recognizes(item) {
		return nil, crypto.ErrNotProtected
	}
	signature, ok := item[e.signature].(*types.AttributeValueMemberB)
	if !ok || signature == nil {
		return nil, crypto.ErrTampered
	}
	description, err := e.storedDescription(item)
	if err != nil {
		return nil, crypto.ErrTampered
	}
	ec, err := encryptionContext(table, item)
	if err != nil {
		return nil, crypto.ErrTampered
	}
	materials, err := e.decryptionMaterials(ctx, ec, description)
	if err != nil {
		return nil, err
	}
	algorithm := description[e.base+entryAlgorithm]
	verify := func(message []byte) error { return materials.Verifier.Verify(algorithm, message, signature.Value) }
	if err := e.verify(table, actions, item, verify); err != nil {
		return nil, err
	}
	return e.decryptAttributes(actions, item, materials.DecryptionKey, description[e.base+entryMode])
}

// storedDescription returns the item's material description. Java stores none
// if it would be empty, as for items that are signed with a MAC and not
// encrypted. A description is not signed, so a missing one means the same as an
// empty one.
func (c *config) storedDescription(item crypto.Item) (providers.MaterialDescription, error) {
	v, ok := item[c.description]
	if !ok {
		return nil, nil
	}
	stored, ok := v.(*types.AttributeValueMemberB)
	if !ok || stored == nil {
		return nil, errDescription
	}
	return decodeDescription(stored.Value)
}

// verify returns an error unless the signature is valid in one of the readings
// of the official clients. The function verify checks the signature of a
// message.
func (e *Encryptor) verify(
	table crypto.TableInfo, actions crypto.Actions, item crypto.Item, verify func(message []byte) error,
) error {
	var tried [][]byte
	for _, as := range readings {
		message, err := stringToSign(table.Name, item, actions, as, e.Reserved)
		if err != nil {
			continue // the item has a value that DynamoDB does not store
		}
		if slices.ContainsFunc(tried, func(m []byte) bool { return bytes.Equal(m, message) }) {
			continue // the reading makes no difference for this item
		}
		tried = append(tried, message)
		err = verify(message)
		if err == nil {
			return nil
		}
		if errors.Is(err, crypto.ErrKeyUnavailable) {
			return err
		}
	}
	return crypto.ErrTampered
}

// decryptAttributes returns the verified item decrypted.
func (e *Encryptor) decryptAttributes(
	actions crypto.Actions, item crypto.Item, key []byte, mode string,
) (crypto.Item, error) {
	opened := make(crypto.Item, len(item))
	var decrypter decrypter
	for name, v := range item {
		switch {
		case e.Reserved(name):
			continue
		case actions.Of(name) != crypto.Encrypt:
			opened[name] = v
			continue
		}
		if decrypter.block == nil {
			if key == nil {
				return nil, fmt.Errorf("%w: the item is encrypted, but the provider has no decryption key", crypto.ErrNoUsableKey)
			}
			if mode != modeCBC {
				return nil, crypto.ErrTampered
			}
			var err error
			if decrypter.block, err = newCipher(key); err != nil {
				return nil, err
			}
		}
		ciphertext, ok := v.(*types.AttributeValueMemberB)
		if !ok {
			return nil, crypto.ErrTampered
		}
		plain, err := decrypter.decrypt(ciphertext.Value)
		if err != nil {
			return nil, failure.OfValue(name, err)
		}
		opened[name] = plain
	}
	return opened, nil
}

func (e *Encryptor) decryptionMaterials(
	ctx context.Context, ec providers.EncryptionContext, description providers.MaterialDescription,
) (*providers.DecryptionMaterials, error) {
	if err := failure.Context(ctx); err != nil {
		return nil, err
	}
	materials, err := e.provider.DecryptionMaterials(ctx, ec, description)
	switch {
	case err != nil:
		return nil, failure.WithKind(err)
	case materials == nil || materials.Verifier == nil:
		return nil, fmt.Errorf("%w: the provider returned no verifier", crypto.ErrNoUsableKey)
	}
	return materials, failure.Context(ctx)
}
