package beacon_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

// invalid are changes to the configuration of people that [beacon.New] refuses.
// Each error contains the texts.
var invalid = map[string]struct {
	change func(c *beacon.Config)
	want   []string
}{
	"no standard beacon": {func(c *beacon.Config) { c.Standard = nil },
		[]string{"no standard beacon"}},
	"no name": {func(c *beacon.Config) { c.Standard[0].Name = "" },
		[]string{"beacon has no name"}},
	"long name": {func(c *beacon.Config) { c.Standard[0].Name = strings.Repeat("x", 1<<16) },
		[]string{"65536 bytes"}},
	"name not UTF-8": {func(c *beacon.Config) { c.Standard[0].Name = "\xff" },
		[]string{`beacon "\xff"`, "UTF-8"}},
	"reserved name": {func(c *beacon.Config) { c.Compound[0].Name = "aws_dbe_x" },
		[]string{`beacon "aws_dbe_x"`, "reserved"}},
	"reserved virtual name": {func(c *beacon.Config) { c.Virtual[0].Name = "aws_dbe_x" },
		[]string{`virtual field "aws_dbe_x"`, "reserved"}},
	"no virtual name": {func(c *beacon.Config) { c.Virtual[0].Name = "" },
		[]string{"virtual field has no name"}},
	"standard name twice": {func(c *beacon.Config) { c.Standard[1].Name = "email" },
		[]string{`beacon "email"`, "twice"}},
	"compound name twice": {func(c *beacon.Config) { c.Compound[1].Name = "contact" },
		[]string{`beacon "contact"`, "twice"}},
	"compound named standard": {func(c *beacon.Config) { c.Compound[1].Name = "email" },
		[]string{`beacon "email"`, "twice"}},
	"virtual name twice": {func(c *beacon.Config) { c.Virtual = append(c.Virtual, c.Virtual[0]) },
		[]string{`"initials"`, "twice"}},
	"compound named virtual": {func(c *beacon.Config) { c.Compound[0].Name = "v"; c.Virtual[0].Name = "v" },
		[]string{`beacon "v"`, "virtual field of that name"}},
	"standard named virtual": {func(c *beacon.Config) { c.Standard[5].Location = "x" },
		[]string{`beacon "initials"`, `location is "x"`}},
	"beacon named key field": {func(c *beacon.Config) { c.Standard[0].Name = "tenant" },
		[]string{`beacon "tenant"`, "key field"}},
	"compound named key field": {func(c *beacon.Config) { c.Compound[0].Name = "tenant" },
		[]string{`beacon "tenant"`, "key field"}},
	"virtual named key field": {func(c *beacon.Config) { c.Virtual[0].Name = "tenant" },
		[]string{`virtual field "tenant"`, "key field"}},

	"length 0": {func(c *beacon.Config) { c.Standard[0].Length = 0 },
		[]string{`beacon "email"`, "length is 0"}},
	"length 64": {func(c *beacon.Config) { c.Standard[0].Length = 64 },
		[]string{`beacon "email"`, "length is 64"}},
	"location": {func(c *beacon.Config) { c.Standard[1].Location = "address." },
		[]string{`beacon "zip"`, `"address."`, "empty"}},
	"location from index": {func(c *beacon.Config) { c.Standard[1].Location = "[0]" },
		[]string{`beacon "zip"`, `"[0]"`}},
	"location index": {func(c *beacon.Config) { c.Standard[1].Location = "a[x]" },
		[]string{`beacon "zip"`, `"a[x]"`, "index"}},
	"location open index": {func(c *beacon.Config) { c.Standard[1].Location = "a[0" },
		[]string{`beacon "zip"`, `"a[0"`, "index"}},
	"location large index": {func(c *beacon.Config) { c.Standard[1].Location = "a[9999999999]" },
		[]string{`beacon "zip"`, `"a[9999999999]"`, "index"}},
	"location text after index": {func(c *beacon.Config) { c.Standard[1].Location = "a[0]b" },
		[]string{`beacon "zip"`, `"a[0]b"`, "index"}},
	"location reserved": {func(c *beacon.Config) { c.Standard[1].Location = "aws_dbe_head" },
		[]string{`beacon "zip"`, "reserved"}},
	"location twice": {func(c *beacon.Config) { c.Standard[1].Location = "email" },
		[]string{`beacon "zip"`, `beacon "email" has the same location`}},
	"location in a beacon": {func(c *beacon.Config) { c.Standard[1].Location = "contact.x" },
		[]string{`beacon "zip"`, `"contact.x"`}},
	"location in a virtual field": {func(c *beacon.Config) { c.Standard[1].Location = "initials.x" },
		[]string{`beacon "zip"`, `"initials.x"`}},
	"location at a signed beacon": {func(c *beacon.Config) { c.Standard[1].Location = "period" },
		[]string{`beacon "zip"`, `"period"`}},
	"location of a single virtual field": {func(c *beacon.Config) {
		c.Virtual[0].Parts = []beacon.VirtualPart{{Location: "email"}}
	},
		[]string{`beacon "email"`, `virtual field "initials"`}},

	"partOnly and set": {func(c *beacon.Config) { c.Standard[4].Set = true },
		[]string{`beacon "phone"`, "partOnly"}},
	"partOnly and shared": {func(c *beacon.Config) { c.Standard[4].Shared = "zip" },
		[]string{`beacon "phone"`, "partOnly"}},
	"partOnly, not used": {func(c *beacon.Config) { c.Standard[0].PartOnly = true },
		[]string{`beacon "email"`, "no compound beacon uses it"}},
	"set at a virtual field": {func(c *beacon.Config) { c.Standard[5].Set = true },
		[]string{`beacon "initials"`, "not a set"}},
	"shared with itself": {func(c *beacon.Config) { c.Standard[3].Shared = "backup" },
		[]string{`beacon "backup"`, "itself"}},
	"shared with nothing": {func(c *beacon.Config) { c.Standard[3].Shared = "x" },
		[]string{`beacon "backup"`, `no standard beacon "x"`}},
	"shared with a compound": {func(c *beacon.Config) { c.Standard[3].Shared = "contact" },
		[]string{`beacon "backup"`, `no standard beacon "contact"`}},
	"shared in a chain": {func(c *beacon.Config) { c.Standard[0].Shared, c.Standard[0].Length = "zip", 10 },
		[]string{`beacon "backup"`, `"email" is itself shared with "zip"`}},
	"shared, other length": {func(c *beacon.Config) { c.Standard[3].Length = 15 },
		[]string{`beacon "backup"`, "15", "16"}},

	"virtual field of nothing": {func(c *beacon.Config) { c.Virtual[0].Parts = nil },
		[]string{`virtual field "initials"`, "no parts"}},
	"virtual location": {func(c *beacon.Config) { c.Virtual[0].Parts[0].Location = "" },
		[]string{`virtual field "initials"`, "empty"}},
	"virtual location at a virtual field": {func(c *beacon.Config) { c.Virtual[0].Parts[0].Location = "initials" },
		[]string{`virtual field "initials"`, `"initials" is a beacon or virtual field`}},
	"two virtual fields alike": {func(c *beacon.Config) {
		c.Virtual = append(c.Virtual, beacon.VirtualField{Name: "v",
			Parts: []beacon.VirtualPart{{Location: "last"}, {Location: "first"}}})
	}, []string{`virtual field "v"`, `"initials" has the same locations`}},
	"empty transform": {func(c *beacon.Config) { c.Virtual[0].Parts[0].Transforms = make([]beacon.Transform, 1) },
		[]string{`virtual field "initials"`, "transform is empty"}},
	"insert": {func(c *beacon.Config) {
		c.Virtual[0].Parts[0].Transforms = []beacon.Transform{beacon.Insert("\xff")}
	}, []string{`virtual field "initials"`, "UTF-8"}},
	"segment": {func(c *beacon.Config) { c.Virtual[0].Parts[0].Transforms = []beacon.Transform{beacon.Segment("", 0)} },
		[]string{`virtual field "initials"`, "one character"}},
	"segments": {func(c *beacon.Config) {
		c.Virtual[0].Parts[0].Transforms = []beacon.Transform{beacon.Segments("😀", 0, 1)}
	},
		[]string{`virtual field "initials"`, "one character"}},

	"split": {func(c *beacon.Config) { c.Compound[0].Split = "" },
		[]string{`beacon "contact"`, "split"}},
	"split of two": {func(c *beacon.Config) { c.Compound[0].Split = ".." },
		[]string{`beacon "contact"`, "split"}},
	"split in prefix": {func(c *beacon.Config) { c.Compound[0].Split = "-" },
		[]string{`beacon "contact"`, `"D-"`, "split"}},
	"empty prefix": {func(c *beacon.Config) { c.Compound[0].Signed[0].Prefix = "" },
		[]string{`beacon "contact"`, `"day"`, "empty"}},
	"same prefix": {func(c *beacon.Config) { c.Compound[0].Signed[0].Prefix = "P-" },
		[]string{`beacon "contact"`, `"P-"`, "same prefix"}},
	"prefix of a prefix": {func(c *beacon.Config) { c.Compound[0].Signed[0].Prefix = "P-x" },
		[]string{`beacon "contact"`, `"P-"`, `"P-x"`}},
	"prefix of a global part": {func(c *beacon.Config) { c.Compound[0].Signed[0].Prefix = "Y-" },
		[]string{`beacon "contact"`, `"Y-"`, "same prefix"}},
	"name of a global part": {func(c *beacon.Config) { c.Compound[0].Signed[0].Name = "year" },
		[]string{`beacon "contact"`, `"year"`, "two parts"}},
	"part twice": {func(c *beacon.Config) { c.Compound[0].Encrypted[1].Name = "phone" },
		[]string{`beacon "contact"`, `"phone"`, "two parts"}},
	"part of a set beacon": {func(c *beacon.Config) { c.Compound[0].Encrypted[1].Name = "tags" },
		[]string{`beacon "contact"`, `"tags" is a set beacon`}},
	"part of nothing": {func(c *beacon.Config) { c.Compound[0].Encrypted[1].Name = "x" },
		[]string{`beacon "contact"`, `"x" is not a standard beacon`}},
	"part at a beacon": {func(c *beacon.Config) { c.Compound[0].Signed[0].Location = "contact" },
		[]string{`beacon "contact"`, `location "contact"`}},
	"signed part at a virtual field": {func(c *beacon.Config) { c.Compound[0].Signed[0].Location = "initials" },
		[]string{`beacon "contact"`, `"day" is at a virtual field`}},
	"signed part's location": {func(c *beacon.Config) { c.Compound[0].Signed[0].Location = "a[" },
		[]string{`beacon "contact"`, `"a["`}},
	"signed part's name": {func(c *beacon.Config) {
		c.Compound[0].Signed[0] = beacon.SignedPart{Prefix: "D-", Location: "day"}
	},
		[]string{`beacon "contact"`, "no name"}},
	"no parts": {func(c *beacon.Config) {
		c.Compound[0].Signed, c.Compound[0].Encrypted, c.Compound[0].Constructors = nil, nil, nil
	},
		[]string{`beacon "contact"`, "neither"}},
	"global parts": {func(c *beacon.Config) { c.SignedParts[1].Name = "year" },
		[]string{"global parts", `"year"`}},
	"global part of nothing": {func(c *beacon.Config) {
		c.EncryptedParts = []beacon.EncryptedPart{{Name: "x", Prefix: "X"}}
	},
		[]string{"global parts", `"x"`}},

	"constructor names nothing": {func(c *beacon.Config) { c.Compound[0].Constructors[0][0].Name = "x" },
		[]string{`beacon "contact"`, `part "x"`}},
	"constructor requires nothing": {func(c *beacon.Config) { c.Compound[1].Constructors[0][0].Optional = true },
		[]string{`beacon "period"`, "no required part"}},
	"constructor is empty": {func(c *beacon.Config) { c.Compound[1].Constructors[0] = nil },
		[]string{`beacon "period"`, "no required part"}},
	"two constructors alike": {func(c *beacon.Config) { c.Compound[0].Constructors[1][1].Name = "phone" },
		[]string{`beacon "contact"`, "constructors 0 and 1"}},

	"maxPartitions below 0": {func(c *beacon.Config) { c.MaxPartitions = -1 },
		[]string{"maxPartitions is -1"}},
	"maxPartitions above 254": {func(c *beacon.Config) { c.MaxPartitions = 255 },
		[]string{"maxPartitions is 255"}},
	"defaultPartitions alone": {func(c *beacon.Config) { c.DefaultPartitions = 1 },
		[]string{"defaultPartitions is 1"}},
	"defaultPartitions, the maximum": {func(c *beacon.Config) { c.MaxPartitions, c.DefaultPartitions = 5, 5 },
		[]string{"defaultPartitions is 5"}},
	"defaultPartitions below 0": {func(c *beacon.Config) { c.MaxPartitions, c.DefaultPartitions = 5, -1 },
		[]string{"defaultPartitions is -1"}},
	"partitions alone": {func(c *beacon.Config) { c.Standard[0].Partitions = 1 },
		[]string{`beacon "email"`, "partitions is 1"}},
	"partitions, the maximum": {func(c *beacon.Config) { c.MaxPartitions, c.Standard[0].Partitions = 5, 5 },
		[]string{`beacon "email"`, "partitions is 5"}},
	"partitions below 0": {func(c *beacon.Config) { c.MaxPartitions, c.Standard[0].Partitions = 5, -1 },
		[]string{`beacon "email"`, "partitions is -1"}},
}

func TestNew_RefusesAnInvalidConfiguration(t *testing.T) {
	keys, err := beacon.MultiKeyStore(secretKey, "tenant", time.Minute)
	check(t, err)
	if _, err := beacon.New(keys, people()); err != nil {
		t.Fatalf("the configuration that the cases change: %v", err)
	}
	for name, c := range invalid {
		config := people()
		c.change(&config)
		s, err := beacon.New(keys, config)
		if s != nil || !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q, want it to contain %q", name, err, want)
			}
		}
	}
}

func TestNew_AcceptsWhatTheOfficialClientsAccept(t *testing.T) {
	for name, change := range map[string]func(c *beacon.Config){
		"a shared beacon before the other one": func(c *beacon.Config) {
			c.Standard[0], c.Standard[3] = c.Standard[3], c.Standard[0]
		},
		"a beacon that shares one that is partOnly": func(c *beacon.Config) {
			c.Standard[3].Shared, c.Standard[3].Length = "phone", 20
		},
		"a set that is shared": func(c *beacon.Config) { c.Standard[2].Shared, c.Standard[2].Length = "email", 16 },
		"a global part in two constructors": func(c *beacon.Config) {
			c.Compound[1].Constructors = append(c.Compound[1].Constructors,
				[]beacon.ConstructorPart{{Name: "status"}, {Name: "year"}})
		},
		"one prefix of two compound beacons": func(c *beacon.Config) { c.Compound[0].Signed[0].Prefix = "D" },
		"parts that no constructor names": func(c *beacon.Config) {
			c.Compound[0].Constructors = c.Compound[0].Constructors[:1]
		},
		"partitions": func(c *beacon.Config) {
			c.MaxPartitions, c.DefaultPartitions, c.Standard[0].Partitions = 254, 253, 253
		},
		"one partition": func(c *beacon.Config) { c.MaxPartitions = 1 },
	} {
		config := people()
		change(&config)
		if _, err := beacon.New(single(t), config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// actions are those of the table of people.
func actions() map[string]crypto.Action {
	return map[string]crypto.Action{"id": crypto.Sign, "day": crypto.Sign, "year": crypto.SignInContext,
		"state": crypto.Sign, "visits": crypto.None}
}

// unchecked are changes to the actions of people that Check refuses.
var unchecked = map[string]struct {
	name   string
	action crypto.Action
	want   []string
}{
	"key field encrypted":      {"tenant", crypto.Encrypt, []string{`"tenant"`, "sign it"}},
	"virtual field configured": {"initials", crypto.Encrypt, []string{`virtual field "initials"`, "rename"}},
	"virtual field not signed": {"first", crypto.None, []string{`virtual field "initials"`, `"first" is not signed`}},
	"standard beacon signed":   {"email", crypto.Sign, []string{`beacon "email"`, "not encrypted"}},
	"standard beacon unsigned": {"email", crypto.None, []string{`beacon "email"`, "not encrypted"}},
	"location signed":          {"address", crypto.Sign, []string{`beacon "zip"`, `"address.zip" is not encrypted`}},
	"located beacon's name":    {"zip", crypto.Encrypt, []string{`beacon "zip"`, "rename"}},
	"compound beacon's name":   {"contact", crypto.Encrypt, []string{`beacon "contact"`, "rename"}},
	"signed beacon encrypted":  {"period", crypto.Encrypt, []string{`beacon "period"`, `"encrypt"`}},
	"signed beacon unsigned":   {"period", crypto.None, []string{`beacon "period"`, `"none"`}},
	"signed part encrypted":    {"day", crypto.Encrypt, []string{`beacon "contact"`, `"day"`, `"encrypt"`}},
	"signed part unsigned":     {"state", crypto.None, []string{`beacon "period"`, `"state[0]"`, `"none"`}},
}

func checkPeople(t testing.TB, table crypto.TableInfo, name string, action crypto.Action) error {
	t.Helper()
	keys, err := beacon.MultiKeyStore(secretKey, "tenant", time.Minute)
	check(t, err)
	s, err := beacon.New(keys, people())
	check(t, err)
	all := actions()
	if name != "" {
		all[name] = action
	}
	return s.Check(table, func(name string) (crypto.Action, bool) {
		action, configured := all[name]
		return action, configured
	})
}

func TestCheck_RefusesActionsThatDoNotFit(t *testing.T) {
	for name, c := range unchecked {
		err := checkPeople(t, accounts, c.name, c.action)
		if !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", name, err)
			continue
		}
		for _, want := range append(c.want, `table "accounts"`) {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q, want it to contain %q", name, err, want)
			}
		}
	}
	for _, key := range []string{"email", "contact", "initials", "zip"} {
		table := crypto.TableInfo{Name: "accounts", PartitionKey: key}
		if err := checkPeople(t, table, "", 0); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("a table with key %q: got %v, want ErrPolicy", key, err)
		}
	}
}

func TestCheck_AcceptsActionsThatFit(t *testing.T) {
	for name, action := range map[string]crypto.Action{"": 0, "period": crypto.Sign, "tenant": crypto.Sign,
		"email": crypto.Encrypt, "last": crypto.Sign, "day": crypto.SignInContext} {
		check(t, checkPeople(t, accounts, name, action))
	}
	check(t, checkPeople(t, crypto.TableInfo{Name: "accounts", PartitionKey: "period"}, "", 0))
	check(t, checkPeople(t, accounts, "tenant", crypto.None))
}
