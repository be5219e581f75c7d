package static_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/static"
)

var ec = providers.EncryptionContext{Table: crypto.TableInfo{Name: "t", PartitionKey: "id"}}

func signing(t *testing.T) *providers.HMAC {
	t.Helper()
	h, err := providers.NewHMAC("HmacSHA256", []byte("a signing key of thirty-two byte"))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestEveryItemHasTheSameKey(t *testing.T) {
	s := signing(t)
	for _, size := range []int{16, 24, 32} {
		key := bytes.Repeat([]byte{9}, size)
		own := bytes.Clone(key)
		description := providers.MaterialDescription{"version": "1"}
		p, err := static.New(own, s, s, static.WithDescription(description))
		if err != nil {
			t.Fatal(err)
		}
		clear(own)
		description["version"] = "changed by the caller"
		sealing, err := p.EncryptionMaterials(t.Context(), ec)
		if err != nil || !bytes.Equal(sealing.EncryptionKey, key) || sealing.Signer != s || sealing.Description["version"] != "1" {
			t.Errorf("%d bytes, to seal: %v, %v", size, sealing, err)
		}
		opening, err := p.DecryptionMaterials(t.Context(), ec, nil)
		if err != nil || !bytes.Equal(opening.DecryptionKey, key) || opening.Verifier != s {
			t.Errorf("%d bytes, to open: %v, %v", size, opening, err)
		}
	}
}

func TestAnAbsentKeyStaysAbsent(t *testing.T) {
	s := signing(t)
	p, err := static.New(nil, s, s)
	if err != nil {
		t.Fatal(err)
	}
	sealing, err := p.EncryptionMaterials(t.Context(), ec)
	if err != nil || sealing.EncryptionKey != nil {
		t.Errorf("to seal: %v, %v", sealing, err)
	}
	opening, err := p.DecryptionMaterials(t.Context(), ec, nil)
	if err != nil || opening.DecryptionKey != nil {
		t.Errorf("to open: %v, %v", opening, err)
	}
}

func TestReadersDoNotWriteAndWritersDoNotRead(t *testing.T) {
	s := signing(t)
	reader, err := static.New(make([]byte, 32), nil, s)
	if err != nil {
		t.Fatal(err)
	}
	writer, err := static.New(make([]byte, 32), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.EncryptionMaterials(t.Context(), ec); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("the reader writes: %v", err)
	}
	if _, err := writer.DecryptionMaterials(t.Context(), ec, nil); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("the writer reads: %v", err)
	}
}

func TestUnfitKeysAreRefused(t *testing.T) {
	s := signing(t)
	for _, key := range [][]byte{{}, make([]byte, 8), make([]byte, 31), make([]byte, 64)} {
		if _, err := static.New(key, s, s); !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%d bytes: got %v, want ErrNoUsableKey", len(key), err)
		}
	}
	if _, err := static.New(make([]byte, 32), nil, nil); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("neither signer nor verifier: got %v, want ErrNoUsableKey", err)
	}
}

// A process that only reads items does not need the signing key.
func ExampleNew() {
	encryptionKey := []byte("an encryption key of 32 bytes...")
	signing, err := providers.NewHMAC("HmacSHA256", []byte("a signing key of thirty-two byte"))
	if err != nil {
		fmt.Println(err)
		return
	}
	reader, err := static.New(encryptionKey, nil, signing)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = reader.EncryptionMaterials(context.Background(), providers.EncryptionContext{})
	fmt.Println(err)
	// Output: static: no usable key: the provider has no signer to seal items with
}
