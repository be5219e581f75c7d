package interop_test

import (
	stdcrypto "crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
)

// The key service that make interop starts cannot decrypt with multi-Region
// keys, nor with RSA keys. This one can, and nothing else: enough to see that
// everyone asks the same of KMS and makes the same of the answers.

const (
	mrkHere  = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	mrkThere = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	rsaKey   = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

// keyService is a KMS with a multi-Region key in two Regions and an RSA key.
type keyService struct {
	symmetric cipher.AEAD
	pair      *rsa.PrivateKey
}

// kmsMessage is requests and replies in one.
type kmsMessage struct {
	KeyId               string            `json:",omitempty"`
	NumberOfBytes       int               `json:",omitempty"`
	EncryptionContext   map[string]string `json:",omitempty"`
	EncryptionAlgorithm string            `json:",omitempty"`
	CiphertextBlob      []byte            `json:",omitempty"`
	Plaintext           []byte            `json:",omitempty"`
	Type                string            `json:"__type,omitempty"`
}

func startKeyService(t *testing.T) (endpoint string, public []byte) {
	t.Helper()
	secret := make([]byte, 32)
	rand.Read(secret)
	block, err := aes.NewCipher(secret)
	check(t, err)
	aead, err := cipher.NewGCM(block)
	check(t, err)
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	public, err = x509.MarshalPKIXPublicKey(&pair.PublicKey)
	check(t, err)
	server := httptest.NewServer(&keyService{aead, pair})
	t.Cleanup(server.Close)
	return server.URL, public
}

func (s *keyService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in kmsMessage
	out := kmsMessage{Type: "ValidationException"}
	if json.NewDecoder(r.Body).Decode(&in) == nil {
		switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
		case "GenerateDataKey":
			out = s.generate(in)
		case "Decrypt":
			out = s.decrypt(in)
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if out.Type != "" {
		w.WriteHeader(http.StatusBadRequest)
	}
	json.NewEncoder(w).Encode(out)
}

func (s *keyService) generate(in kmsMessage) kmsMessage {
	if in.KeyId != mrkHere && in.KeyId != mrkThere || in.NumberOfBytes != 32 {
		return kmsMessage{Type: "NotFoundException"}
	}
	key, nonce := make([]byte, 32), make([]byte, 12)
	rand.Read(key)
	rand.Read(nonce)
	return kmsMessage{KeyId: in.KeyId, Plaintext: key, CiphertextBlob: s.symmetric.Seal(nonce, nonce, key, aad(in.EncryptionContext))}
}

func (s *keyService) decrypt(in kmsMessage) kmsMessage {
	var err error
	out := kmsMessage{KeyId: in.KeyId, EncryptionAlgorithm: in.EncryptionAlgorithm}
	switch {
	case in.KeyId == rsaKey && in.EncryptionAlgorithm == "RSAES_OAEP_SHA_256" && len(in.EncryptionContext) == 0:
		out.Plaintext, err = s.pair.Decrypt(rand.Reader, in.CiphertextBlob, &rsa.OAEPOptions{Hash: stdcrypto.SHA256})
	case (in.KeyId == mrkHere || in.KeyId == mrkThere) && len(in.CiphertextBlob) > 12:
		out.EncryptionAlgorithm = "SYMMETRIC_DEFAULT"
		out.Plaintext, err = s.symmetric.Open(nil, in.CiphertextBlob[:12], in.CiphertextBlob[12:], aad(in.EncryptionContext))
	default:
		return kmsMessage{Type: "NotFoundException"}
	}
	if err != nil {
		return kmsMessage{Type: "InvalidCiphertextException"}
	}
	return out
}

// aad is the encryption context in one order.
func aad(context map[string]string) []byte {
	encoded, _ := json.Marshal(context) // sorts its keys
	sum := sha256.Sum256(encoded)
	return sum[:]
}

func TestEveryoneUsesMultiRegionAndRSAKeysAlike(t *testing.T) {
	_, parties := newSDKLive(t)
	endpoint, public := startKeyService(t)
	mrk := func(arn, region string) keyringSpec {
		return keyringSpec{Kind: "kms-mrk", KeyARN: arn, Endpoint: endpoint, Region: region}
	}
	wrappedForRSA := keyringSpec{Kind: "kms-rsa", KeyARN: rsaKey, PublicKey: public, Algorithm: "RSAES_OAEP_SHA_256", Endpoint: endpoint, Region: region}
	results := matrix{parties: sdkPartyNames}
	for _, way := range []struct{ write, read sdkWay }{
		{sdkWay{mrk(mrkHere, region), true}, sdkWay{mrk(mrkThere, "eu-west-1"), true}},
		{sdkWay{mrk(mrkThere, "eu-west-1"), false}, sdkWay{mrk(mrkHere, region), false}},
		{sdkWay{wrappedForRSA, false}, sdkWay{wrappedForRSA, false}},
	} {
		for _, writer := range sdkPartyNames {
			for _, c := range sdkCases() {
				sealed, err := parties[writer].sealSDK(t.Context(), way.write, c)
				if err != nil {
					t.Errorf("%s: %s cannot seal %q: %v", way.write.keyring.Kind, writer, c.name, err)
					continue
				}
				for _, reader := range sdkPartyNames {
					opened, err := parties[reader].openSDK(t.Context(), way.read, c, sealed)
					problem := compare(c, opened, err)
					if problem != "" {
						t.Errorf("%s: %s does not open %q of %s: %s", way.write.keyring.Kind, reader, c.name, writer, problem)
					}
					results.add(result{way.write.keyring.Kind + " " + way.write.suite().String(), c.name, writer, reader, problem == "", ""})
				}
			}
		}
	}
	results.show(os.Stdout)
}

// The suite with signatures is refused with RSA keys, by everyone.
func TestEveryoneRefusesRSAKeysWithSignatures(t *testing.T) {
	_, parties := newSDKLive(t)
	endpoint, public := startKeyService(t)
	spec := keyringSpec{Kind: "kms-rsa", KeyARN: rsaKey, PublicKey: public, Algorithm: "RSAES_OAEP_SHA_256", Endpoint: endpoint, Region: region}
	for _, name := range sdkPartyNames {
		if _, err := parties[name].sealSDK(t.Context(), sdkWay{spec, true}, sdkCases()[0]); err == nil {
			t.Errorf("%s seals with the suite %v", name, dbesdk.SuiteECDSA)
		}
	}
}
