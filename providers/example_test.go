package providers_test

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
)

// Tenants is a provider that derives the keys of each tenant from the tenant's
// own secret. Without the secret, the tenant's items cannot be read, so deleting
// it also deletes their data, backups included.
type Tenants struct {
	// Secret returns a tenant's secret of at least 32 random bytes. A real
	// provider would fetch it from a service and cache it.
	Secret func(ctx context.Context, tenant string) ([]byte, error)
}

// EncryptionMaterials stores nothing in the description, because the item's key
// already names the tenant.
func (t Tenants) EncryptionMaterials(ctx context.Context, ec providers.EncryptionContext) (*providers.EncryptionMaterials, error) {
	encryptionKey, signing, err := t.keys(ctx, ec)
	if err != nil {
		return nil, err
	}
	return &providers.EncryptionMaterials{EncryptionKey: encryptionKey, Signer: signing}, nil
}

func (t Tenants) DecryptionMaterials(ctx context.Context, ec providers.EncryptionContext, _ providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
	encryptionKey, signing, err := t.keys(ctx, ec)
	if err != nil {
		return nil, err
	}
	return &providers.DecryptionMaterials{DecryptionKey: encryptionKey, Verifier: signing}, nil
}

func (t Tenants) keys(ctx context.Context, ec providers.EncryptionContext) (encryptionKey []byte, signing *providers.HMAC, err error) {
	tenant, ok := ec.Key[ec.Table.PartitionKey].(*types.AttributeValueMemberS)
	if !ok {
		return nil, nil, fmt.Errorf("%w: the partition key is not a string", crypto.ErrNoUsableKey)
	}
	secret, err := t.Secret(ctx, tenant.Value)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
	}
	encryptionKey, err = hkdf.Key(sha256.New, secret, nil, "encryption", 32)
	if err != nil {
		return nil, nil, err
	}
	signingKey, err := hkdf.Key(sha256.New, secret, nil, "signing", 32)
	if err != nil {
		return nil, nil, err
	}
	signing, err = providers.NewHMAC("HmacSHA256", signingKey)
	return encryptionKey, signing, err
}

// A provider of your own needs two methods.
func ExampleProvider() {
	secrets := map[string][]byte{"acme": []byte("thirty-two bytes, made at random"), "umbrella": []byte("and as many others for somebody!")}
	provider := Tenants{Secret: func(_ context.Context, tenant string) ([]byte, error) {
		secret, ok := secrets[tenant]
		if !ok {
			return nil, fmt.Errorf("the secret was deleted")
		}
		return secret, nil
	}}
	encryptor, err := ddbec.New(provider)
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	table := crypto.TableInfo{Name: "invoices", PartitionKey: "tenant"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"tenant": crypto.Sign}}
	sealed, err := encryptor.EncryptItem(ctx, table, actions, crypto.Item{
		"tenant": &types.AttributeValueMemberS{Value: "acme"},
		"total":  &types.AttributeValueMemberN{Value: "42"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	opened, err := encryptor.DecryptItem(ctx, table, actions, sealed)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("total:", opened["total"].(*types.AttributeValueMemberN).Value)

	delete(secrets, "acme")
	_, err = encryptor.DecryptItem(ctx, table, actions, sealed)
	fmt.Println(err)
	// Output:
	// total: 42
	// ddbenc: decrypt: table "invoices" (key tenant): no usable key: the secret was deleted
}
