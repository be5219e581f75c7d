package beacon_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

// derived returns a virtual field of an item with one part.
func derived(t testing.TB, v types.AttributeValue, transforms ...beacon.Transform) types.AttributeValue {
	t.Helper()
	s := newSearch(t, beacon.Config{
		Standard: []beacon.Standard{{Name: "v", Length: 8}},
		Virtual:  []beacon.VirtualField{{Name: "v", Parts: []beacon.VirtualPart{{Location: "a", Transforms: transforms}}}},
	})
	return s.Derive(crypto.Item{"a": v}, nil)["v"]
}

func TestTransform_IsAsInTheOfficialClients(t *testing.T) {
	for _, c := range []struct {
		transform  beacon.Transform
		text, want string
	}{
		{beacon.Upper(), "azÄéß1", "AZÄéß1"},
		{beacon.Lower(), "AZÄÉ1", "azÄÉ1"},
		{beacon.Insert("é+"), "a", "aé+"},
		{beacon.Prefix(3), "abcdef", "abc"},
		{beacon.Prefix(9), "abcdef", "abcdef"},
		{beacon.Prefix(-2), "abcdef", "abcd"},
		{beacon.Prefix(-9), "abcdef", ""},
		{beacon.Prefix(3), "😀bc", "😀b"},
		{beacon.Suffix(3), "abcdef", "def"},
		{beacon.Suffix(9), "abcdef", "abcdef"},
		{beacon.Suffix(-2), "abcdef", "cdef"},
		{beacon.Suffix(-9), "abcdef", ""},
		{beacon.Suffix(0), "abcdef", ""},
		{beacon.Substring(0, 3), "abcdef", "abc"},
		{beacon.Substring(0, 999), "abcdef", "abcde"}, // the specification says abcdef
		{beacon.Substring(-3, -1), "abcdef", "de"},
		{beacon.Substring(-99, 2), "abcdef", "ab"},
		{beacon.Substring(3, 1), "abcdef", ""},
		{beacon.Substring(0, 1), "", ""},
		{beacon.Segment(" ", 0), "a b c", "a"},
		{beacon.Segment(" ", -1), "a b c", "c"},
		{beacon.Segment(" ", 3), "a b c", ""},
		{beacon.Segment(" ", -4), "a b c", ""},
		{beacon.Segment("é", 1), "aéb", "b"},
		{beacon.Segment(" ", 0), "", ""},
		{beacon.Segments(" ", 0, 2), "a b c", "a b"},
		{beacon.Segments(" ", 0, 99), "a b c", "a b"}, // the specification says a b c
		{beacon.Segments(" ", -2, -1), "a b c", "b"},
		{beacon.Segments(" ", 2, 1), "a b c", ""},
		{beacon.Segments(" ", 0, 1), "", ""},
	} {
		if got := derived(t, text(c.text), c.transform); got == nil || textOf(t, got) != c.want {
			t.Errorf("%v of %q: got %v, want %q", c.transform, c.text, got, c.want)
		}
	}
}

func TestVirtualField_JoinsItsParts(t *testing.T) {
	s := newSearch(t, beacon.Config{
		Standard: []beacon.Standard{{Name: "v", Length: 8}},
		Virtual: []beacon.VirtualField{{Name: "v", Parts: []beacon.VirtualPart{
			{Location: "a"},
			{Location: "b[0]", Transforms: []beacon.Transform{beacon.Prefix(1), beacon.Insert("-"), beacon.Upper()}},
			{Location: "c"},
		}}},
	})
	list := &types.AttributeValueMemberL{Value: []types.AttributeValue{text("xyz")}}
	item := crypto.Item{"a": number("1.50"), "b": list, "c": &types.AttributeValueMemberBOOL{Value: true}}
	if got := textOf(t, s.Derive(item, nil)["v"]); got != "1.5X-true" {
		t.Errorf("got %q", got)
	}
	for name := range item {
		if got := s.Derive(with(item, name, nil), nil)["v"]; got != nil {
			t.Errorf("without %s: got %v", name, got)
		}
	}
}

func TestVirtualField_CanBeAnEncryptedPart(t *testing.T) {
	config := people()
	c := &config.Compound[0]
	c.Encrypted = append(c.Encrypted, beacon.EncryptedPart{Name: "initials", Prefix: "I-"})
	c.Constructors = [][]beacon.ConstructorPart{{{Name: "initials"}, {Name: "day"}}}
	s := newSearch(t, config)
	want := "I-" + hashOf(t, "initials", 8, "AL") + ".D-2026-11-25"
	if got := textOf(t, stored(t, s, ada())["aws_dbe_b_contact"]); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := textOf(t, s.Derive(ada(), nil)["contact"]); got != "I-AL.D-2026-11-25" {
		t.Errorf("queries compare with %q", got)
	}
	if got := s.Beacon("contact").Roots(); strings.Join(got, " ") != "day first last" {
		t.Errorf("the roots are %q", got)
	}
	item := with(ada(), "last", text(".x"))
	_, err := s.Stored(t.Context(), item, nil)
	where, ok := errors.AsType[*crypto.ItemError](err)
	if !ok || !errors.Is(err, crypto.ErrInvalidItem) || where.Attribute != "" {
		t.Errorf("the split character, from one of two attributes: got %v", err)
	}
}

// Two halves of a character may meet in the concatenation.
func TestVirtualField_MayPutACharacterTogether(t *testing.T) {
	s := newSearch(t, beacon.Config{
		Standard: []beacon.Standard{{Name: "v", Length: 8}},
		Virtual: []beacon.VirtualField{{Name: "v", Parts: []beacon.VirtualPart{
			{Location: "a", Transforms: []beacon.Transform{beacon.Prefix(1)}},
			{Location: "a", Transforms: []beacon.Transform{beacon.Suffix(1)}},
		}}},
	})
	if got := textOf(t, s.Derive(crypto.Item{"a": text("😀")}, nil)["v"]); got != "😀" {
		t.Errorf("got %q", got)
	}
	if got := derived(t, text("😀"), beacon.Prefix(1)); got != nil {
		t.Errorf("half a character is %v", got)
	}
	if got := derived(t, text("a\ufffd"), beacon.Prefix(2)); got == nil || textOf(t, got) != "a\ufffd" {
		t.Errorf("the replacement character is %v", got)
	}
}
