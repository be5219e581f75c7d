package metastore

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
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

// secretAttributes are always encrypted.
var secretAttributes = []string{
	attributeType, attributeEncryptionAlgorithm, attributeEncryption, attributeSigningAlgorithm, attributeSigning,
}

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

// isVersion reports whether an item has the primary key of a version. It accepts
// every spelling of the number.
func isVersion(item crypto.Item, name string, version int64) bool {
	n, ok := item[attributeName].(*types.AttributeValueMemberS)
	if !ok || n == nil || n.Value != name {
		return false
	}
	v, ok := item[attributeVersion].(*types.AttributeValueMemberN)
	if !ok || v == nil {
		return false
	}
	number, err := crypto.NormalizeNumber(v.Value)
	return err == nil && number == strconv.FormatInt(version, 10)
}

// highest returns the version in the reply to a query for the highest version.
// The reply must have one item, which consists of its primary key.
func highest(out *dynamodb.QueryOutput, name string) (int64, error) {
	if len(out.Items) == 0 && out.Count == 0 && len(out.LastEvaluatedKey) == 0 {
		return 0, ErrNoVersion
	}
	if len(out.Items) != 1 || out.Count != 1 || len(out.Items[0]) != 2 {
		return 0, errOtherReply
	}
	v, ok := out.Items[0][attributeVersion].(*types.AttributeValueMemberN)
	if !ok || v == nil {
		return 0, errOtherReply
	}
	version, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil || version < 0 || !isVersion(out.Items[0], name, version) {
		return 0, errOtherReply
	}
	if out.LastEvaluatedKey != nil && !isVersion(out.LastEvaluatedKey, name, version) {
		return 0, errOtherReply
	}
	return version, nil
}

var errOtherReply = fmt.Errorf("%w: the table did not return the highest version", crypto.ErrTampered)

// provider returns the provider of a version, given its opened item.
func (s *Store) provider(item crypto.Item, name string, version int64) (providers.Provider, error) {
	for attribute, want := range map[string]string{
		attributeType:                materialType,
		attributeEncryptionAlgorithm: encryptionAlgorithm,
	} {
		if v, ok := item[attribute].(*types.AttributeValueMemberS); !ok || v.Value != want {
			return nil, s.failed(name, fmt.Errorf("%w: version %d is of an unknown kind", crypto.ErrNoUsableKey, version))
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
