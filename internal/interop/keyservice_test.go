package interop_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// The key service that make interop starts cannot decrypt with multi-Region
// keys, nor with RSA keys. These tests serve the fake KMS over HTTP instead.

const (
	mrkHere  = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	mrkThere = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	rsaKey   = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

// kmsReply is the reply to both operations, or an error.
type kmsReply struct {
	KeyId               *string                       `json:",omitempty"`
	EncryptionAlgorithm types.EncryptionAlgorithmSpec `json:",omitempty"`
	CiphertextBlob      []byte                        `json:",omitempty"`
	Plaintext           []byte                        `json:",omitempty"`
	Type                string                        `json:"__type,omitempty"`
}

// startKeyService starts a KMS with a multi-Region key in two Regions and an
// RSA key, and returns its URL and the public key.
func startKeyService(t *testing.T) (endpoint string, public []byte) {
	t.Helper()
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	public, err = x509.MarshalPKIXPublicKey(&pair.PublicKey)
	check(t, err)
	service := providertest.NewKMS(mrkHere, mrkThere)
	service.AddRSAKey(rsaKey, pair)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serveKMS(service, w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, public
}

// serveKMS answers a request of the KMS protocol, whose messages have the
// fields of the SDK's types.
func serveKMS(service *providertest.KMS, w http.ResponseWriter, r *http.Request) {
	var reply kmsReply
	var err error
	decoder := json.NewDecoder(r.Body)
	switch _, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); operation {
	case "GenerateDataKey":
		var in kms.GenerateDataKeyInput
		if err = decoder.Decode(&in); err != nil {
			break
		}
		var out *kms.GenerateDataKeyOutput
		if out, err = service.GenerateDataKey(r.Context(), &in); err == nil {
			reply = kmsReply{KeyId: out.KeyId, Plaintext: out.Plaintext, CiphertextBlob: out.CiphertextBlob}
		}
	case "Decrypt":
		var in kms.DecryptInput
		if err = decoder.Decode(&in); err != nil {
			break
		}
		var out *kms.DecryptOutput
		if out, err = service.Decrypt(r.Context(), &in); err == nil {
			reply = kmsReply{KeyId: out.KeyId, Plaintext: out.Plaintext, EncryptionAlgorithm: out.EncryptionAlgorithm}
		}
	default:
		err = &types.UnsupportedOperationException{}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if err != nil {
		reply = kmsReply{Type: "ValidationException"}
		if api, ok := errors.AsType[smithy.APIError](err); ok {
			reply.Type = api.ErrorCode()
		}
		w.WriteHeader(http.StatusBadRequest)
	}
	json.NewEncoder(w).Encode(reply)
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
