package keystore_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

func TestNothingThatIsPrintedShowsAKey(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	branch := w.active(t, id)
	beacon, err := w.BeaconKey(t.Context(), id)
	check(t, err)

	type holder struct {
		branch keystore.BranchKey // fmt does not call Format on unexported fields
		beacon keystore.BeaconKey
		both   []any
	}
	values := map[string]any{
		"branch key": branch, "branch key value": *branch, "beacon key": beacon, "beacon key value": *beacon,
		"held": holder{*branch, *beacon, []any{branch, beacon}}, "held by pointer": &holder{*branch, *beacon, []any{*branch, *beacon}},
		"in a map": map[string]any{"a": branch, "b": *beacon}, "store": w.Store, "store value": *w.Store,
	}
	var printed strings.Builder
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%b", "%o", "%t"} {
			fmt.Fprintf(&printed, verb+"\n", v)
		}
		if strings.HasPrefix(name, "store") {
			continue // Its clients cannot be encoded as JSON.
		}
		encoded, err := json.Marshal(v)
		check(t, err)
		printed.Write(encoded)
		slog.New(slog.NewJSONHandler(&printed, nil)).Info("json", "value", v)
		slog.New(slog.NewTextHandler(&printed, nil)).Info("text", "value", v)
	}
	out := strings.ToLower(printed.String())
	for _, key := range [][]byte{branch.Key(), beacon.Key()} {
		part := key[4:10]
		for _, form := range []string{
			string(part), hex.EncodeToString(part), fmt.Sprintf("% x", part), base64.StdEncoding.EncodeToString(key[3:9]),
			strings.Trim(fmt.Sprint(part), "[]"), strings.Trim(fmt.Sprintf("%#v", part), "[]byte{}"), strings.Trim(fmt.Sprintf("%b", part), "[]"),
			strings.Trim(fmt.Sprintf("%o", part), "[]"), strings.Trim(strings.ReplaceAll(fmt.Sprint(part), " ", ","), "[]"),
		} {
			if strings.Contains(out, strings.ToLower(form)) {
				t.Errorf("%q shows", form)
			}
		}
	}
	for _, told := range []string{id, branch.Version, "beacon key of branch key", table} {
		if !strings.Contains(out, told) {
			t.Errorf("%q is not printed", told)
		}
	}
}

func TestABranchKeyForATestHasThirtyTwoBytes(t *testing.T) {
	const version = "83eec007-5659-4554-bf11-699b90f41ac6"
	given := bytes.Repeat([]byte{7}, 32)
	key, err := keystore.NewBranchKey("tenant-1", version, given)
	check(t, err)
	given[0] = 0
	if key.ID != "tenant-1" || key.Version != version || !bytes.Equal(key.Key(), bytes.Repeat([]byte{7}, 32)) {
		t.Errorf("%v", key)
	}
	for _, size := range []int{0, 16, 31, 33, 64} {
		if key, err := keystore.NewBranchKey("tenant-1", version, bytes.Repeat([]byte{7}, size)); !errors.Is(err, crypto.ErrNoUsableKey) || key != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	given[0] = 7
	beacon, err := keystore.NewBeaconKey("tenant-1", given)
	check(t, err)
	given[0] = 0
	if beacon.ID != "tenant-1" || !bytes.Equal(beacon.Key(), key.Key()) {
		t.Errorf("%v", beacon)
	}
	if beacon, err := keystore.NewBeaconKey("tenant-1", given[1:]); !errors.Is(err, crypto.ErrNoUsableKey) || beacon != nil {
		t.Errorf("31 bytes: %v", err)
	}
	if new(keystore.BranchKey).Key() != nil || new(keystore.BeaconKey).Key() != nil {
		t.Error("the zero value has a key")
	}
}
