package policy

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// checkScan compares ScanTag with reflect, which guregu/dynamo uses.
func checkScan(t interface{ Errorf(string, ...any) }, tag string) {
	pairs, ok := ScanTag(tag)
	if !ok {
		return
	}
	first := make(map[string]bool)
	for _, p := range pairs {
		if first[p.Key] {
			continue
		}
		first[p.Key] = true
		if value, found := reflect.StructTag(tag).Lookup(p.Key); !found || value != p.Value {
			t.Errorf("tag %q: %s is %q, reflect says %q, %v", tag, p.Key, p.Value, value, found)
		}
	}
	for _, key := range []string{KeyAction, KeyBeacon, keyName, keyIndex, keyLocalIndex} {
		if _, found := reflect.StructTag(tag).Lookup(key); found != first[key] {
			t.Errorf("tag %q: reflect finds %s: %v, we: %v", tag, key, found, first[key])
		}
	}
}

func FuzzStructTagsAreReadAsReflectReadsThem(f *testing.F) {
	for _, tag := range []string{
		``, ` `, `ddbenc:"none"`, `dynamo:"a,hash" ddbenc:"sign,context"`, `index:"a,hash"index:"b,hash"`,
		`ddbenc: "none"`, `a:b:"c"`, `dynamo:"\"" ddbenc:"\u006eone"`, "dynamo:\"a\nb\"", `ddbenc:"a\`, `:"x"`, "é:\"x\"",
	} {
		f.Add(tag)
	}
	f.Fuzz(func(t *testing.T, tag string) { checkScan(t, tag) })
}

func TestStructTagsAreReadAsReflectReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkScan(t, rapid.StringMatching(`( {0,2}(ddbenc|beacon|dynamo|index|x)[: ]{1,2}("([a,\\"]|\\n){0,4}"|a)){0,4}`).Draw(t,
			"tag"))
	})
}

func TestKeysThatWereProbablyMeantToBeAnother(t *testing.T) {
	for key, want := range map[string]string{
		"beacon": "", "Beacon": "beacon", "BEACON": "beacon", "becon": "beacon", "beacons": "beacon", "bea_con": "beacon",
		"baecon": "beacon", "ddbenc": "", "ddbEnc": "ddbenc", "beach": "", "con": "", "json": "", "icon": "",
	} {
		if got := IntendedKey(key); got != want {
			t.Errorf("%q: %q, want %q", key, got, want)
		}
	}
}

func TestWhatLooksLikeTheTagKey(t *testing.T) {
	for key, want := range map[string]bool{
		"ddbenc": false, "ddbec": true, "dbenc": true, "ddbencc": true, "ddebnc": true, "ddb_enc": true, "xddbenc": true,
		"ddbEnc": true, "json": false, "dynamo": false, "dynamodbav": false, "db": false, "enc": false, "": false,
		"ddbc": false,
	} {
		if got := looksLikeAction(key); got != want {
			t.Errorf("%q: %v", key, got)
		}
	}
}
