package bulk_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper/bulk"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// branchKeys is a store whose newest version is the active one.
type branchKeys []string

func (b *branchKeys) Active(ctx context.Context, id string) (*keystore.BranchKey, error) {
	return b.Version(ctx, id, (*b)[len(*b)-1])
}

func (b *branchKeys) Version(_ context.Context, id, version string) (*keystore.BranchKey, error) {
	return keystore.NewBranchKey(id, version, bytes.Repeat([]byte(version[:1]), 32))
}

// rotated has a table whose keys are rotated by next, without another
// declaration. keys are what a census says of items before and after.
type rotated struct {
	encryptor crypto.ItemEncryptor
	next      func()
	keys      [2]string
}

func rotations(t *testing.T) map[string]rotated {
	const first, second = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
	store := &branchKeys{first}
	branch, err := hierarchical.New(store, hierarchical.BranchKey("accounts-key"), time.Hour)
	check(t, err)
	branchEncryptor, err := dbesdk.New(branch, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	t.Cleanup(func() { check(t, branchEncryptor.Close()) })

	key := bytes.Repeat([]byte{7}, 32)
	signing, err := providers.NewHMAC("HmacSHA256", key)
	check(t, err)
	inner, err := static.New(key, signing, signing)
	check(t, err)
	meta, err := metastore.New(newServer(t), "keys", inner)
	check(t, err)
	check(t, meta.CreateTable(t.Context()))
	_, err = meta.NewVersion(t.Context(), "notes-key")
	check(t, err)
	newest, err := mostrecent.New(meta, "notes-key", time.Hour)
	check(t, err)
	newestEncryptor, err := ddbec.New(newest)
	check(t, err)

	return map[string]rotated{
		"branch key": {branchEncryptor, func() {
			*store = append(*store, second)
			branch.Clear()
		}, [2]string{"aws-kms-hierarchy accounts-key " + first, "aws-kms-hierarchy accounts-key " + second}},
		"most recent provider": {newestEncryptor, func() {
			_, err := meta.NewVersion(t.Context(), "notes-key")
			check(t, err)
			newest.Refresh()
		}, [2]string{"mostrecent notes-key 0", "mostrecent notes-key 1"}},
	}
}

func TestReseal_FollowsARotation(t *testing.T) {
	const items = 30
	for name, r := range rotations(t) {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			client := s.client(t, r.encryptor)
			fill(t, client, items)
			want := contents(t, client)
			keys := func() string {
				t.Helper()
				census, err := bulk.Census(t.Context(), s, table)
				check(t, err)
				if len(census.Groups) != 1 || census.Groups[0].Items != items {
					t.Fatalf("%+v", census)
				}
				return census.Groups[0].Keys
			}
			reseal := func(want int64) {
				t.Helper()
				report, err := bulk.Reseal(t.Context(), client, table)
				check(t, err)
				if report.Resealed != want || report.Failed != 0 {
					t.Errorf("%+v, want %d", report, want)
				}
			}
			reseal(0)
			if got := keys(); got != r.keys[0] {
				t.Errorf("keys %q", got)
			}
			r.next()
			reseal(items)
			reseal(0)
			if got := keys(); got != r.keys[1] {
				t.Errorf("keys %q", got)
			}
			same(t, contents(t, client), want)
		})
	}
}

// With a multi keyring, an item is as declared if the same keys open it, in
// whatever order.
func TestReseal_ComparesAllKeysOfAnItem(t *testing.T) {
	ring := func(name string) keyring.Keyring {
		key := make([]byte, 32)
		copy(key, name)
		k, err := raw.NewAES("test", name, key)
		check(t, err)
		return k
	}
	both := func(rings ...keyring.Keyring) crypto.ItemEncryptor {
		k, err := multi.New(rings[0], rings[1:]...)
		check(t, err)
		e, err := dbesdk.New(k, dbesdk.WithSuite(dbesdk.SuiteHMAC))
		check(t, err)
		t.Cleanup(func() { check(t, e.Close()) })
		return e
	}
	s, old, next := newServer(t), ring("old"), ring("next")
	fill(t, s.client(t, both(old)), 10)
	for i, step := range []struct {
		encryptor crypto.ItemEncryptor
		resealed  int64
	}{{both(old, next), 10}, {both(next, old), 0}, {both(next), 10}, {both(next), 0}} {
		report, err := bulk.Reseal(t.Context(), s.client(t, step.encryptor), table)
		check(t, err)
		if report.Resealed != step.resealed || report.Failed != 0 {
			t.Errorf("step %d: %+v, want %d", i, report, step.resealed)
		}
	}
}

// A description that differs with each sealing is compared by what does not.
func TestReseal_ComparesMaterialDescriptions(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	signing, err := providers.NewHMAC("HmacSHA256", key)
	check(t, err)
	encryptor := func(description string, options ...ddbec.Option) crypto.ItemEncryptor {
		p, err := wrapped.NewAES(key, signing, signing, wrapped.WithDescription(providers.MaterialDescription{"key": description}))
		check(t, err)
		e, err := ddbec.New(p, options...)
		check(t, err)
		return e
	}
	for name, options := range map[string][]ddbec.Option{
		"usual names": nil,
		"other names": {ddbec.WithDescriptionAttribute("d"), ddbec.WithSignatureAttribute("s")},
	} {
		s := newServer(t)
		fill(t, s.client(t, encryptor("2025", options...)), 10)
		for i, step := range []struct {
			description string
			resealed    int64
		}{{"2025", 0}, {"2026", 10}, {"2026", 0}} {
			report, err := bulk.Reseal(t.Context(), s.client(t, encryptor(step.description, options...)), table)
			check(t, err)
			if report.Resealed != step.resealed || report.Failed != 0 {
				t.Errorf("%s, step %d: %+v, want %d", name, i, report, step.resealed)
			}
		}
	}
}
