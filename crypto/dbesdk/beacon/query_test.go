package beacon_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

func TestBeacon_IsFoundByNameOrLocation(t *testing.T) {
	s := newSearch(t, people())
	for path, want := range map[string]string{
		"email": "email", "zip": "zip", "address.zip": "zip", "backup": "backup", "backupEmail": "backup", "tags": "tags",
		"initials": "initials", "contact": "contact",
		"phone": "", "period": "", "address": "", "first": "", "day": "", "": "",
	} {
		b := s.Beacon(path)
		switch {
		case want == "" && b != nil:
			t.Errorf("%q is found as %q", path, b.Name())
		case want != "" && (b == nil || b.Name() != want || b.Attribute() != "aws_dbe_b_"+want):
			t.Errorf("%q is found as %v, want %q", path, b, want)
		case b != nil && (b.IsSet() != (want == "tags") || b.IsCompound() != (want == "contact") || b.Partitions() != 1):
			t.Errorf("%q: set %v, compound %v, partitions %d", path, b.IsSet(), b.IsCompound(), b.Partitions())
		}
	}
}

// The official clients read the index 12 as 11.
func TestBeacon_AtALargeIndexIsThatOfTheOfficialClients(t *testing.T) {
	s := newSearch(t, beacon.Config{Standard: []beacon.Standard{{Name: "last", Length: 30, Location: "list[12].a"}}})
	list := make([]types.AttributeValue, 13)
	for i := range list {
		list[i] = &types.AttributeValueMemberM{Value: crypto.Item{"a": number(string(rune('a' + i)))}}
	}
	list[11], list[12] = &types.AttributeValueMemberM{Value: crypto.Item{"a": text("11")}}, text("12")
	item := crypto.Item{"list": &types.AttributeValueMemberL{Value: list}}
	want := crypto.Item{"aws_dbe_b_last": text(hashOf(t, "last", 30, "11"))}
	if got := stored(t, s, item); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if s.Beacon("list[12].a") != nil || s.Beacon("list[11].a") == nil {
		t.Error("the beacon is found at another element than the one it is of")
	}
	if got := s.Derive(item, nil); !reflect.DeepEqual(got, crypto.Item{"last": text("11")}) {
		t.Errorf("queries compare with %v", got)
	}
}

func TestBeacon_RootsAreTheAttributesThatItemsNeed(t *testing.T) {
	s := newSearch(t, people())
	for name, want := range map[string][]string{"email": {"email"}, "zip": {"address"}, "initials": {"first", "last"},
		"contact": {"day"}} {
		if got := s.Beacon(name).Roots(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestStandardBeacon_AnswersOnlyWhatItCan(t *testing.T) {
	s := newSearch(t, people())
	k, email, tags := keyOf(t, s), s.Beacon("email"), s.Beacon("tags")
	if got, ok := email.Equal(k, 0, text("x")); !ok || textOf(t, got) != hashOf(t, "email", 16, "x") {
		t.Errorf("Equal returns %v, %v", got, ok)
	}
	if got, ok := tags.Contains(k, 0, text("x")); !ok || textOf(t, got) != hashOf(t, "tags", 12, "x") {
		t.Errorf("Contains returns %v, %v", got, ok)
	}
	if got, ok := tags.Equal(k, 0, set("x")); !ok || !reflect.DeepEqual(got, set(hashOf(t, "tags", 12, "x"))) {
		t.Errorf("Equal of a set returns %v, %v", got, ok)
	}
	nothing := map[string]func() (types.AttributeValue, bool){
		"equal, no key":          func() (types.AttributeValue, bool) { return email.Equal(nil, 0, text("x")) },
		"equal, invalid":         func() (types.AttributeValue, bool) { return email.Equal(k, 0, number("x")) },
		"equal, nil":             func() (types.AttributeValue, bool) { return email.Equal(k, 0, nil) },
		"equal, set of a scalar": func() (types.AttributeValue, bool) { return tags.Equal(k, 0, text("x")) },
		"contains, no set":       func() (types.AttributeValue, bool) { return email.Contains(k, 0, text("x")) },
		"contains, no key":       func() (types.AttributeValue, bool) { return tags.Contains(nil, 0, text("x")) },
		"contains, a set":        func() (types.AttributeValue, bool) { return tags.Contains(k, 0, set("x")) },
		"contains, invalid":      func() (types.AttributeValue, bool) { return tags.Contains(k, 0, text("\xff")) },
		"begins":                 func() (types.AttributeValue, bool) { return email.Begins(k, 0, text("x")) },
		"compare":                func() (types.AttributeValue, bool) { return email.Compare(k, "<", text("x")) },
		"between": func() (types.AttributeValue, bool) {
			low, _, ok := email.Between(k, 0, text("x"), text("y"))
			return low, ok
		},
	}
	for name, ask := range nothing {
		if got, ok := ask(); ok {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestCompoundBeacon_HashesTheEncryptedPiecesOfAQuery(t *testing.T) {
	s := newSearch(t, people())
	k, b := keyOf(t, s), s.Beacon("contact")
	p, z, empty := "P-"+hashOf(t, "phone", 20, "555"), "Z-"+hashOf(t, "zip", 10, "12345"), "P-"+hashOf(t, "phone", 20, "")
	for _, c := range []struct{ query, equal, begins, greater string }{
		{"D-1.P-555.Z-12345", "D-1." + p + "." + z, "D-1." + p + ".Z-", ""},
		{"D-1.P-555.", "", "D-1." + p + ".", ""},
		{"D-1.P-555.Q", "", "", ""},
		{"D-1.P-555", "D-1." + p, "D-1.P-", ""},
		{"P-555", p, "P-", ""},
		{"D-1.P-", "D-1." + empty, "D-1.P-", "D-1.P-"},
		{"D-1.P", "", "D-1.P", "D-1.P"},
		{"D-1.", "", "D-1.", "D-1."},
		{"D-1", "D-1", "D-1", "D-1"},
		{"D-1.D-2", "D-1.D-2", "D-1.D-2", "D-1.D-2"},
		{"D-", "D-", "D-", "D-"},
		{"D", "", "D", "D"},
		{".D-1", "", "", ""},
		{"x", "", "", ""},
		{"x.D-1", "", "", ""},
		{"", "", "", ""},
		{"D-\xff", "", "", ""},
	} {
		equal, okEqual := b.Equal(k, 0, text(c.query))
		begins, okBegins := b.Begins(k, 0, text(c.query))
		greater, okGreater := b.Compare(k, ">", text(c.query))
		for kind, got := range map[string]struct {
			v    types.AttributeValue
			ok   bool
			want string
		}{"Equal": {equal, okEqual, c.equal}, "Begins": {begins, okBegins, c.begins}, "Compare": {greater, okGreater, c.greater}} {
			if got.ok != (got.want != "") || got.ok && textOf(t, got.v) != got.want {
				t.Errorf("%s of %q: got %v, %v; want %q", kind, c.query, got.v, got.ok, got.want)
			}
		}
	}
	for name, v := range map[string]types.AttributeValue{"number": number("1"), "nil": nil,
		"typed nil": (*types.AttributeValueMemberS)(nil)} {
		_, equal := b.Equal(k, 0, v)
		_, begins := b.Begins(k, 0, v)
		_, less := b.Compare(k, "<", v)
		_, _, low := b.Between(k, 0, v, text("D-1"))
		_, _, high := b.Between(k, 0, text("D-1"), v)
		if _, contains := b.Contains(k, 0, v); equal || begins || less || low || high || contains {
			t.Errorf("%s: got %v, %v, %v, %v, %v, %v", name, equal, begins, less, low, high, contains)
		}
	}
}

func TestCompoundBeacon_ComparesWithABarePrefix(t *testing.T) {
	s := newSearch(t, people())
	k, b := keyOf(t, s), s.Beacon("contact")
	equal := "D-1.P-" + hashOf(t, "phone", 20, "")
	for _, c := range []struct{ op, query, want string }{
		{"<", "D-1.P-", "D-1.P-"}, {"<=", "D-1.P-", equal}, {">", "D-1.P-", "D-1.P-"}, {">=", "D-1.P-", "D-1.P-"},
		{"<", "D-1", "D-1"}, {"<=", "D-1", "D-1"}, {"<=", "D-1.", "D-1."}, {"<=", "D-1.P-5", ""}, {"<", "D-1.P-.D-2", ""},
		{">", "x", ""}, {">", "", ""},
	} {
		got, ok := b.Compare(k, c.op, text(c.query))
		if ok != (c.want != "") || ok && textOf(t, got) != c.want {
			t.Errorf("%s %q: got %v, %v; want %q", c.op, c.query, got, ok, c.want)
		}
	}
	for op, want := range map[string]bool{"<": true, "<=": false} {
		if _, ok := b.Compare(nil, op, text("D-1.P-")); ok != want {
			t.Errorf("%s without a key: got %v", op, ok)
		}
	}
	if _, ok := s.Beacon("email").Compare(k, "<", text("x")); ok {
		t.Error("a standard beacon is compared")
	}
}

func TestCompoundBeacon_NeedsAKeyOnlyForEncryptedPieces(t *testing.T) {
	b := newSearch(t, people()).Beacon("contact")
	for query, want := range map[string]bool{"D-1": true, "D-1.P-555": false} {
		if _, ok := b.Equal(nil, 0, text(query)); ok != want {
			t.Errorf("Equal of %q: got %v", query, ok)
		}
	}
	for query, want := range map[string]bool{"D-1.P-555": true, "D-1.P-555.": false} {
		if _, ok := b.Begins(nil, 0, text(query)); ok != want {
			t.Errorf("Begins of %q: got %v", query, ok)
		}
	}
	for high, want := range map[string]bool{"D-3": true, "D-3.P-": false} {
		if _, _, ok := b.Between(nil, 0, text("D-1"), text(high)); ok != want {
			t.Errorf("Between of %q: got %v", high, ok)
		}
	}
	if _, _, ok := b.Between(nil, 0, text("P-1.D-1"), text("P-1.D-3")); ok {
		t.Error("Between with a common encrypted piece needs no key")
	}
}

func TestCompoundBeacon_ComparesBetweenBoundsWithACommonBeginning(t *testing.T) {
	s := newSearch(t, people())
	k, b := keyOf(t, s), s.Beacon("contact")
	p := "P-" + hashOf(t, "phone", 20, "555")
	empty := "P-" + hashOf(t, "phone", 20, "")
	for _, c := range []struct{ low, high, wantLow, wantHigh string }{
		{"D-1", "D-2", "D-1", "D-2"},
		{"P-555.D-1", "P-555.D-2", p + ".D-1", p + ".D-2"},
		{"P-555.", "P-555.D-2", p + ".", p + ".D-2"},
		{"P-555", "P-555", p, p},
		{"D-1.P-", "D-2.P-", "D-1.P-", "D-2." + empty},
		{"P-555", "P-555.D-1", "", ""}, // P-555!… is between them
		{"P-555", "P-556", "", ""},
		{"P-555.D-1", "P-556.D-2", "", ""},
		{"D-2", "D-1", "", ""},
		{"D-1", "x", "", ""},
		{"x", "D-1", "", ""},
		{"x.D-1", "x.D-2", "", ""},
		{"D-1", "", "", ""},
	} {
		low, high, ok := b.Between(k, 0, text(c.low), text(c.high))
		if ok != (c.wantLow != "") || ok && (textOf(t, low) != c.wantLow || textOf(t, high) != c.wantHigh) {
			t.Errorf("%q and %q: got %v and %v, %v; want %q and %q", c.low, c.high, low, high, ok, c.wantLow, c.wantHigh)
		}
	}
}

func TestCompoundBeacon_PartitionsAreTheLeastCommonMultiple(t *testing.T) {
	for _, c := range []struct{ most, a, b, want int }{
		{0, 0, 0, 1}, {5, 0, 1, 5}, {10, 2, 3, 6}, {10, 4, 6, 10}, {20, 4, 6, 12}, {254, 127, 126, 254}, {9, 1, 1, 1},
	} {
		s := newSearch(t, beacon.Config{MaxPartitions: c.most,
			Standard: []beacon.Standard{{Name: "a", Length: 9, Partitions: c.a}, {Name: "b", Length: 9, Partitions: c.b}},
			Compound: []beacon.Compound{{Name: "ab", Split: ".", Signed: []beacon.SignedPart{{Name: "s", Prefix: "S"}},
				Encrypted: []beacon.EncryptedPart{{Name: "a", Prefix: "A"}, {Name: "b", Prefix: "B"}}}}})
		if got := s.Beacon("ab").Partitions(); got != c.want {
			t.Errorf("%d and %d of %d partitions: got %d, want %d", c.a, c.b, c.most, got, c.want)
		}
	}
}
