package raw_test

import (
	stdcrypto "crypto"
	"crypto/rsa"
	"math/big"
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	own, other := keys(t)
	newKeyring := func(public *rsa.PublicKey, private stdcrypto.Decrypter) error {
		return second(raw.NewRSA("acme", "2026", raw.OAEPWithSHA256, public, private))
	}
	m, err := keyring.NewEncryptionMaterials(itemContext)
	check(t, err)
	opening, err := keyring.NewDecryptionMaterials(itemContext)
	check(t, err)
	reads, writes := newRSA(t, raw.OAEPWithSHA256, nil, own), newRSA(t, raw.OAEPWithSHA256, &own.PublicKey, nil)
	errtest.Golden(t, map[string]error{
		"no name":                 second(raw.NewAES("acme", "", nil)),
		"reserved namespace":      second(raw.NewAES("aws-kms", "2026", nil)),
		"name: text":              second(raw.NewAES("acme", "\xff", nil)),
		"AES: key size":           second(raw.NewAES("acme", "2026", make([]byte, 5))),
		"RSA: padding":            second(raw.NewRSA("acme", "2026", 0, &own.PublicKey, nil)),
		"RSA: no key":             newKeyring(nil, nil),
		"RSA: nil key":            newKeyring(nil, (*rsa.PrivateKey)(nil)),
		"RSA: short key":          newKeyring(&rsa.PublicKey{N: big.NewInt(3), E: 3}, nil),
		"RSA: another key":        newKeyring(&other.PublicKey, own),
		"sealing: no public key":  reads.OnEncrypt(t.Context(), m),
		"sealing: PKCS #1 v1.5":   newRSA(t, raw.PKCS1v15, &own.PublicKey, own).OnEncrypt(t.Context(), m),
		"opening: no private key": writes.OnDecrypt(t.Context(), opening, nil),
		"opening: no data key":    reads.OnDecrypt(t.Context(), opening, nil),
	})
}
