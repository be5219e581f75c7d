package keyconfig_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

const (
	keyStoreJSON = `"keyStore": {"table": "branch-keys", "logicalName": "keys", "keyARN": "` + keyARN + `"}`
	placeJSON    = `"compound": [{"name": "place", "split": "|", "signed": [{"name": "plan", "prefix": "P-"}],
		"encrypted": [{"name": "email", "prefix": "E-"}]}, {"name": "label", "split": "|", "signed": [{"name": "plan", "prefix": "P-"}]}]`
	beaconsJSON = `{` + keyStoreJSON + `, "branchKey": "patients", "ttl": "5m", "config": {"standard": [{"name": "email", "length": 13}], ` + placeJSON + `}}`
)

// branchKeys creates a key store in the world, with a branch key for each ID.
func (w *world) branchKeys(t *testing.T, ids ...string) *keystore.Store {
	t.Helper()
	store, err := keystore.New(w.db, "branch-keys", w.kms, keyARN, keystore.WithLogicalName("keys"))
	check(t, err)
	check(t, store.CreateTable(t.Context()))
	for _, id := range ids {
		_, err := store.Create(t.Context(), id, map[string]string{"x": "y"})
		check(t, err)
	}
	return store
}

func withBeacons(config, beacons string) string {
	return strings.TrimSuffix(config, "}") + `, "beacons": ` + beacons + `}`
}

// Account is the table of account with beacons.
type Account struct {
	ID     string `dynamo:"id,hash"`
	Opened string `dynamo:"opened,range"`
	Email  string `dynamo:"email" beacon:"13"`
	Plan   string `dynamo:"plan" ddbenc:"sign"`
	Visits int    `dynamo:"visits" ddbenc:"none"`
}

func TestBeacons_AreThoseOfPackageMapper(t *testing.T) {
	w := newWorld(t)
	store := w.branchKeys(t, "patients")
	keys, err := hierarchical.New(store, hierarchical.BranchKey("patients"), time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys)
	check(t, err)
	beaconKeys, err := beacon.SingleKeyStore(store, "patients", time.Hour)
	check(t, err)
	goConfig, err := beacon.ParseConfig([]byte(`{` + placeJSON + `}`))
	check(t, err)
	client, err := mapper.NewClient(mappertest.New(), mapper.TableOf[Account]("accounts", e, mapper.WithBeacons(beaconKeys),
		mapper.WithBeaconConfig(goConfig)))
	check(t, err)
	want, err := client.Seal(t.Context(), "accounts", account())
	check(t, err)

	table, err := w.table(t, withBeacons(keyring(`{"kind": "hierarchical", "branchKey": "patients", `+keyStoreJSON+`}`), beaconsJSON))
	check(t, err)
	sealed, err := table.Seal(t.Context(), account())
	check(t, err)
	for _, name := range []string{"aws_dbe_b_email", "aws_dbe_b_place", "label"} {
		if want[name] == nil || !reflect.DeepEqual(sealed[name], want[name]) {
			t.Errorf("%s: got %v, want %v", name, sealed[name], want[name])
		}
	}
	if len(sealed) != len(want) || table.Actions.Of("label") != crypto.Sign {
		t.Errorf("got %v, want %v, actions %v", sealed, want, table.Actions)
	}
	opened, err := table.Open(t.Context(), want)
	check(t, err)
	if byGo, err := client.Open(t.Context(), "accounts", sealed); err != nil || !reflect.DeepEqual(opened, byGo) {
		t.Errorf("opened, it is %v and %v, %v", opened, byGo, err)
	}
	whole, err := mapper.NewClient(mappertest.New(), table.Declare("copy"))
	check(t, err)
	if needs, err := whole.NeedsReseal(t.Context(), "copy", want); err != nil || needs {
		t.Errorf("an item of Go needs resealing: %v, %v", needs, err)
	}
}

func TestBeacons_OfTenantsHaveTheirOwnKeys(t *testing.T) {
	w := newWorld(t)
	w.branchKeys(t, "north", "south")
	config := withBeacons(keyring(`{"kind": "hierarchical", "branchKeys": {"attribute": "id"}, `+keyStoreJSON+`}`),
		`{`+keyStoreJSON+`, "keyField": "clinic", "config": {"standard": [{"name": "email", "length": 40}]}}`)
	table, err := w.table(t, config)
	check(t, err)
	beaconOf := func(id string) any {
		item := account()
		item["id"] = text(id)
		sealed, err := table.Seal(t.Context(), item)
		check(t, err)
		return sealed["aws_dbe_b_email"]
	}
	if north := beaconOf("north"); north == nil || reflect.DeepEqual(north, beaconOf("south")) {
		t.Errorf("both tenants have the beacon %v", north)
	}
}

const searchedPolicy = `{"structs": [
	{"package": "example.com/clinic", "name": "Patient", "type": "clinic.Patient", "tables": ["accounts"], "partitionKey": "id", "sortKey": "opened", OPTIONS
	 "attributes": [{"name": "id", "action": "sign"}, {"name": "opened", "action": "sign"}, {"name": "plan", "action": "sign"},
		{"name": "email", "action": "encrypt", "beacon": {"length": 13}}, {"name": "codes", "action": "encrypt", "beacon": {"length": 9, "set": true}}]},
	{"package": "example.com/clinic", "name": "Visit", "type": "clinic.Visit", "tables": ["accounts"],
	 "attributes": [{"name": "email", "action": "encrypt", "beacon": {"length": LENGTH}}]}]}`

const searchedLock = `version 1

struct example.com/clinic Patient
	table accounts
	OPTION
	attribute codes encrypt written beacon=9,set field=Codes type=[]string
	attribute email encrypt written beacon=13 field=Email type=string
	attribute id sign default key=partition field=ID type=string
	attribute opened sign default key=sort field=Opened type=string
	attribute plan sign written field=Plan type=string
`

func TestBeacons_OfAPolicyAreMergedWithThoseOfTheFile(t *testing.T) {
	w := newWorld(t)
	w.branchKeys(t, "patients")
	const of = `{"encryptor": {"format": "dbesdk", "keyring": ` + rawAES + `}}`
	asJSON := strings.NewReplacer("OPTIONS", "", "LENGTH", "13").Replace(searchedPolicy)
	inGo := strings.NewReplacer("OPTIONS", `"options": [{"table": "accounts", "kind": "beacons"}],`, "LENGTH", "13").Replace(searchedPolicy)
	asLock := strings.Replace(searchedLock, "\tOPTION\n", "", 1)
	inGoLock := strings.Replace(searchedLock, "OPTION", "option accounts beacons", 1)
	table := func(policy, text string) (*keyconfig.Table, error) {
		t.Helper()
		file, err := w.read(t, text)
		check(t, err)
		if err := file.UsePolicy([]byte(policy), keyconfig.Choice{Tables: []string{"accounts"}}); err != nil {
			return nil, err
		}
		return file.Table(t.Context(), w)
	}
	withKeys := withBeacons(of, `{`+keyStoreJSON+`, "branchKey": "patients"}`)
	withConfig := withBeacons(of, `{`+keyStoreJSON+`, "branchKey": "patients", "config": {`+placeJSON+`}}`)
	for name, c := range map[string]struct {
		policy, text string
		want         []string
	}{
		"tags":                {asJSON, withKeys, []string{"aws_dbe_b_email"}},
		"lock":                {asLock, withKeys, []string{"aws_dbe_b_email"}},
		"tags and config":     {asJSON, withConfig, []string{"aws_dbe_b_email", "aws_dbe_b_place", "label"}},
		"configured in Go":    {inGo, withConfig, []string{"aws_dbe_b_email", "aws_dbe_b_place", "label"}},
		"the same, of a lock": {inGoLock, withConfig, []string{"aws_dbe_b_email", "aws_dbe_b_place", "label"}},
	} {
		made, err := table(c.policy, c.text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sealed, err := made.Seal(t.Context(), account())
		check(t, err)
		for _, beacon := range c.want {
			if sealed[beacon] == nil {
				t.Errorf("%s: the item has no %s", name, beacon)
			}
		}
	}
	for name, c := range map[string]struct{ policy, text, want string }{
		"no keys":               {asJSON, of, `beacons: missing: the policy has beacons ("email", "codes"). Specify their keys`},
		"no keys, lock":         {asLock, of, `beacons: missing: the policy has beacons ("codes", "email")`},
		"no config":             {inGo, withKeys, "beacons.config: missing: the policy says that the table also has beacons that are configured in Go"},
		"no config, lock":       {inGoLock, withKeys, "beacons.config: missing"},
		"nothing, lock":         {inGoLock, of, "beacons: missing"},
		"structs that disagree": {strings.NewReplacer("OPTIONS", "", "LENGTH", "14").Replace(searchedPolicy), withKeys, `disagree about the beacon of attribute "email"`},
		"twice": {asJSON, withBeacons(of, `{`+keyStoreJSON+`, "branchKey": "patients", "config": {"standard": [{"name": "email", "length": 13}]}}`),
			`beacons: config: beacon "email" is in the policy: omit it here`},
	} {
		if _, err := table(c.policy, c.text); !contains(err, c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestBeacons_ThatMakeNoSenseAreRefused(t *testing.T) {
	w := newWorld(t)
	good := withBeacons(keyring(rawAES), beaconsJSON)
	for name, c := range map[string]struct{ old, new, want string }{
		"no key store":        {keyStoreJSON + `, `, ``, "beacons.keyStore: missing"},
		"no branch key":       {`"branchKey": "patients", `, ``, `beacons: specify the branch key: either "branchKey" or "keyField"`},
		"two branch keys":     {`"branchKey": "patients", `, `"branchKey": "patients", "keyField": "plan", `, "beacons: specify the branch key"},
		"a wrong ttl":         {`"5m"`, `"5"`, "beacons.ttl: not a duration"},
		"a negative ttl":      {`"5m"`, `"-5m"`, "beacons: beacon: invalid configuration: the time to live"},
		"an unknown field":    {`"split"`, `"splits"`, "beacons.config.compound[0].splits: unknown field"},
		"a length of 0":       {`"length": 13`, `"length": 0`, `beacons: beacon: invalid configuration: beacon "email"`},
		"a readable location": {`"length": 13`, `"length": 13, "location": "plan"`, `beacons: declare table "accounts": `},
		"no such part":        {`"name": "email", "prefix"`, `"name": "e", "prefix"`, `beacon "place"`},
		"no beacons":          {`"config"`, `"configs"`, "beacons.configs: unknown field"},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: no %s", name, c.old)
		}
		_, err := w.table(t, strings.Replace(good, c.old, c.new, 1))
		if !contains(err, c.want) || contains(err, "\n") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if _, err := w.table(t, withBeacons(provider(aesWrap), beaconsJSON)); !errors.Is(err, crypto.ErrPolicy) || !contains(err, "dbesdk") {
		t.Errorf("in the format ddbec: %v", err)
	}
}

// A struct can be declared for several tables, with beacons that are configured in
// Go in one of them.
func TestBeacons_ConfiguredInGoAreThoseOfTheirTable(t *testing.T) {
	const policy = `{"structs": [{"package": "p", "name": "Row", "type": "p.Row", "tables": ["archive", "rows"], "partitionKey": "id",
		"options": [{"table": "rows", "kind": "beacons"}], "attributes": [{"name": "id", "action": "sign"}]}]}`
	w := newWorld(t)
	for table, refused := range map[string]bool{"rows": true, "archive": false, "copy": true} {
		file, err := w.read(t, `{"table": {"name": "`+table+`"}, "encryptor": {"format": "dbesdk", "keyring": `+rawAES+`}}`)
		check(t, err)
		check(t, file.UsePolicy([]byte(policy), keyconfig.Choice{Structs: []string{"p.Row"}, Tables: []string{table}}))
		if _, err := file.Table(t.Context(), w); contains(err, "beacons: missing") != refused {
			t.Errorf("%s: %v", table, err)
		}
	}
}
