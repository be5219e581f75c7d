package metastore

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// The attributes of a version, as the official clients name them.
const (
	attributeName                = "N"
	attributeVersion             = "V"
	attributeType                = "t"
	attributeEncryptionAlgorithm = "encAlg"
	attributeEncryption          = "enc"
	attributeSigningAlgorithm    = "intAlg"
	attributeSigning             = "int"
)

// secretAttributes are encrypted, whatever else is stored with them.
var secretAttributes = []string{attributeType, attributeEncryptionAlgorithm, attributeEncryption, attributeSigningAlgorithm, attributeSigning}

const (
	materialType        = "0"
	encryptionAlgorithm = "AES"
	signingAlgorithm    = "HmacSHA256"
	keySize             = 32 // bytes
)

func key(name string, version int64) crypto.Item {
	return crypto.Item{
		attributeName:    &types.AttributeValueMemberS{Value: name},
		attributeVersion: &types.AttributeValueMemberN{Value: strconv.FormatInt(version, 10)},
	}
}

// provider makes the provider of a version from its opened item.
func (s *Store) provider(item crypto.Item, name string, version int64) (providers.Provider, error) {
	for attribute, want := range map[string]string{attributeType: materialType, attributeEncryptionAlgorithm: encryptionAlgorithm} {
		if v, ok := item[attribute].(*types.AttributeValueMemberS); !ok || v.Value != want {
			return nil, s.failed(name, fmt.Errorf("%w: version %d is of a kind that is not known", crypto.ErrNoUsableKey, version))
		}
	}
	encryption, ok1 := item[attributeEncryption].(*types.AttributeValueMemberB)
	signing, ok2 := item[attributeSigning].(*types.AttributeValueMemberB)
	algorithm, ok3 := item[attributeSigningAlgorithm].(*types.AttributeValueMemberS)
	if !ok1 || !ok2 || !ok3 {
		return nil, s.failed(name, fmt.Errorf("%w: version %d is incomplete", crypto.ErrNoUsableKey, version))
	}
	hmac, err := providers.NewHMAC(algorithm.Value, signing.Value)
	if err != nil {
		return nil, s.failed(name, err)
	}
	p, err := wrapped.NewAES(encryption.Value, hmac, hmac, wrapped.WithDescription(providers.MaterialDescription{
		EntryID: name + "#" + strconv.FormatInt(version, 10),
	}))
	if err != nil {
		return nil, s.failed(name, err)
	}
	return p, nil
}
