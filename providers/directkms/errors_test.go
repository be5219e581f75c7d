package directkms_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/directkms"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	made := func(p *directkms.Provider, err error) *directkms.Provider {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	service := providertest.NewKMS()
	provider := made(directkms.New(service, providertest.KeyARN))
	none := func(context.Context, providers.EncryptionContext) (string, error) { return "", nil }
	selects := directkms.WithKeySelector(none)
	info := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	ec := providers.EncryptionContext{Table: info, Key: info.Key(crypto.Item{"id": &types.AttributeValueMemberS{Value: "1"}})}
	reserved := crypto.TableInfo{Name: "accounts", PartitionKey: "*aws-kms-table*"}
	open := func(description providers.MaterialDescription) error {
		return second(provider.DecryptionMaterials(t.Context(), ec, description))
	}
	key := "AAAA"
	errtest.Golden(t, map[string]error{
		"no client":         second(directkms.New(nil, providertest.KeyARN)),
		"no key":            second(directkms.New(service, "")),
		"key and selector":  second(directkms.New(service, providertest.KeyARN, selects)),
		"cache":             second(directkms.New(service, providertest.KeyARN, directkms.WithReadCache(0, 0))),
		"selected no key":   second(made(directkms.New(service, "", selects)).EncryptionMaterials(t.Context(), ec)),
		"reserved name":     second(provider.EncryptionMaterials(t.Context(), providers.EncryptionContext{Table: reserved})),
		"no key value":      second(provider.EncryptionMaterials(t.Context(), providers.EncryptionContext{Table: info})),
		"no wrapped key":    open(nil),
		"malformed":         open(providers.MaterialDescription{"amzn-ddb-env-key": "."}),
		"wrapped otherwise": open(providers.MaterialDescription{"amzn-ddb-env-key": key, "amzn-ddb-wrap-alg": "AESWrap"}),
	})
}
