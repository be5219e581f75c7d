package keyconfig_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	keyARN  = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	mrkARN  = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	replica = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	rsaARN  = "arn:aws:kms:eu-west-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"
)

// world is a folder with keys, and services in memory.
type world struct {
	dir     string
	keys    cipher.AEAD
	private *rsa.PrivateKey
	db      *mappertest.DB

	mu      sync.Mutex
	regions []string // that KMS was asked for
}

var rsaKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func newWorld(t *testing.T) *world {
	t.Helper()
	block, err := aes.NewCipher(random())
	check(t, err)
	aead, err := cipher.NewGCMWithRandomNonce(block)
	check(t, err)
	private, err := rsaKey()
	check(t, err)
	w := &world{dir: t.TempDir(), keys: aead, private: private, db: mappertest.New()}
	w.file(t, "raw.key", random())
	w.file(t, "base64.key", []byte(base64.StdEncoding.EncodeToString(random())+"\n"))
	w.file(t, "hex.key", fmt.Appendf(nil, "%x\n", random()))
	der, err := x509.MarshalPKCS8PrivateKey(private)
	check(t, err)
	w.file(t, "private.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	w.file(t, "private.b64", []byte(base64.StdEncoding.EncodeToString(der)))
	public, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	check(t, err)
	w.file(t, "public.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	der, err = x509.MarshalECPrivateKey(curve)
	check(t, err)
	w.file(t, "ec.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
	return w
}

func random() []byte {
	key := make([]byte, 32)
	rand.Read(key)
	return key
}

func (w *world) file(t *testing.T, name string, data []byte) {
	t.Helper()
	check(t, os.WriteFile(filepath.Join(w.dir, name), data, 0o600))
}

// config is a configuration with an encryptor for the table of account.
func config(encryptor string) string {
	return `{"table": {"name": "accounts", "partitionKey": "id", "sortKey": "opened",
		"attributes": {"email": "encrypt", "plan": "sign", "visits": "none"}}, "encryptor": ` + encryptor + `}`
}

func keyring(json string) string { return config(`{"format": "dbesdk", "keyring": ` + json + `}`) }

func provider(json string) string { return config(`{"format": "ddbec", "provider": ` + json + `}`) }

// read reads a configuration as a file in the folder of the keys.
func (w *world) read(t *testing.T, text string) (*keyconfig.File, error) {
	t.Helper()
	w.file(t, "keys.json", []byte(text))
	return keyconfig.Read(filepath.Join(w.dir, "keys.json"))
}

func (w *world) table(t *testing.T, text string) (*keyconfig.Table, error) {
	t.Helper()
	file, err := w.read(t, text)
	if err != nil {
		return nil, err
	}
	table, err := file.Table(t.Context(), w)
	if err == nil {
		t.Cleanup(func() { table.Close() })
	}
	return table, err
}

func account() crypto.Item {
	return crypto.Item{
		"id": text("a-1"), "opened": text("2026-11-23"), "email": text("ada@example.com"), "plan": text("gold"),
		"visits": &types.AttributeValueMemberN{Value: "3"},
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// roundTrip seals an account and opens it again.
func roundTrip(t *testing.T, seals, opens *keyconfig.Table) {
	t.Helper()
	sealed, err := seals.Seal(t.Context(), account())
	check(t, err)
	if reflect.DeepEqual(sealed["email"], account()["email"]) || !reflect.DeepEqual(sealed["plan"], account()["plan"]) {
		t.Errorf("sealed, it is %v", sealed)
	}
	opened, err := opens.Open(t.Context(), sealed)
	check(t, err)
	if !reflect.DeepEqual(opened, account()) {
		t.Errorf("opened, it is %v", opened)
	}
}

// KMS returns the world's key service, and remembers the Region.
func (w *world) KMS(_ context.Context, region string) (keyconfig.KMS, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.regions = append(w.regions, region)
	if region == "" {
		region = "eu-west-1"
	}
	return (*service)(w), region, nil
}

// DynamoDB returns the world's tables.
func (w *world) DynamoDB(context.Context) (keyconfig.DynamoDB, error) { return w.db, nil }

// service is a key service with one key under all names, which takes nothing
// but what it wrapped, under the same encryption context.
type service world

var errKMS = errors.New("refused")

func additional(context map[string]string) []byte {
	encoded, _ := json.Marshal(context) // a map of strings can be marshaled
	return encoded
}

func (s *service) wrap(key []byte, context map[string]string) []byte {
	return s.keys.Seal(nil, nil, key, additional(context))
}

func (s *service) unwrap(wrapped []byte, context map[string]string) ([]byte, error) {
	key, err := s.keys.Open(nil, nil, wrapped, additional(context))
	if err != nil {
		return nil, errKMS
	}
	return key, nil
}

func (s *service) GenerateDataKey(
	_ context.Context, in *kms.GenerateDataKeyInput, _ ...func(*kms.Options),
) (*kms.GenerateDataKeyOutput, error) {
	key := make([]byte, 32)
	if n := aws.ToInt32(in.NumberOfBytes); n > 0 {
		key = make([]byte, n)
	}
	rand.Read(key)
	return &kms.GenerateDataKeyOutput{KeyId: in.KeyId, Plaintext: key, CiphertextBlob: s.wrap(key, in.EncryptionContext)},
		nil
}

func (s *service) GenerateDataKeyWithoutPlaintext(
	ctx context.Context, in *kms.GenerateDataKeyWithoutPlaintextInput, _ ...func(*kms.Options),
) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	out, err := s.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: in.KeyId, NumberOfBytes: in.NumberOfBytes,
		EncryptionContext: in.EncryptionContext})
	if err != nil {
		return nil, err
	}
	return &kms.GenerateDataKeyWithoutPlaintextOutput{KeyId: in.KeyId, CiphertextBlob: out.CiphertextBlob}, nil
}

func (s *service) ReEncrypt(
	_ context.Context, in *kms.ReEncryptInput, _ ...func(*kms.Options),
) (*kms.ReEncryptOutput, error) {
	key, err := s.unwrap(in.CiphertextBlob, in.SourceEncryptionContext)
	if err != nil {
		return nil, err
	}
	return &kms.ReEncryptOutput{KeyId: in.DestinationKeyId, SourceKeyId: in.SourceKeyId,
		CiphertextBlob: s.wrap(key, in.DestinationEncryptionContext)}, nil
}

func (s *service) Decrypt(
	_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options),
) (*kms.DecryptOutput, error) {
	if aws.ToString(in.KeyId) == rsaARN {
		key, err := rsa.DecryptOAEP(sha256.New(), nil, s.private, in.CiphertextBlob, nil)
		return &kms.DecryptOutput{KeyId: in.KeyId, Plaintext: key}, err
	}
	key, err := s.unwrap(in.CiphertextBlob, in.EncryptionContext)
	return &kms.DecryptOutput{KeyId: in.KeyId, Plaintext: key}, err
}
