package wrapped

import (
	"bytes"
	"crypto/aes"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"testing"
)

func TestKeyWrapIsThatOfRFC3394(t *testing.T) {
	// The test vectors of sections 4.1 to 4.6.
	const kek = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
	const key = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"
	for _, c := range []struct {
		kek, key int // bytes
		want     string
	}{
		{16, 16, "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
		{24, 16, "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D"},
		{32, 16, "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"},
		{24, 24, "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2"},
		{32, 24, "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"},
		{32, 32, "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
	} {
		block, err := aes.NewCipher(unhex(t, kek)[:c.kek])
		if err != nil {
			t.Fatal(err)
		}
		plain := unhex(t, key)[:c.key]
		wrapped, err := wrap(block, plain)
		if err != nil || !bytes.Equal(wrapped, unhex(t, c.want)) {
			t.Errorf("%d bits with %d: %X, %v", 8*c.key, 8*c.kek, wrapped, err)
		}
		if got, err := unwrap(block, unhex(t, c.want)); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bits with %d unwrap to %X, %v", 8*c.key, 8*c.kek, got, err)
		}
	}
}

func TestADamagedWrappedKeyDoesNotUnwrap(t *testing.T) {
	kek, key := make([]byte, 32), make([]byte, 32)
	rand.Read(kek)
	rand.Read(key)
	block, err := aes.NewCipher(kek)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := wrap(block, key)
	if err != nil {
		t.Fatal(err)
	}
	for i := range wrapped {
		damaged := slices.Clone(wrapped)
		damaged[i] ^= 0x80
		if _, err := unwrap(block, damaged); err == nil {
			t.Errorf("unwraps with byte %d changed", i)
		}
	}
	for n := range len(wrapped) {
		if _, err := unwrap(block, wrapped[:n]); err == nil {
			t.Errorf("unwraps cut off at %d", n)
		}
	}
	if _, err := unwrap(block, append(wrapped, make([]byte, 8)...)); err == nil {
		t.Error("unwraps with a block more")
	}
	for _, n := range []int{0, 8, 15, 17} {
		if _, err := wrap(block, make([]byte, n)); err == nil {
			t.Errorf("wraps %d bytes", n)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
