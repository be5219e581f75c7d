package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// kmsDecrypts serves the Decrypt requests of the AWS CLI's protocol.
func kmsDecrypts(t *testing.T, keys *providertest.KMS) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			CiphertextBlob    []byte
			EncryptionContext map[string]string
			KeyId             *string
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "TrentService.Decrypt" {
			t.Errorf("request %s: %v", r.Header.Get("X-Amz-Target"), err)
		}
		out, err := keys.Decrypt(r.Context(), &kms.DecryptInput{CiphertextBlob: in.CiphertextBlob,
			EncryptionContext: in.EncryptionContext, KeyId: in.KeyId})
		reply := map[string]any{}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			reply["__type"] = "InvalidCiphertextException"
		} else {
			reply["Plaintext"], reply["KeyId"] = out.Plaintext, *out.KeyId
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if err := json.NewEncoder(w).Encode(reply); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// searched is a table whose key configuration can have beacons.
type searched struct {
	*tableDB
	aws, keys string // sections of the key configuration
}

func newSearched(t *testing.T) *searched {
	t.Helper()
	s := &searched{tableDB: newTableDB(t)}
	keys := providertest.NewKMS()
	store, err := keystore.New(s.DB, "branch-keys", keys, providertest.KeyARN)
	check(t, err)
	check(t, store.CreateTable(t.Context()))
	_, err = store.Create(t.Context(), "patients", map[string]string{"x": "y"})
	check(t, err)
	s.aws = fmt.Sprintf(`"aws": {"kmsEndpoint": %q, "dynamodbEndpoint": %q}`, kmsDecrypts(t, keys), s.url)
	s.keys = `"keyStore": {"table": "branch-keys", "keyARN": "` + providertest.KeyARN + `"}, "branchKey": "patients"`
	return s
}

// config returns a key configuration with beacons.
func (s *searched) config(t *testing.T, sections ...string) string {
	t.Helper()
	return keys(t, 1, append(sections, rawAES, s.aws)...)
}

const (
	emailBeacon = `"config": {"standard": [{"name": "email", "length": 13}], "compound": [{"name": "by-plan", "split": "|",
		"signed": [{"name": "plan", "prefix": "P-"}], "encrypted": [{"name": "email", "prefix": "E-"}]}]}`
	searchedPolicy = `{"structs": [{"package": "example.com/shop/store", "name": "Account", "type": "store.Account", "tables": ["accounts"], "partitionKey": "id",
		"attributes": [{"name": "id", "action": "sign"}, {"name": "email", "action": "encrypt", "beacon": {"length": 13}}, {"name": "plan", "action": "sign"}, {"name": "visits", "action": "none"}]}]}`
)

// beaconsOf returns the beacons of a stored item.
func beaconsOf(t *testing.T, line string) crypto.Item {
	t.Helper()
	found := make(crypto.Item)
	for name, value := range parse(t, line) {
		if strings.HasPrefix(name, "aws_dbe_b_") {
			found[name] = value
		}
	}
	return found
}

func TestSeal_AddsTheBeaconsOfTheKeyConfiguration(t *testing.T) {
	s := newSearched(t)
	config := s.config(t, declared, `"beacons": {`+s.keys+`, `+emailBeacon+`}`)
	sealed := fine(t, plain, "seal", "-c", config)
	if got := slices.Sorted(maps.Keys(beaconsOf(t, sealed))); !slices.Equal(got, []string{"aws_dbe_b_by-plan", "aws_dbe_b_email"}) {
		t.Errorf("the beacons are %q", got)
	}
	for _, opens := range []string{config, keys(t, 1, declared, rawAES)} {
		if opened := fine(t, sealed, "open", "-c", opens); opened != plain+"\n" {
			t.Errorf("opened, it is %s", opened)
		}
	}
	policy := write(t, t.TempDir(), "policy.json", searchedPolicy)
	byPolicy := fine(t, plain, "seal", "-c", s.config(t, `"beacons": {`+s.keys+`}`), "-p", policy)
	if got := beaconsOf(t, byPolicy); len(got) != 1 || got["aws_dbe_b_email"] == nil ||
		!reflect.DeepEqual(got["aws_dbe_b_email"], beaconsOf(t, sealed)["aws_dbe_b_email"]) {
		t.Errorf("by the policy, the beacons are %v", got)
	}
	refused(t, 2, `the policy has beacons ("email"). Specify their keys`, plain, "seal", "-c", s.config(t), "-p", policy)
}

func TestInspect_NamesBeacons(t *testing.T) {
	s := newSearched(t)
	item := strings.Replace(plain, `"visits"`, `"codes":{"SS":["E11","J45"]},"visits"`, 1)
	beacons := strings.Replace(emailBeacon, `13}`, `13}, {"name": "codes", "length": 60, "set": true}`, 1)
	sealed := fine(t, item, "seal", "-c", s.config(t, declared, `"beacons": {`+s.keys+`, `+beacons+`}`))
	table, line := fine(t, sealed, "inspect", "-u", "visits"), fine(t, sealed, "inspect", "-u", "visits", "-f", "json")
	for _, want := range []string{
		"beacons\n  NAME               KIND      HASHES  LENGTH\n",
		"  aws_dbe_b_by-plan  compound  -       13 characters in all\n",
		"  aws_dbe_b_codes    set       2       15 hex digits, 57 to 60 bits\n",
		"  aws_dbe_b_email    standard  1       4 hex digits, 13 to 16 bits\n",
		"  aws_dbe_b_email    (format)  S",
		"Beacons are not signed.",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in %s", want, table)
		}
	}
	if want := `{"attribute":"aws_dbe_b_email","kind":"standard","hexDigits":4}`; !strings.Contains(line, want) {
		t.Errorf("no %s in %s", want, line)
	}
	for _, name := range []string{"aws_dbe_b_by-plan", "aws_dbe_b_codes"} { // the third may be in the message ID by chance
		value, err := itemjson.AppendValue(nil, parse(t, sealed)[name])
		check(t, err)
		for _, text := range strings.FieldsFunc(string(value), func(r rune) bool { return strings.ContainsRune(`{}[]":,`, r) }) {
			if len(text) > 2 && strings.Contains(table+line, text) {
				t.Errorf("the value of %s is shown: %s", name, text)
			}
		}
	}
}

func TestReseal_AddsAndKeepsAndRemovesBeacons(t *testing.T) {
	s := newSearched(t)
	const items = 6
	none := keys(t, 1, declared, rawAES)
	for n := range items {
		s.put(t, fine(t, account(n), "seal", "-c", none))
	}
	with := s.config(t, declared, `"beacons": {`+s.keys+`, `+emailBeacon+`}`)
	policy := write(t, t.TempDir(), "policy.json", searchedPolicy)
	count := func() (n int) {
		for _, line := range s.stored(t) {
			n += len(beaconsOf(t, line))
		}
		return n
	}
	step := func(code int, wantBeacons int, wantErr string, args ...string) {
		t.Helper()
		r := s.ran(t, code, args...)
		if !strings.Contains(r.err, wantErr) || r.out != "" || count() != wantBeacons {
			t.Errorf("%q: got %+v and %d beacons, want %s and %d", args, r, count(), wantErr, wantBeacons)
		}
	}
	step(0, 2*items, "6 items, 6 resealed", "reseal", "-c", with)
	step(0, 2*items, "6 items, 0 resealed", "reseal", "-c", with)
	step(0, 2*items, "6 items, 0 failed", "verify", "-c", with)
	step(2, 2*items, "and --remove-beacons removes them", "reseal", "-c", none)
	step(2, 2*items, "the item has beacons, but the table is declared without any", "reseal", "-c", none, "--to-plaintext")
	step(2, 2*items, "the policy has beacons", "reseal", "-c", s.config(t), "-p", policy, "--logical-name", "accounts")
	step(2, 2*items, "mapper.WithoutBeacons is for a table that no longer has beacons", "reseal", "-c", with, "--remove-beacons")
	step(0, items, "6 items, 6 resealed", "reseal", "-c", s.config(t, `"beacons": {`+s.keys+`}`), "-p", policy, "--logical-name", "accounts")
	step(1, items, "6 of 6 items are not as declared", "reseal", "-c", none, "--remove-beacons", "--dry-run")
	step(0, 0, "6 items, 6 resealed", "reseal", "-c", none, "--remove-beacons")
	step(0, 0, "6 items, 0 resealed", "reseal", "-c", none, "--remove-beacons")
	step(0, 0, "6 items, 0 resealed", "reseal", "-c", none)
}

func TestBeacon_SamplesATableThatHasBeacons(t *testing.T) {
	s := newSearched(t)
	config := s.config(t, declared, `"beacons": {`+s.keys+`, `+emailBeacon+`}`)
	for n := range 20 {
		s.put(t, fine(t, account(n), "seal", "-c", config))
	}
	if r := s.ran(t, 0, "beacon", "-c", config, "-a", "email", "-f", "json"); !strings.Contains(r.out, `"items":20`) &&
		!strings.Contains(r.out, `"items": 20`) {
		t.Errorf("got %+v", r)
	}
}
