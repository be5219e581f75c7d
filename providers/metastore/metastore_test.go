package metastore_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/static"
)

func inner(t testing.TB, seed byte) providers.Provider {
	t.Helper()
	key := make([]byte, 32)
	key[0] = seed
	signing, err := providers.NewHMAC("HmacSHA256", key)
	check(t, err)
	p, err := static.New(key, signing, signing)
	check(t, err)
	return p
}

func newStore(t testing.TB, db metastore.Client, table string, options ...metastore.Option) *metastore.Store {
	t.Helper()
	s, err := metastore.New(db, table, inner(t, 1), options...)
	check(t, err)
	return s
}

var (
	table   = crypto.TableInfo{Name: "accounts", PartitionKey: "id"}
	actions = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	item    = crypto.Item{"id": &types.AttributeValueMemberS{Value: "1"}, "email": &types.AttributeValueMemberS{Value: "ada@example.com"}}
)

// opens reports whether an item that one provider sealed can be opened with
// another.
func opens(t testing.TB, sealedBy, openedBy providers.Provider) bool {
	t.Helper()
	a, err := ddbec.New(sealedBy)
	check(t, err)
	b, err := ddbec.New(openedBy)
	check(t, err)
	sealed, err := a.EncryptItem(t.Context(), table, actions, item)
	check(t, err)
	_, err = b.DecryptItem(t.Context(), table, actions, sealed)
	return err == nil
}

func stored(t testing.TB, db *mappertest.DB, table, name, version string) crypto.Item {
	t.Helper()
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: crypto.Item{
		"N": &types.AttributeValueMemberS{Value: name}, "V": &types.AttributeValueMemberN{Value: version}}})
	check(t, err)
	return out.Item
}

func TestAVersionIsMadeOnceAndReadByEveryone(t *testing.T) {
	ctx := t.Context()
	db := mappertest.New()
	s := newStore(t, db, "keys")
	check(t, s.CreateTable(ctx))
	if _, err := s.MaxVersion(ctx, "k"); !errors.Is(err, metastore.ErrNoVersion) {
		t.Errorf("MaxVersion of nothing: %v", err)
	}
	if _, err := s.Provider(ctx, "k", 0); !errors.Is(err, metastore.ErrNoVersion) {
		t.Errorf("Provider of nothing: %v", err)
	}
	made, err := s.GetOrCreate(ctx, "k", 0)
	check(t, err)
	again, err := s.GetOrCreate(ctx, "k", 0)
	check(t, err)
	read, err := newStore(t, db, "keys").Provider(ctx, "k", 0)
	check(t, err)
	if !opens(t, made, again) || !opens(t, made, read) || !opens(t, read, made) {
		t.Error("two readers of a version have different keys")
	}
	other, err := s.GetOrCreate(ctx, "other", 0)
	check(t, err)
	if opens(t, made, other) {
		t.Error("two materials have the same keys")
	}
	raw := stored(t, db, "keys", "k", "0")
	for _, name := range []string{"t", "enc", "int", "encAlg", "intAlg"} {
		if _, ok := raw[name].(*types.AttributeValueMemberB); !ok || len(raw) != 9 {
			t.Errorf("%s is stored as %T, among %d attributes", name, raw[name], len(raw))
		}
	}
}

func TestARotationAddsAVersion(t *testing.T) {
	ctx := t.Context()
	s := newStore(t, mappertest.New(), "keys")
	check(t, s.CreateTable(ctx))
	for want := range int64(12) {
		got, err := s.NewVersion(ctx, "k")
		check(t, err)
		max, err := s.MaxVersion(ctx, "k")
		check(t, err)
		if got != want || max != want {
			t.Errorf("version %d, highest %d, want %d", got, max, want)
		}
	}
	zero, err := s.Provider(ctx, "k", 0)
	check(t, err)
	eleven, err := s.Provider(ctx, "k", 11)
	check(t, err)
	if opens(t, zero, eleven) {
		t.Error("two versions have the same keys")
	}
}

func TestALostRaceReadsTheWinner(t *testing.T) {
	ctx := t.Context()
	s := newStore(t, mappertest.New(), "keys")
	check(t, s.CreateTable(ctx))
	made := make([]providers.Provider, 16)
	var group sync.WaitGroup
	for i := range made {
		group.Go(func() {
			var err error
			if made[i], err = s.GetOrCreate(ctx, "k", 0); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, p := range made {
		if !opens(t, p, made[0]) {
			t.Fatal("two callers that raced have different keys")
		}
	}
}

func TestReplicationKeepsKeysAndWhatIsThere(t *testing.T) {
	ctx := t.Context()
	db := mappertest.New()
	a := newStore(t, db, "keys")
	b, err := metastore.New(db, "copies", inner(t, 2))
	check(t, err)
	check(t, a.CreateTable(ctx))
	check(t, b.CreateTable(ctx))
	made, err := a.GetOrCreate(ctx, "k", 0)
	check(t, err)
	check(t, a.Replicate(ctx, "k", 0, b))
	copied, err := b.Provider(ctx, "k", 0)
	check(t, err)
	if !opens(t, made, copied) {
		t.Error("the copy has other keys")
	}
	before := fmt.Sprint(stored(t, db, "copies", "k", "0")["enc"].(*types.AttributeValueMemberB).Value)
	check(t, a.Replicate(ctx, "k", 0, b))
	if fmt.Sprint(stored(t, db, "copies", "k", "0")["enc"].(*types.AttributeValueMemberB).Value) != before {
		t.Error("replicating again wrote again")
	}
	if err := a.Replicate(ctx, "k", 7, b); !errors.Is(err, metastore.ErrNoVersion) {
		t.Errorf("replicating nothing: %v", err)
	}
}

func TestSignedAttributesStayReadable(t *testing.T) {
	ctx := t.Context()
	db := mappertest.New()
	owner := metastore.WithSignedAttributes([]string{"owner"}, func(name string, version int64) crypto.Item {
		return crypto.Item{"owner": &types.AttributeValueMemberS{Value: fmt.Sprint(name, version)}}
	})
	s := newStore(t, db, "keys", owner)
	check(t, s.CreateTable(ctx))
	_, err := s.GetOrCreate(ctx, "k", 0)
	check(t, err)
	raw := stored(t, db, "keys", "k", "0")
	if v, ok := raw["owner"].(*types.AttributeValueMemberS); !ok || v.Value != "k0" {
		t.Errorf("owner is stored as %#v", raw["owner"])
	}
	_, err = s.Provider(ctx, "k", 0)
	check(t, err)
	raw["owner"] = &types.AttributeValueMemberS{Value: "eve"}
	_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("keys"), Item: raw})
	check(t, err)
	if _, err := s.Provider(ctx, "k", 0); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("a changed attribute: %v", err)
	}
	if _, err := newStore(t, db, "keys").Provider(ctx, "k", 0); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("a store that does not know of it: %v", err)
	}
	if _, err := metastore.New(db, "keys", inner(t, 1), metastore.WithSignedAttributes([]string{"enc"}, nil)); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("a readable key: %v", err)
	}
	bad := newStore(t, db, "keys", metastore.WithSignedAttributes([]string{"a"}, func(string, int64) crypto.Item {
		return crypto.Item{"b": &types.AttributeValueMemberS{Value: "x"}}
	}))
	if _, err := bad.GetOrCreate(ctx, "k", 1); !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("an attribute that was not named: %v", err)
	}
}

func TestVersionsThatCannotBeTrustedAreErrors(t *testing.T) {
	ctx := t.Context()
	db := mappertest.New()
	s := newStore(t, db, "keys")
	check(t, s.CreateTable(ctx))
	_, err := s.GetOrCreate(ctx, "k", 0)
	check(t, err)
	wrong, err := metastore.New(db, "keys", inner(t, 2))
	check(t, err)
	if _, err := wrong.Provider(ctx, "k", 0); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("another inner key: %v", err)
	}
	logical := newStore(t, db, "keys", metastore.WithLogicalName("elsewhere"))
	if _, err := logical.Provider(ctx, "k", 0); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("another logical name: %v", err)
	}
	_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("keys"), Item: crypto.Item{
		"N": &types.AttributeValueMemberS{Value: "k"}, "V": &types.AttributeValueMemberN{Value: "9"}, "enc": &types.AttributeValueMemberB{Value: make([]byte, 32)}}})
	check(t, err)
	if _, err := s.Provider(ctx, "k", 9); !errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNotProtected) {
		t.Errorf("a version that someone else planted: %v", err)
	}
	for _, name := range []string{"", "a#b"} {
		if _, err := s.GetOrCreate(ctx, name, 0); !errors.Is(err, crypto.ErrInvalidItem) || !strings.Contains(err.Error(), "a material name must not be empty") {
			t.Errorf("name %q: %v", name, err)
		}
	}
	if _, err := s.GetOrCreate(ctx, "k", -1); !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("version -1: %v", err)
	}
	if _, err := metastore.New(db, "", inner(t, 1)); err == nil {
		t.Error("no table is accepted")
	}
}

func TestTheVersionComesFromTheDescriptionStrictly(t *testing.T) {
	s := newStore(t, mappertest.New(), "keys")
	for id, want := range map[string]int64{"k#0": 0, "k#12": 12} {
		if got, err := s.VersionOf("k", providers.MaterialDescription{metastore.EntryID: id}); err != nil || got != want {
			t.Errorf("%q is %d, %v", id, got, err)
		}
	}
	for _, id := range []string{"", "k", "k#", "k#-1", "k#+1", "k#01", "k#1x", "k# 1", "j#1", "k#9223372036854775808", "#1"} {
		if got, err := s.VersionOf("k", providers.MaterialDescription{metastore.EntryID: id}); !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%q is %d, %v", id, got, err)
		}
	}
	if _, err := s.VersionOf("k", nil); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no description: %v", err)
	}
}

func TestAStoreShowsNoKeys(t *testing.T) {
	s := newStore(t, mappertest.New(), "keys")
	if got := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Count(got, `meta store "keys"`) != 4 {
		t.Errorf("got %s", got)
	}
	var _ metastore.Client = (*dynamodb.Client)(nil)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
