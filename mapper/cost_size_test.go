package mapper_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// TestCost_ItemSize measures docs/performance.md's table of sizes, and compares
// the two; -v prints the result.
func TestCost_ItemSize(t *testing.T) {
	key := make([]byte, 32)
	hmac := must[*providers.HMAC](t)(providers.NewHMAC("HmacSHA256", key))
	aes := must[*wrapped.Provider](t)(wrapped.NewAES(key, hmac, hmac))
	pair := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	signer := must[providers.Signer](t)(providers.NewSigner("SHA256withRSA", pair))
	verifier := must[providers.Verifier](t)(providers.NewVerifier("SHA256withRSA", &pair.PublicKey))
	store := must[*metastore.Store](t)(metastore.New(mappertest.New(), "keys", aes))
	check(t, store.CreateTable(t.Context()))

	sdk := func(keys keyring.Keyring, suite dbesdk.Suite) crypto.ItemEncryptor {
		e := must[*dbesdk.Encryptor](t)(dbesdk.New(keys, dbesdk.WithSuite(suite)))
		t.Cleanup(func() { check(t, e.Close()) })
		return e
	}
	client := func(p providers.Provider) crypto.ItemEncryptor { return must[*ddbec.Encryptor](t)(ddbec.New(p)) }
	rawKeys := must[*raw.AES](t)(raw.NewAES("acme", "2026-11", key))
	const id, version = "e9ce18a3-edb5-4272-9f86-1cacb7997ff7", "e9ce18a3-edb5-4272-9f86-1cacb7997ff6"
	branch := must[*keystore.BranchKey](t)(keystore.NewBranchKey(id, version, key))
	hier := must[*hierarchical.Keyring](t)(hierarchical.New(oneBranchKey{branch}, hierarchical.BranchKey(id), time.Hour))
	fixed := must[*static.Provider](t)(static.New(key, hmac, hmac))
	recent := must[*mostrecent.Provider](t)(mostrecent.New(store, "accounts", time.Hour))
	rsaKeys := must[*wrapped.Provider](t)(wrapped.NewRSA(&pair.PublicKey, pair, signer, verifier))

	tests := []struct {
		format    string
		keys      string
		encryptor crypto.ItemEncryptor
		item      int // bytes added to an item with two signed attributes
		attribute int // and for an encrypted string of 1000 bytes
	}{
		{"dbesdk, HMAC only", "raw AES", sdk(rawKeys, dbesdk.SuiteHMAC), 278, 19},
		{"dbesdk, HMAC only", "hierarchical", sdk(hier, dbesdk.SuiteHMAC), 344, 19},
		{"dbesdk, with ECDSA", "raw AES", sdk(rawKeys, dbesdk.SuiteECDSA), 474, 19},
		{"dbesdk, with ECDSA", "hierarchical", sdk(hier, dbesdk.SuiteECDSA), 540, 19},
		{"ddbec", "static", client(fixed), 160, 24},
		{"ddbec", "wrapped, AES", client(aes), 299, 24},
		{"ddbec", "most recent", client(recent), 333, 24},
		{"ddbec", "wrapped, RSA of 2048 bits, with RSA signatures", client(rsaKeys), 844, 24},
	}
	table := crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "plan": crypto.Sign}}
	page := performancePage(t)
	var report strings.Builder
	out := tabwriter.NewWriter(&report, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "\nformat\tkeys\tfor each item\tfor each encrypted attribute")
	for _, test := range tests {
		added := func(item crypto.Item) int {
			sealed, err := test.encryptor.EncryptItem(t.Context(), table, actions, item)
			check(t, err)
			return sizeOf(sealed) - sizeOf(item)
		}
		item := crypto.Item{"id": str("a-1"), "plan": str("gold")}
		perItem := added(item)
		item["text"] = str(strings.Repeat("x", 1000))
		perAttribute := added(item) - perItem
		if perItem != test.item || perAttribute != test.attribute {
			t.Errorf("%s, %s, adds %d bytes and %d for an attribute, want %d and %d",
				test.format, test.keys, perItem, perAttribute, test.item, test.attribute)
		}
		if row := fmt.Sprintf("| %s | %s | %d bytes |", test.format, test.keys, perItem); !strings.Contains(page, row) {
			t.Errorf("docs/performance.md lacks the row %s", row)
		}
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\n", test.format, test.keys, perItem, perAttribute)
	}
	out.Flush()
	t.Log(report.String())
}

// sizeOf returns an item's size as DynamoDB counts it.
func sizeOf(item crypto.Item) int {
	size := 0
	for name, value := range item {
		size += len(name) + expr.StoredSize(value)
	}
	return size
}

// must returns a function that returns its first argument and fails the test
// with its second.
func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		check(t, err)
		return v
	}
}

// oneBranchKey is a key store with a single version of a single branch key.
type oneBranchKey struct{ key *keystore.BranchKey }

func (s oneBranchKey) Active(context.Context, string) (*keystore.BranchKey, error) {
	return s.key, nil
}

func (s oneBranchKey) Version(context.Context, string, string) (*keystore.BranchKey, error) {
	return s.key, nil
}
