package directkms_test

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/directkms"
)

// gullible is a key service that unwraps any ciphertext in any encryption context.
type gullible struct {
	directkms.Client
	asked     int
	algorithm kmstypes.EncryptionAlgorithmSpec
}

func (g *gullible) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	g.asked++
	return &kms.DecryptOutput{KeyId: in.KeyId, Plaintext: make([]byte, 32), EncryptionAlgorithm: g.algorithm}, nil
}

func describe(encryption, signing string) providers.MaterialDescription {
	return providers.MaterialDescription{"amzn-ddb-env-key": base64.StdEncoding.EncodeToString([]byte("wrapped")),
		"amzn-ddb-env-alg": encryption, "amzn-ddb-sig-alg": signing, "amzn-ddb-wrap-alg": "kms"}
}

func TestProvider_RefusesAlgorithmsThatItDoesNotKnow(t *testing.T) {
	ec := providers.EncryptionContext{Table: table, Key: table.Key(item())}
	for _, c := range []struct {
		encryption, signing string
		ok                  bool
	}{
		{"AES/256", "HmacSHA256/256", true},
		{"AES/128", "HmacSHA512/512", true},
		{"AES", "HmacSHA256", true},
		{"AES/100", "HmacSHA256/256", false},
		{"AES/x", "HmacSHA256/256", false},
		{"AES/512", "HmacSHA256/256", false},
		{"DESede/128", "HmacSHA256/256", false},
		{"AES/256", "HmacSHA256/100", false},
		{"AES/256", "HmacSHA256/x", false},
		{"AES/256", "none/256", false},
	} {
		p, err := directkms.New(&gullible{}, keyARN)
		check(t, err)
		materials, err := p.DecryptionMaterials(t.Context(), ec, describe(c.encryption, c.signing))
		if (err == nil) != c.ok || err != nil && (materials != nil || !errors.Is(err, crypto.ErrNoUsableKey) || errors.Is(err, crypto.ErrKeyUnavailable)) {
			t.Errorf("%s and %s: got %v", c.encryption, c.signing, err)
		}
	}
}

func TestProvider_RefusesWhatItCannotBindToAnItem(t *testing.T) {
	reserved := crypto.TableInfo{Name: "accounts", PartitionKey: "*aws-kms-table*"}
	text := &types.AttributeValueMemberS{Value: "x"}
	for what, c := range map[string]struct {
		ec   providers.EncryptionContext
		kind error
	}{
		"a key named as the table in the context": {providers.EncryptionContext{Table: reserved, Key: crypto.Item{"*aws-kms-table*": text}}, crypto.ErrPolicy},
		"a key that is missing":                   {providers.EncryptionContext{Table: table, Key: crypto.Item{"id": text}}, crypto.ErrInvalidItem},
		"a key that is a list":                    {providers.EncryptionContext{Table: table, Key: crypto.Item{"id": text, "number": &types.AttributeValueMemberL{}}}, crypto.ErrInvalidItem},
		"a key that is no number":                 {providers.EncryptionContext{Table: table, Key: crypto.Item{"id": text, "number": &types.AttributeValueMemberN{Value: "x"}}}, crypto.ErrInvalidItem},
	} {
		g := &gullible{Client: newKMS()}
		p, err := directkms.New(g, keyARN)
		check(t, err)
		if _, err := p.EncryptionMaterials(t.Context(), c.ec); !errors.Is(err, c.kind) {
			t.Errorf("%s, sealing: got %v, want %v", what, err, c.kind)
		}
		if _, err := p.DecryptionMaterials(t.Context(), c.ec, describe("AES/256", "HmacSHA256/256")); !errors.Is(err, c.kind) || g.asked != 0 {
			t.Errorf("%s, opening: got %v after %d requests, want %v", what, err, g.asked, c.kind)
		}
	}
}

func TestProvider_RefusesAReplyOfAnotherAlgorithm(t *testing.T) {
	ec := providers.EncryptionContext{Table: table, Key: table.Key(item())}
	for algorithm, ok := range map[kmstypes.EncryptionAlgorithmSpec]bool{
		"": true, kmstypes.EncryptionAlgorithmSpecSymmetricDefault: true, kmstypes.EncryptionAlgorithmSpecRsaesOaepSha1: false,
	} {
		p, err := directkms.New(&gullible{algorithm: algorithm}, keyARN)
		check(t, err)
		if _, err := p.DecryptionMaterials(t.Context(), ec, describe("AES/256", "HmacSHA256/256")); (err == nil) != ok || err != nil && !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%q: got %v", algorithm, err)
		}
	}
}

func TestProvider_SelectorThatFails(t *testing.T) {
	ec := providers.EncryptionContext{Table: table, Key: table.Key(item())}
	for what, c := range map[string]struct {
		id   string
		err  error
		kind error
	}{
		"no key":    {"", nil, crypto.ErrNoUsableKey},
		"no tenant": {"", errors.New("no such tenant"), crypto.ErrNoUsableKey},
		"an outage": {"", context.DeadlineExceeded, crypto.ErrKeyUnavailable},
	} {
		f := newKMS()
		p, err := directkms.New(f, "", directkms.WithKeySelector(func(context.Context, providers.EncryptionContext) (string, error) { return c.id, c.err }))
		check(t, err)
		_, sealing := p.EncryptionMaterials(t.Context(), ec)
		_, opening := p.DecryptionMaterials(t.Context(), ec, describe("AES/256", "HmacSHA256/256"))
		for _, err := range []error{sealing, opening} {
			if !errors.Is(err, c.kind) || errors.Is(err, crypto.ErrNoUsableKey) && errors.Is(err, crypto.ErrKeyUnavailable) || !strings.Contains(err.Error(), "selector") {
				t.Errorf("%s: got %v, want %v", what, err, c.kind)
			}
		}
		if len(generated(f))+len(decrypted(f)) != 0 {
			t.Errorf("%s: KMS was asked", what)
		}
	}
}

func TestProvider_SaysWhetherAFailureOfKMSIsFinal(t *testing.T) {
	f := newKMS()
	e := newEncryptor(t, f, keyARN)
	sealed, err := e.EncryptItem(t.Context(), table, actions, item())
	check(t, err)
	for cause, kind := range map[error]error{
		&kmstypes.DisabledException{}:       crypto.ErrNoUsableKey,
		&kmstypes.KMSInternalException{}:    crypto.ErrKeyUnavailable,
		&kmstypes.KeyUnavailableException{}: crypto.ErrKeyUnavailable,
		context.Canceled:                    crypto.ErrKeyUnavailable,
	} {
		f.Fail(cause)
		_, sealing := e.EncryptItem(t.Context(), table, actions, item())
		_, opening := e.DecryptItem(t.Context(), table, actions, sealed)
		for _, err := range []error{sealing, opening} {
			if !errors.Is(err, kind) || !errors.Is(err, cause) || errors.Is(err, crypto.ErrNoUsableKey) && errors.Is(err, crypto.ErrKeyUnavailable) {
				t.Errorf("%v: got %v, want %v", cause, err, kind)
			}
		}
	}
}
