package vet

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/internal/policy"
)

func TestRemovingAPairKeepsTheOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,8}`), 1, 5, rapid.ID).Draw(t, "keys")
		var tag strings.Builder
		for i, key := range keys {
			if i > 0 {
				tag.WriteString(rapid.SampledFrom([]string{"", " ", "  "}).Draw(t, "space"))
			}
			tag.WriteString(key + ":" + strconv.Quote(rapid.String().Draw(t, "value")))
		}
		pairs, ok := policy.ScanTag(tag.String())
		if !ok || len(pairs) != len(keys) {
			t.Fatalf("ScanTag(%q) = %v, %v", tag.String(), pairs, ok)
		}
		gone := rapid.IntRange(0, len(keys)-1).Draw(t, "removed")
		left := remove(tag.String(), pairs[gone])
		for i, key := range keys {
			value, found := reflect.StructTag(left).Lookup(key)
			if found != (i != gone) || found && value != pairs[i].Value {
				t.Fatalf("%q without %s is %q, which has %s:%q, %v", tag.String(), keys[gone], left, key, value, found)
			}
		}
		if left != strings.TrimSpace(left) {
			t.Fatalf("%q without %s is %q", tag.String(), keys[gone], left)
		}
	})
}

func TestMalformedTagsAreNotScanned(t *testing.T) {
	for _, tag := range []string{`a`, `a: "b"`, `a:"b`, `:"b"`, `a:"\x"`, `a b:"c"`} {
		if pairs, ok := policy.ScanTag(tag); ok {
			t.Errorf("ScanTag(%q) = %v", tag, pairs)
		}
	}
}

func TestNamesAreSplitIntoWords(t *testing.T) {
	for name, want := range map[string][]string{
		"":              nil,
		"email":         {"email"},
		"emailAddress":  {"email", "address"},
		"UserSSNHash":   {"user", "ssn", "hash"},
		"e-mail":        {"e", "mail"},
		"EMail":         {"e", "mail"},
		"date_of_birth": {"date", "of", "birth"},
		"address2Line":  {"address", "line"},
		"*odd name*":    {"odd", "name"},
	} {
		if got := splitName(name); !slices.Equal(got, want) {
			t.Errorf("splitName(%q) = %q, want %q", name, got, want)
		}
	}
}
