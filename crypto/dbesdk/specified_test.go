package dbesdk_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Here the format is written a second time, from its specification and for one
// item only, to hold what is sealed against it.

// telling keeps the keys that an item was sealed with.
type telling struct {
	keyring.Keyring
	context           keyring.EncryptionContext
	dataKey           []byte
	signings          [][]byte
	encryptedDataKeys []keyring.EncryptedDataKey
}

func (k *telling) OnEncrypt(ctx context.Context, m *keyring.EncryptionMaterials) error {
	err := k.Keyring.OnEncrypt(ctx, m)
	k.context, k.dataKey, k.signings, k.encryptedDataKeys = m.Context(), m.DataKey(), m.SigningKeys(), m.EncryptedDataKeys()
	return err
}

func u16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
func u64(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func prefixed(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(append(all, u16(len(p))...), p...)
	}
	return all
}

func serialized(ec map[string]string) []byte {
	all := u16(len(ec))
	for _, name := range slices.Sorted(maps.Keys(ec)) {
		all = append(all, prefixed([]byte(name), []byte(ec[name]))...)
	}
	return all
}

func derived(t *testing.T, key []byte, info string) []byte {
	t.Helper()
	out, err := hkdf.Key(sha512.New, key, nil, info, 32)
	itemtest.Check(t, err)
	return out
}

func path(name string) []byte {
	return slices.Concat([]byte("accounts"), u64(1), []byte("$"), u64(len(name)), []byte(name))
}

// attributes are those of [itemtest.Account] in canonical order, with type and
// encoding; the letters are for inVersion(1) and inVersion(2).
var attributes = []struct {
	name, letters, id, value string
}{
	{"id", "sc", "\x00\x01", "a-1"},
	{"plan", "sc", "\x00\x01", "gold"},
	{"tags", "ss", "\x01\x01", "\x00\x00\x00\x02\x00\x00\x00\x01x\x00\x00\x00\x01y"},
	{"email", "ee", "\x00\x01", "ada@example.com"},
	{"score", "ee", "\x00\x02", "12.5"},
	{"opened", "sc", "\x00\x02", "20"},
	{"places", "ss", "\x02\x00", "\x00\x00\x00\x01\x00\x01\x00\x00\x00\x04home\x00\x01\x00\x00\x00\x06London"},
	{"secret", "ee", "\xff\xff", "0123456789abcdef"},
}

func TestASealedItemIsAsSpecified(t *testing.T) {
	for _, suite := range suites {
		for version := 1; version <= 2; version++ {
			t.Run(fmt.Sprintf("%v/version %d", suite, version), func(t *testing.T) {
				keys := &telling{Keyring: several(t, rawAES(t, "first"), rawRSA(t, "second"))}
				sealed := seal(t, newEncryptor(t, keys, dbesdk.WithSuite(suite)), inVersion(version), itemtest.Account())
				head, foot := stored(t, sealed, dbesdk.HeadAttribute), stored(t, sealed, dbesdk.FootAttribute)
				anatomy := dissectHead(t, head)
				messageID := string(anatomy[anatomy.find(t, "message ID")].bytes)

				// The head.
				legend := ""
				for _, a := range attributes {
					legend += a.letters[version-1 : version]
				}
				storedContext := make(map[string]string)
				if suite == dbesdk.SuiteECDSA {
					storedContext["aws-crypto-public-key"] = keys.context["aws-crypto-public-key"]
				}
				want := slices.Concat([]byte{byte(version), byte(suite)}, []byte(messageID), prefixed([]byte(legend)),
					serialized(storedContext), []byte{2})
				for _, key := range keys.encryptedDataKeys {
					want = append(want, prefixed([]byte(key.ProviderID), key.ProviderInfo, key.Ciphertext)...)
				}
				commitment := hmac.New(sha512.New, derived(t, keys.dataKey, "AWS_DBE_COMMIT_KEY"+messageID))
				commitment.Write(want)
				if want = append(want, commitment.Sum(nil)[:32]...); !bytes.Equal(head, want) {
					t.Errorf("the head is\n%x, want\n%x", head, want)
				}

				// The encrypted attributes.
				root, err := aes.NewCipher(derived(t, keys.dataKey, "AWS_DBE_DERIVE_KEY"+messageID))
				itemtest.Check(t, err)
				encrypted := 0
				for _, a := range attributes {
					if a.letters != "ee" {
						continue
					}
					fieldKey := make([]byte, 44)
					cipher.NewCTR(root, binary.BigEndian.AppendUint32([]byte("AwsDbeField\x2c"),
						uint32(3*encrypted))).XORKeyStream(fieldKey, fieldKey)
					encrypted++
					block, err := aes.NewCipher(fieldKey[:32])
					itemtest.Check(t, err)
					aead, err := cipher.NewGCM(block)
					itemtest.Check(t, err)
					if got, want := stored(t, sealed, a.name), aead.Seal([]byte(a.id), fieldKey[32:], []byte(a.value),
						path(a.name)); !bytes.Equal(got, want) {
						t.Errorf("%s is stored as %x, want %x", a.name, got, want)
					}
				}

				// The foot.
				hash := sha512.New384()
				hash.Write(head)
				hash.Write(u64(len(serialized(keys.context))))
				hash.Write(serialized(keys.context))
				for _, a := range attributes {
					hash.Write(path(a.name))
					if a.letters == "ee" {
						value := stored(t, sealed, a.name)
						hash.Write(slices.Concat(u64(len(value)-2), []byte("ENCRYPTED"), value))
					} else {
						hash.Write(slices.Concat(u64(len(a.value)), []byte("PLAINTEXT"), []byte(a.id), []byte(a.value)))
					}
				}
				canonical := hash.Sum(nil)
				for i, signing := range keys.signings {
					tag := hmac.New(sha512.New384, signing)
					tag.Write(canonical)
					if got := foot[48*i : 48*(i+1)]; !bytes.Equal(got, tag.Sum(nil)) {
						t.Errorf("tag %d is %x, want %x", i+1, got, tag.Sum(nil))
					}
				}
				if suite == dbesdk.SuiteECDSA {
					point, err := base64.StdEncoding.DecodeString(keys.context["aws-crypto-public-key"])
					itemtest.Check(t, err)
					x, y := elliptic.UnmarshalCompressed(elliptic.P384(), point)
					uncompressed := slices.Concat([]byte{4}, x.FillBytes(make([]byte, 48)), y.FillBytes(make([]byte, 48)))
					public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), uncompressed)
					itemtest.Check(t, err)
					digest := sha512.Sum384(canonical)
					if !ecdsa.VerifyASN1(public, digest[:], foot[96:]) {
						t.Error("the signature does not verify")
					}
				}
				if len(sealed) != len(itemtest.Account())+2 || crypto.IsNil(sealed["visits"]) {
					t.Errorf("the item has %d attributes", len(sealed))
				}
			})
		}
	}
}
