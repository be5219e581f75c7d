package ddbec

import (
	"bytes"
	"crypto/cipher"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/crypto/internal/itemgen"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers"
)

// The encodings are not exported, so these tests are inside.

func vectorFile(t *testing.T, name string, v any) {
	t.Helper()
	ReadJSON(t, filepath.Join(Vectors(t), name), v)
}

type attributeVector struct {
	Attribute  JSONValue
	Serialized []byte
}

func TestAttributesEncodeAsKnown(t *testing.T) {
	var vectors []attributeVector
	vectorFile(t, "serialize_attribute.json", &vectors)
	for _, v := range vectors {
		got, err := appendAttribute(nil, v.Attribute.AttributeValue, ours)
		if err != nil || !bytes.Equal(got, v.Serialized) {
			t.Errorf("%#v encodes as %x, %v; want %x", v.Attribute.AttributeValue, got, err, v.Serialized)
		}
	}
}

func TestAttributesDecodeAsKnown(t *testing.T) {
	var vectors []attributeVector
	vectorFile(t, "deserialize_attribute.json", &vectors)
	for _, v := range vectors {
		got, err := decodeAttribute(v.Serialized)
		if err != nil || !reflect.DeepEqual(got, v.Attribute.AttributeValue) {
			t.Errorf("%x decodes as %#v, %v; want %#v", v.Serialized, got, err, v.Attribute.AttributeValue)
		}
	}
}

func TestMaterialDescriptionsAreAsKnown(t *testing.T) {
	var vectors []struct {
		Description providers.MaterialDescription `json:"material_description"`
		Serialized  []byte
	}
	vectorFile(t, "material_description.json", &vectors)
	for _, v := range vectors {
		if got, err := encodeDescription(v.Description); err != nil || !bytes.Equal(got, v.Serialized) {
			t.Errorf("%v encodes as %x, %v", v.Description, got, err)
		}
		if got, err := decodeDescription(v.Serialized); err != nil || !reflect.DeepEqual(got, v.Description) {
			t.Errorf("%x decodes as %v, %v", v.Serialized, got, err)
		}
	}
}

func TestTheStringToSignIsAsKnown(t *testing.T) {
	var vectors []struct {
		Table string
		Item  map[string]struct {
			Value  JSONValue
			Action string
		}
		StringToSign []byte `json:"string_to_sign"`
	}
	vectorFile(t, "string_to_sign.json", &vectors)
	words := map[string]crypto.Action{"encrypt": crypto.Encrypt, "sign": crypto.Sign, "nothing": crypto.None}
	for _, v := range vectors {
		item, actions := crypto.Item{}, crypto.Actions{Attributes: map[string]crypto.Action{}}
		for name, a := range v.Item {
			item[name], actions.Attributes[name] = a.Value.AttributeValue, words[a.Action]
		}
		got, err := stringToSign(v.Table, item, actions, ours, func(string) bool { return false })
		if err != nil || !bytes.Equal(got, v.StringToSign) {
			t.Errorf("%v: %x, %v; want %x", v.Item, got, err, v.StringToSign)
		}
	}
}

func TestMalformedEncodingsAreErrors(t *testing.T) {
	nested := func(n int) []byte {
		return append(bytes.Repeat([]byte{0, 'L', 0, 0, 0, 1}, n), 0, 0)
	}
	if _, err := decodeAttribute(nested(32)); err != nil {
		t.Errorf("32 lists in each other: %v", err)
	}
	for name, encoded := range map[string][]byte{
		"empty":                     {},
		"no tag":                    {0},
		"no leading zero":           {1, 's', 0, 0, 0, 0},
		"unknown tag":               {0, 'x'},
		"trailing byte":             {0, 0, 0},
		"boolean of 2":              {0, '?', 2},
		"boolean cut off":           {0, '?'},
		"short length":              {0, 's', 0, 0, 0},
		"length beyond the end":     {0, 's', 0, 0, 0, 2, 'a'},
		"length of nothing":         {0, 's', 0, 0, 0, 2},
		"set without count":         {0, 'S'},
		"set, count of nothing":     {0, 'S', 0, 0, 0, 1},
		"list without count":        {0, 'L'},
		"list, count of nothing":    {0, 'L', 0, 0, 0, 1},
		"map without count":         {0, 'M'},
		"map, count of nothing":     {0, 'M', 0, 0, 0, 1},
		"map key beyond the end":    {0, 'M', 0, 0, 0, 1, 0, 's', 0, 0, 0, 9, 0, 0},
		"largest length":            {0, 'b', 255, 255, 255, 255},
		"count beyond the end":      {0, 'B', 0, 0, 0, 2, 0, 0, 0, 0},
		"largest count, set":        {0, 'B', 255, 255, 255, 255, 0, 0, 0, 0},
		"largest count, list":       {0, 'L', 255, 255, 255, 255, 0, 0},
		"largest count, map":        {0, 'M', 255, 255, 255, 255, 0, 's', 0, 0, 0, 0, 0, 0},
		"list cut off":              {0, 'L', 0, 0, 0, 2, 0, 0},
		"map key of another type":   {0, 'M', 0, 0, 0, 1, 0, 'b', 0, 0, 0, 1, 'k', 0, 0},
		"map key without its zero":  {0, 'M', 0, 0, 0, 1, 1, 's', 0, 0, 0, 1, 'k', 0, 0},
		"map key twice":             {0, 'M', 0, 0, 0, 2, 0, 's', 0, 0, 0, 1, 'k', 0, 0, 0, 's', 0, 0, 0, 1, 'k', 0, 0},
		"map without a value":       {0, 'M', 0, 0, 0, 1, 0, 's', 0, 0, 0, 3, 'k', 'k', 'k'},
		"map value that is nothing": {0, 'M', 0, 0, 0, 1, 0, 's', 0, 0, 0, 1, 'k', 0, 'q'},
	} {
		if v, err := decodeAttribute(encoded); !errors.Is(err, errEncoding) {
			t.Errorf("%s: decodes as %#v, %v, want errEncoding", name, v, err)
		}
	}
	for name, encoded := range map[string][]byte{
		"text that is no UTF-8":     {0, 's', 0, 0, 0, 1, 0xff},
		"a number that is no UTF-8": {0, 'n', 0, 0, 0, 1, 0xff},
		"a set that is no UTF-8":    {0, 'S', 0, 0, 0, 1, 0, 0, 0, 1, 0xff},
		"a map key that is no text": {0, 'M', 0, 0, 0, 1, 0, 's', 0, 0, 0, 1, 0xff, 0, 0},
		"nesting without end":       nested(failure.MaxNesting + 1),
	} {
		if v, err := decodeAttribute(encoded); !errors.Is(err, crypto.ErrInvalidItem) || errors.Is(err, errEncoding) {
			t.Errorf("%s: decodes as %#v, %v, want ErrInvalidItem", name, v, err)
		}
	}
}

func TestDecode_ValuesThatDynamoDBWouldRefuse(t *testing.T) {
	number := func(s string) []byte { return append([]byte{0, 'n', 0, 0, 0, byte(len(s))}, s...) }
	digits := strings.Repeat("1", 39)
	for name, c := range map[string]struct {
		encoded []byte
		want    types.AttributeValue
	}{
		"an empty set":             {[]byte{0, 'S', 0, 0, 0, 0}, &types.AttributeValueMemberSS{Value: []string{}}},
		"an empty set of numbers":  {[]byte{0, 'N', 0, 0, 0, 0}, &types.AttributeValueMemberNS{Value: []string{}}},
		"an empty set of binaries": {[]byte{0, 'B', 0, 0, 0, 0}, &types.AttributeValueMemberBS{Value: [][]byte{}}},
		"a member twice": {[]byte{0, 'S', 0, 0, 0, 2, 0, 0, 0, 1, 'a', 0, 0, 0, 1, 'a'},
			&types.AttributeValueMemberSS{Value: []string{"a", "a"}}},
		"a number twice": {[]byte{0, 'N', 0, 0, 0, 2, 0, 0, 0, 1, '1', 0, 0, 0, 3, '1', '.', '0'},
			&types.AttributeValueMemberNS{Value: []string{"1", "1"}}},
		"a binary twice": {[]byte{0, 'B', 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0},
			&types.AttributeValueMemberBS{Value: [][]byte{{}, {}}}},
		"a number of 39 digits":     {number(digits), &types.AttributeValueMemberN{Value: digits}},
		"a number beyond the range": {number("1e999"), &types.AttributeValueMemberN{Value: "1e999"}},
		"a number that is none":     {number("NaN"), &types.AttributeValueMemberN{Value: "NaN"}},
		"a number of nothing":       {number(""), &types.AttributeValueMemberN{Value: ""}},
		"a zero below zero":         {number("-0"), &types.AttributeValueMemberN{Value: "0"}},
		"a set with no number in it": {[]byte{0, 'N', 0, 0, 0, 1, 0, 0, 0, 3, 'N', 'a', 'N'},
			&types.AttributeValueMemberNS{Value: []string{"NaN"}}},
	} {
		v, err := decodeAttribute(c.encoded)
		if err != nil || !reflect.DeepEqual(v, c.want) {
			t.Errorf("%s: decodes as %#v, %v", name, v, err)
		}
	}
	// As deep as lists and maps are opened, which sealing refuses.
	v, err := decodeAttribute(append(bytes.Repeat([]byte{0, 'L', 0, 0, 0, 1}, failure.MaxNesting), 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := appendAttribute(nil, v, ours); !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("deep nesting encodes: %v", err)
	}
}

func TestEncodeDescription_RefusesWhatItCouldNotRead(t *testing.T) {
	for what, d := range map[string]providers.MaterialDescription{
		"a name in no text":  {"\xff": "x"},
		"a value in no text": {"x": "\xff"},
		"too much":           {"x": strings.Repeat("x", maxDescription)},
	} {
		if encoded, err := encodeDescription(d); encoded != nil || !errors.Is(err, crypto.ErrInvalidItem) {
			t.Errorf("%s: %d bytes, %v", what, len(encoded), err)
		}
	}
}

func TestDecryptAttribute_ChecksThePadding(t *testing.T) {
	block, err := newCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	null := []byte{0, 0} // and 14 bytes of padding
	for what, c := range map[string]struct {
		padding []byte
		ok      bool
	}{
		"right":             {bytes.Repeat([]byte{14}, 14), true},
		"the last byte":     {append(make([]byte, 13), 14), false},
		"but for the first": {append([]byte{0}, bytes.Repeat([]byte{14}, 13)...), false},
		"none":              {make([]byte, 14), false},
		"more than a block": {bytes.Repeat([]byte{17}, 14), false},
	} {
		ciphertext := make([]byte, 32)
		cipher.NewCBCEncrypter(block, ciphertext[:16]).CryptBlocks(ciphertext[16:], append(bytes.Clone(null), c.padding...))
		if v, err := (&decrypter{block: block}).decrypt(ciphertext); (err == nil) != c.ok {
			t.Errorf("%s: decrypts as %#v, %v", what, v, err)
		}
	}
}

func TestMalformedDescriptionsAreErrors(t *testing.T) {
	for name, encoded := range map[string][]byte{
		"empty": {}, "short version": {0, 0, 0}, "another version": {0, 0, 0, 1},
		"short length": {0, 0, 0, 0, 0, 0, 0}, "name without value": {0, 0, 0, 0, 0, 0, 0, 1, 'a'},
		"value cut off": {0, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 0, 2, 'b'},
		"trailing byte": {0, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 0, 1, 'b', 0},
		"twice":         {0, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 0, 0},
		"no text":       {0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0, 0}, "no text in value": {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff},
		"too long": make([]byte, maxDescription+1), "name beyond the end": {0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0},
	} {
		if d, err := decodeDescription(encoded); err == nil {
			t.Errorf("%s: decodes as %v", name, d)
		}
	}
}

func TestValuesThatDynamoDBWouldNotStoreAreErrors(t *testing.T) {
	var endless types.AttributeValue
	loop := &types.AttributeValueMemberL{Value: make([]types.AttributeValue, 1)}
	loop.Value[0] = loop
	endless = loop
	for name, v := range map[string]types.AttributeValue{
		"nil":             nil,
		"empty set":       &types.AttributeValueMemberSS{},
		"member twice":    &types.AttributeValueMemberSS{Value: []string{"a", "a"}},
		"number twice":    &types.AttributeValueMemberNS{Value: []string{"1", "1.0"}},
		"binary twice":    &types.AttributeValueMemberBS{Value: [][]byte{{1}, {1}}},
		"no number":       &types.AttributeValueMemberN{Value: "secret"},
		"no number inset": &types.AttributeValueMemberNS{Value: []string{"secret"}},
		"no UTF-8":        &types.AttributeValueMemberS{Value: "secret\xff"},
		"no UTF-8 in set": &types.AttributeValueMemberSS{Value: []string{"secret\xff"}},
		"no UTF-8 in key": &types.AttributeValueMemberM{Value: crypto.Item{"secret\xff": &types.AttributeValueMemberNULL{Value: true}}},
		"nil in list":     &types.AttributeValueMemberL{Value: []types.AttributeValue{nil}},
		"nil in map":      &types.AttributeValueMemberM{Value: crypto.Item{"k": nil}},
		"endless":         endless,
	} {
		_, err := appendAttribute(nil, v, ours)
		if !errors.Is(err, crypto.ErrInvalidItem) {
			t.Errorf("%s: got %v, want ErrInvalidItem", name, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error contains the value: %v", name, err)
		}
	}
}

// inOrder returns a value with its sets sorted as they are decoded.
func inOrder(v types.AttributeValue, by reading) types.AttributeValue {
	return itemtest.Sorted(v, itemtest.Order{Strings: by.compareStrings, Binaries: by.compareBinaries})
}

func TestAnyValueSurvivesEncodingInEitherOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := itemgen.Value(3).Draw(t, "value")
		for _, by := range []reading{ours, javaOrder} {
			encoded, err := appendAttribute(nil, v, by)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodeAttribute(encoded)
			if err != nil {
				t.Fatal(err)
			}
			if want := inOrder(v, by); !reflect.DeepEqual(got, want) {
				t.Fatalf("%#v becomes %#v", want, got)
			}
			again, err := appendAttribute(nil, got, by)
			if err != nil || !bytes.Equal(again, encoded) {
				t.Fatalf("encodes as %x, then as %x", encoded, again)
			}
		}
	})
}

func TestTheTwoOrdersDifferWhereTheClientsDo(t *testing.T) {
	for _, c := range []struct {
		a, b         string
		python, java int
	}{
		{"a", "b", -1, -1}, {"a", "aa", -1, -1}, {"", "a", -1, -1}, {"a", "a", 0, 0},
		{"\uffee", "😀", -1, 1}, {"\ue000", "\U00010000", -1, 1}, {"\ud7ff", "😀", -1, -1}, {"😀", "😁", -1, -1},
		{"x😀", "x\uffee", 1, -1},
	} {
		if got := ours.compareStrings(c.a, c.b); got != c.python {
			t.Errorf("Python: %q, %q: %d", c.a, c.b, got)
		}
		if got := javaOrder.compareStrings(c.a, c.b); got != c.java {
			t.Errorf("Java: %q, %q: %d", c.a, c.b, got)
		}
	}
	if ours.compareBinaries([]byte{0x7f}, []byte{0x80}) != -1 ||
		javaOrder.compareBinaries([]byte{0x7f}, []byte{0x80}) != 1 {
		t.Error("binaries")
	}
	// A shuffled set is signed the same.
	members := [][]byte{{1}, {0x80}, {0xff}, {0x7f}, {}}
	first, _ := appendAttribute(nil, &types.AttributeValueMemberBS{Value: slices.Clone(members)}, javaOrder)
	rand.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	second, _ := appendAttribute(nil, &types.AttributeValueMemberBS{Value: members}, javaOrder)
	if !bytes.Equal(first, second) {
		t.Error("the order of a set's members counts")
	}
}

func FuzzDecodeAttribute(f *testing.F) {
	for _, seed := range [][]byte{{0, 0}, {0, '?', 1}, {0, 's', 0, 0, 0, 1, 'a'}, {0, 'n', 0, 0, 0, 1, '1'},
		{0, 'S', 0, 0, 0, 1, 0, 0, 0, 1, 'a'},
		{0, 'M', 0, 0, 0, 1, 0, 's', 0, 0, 0, 1, 'k', 0, 'L', 0, 0, 0, 1, 0, 0}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		v, err := decodeAttribute(encoded)
		if err != nil {
			return
		}
		again, err := appendAttribute(nil, v, ours)
		if errors.Is(err, crypto.ErrInvalidItem) {
			return // other clients encrypt more than DynamoDB stores
		}
		if err != nil {
			t.Fatalf("what was decoded does not encode: %v", err)
		}
		w, err := decodeAttribute(again)
		if err != nil || !reflect.DeepEqual(inOrder(v, ours), w) {
			t.Fatalf("%#v becomes %#v, %v", v, w, err)
		}
	})
}

func FuzzDecodeDescription(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 0, 1, 'b'})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		d, err := decodeDescription(encoded)
		if err != nil {
			return
		}
		again, err := encodeDescription(d)
		if err != nil || len(again) != len(encoded) {
			t.Fatalf("%x becomes %x, %v", encoded, again, err)
		}
		if e, err := decodeDescription(again); err != nil || !reflect.DeepEqual(d, e) {
			t.Fatalf("%v becomes %v, %v", d, e, err)
		}
	})
}
