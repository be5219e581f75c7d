package beacon_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

const everything = `{
	"standard": [{"name": "a", "length": 8, "location": "v", "partOnly": true, "partitions": 2},
		{"name": "b", "length": 8, "set": true, "shared": "a"}],
	"virtual": [{"name": "v", "parts": [{"location": "x.y[0]", "transforms": [{"upper": {}}, {"lower": {}},
		{"insert": "x"}, {"prefix": 3}, {"suffix": -2}, {"substring": {"low": 0, "high": 3}},
		{"segment": {"split": " ", "index": 0}},
		{"segments": {"split": " ", "low": 0, "high": 2}}]}]}],
	"compound": [{"name": "c", "split": ".", "encrypted": [{"name": "a", "prefix": "A-"}],
		"signed": [{"name": "s", "prefix": "S-", "location": "t"}],
		"constructors": [[{"name": "a"}, {"name": "s", "optional": true}]]}],
	"encryptedParts": [{"name": "b", "prefix": "B-"}], "signedParts": [{"name": "t", "prefix": "T-"}],
	"maxPartitions": 5, "defaultPartitions": 3
}`

func TestParseConfig_ReadsEverything(t *testing.T) {
	got, err := beacon.ParseConfig([]byte(everything))
	check(t, err)
	want := beacon.Config{
		Standard: []beacon.Standard{{Name: "a", Length: 8, Location: "v", PartOnly: true, Partitions: 2},
			{Name: "b", Length: 8, Set: true, Shared: "a"}},
		Virtual: []beacon.VirtualField{{Name: "v", Parts: []beacon.VirtualPart{{Location: "x.y[0]",
			Transforms: []beacon.Transform{beacon.Upper(), beacon.Lower(), beacon.Insert("x"), beacon.Prefix(3),
				beacon.Suffix(-2), beacon.Substring(0, 3), beacon.Segment(" ", 0), beacon.Segments(" ", 0, 2)}}}}},
		Compound: []beacon.Compound{{Name: "c", Split: ".", Encrypted: []beacon.EncryptedPart{{Name: "a", Prefix: "A-"}},
			Signed:       []beacon.SignedPart{{Name: "s", Prefix: "S-", Location: "t"}},
			Constructors: [][]beacon.ConstructorPart{{{Name: "a"}, {Name: "s", Optional: true}}}}},
		EncryptedParts: []beacon.EncryptedPart{{Name: "b", Prefix: "B-"}},
		SignedParts:    []beacon.SignedPart{{Name: "t", Prefix: "T-"}},
		MaxPartitions:  5, DefaultPartitions: 3,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	data, err := json.Marshal(got)
	check(t, err)
	if again, err := beacon.ParseConfig(data); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("%s is read as %+v, %v", data, again, err)
	}
}

func TestParseConfig_IsStrict(t *testing.T) {
	for data, want := range map[string]string{
		``:                             "JSON",
		`{`:                            "JSON",
		`[]`:                           "array",
		`{} {}`:                        "after the value",
		`{"Standard": []}`:             `Standard: unknown field`,
		`{"standard": [{"nme": "a"}]}`: `standard[0].nme: unknown field (known here: length, location, name,`,
		`{"standard": [{"name": "a", "name": "b"}]}`:                                        "name: duplicate field",
		`{"standard": null}`:                                                                `standard: null`,
		`{"maxPartitions": "5"}`:                                                            `maxPartitions: a JSON string`,
		`{"virtual": [{"parts": [{"transforms": [{}]}]}]}`:                                  "exactly one",
		`{"virtual": [{"parts": [{"transforms": [{"upper": {}, "lower": {}}]}]}]}`:          "exactly one",
		`{"virtual": [{"parts": [{"transforms": [{"Upper": {}}]}]}]}`:                       "Upper: unknown field",
		`{"virtual": [{"parts": [{"transforms": [{"upper": {"x": 1}}]}]}]}`:                 "upper.x: unknown field",
		`{"virtual": [{"parts": [{"transforms": [{"prefix": 1, "prefix": 2}]}]}]}`:          "duplicate field",
		`{"virtual": [{"parts": [{"transforms": [{"substring": {"low": 1, "end": 2}}]}]}]}`: "end: unknown field",
		`{"virtual": [{"parts": [{"transforms": [{"prefix": 1.5}]}]}]}`:                     "number",
		`{"virtual": [{"parts": [{"transforms": ["upper"]}]}]}`:                             "string",
		`{"compound": [{"constructors": [[{"name": "a", "required": true}]]}]}`:             "required: unknown field",
	} {
		c, err := beacon.ParseConfig([]byte(data))
		if !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %+v, %v, want an error with %q", data, c, err, want)
		}
	}
	if _, err := json.Marshal(beacon.Transform{}); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("an empty transform: got %v", err)
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(everything))
	f.Add([]byte(`{"standard":[{"name":"a","length":8}]}`))
	f.Add([]byte(`{"standard":[{"name":"a","length":8,"location":"a[12].b"}],` +
		`"compound":[{"name":"c","split":".","signed":[{"name":"s","prefix":"S"}]}]}`))
	data, err := json.Marshal(people())
	check(f, err)
	f.Add(data)
	keys := single(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := beacon.ParseConfig(data)
		if err != nil {
			if !errors.Is(err, crypto.ErrPolicy) {
				t.Fatalf("got %v, want ErrPolicy", err)
			}
			return
		}
		s, err := beacon.New(keys, c)
		if err != nil {
			if !errors.Is(err, crypto.ErrPolicy) {
				t.Fatalf("New: got %v, want ErrPolicy", err)
			}
			return
		}
		item := ada()
		beacons, err := s.Stored(t.Context(), item, nil)
		if err != nil {
			if !errors.Is(err, crypto.ErrInvalidItem) {
				t.Fatalf("Stored: got %v, want ErrInvalidItem", err)
			}
			return
		}
		if same, err := s.SameBeacons(t.Context(), item, beacons); err != nil || !same {
			t.Fatalf("the item does not have its own beacons: %v", err)
		}
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := beacon.ParseConfig(again); err != nil {
			t.Fatalf("%s is written as %s, which does not parse: %v", data, again, err)
		}
	})
}
