package keystore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

const table = "branch-keys"

// world is a store whose table and key service are in memory.
type world struct {
	*keystore.Store
	db  *mappertest.DB
	kms *providertest.KMS
}

func newWorld(t testing.TB, options ...mappertest.Option) *world {
	t.Helper()
	w := &world{db: mappertest.New(options...), kms: providertest.NewKMS(otherARN, primaryARN, replicaARN)}
	w.Store = w.store(t, providertest.KeyARN)
	check(t, w.CreateTable(t.Context()))
	return w
}

// store returns another store on the same table.
func (w *world) store(t testing.TB, keyARN string, options ...keystore.Option) *keystore.Store {
	t.Helper()
	s, err := keystore.New(w.db, table, w.kms, keyARN, options...)
	check(t, err)
	return s
}

func (w *world) create(t testing.TB) string {
	t.Helper()
	id, err := w.Create(t.Context(), "", nil)
	check(t, err)
	return id
}

func (w *world) active(t testing.TB, id string) *keystore.BranchKey {
	t.Helper()
	key, err := w.Active(t.Context(), id)
	check(t, err)
	return key
}

// items returns the stored items of a branch key, by type.
func (w *world) items(t testing.TB, id string) map[string]crypto.Item {
	t.Helper()
	out, err := w.db.Query(t.Context(), &dynamodb.QueryInput{
		TableName:                 aws.String(table),
		KeyConditionExpression:    aws.String("#id = :id"),
		ExpressionAttributeNames:  map[string]string{"#id": "branch-key-id"},
		ExpressionAttributeValues: crypto.Item{":id": text(id)},
	})
	check(t, err)
	items := make(map[string]crypto.Item)
	for _, item := range out.Items {
		items[item["type"].(*types.AttributeValueMemberS).Value] = item
	}
	return items
}

func (w *world) put(t testing.TB, item crypto.Item) {
	t.Helper()
	_, err := w.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item})
	check(t, err)
}

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func binary(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks that an error is of one kind and no other, and names the table
// and the branch key.
func refused(t testing.TB, what string, err, kind error, id string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: accepted", what)
		return
	}
	for _, other := range []error{crypto.ErrTampered, crypto.ErrNoUsableKey, crypto.ErrKeyUnavailable, crypto.ErrPolicy, keystore.ErrConflict} {
		if is := errors.Is(kind, other); errors.Is(err, other) != is {
			t.Errorf("%s: %v: is %q: %t", what, err, other, !is)
		}
	}
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), table) || !strings.Contains(err.Error(), id) {
		t.Errorf("%s: %v, want %v, about %s", what, err, kind, id)
	}
}

func TestACreatedBranchKeyIsTheSameForEveryone(t *testing.T) {
	w := newWorld(t)
	before := time.Now().Add(-time.Second)
	id := w.create(t)
	active := w.active(t, id)
	again, err := w.store(t, providertest.KeyARN).Active(t.Context(), id)
	check(t, err)
	version, err := w.Version(t.Context(), id, active.Version)
	check(t, err)
	if len(active.Key()) != 32 || !bytes.Equal(active.Key(), again.Key()) || !bytes.Equal(active.Key(), version.Key()) {
		t.Error("another store, or Version, returns another key for the active version")
	}
	if active.ID != id || version.ID != id || len(id) != 36 || len(active.Version) != 36 || version.Version != active.Version {
		t.Errorf("%v and %v of %s", active, version, id)
	}
	if active.Created.Before(before) || active.Created.After(time.Now()) || !active.Created.Equal(version.Created) {
		t.Errorf("created %v and %v", active.Created, version.Created)
	}
	if len(active.EncryptionContext) != 0 {
		t.Errorf("encryption context %v", active.EncryptionContext)
	}
	beacon, err := w.BeaconKey(t.Context(), id)
	check(t, err)
	if beacon.ID != id || len(beacon.Key()) != 32 || bytes.Equal(beacon.Key(), active.Key()) {
		t.Error("the beacon key has another ID or length, or is the branch key")
	}
	other := w.active(t, w.create(t))
	if other.ID == id || other.Version == active.Version || bytes.Equal(other.Key(), active.Key()) {
		t.Error("two branch keys are the same")
	}
}

func TestARotationKeepsTheVersionsBefore(t *testing.T) {
	w := newWorld(t)
	id, err := w.Create(t.Context(), "tenant-1", map[string]string{"department": "admin"})
	check(t, err)
	beacon, err := w.BeaconKey(t.Context(), id)
	check(t, err)
	keys := make(map[string][]byte)
	for range 3 {
		active := w.active(t, id)
		if keys[active.Version] != nil {
			t.Fatalf("version %s is active again", active.Version)
		}
		keys[active.Version] = active.Key()
		check(t, w.Rotate(t.Context(), id))
	}
	for version, key := range keys {
		got, err := w.Version(t.Context(), id, version)
		check(t, err)
		if !bytes.Equal(got.Key(), key) || got.EncryptionContext["department"] != "admin" {
			t.Errorf("version %s is %v with another key or context", version, got)
		}
	}
	after, err := w.BeaconKey(t.Context(), id)
	check(t, err)
	if !bytes.Equal(beacon.Key(), after.Key()) {
		t.Error("the beacon key changed")
	}
	if n := len(w.items(t, id)); n != 6 {
		t.Errorf("%d items for four versions", n)
	}
}

func TestAnIDOfYourChoiceNeedsAnEncryptionContext(t *testing.T) {
	w := newWorld(t)
	for name, ec := range map[string]map[string]string{
		"none":           nil,
		"an empty one":   {},
		"an empty name":  {"": "x"},
		"a broken name":  {"a\xff": "x"},
		"a broken value": {"a": "\xff"},
	} {
		_, err := w.Create(t.Context(), "tenant-1", ec)
		refused(t, name, err, crypto.ErrPolicy, "tenant-1")
	}
	_, err := w.Create(t.Context(), "tenant-\xff", map[string]string{"a": "b"})
	refused(t, "a broken ID", err, crypto.ErrPolicy, "tenant-")
	if n := w.kms.Calls("GenerateDataKeyWithoutPlaintext"); n != 0 || w.db.Calls("TransactWriteItems") != 0 {
		t.Errorf("%d keys were made for what is refused", n)
	}
}

func TestAnEncryptionContextComesBackAsItWasGiven(t *testing.T) {
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		id := fmt.Sprintf("tenant-%d", n)
		ec := rapid.MapOfN(rapid.StringN(1, 20, 80), rapid.StringN(0, 20, 80), 1, 5).Draw(r, "context")
		given := maps.Clone(ec)
		if _, err := w.Create(t.Context(), id, ec); err != nil {
			r.Fatal(err)
		}
		active, err := w.Active(t.Context(), id)
		if err != nil {
			r.Fatal(err)
		}
		beacon, err := w.BeaconKey(t.Context(), id)
		if err != nil {
			r.Fatal(err)
		}
		if !maps.Equal(ec, given) || !maps.Equal(active.EncryptionContext, given) || !maps.Equal(beacon.EncryptionContext, given) {
			r.Errorf("%v, %v and %v, want %v", ec, active.EncryptionContext, beacon.EncryptionContext, given)
		}
	})
}

func TestAnIDIsTakenOnce(t *testing.T) {
	w := newWorld(t)
	ec := map[string]string{"tenant": "1"}
	_, err := w.Create(t.Context(), "tenant-1", ec)
	check(t, err)
	key := w.active(t, "tenant-1").Key()
	_, err = w.Create(t.Context(), "tenant-1", map[string]string{"tenant": "2"})
	refused(t, "the same ID", err, keystore.ErrConflict, "tenant-1")
	if active := w.active(t, "tenant-1"); !bytes.Equal(active.Key(), key) || !maps.Equal(active.EncryptionContext, ec) {
		t.Error("the branch key changed")
	}
	if n := len(w.items(t, "tenant-1")); n != 3 {
		t.Errorf("%d items for one version", n)
	}
}

func TestWhatIsNotThereIsSaidSo(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	version := w.active(t, id).Version
	ctx := t.Context()
	for name, get := range map[string]func() error{
		"another ID":               func() error { _, err := w.Active(ctx, "nobody"); return err },
		"no ID":                    func() error { _, err := w.Active(ctx, ""); return err },
		"another ID's beacon key":  func() error { _, err := w.BeaconKey(ctx, "nobody"); return err },
		"another ID's version":     func() error { _, err := w.Version(ctx, "nobody", version); return err },
		"another version":          func() error { _, err := w.Version(ctx, id, "00000000-0000-4000-8000-000000000000"); return err },
		"no version":               func() error { _, err := w.Version(ctx, id, ""); return err },
		"a version in upper case":  func() error { _, err := w.Version(ctx, id, "ABCDEF00"+version[8:]); return err },
		"a version and more":       func() error { _, err := w.Version(ctx, id, version+"0"); return err },
		"a version, not grouped":   func() error { _, err := w.Version(ctx, id, strings.ReplaceAll(version, "-", "")+"----"); return err },
		"a rotation of another ID": func() error { return w.Rotate(ctx, "nobody") },
		"a rotation of no ID":      func() error { return w.Rotate(ctx, "") },
	} {
		err := get()
		if !errors.Is(err, keystore.ErrNoKey) || !errors.Is(err, crypto.ErrNoUsableKey) || !strings.Contains(err.Error(), table) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := w.kms.Calls("ReEncrypt"); n != 1 { // by Create
		t.Errorf("KMS was asked to rewrap %d times", n)
	}
	if n := w.db.Calls("GetItem"); n != 6 { // to look for existing items
		t.Errorf("the table was read %d times", n)
	}
}

func TestACanceledContextEndsARequest(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, active := w.Active(ctx, id)
	_, created := w.Create(ctx, "", nil)
	for name, err := range map[string]error{"active": active, "create": created, "rotate": w.Rotate(ctx, id), "create table": w.CreateTable(ctx)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
