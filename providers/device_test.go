package providers_test

import (
	stdcrypto "crypto"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// device uses a private key without revealing it, like a hardware security
// module: it has only the methods of the standard interfaces.
type device struct {
	signer    stdcrypto.Signer
	decrypter stdcrypto.Decrypter
	err       error // returned instead of any result
}

func (d device) Public() stdcrypto.PublicKey { return d.signer.Public() }

func (d device) Sign(random io.Reader, digest []byte, opts stdcrypto.SignerOpts) ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	return d.signer.Sign(random, digest, opts)
}

func (d device) Decrypt(random io.Reader, ciphertext []byte, opts stdcrypto.DecrypterOpts) ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	return d.decrypter.Decrypt(random, ciphertext, opts)
}

var (
	deviceTable   = crypto.TableInfo{Name: "t", PartitionKey: "id"}
	deviceActions = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	deviceItem    = crypto.Item{"id": &types.AttributeValueMemberS{Value: "i"}, "email": &types.AttributeValueMemberS{Value: "ada@example.com"}}
)

func TestPrivateKeysMayStayInADevice(t *testing.T) {
	rsaKey, ecKey := rsaKey(t), ecKey(t)
	for algorithm, d := range map[string]device{
		"SHA224withRSA":   {signer: rsaKey, decrypter: rsaKey},
		"SHA256withRSA":   {signer: rsaKey, decrypter: rsaKey},
		"SHA384withRSA":   {signer: rsaKey, decrypter: rsaKey},
		"SHA512withRSA":   {signer: rsaKey, decrypter: rsaKey},
		"SHA256withECDSA": {signer: ecKey},
		"SHA384withECDSA": {signer: ecKey},
		"SHA512withECDSA": {signer: ecKey},
	} {
		signer, err := providers.NewSigner(algorithm, d)
		check(t, err)
		verifier, err := providers.NewVerifier(algorithm, d.Public())
		check(t, err)
		// The unwrapping key is always RSA, because ECDSA keys do not decrypt.
		provider, err := wrapped.NewRSA(&rsaKey.PublicKey, device{signer: rsaKey, decrypter: rsaKey}, signer, verifier)
		check(t, err)
		encryptor, err := ddbec.New(provider)
		check(t, err)
		sealed, err := encryptor.EncryptItem(t.Context(), deviceTable, deviceActions, deviceItem)
		check(t, err)
		opened, err := encryptor.DecryptItem(t.Context(), deviceTable, deviceActions, sealed)
		if email, ok := opened["email"].(*types.AttributeValueMemberS); err != nil || !ok || email.Value != "ada@example.com" {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
	if _, err := wrapped.NewRSA(nil, device{signer: ecKey}, nil, mustHMAC(t)); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("to decrypt with an ECDSA key: got %v, want ErrNoUsableKey", err)
	}
}

func TestDevice_FailureKeepsItsCause(t *testing.T) {
	key, cause := rsaKey(t), errors.New("the device is locked")
	locked, unlocked := device{signer: key, decrypter: key, err: cause}, device{signer: key, decrypter: key}
	hmac := mustHMAC(t)
	signer, err := providers.NewSigner("SHA256withRSA", locked)
	check(t, err)
	writing, err := wrapped.NewRSA(&key.PublicKey, nil, signer, nil)
	check(t, err)
	writer, err := ddbec.New(writing)
	check(t, err)
	if sealed, err := writer.EncryptItem(t.Context(), deviceTable, deviceActions, deviceItem); sealed != nil || !errors.Is(err, crypto.ErrKeyUnavailable) || !errors.Is(err, cause) {
		t.Errorf("sealing: got %v, want ErrKeyUnavailable with its cause", err)
	}

	whole, err := wrapped.NewRSA(&key.PublicKey, unlocked, hmac, hmac)
	check(t, err)
	encryptor, err := ddbec.New(whole)
	check(t, err)
	sealed, err := encryptor.EncryptItem(t.Context(), deviceTable, deviceActions, deviceItem)
	check(t, err)
	reading, err := wrapped.NewRSA(nil, locked, nil, hmac)
	check(t, err)
	reader, err := ddbec.New(reading)
	check(t, err)
	if opened, err := reader.DecryptItem(t.Context(), deviceTable, deviceActions, sealed); opened != nil || !errors.Is(err, crypto.ErrNoUsableKey) || !errors.Is(err, cause) {
		t.Errorf("opening: got %v, want ErrNoUsableKey with its cause", err)
	}

	// An outage is reported as one, because no change to an item can cause it.
	away := device{signer: key, decrypter: key, err: fmt.Errorf("%w: the device does not answer", crypto.ErrKeyUnavailable)}
	reading, err = wrapped.NewRSA(nil, away, nil, hmac)
	check(t, err)
	reader, err = ddbec.New(reading)
	check(t, err)
	if _, err := reader.DecryptItem(t.Context(), deviceTable, deviceActions, sealed); !errors.Is(err, crypto.ErrKeyUnavailable) || errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("opening without the device: got %v, want ErrKeyUnavailable", err)
	}
}

func mustHMAC(t *testing.T) *providers.HMAC {
	t.Helper()
	h, err := providers.NewHMAC("HmacSHA256", []byte("a signing key of thirty-two byte"))
	check(t, err)
	return h
}
