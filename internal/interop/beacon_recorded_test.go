package interop_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// recordedKeys is a beacon.KeyStore with the keys of a record.
type recordedKeys map[string]string

func (k recordedKeys) BeaconKey(_ context.Context, branchKeyID string) (*keystore.BeaconKey, error) {
	key, err := hex.DecodeString(k[branchKeyID])
	if err != nil {
		return nil, err
	}
	return keystore.NewBeaconKey(branchKeyID, key)
}

// searching returns the keys and the configuration.
func (r *beaconRecord) searching(t *testing.T) (*beacon.Keys, beacon.Config) {
	t.Helper()
	config, err := beacon.ParseConfig(r.Config)
	check(t, err)
	keys, err := beacon.SingleKeyStore(recordedKeys(r.BeaconKeys), r.BranchKeyID, time.Hour)
	if r.KeyField != "" {
		keys, err = beacon.MultiKeyStore(recordedKeys(r.BeaconKeys), r.KeyField, time.Hour)
	}
	check(t, err)
	return keys, config
}

// search returns what Go makes of the record's configuration.
func (r *beaconRecord) search(t *testing.T) *beacon.Search {
	t.Helper()
	keys, config := r.searching(t)
	search, err := beacon.New(keys, config)
	check(t, err)
	check(t, search.Check(r.Table, r.actionOf(search)))
	return search
}

// actionOf returns the actions of the attributes, which for signed beacons is to
// sign them.
func (r *beaconRecord) actionOf(search *beacon.Search) func(string) (crypto.Action, bool) {
	return func(name string) (crypto.Action, bool) {
		if slices.Contains(search.SignedNames(), name) {
			return crypto.Sign, true
		}
		action, ok := r.Actions[name]
		return action, ok
	}
}

// beacons returns what Go adds to an item: signed beacons and stored beacons.
func (r *beaconRecord) beacons(t *testing.T, search *beacon.Search, item, sealed crypto.Item) (crypto.Item, error) {
	t.Helper()
	signed := func(name string) bool {
		action, ok := r.actionOf(search)(name)
		return ok && action.Signed()
	}
	prepared, err := search.Prepare(item, signed)
	if err != nil {
		return nil, err
	}
	beacons, err := search.Stored(t.Context(), prepared, sealed)
	if err != nil {
		return nil, err
	}
	for name, v := range prepared {
		if _, ok := r.Actions[name]; !ok {
			beacons[name] = v
		}
	}
	return beacons, nil
}

func TestBeacons_AreThoseThatTheOfficialClientStored(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(beaconFolder, "*.json"))
	check(t, err)
	if want := len(beaconCases()); len(files) != want {
		t.Fatalf("%d files of testdata, want %d: one of each case", len(files), want)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			r := readBeaconRecord(t, file)
			search := r.search(t)
			var sealed crypto.Item
			for i, recorded := range r.Items {
				item, want := decodeItem(t, recorded.Item), decodeItem(t, recorded.Stored)
				sealed = maps.Clone(want)
				delete(want, dbesdk.HeadAttribute)
				delete(want, dbesdk.FootAttribute)
				got, err := r.beacons(t, search, item, sealed)
				if err != nil {
					t.Errorf("item %d: %v", i, err)
					continue
				}
				for _, problem := range compareBeacons(got, want) {
					t.Errorf("item %d: %s", i, problem)
				}
			}
			for i, encoded := range r.Refused {
				if got, err := r.beacons(t, search, decodeItem(t, encoded), sealed); err == nil {
					t.Errorf("refused item %d has beacons: %v", i, slices.Collect(maps.Keys(got)))
				}
			}
		})
	}
}

// compareBeacons returns what differs.
func compareBeacons(got, want crypto.Item) (problems []string) {
	for name, v := range want {
		if got[name] == nil {
			problems = append(problems, fmt.Sprintf("%s is missing", name))
		} else if !expr.Equal(got[name], v) {
			problems = append(problems, fmt.Sprintf("%s is %v, want %v", name, plainText(got[name]), plainText(v)))
		}
	}
	for name, v := range got {
		if want[name] == nil {
			problems = append(problems, fmt.Sprintf("%s is %v, want none", name, plainText(v)))
		}
	}
	return problems
}
