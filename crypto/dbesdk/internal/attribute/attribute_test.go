package attribute_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
	"github.com/ddbenc/ddbenc/crypto/internal/encoding"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/crypto/internal/itemgen"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
)

// tagSize is the size of the tag that is appended to encrypted values.
const tagSize = 16

// asDecoded returns a value with its sets sorted as the format writes them.
func asDecoded(v types.AttributeValue) types.AttributeValue {
	return itemtest.Sorted(v, itemtest.Order{Strings: encoding.CompareUTF16, Binaries: bytes.Compare})
}

func TestValuesEncodeAsSpecified(t *testing.T) {
	s := func(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
	n := func(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }
	for want, v := range map[string]types.AttributeValue{
		"0000":                                &types.AttributeValueMemberNULL{Value: true},
		"0001":                                s(""),
		"0001 c3a9":                           s("é"),
		"0002 30":                             n("-0.0"),
		"0002 2d312e35":                       n("-1.50"),
		"0004 00":                             &types.AttributeValueMemberBOOL{},
		"0004 01":                             &types.AttributeValueMemberBOOL{Value: true},
		"ffff":                                &types.AttributeValueMemberB{},
		"ffff 00ff":                           &types.AttributeValueMemberB{Value: []byte{0, 0xff}},
		"0101 00000002 0000000161 0000000162": &types.AttributeValueMemberSS{Value: []string{"b", "a"}},
		"0101 00000001 00000000":              &types.AttributeValueMemberSS{Value: []string{""}},
		"0101 00000002 00000004f09f9880 00000003efbfae": &types.AttributeValueMemberSS{Value: []string{"\uffee", "😀"}},
		"0102 00000002 000000023130 0000000139":         &types.AttributeValueMemberNS{Value: []string{"9", "1e1"}},
		"01ff 00000003 00000000 000000017f 0000000180":  &types.AttributeValueMemberBS{Value: [][]byte{{0x80}, {0x7f}, {}}},
		"0300 00000000": &types.AttributeValueMemberL{},
		"0300 00000002 0001 0000000161 0300 00000004 00000000": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("a"), &types.AttributeValueMemberL{}}},
		"0200 00000000": &types.AttributeValueMemberM{},
		"0200 00000002 0001 0000000161 0002 0000000131 0001 0000000162 0000 00000000": &types.AttributeValueMemberM{Value: crypto.Item{"b": &types.AttributeValueMemberNULL{Value: true}, "a": n("1")}},
		"0200 00000002 0001 00000004f09f9880 0000 00000000 0001 00000003efbfae 0000 00000000": &types.AttributeValueMemberM{Value: crypto.Item{
			"\uffee": &types.AttributeValueMemberNULL{Value: true}, "😀": &types.AttributeValueMemberNULL{Value: true}}},
	} {
		e, err := attribute.Encode(v)
		if got := hex.EncodeToString(e.Bytes()); err != nil || got != strings.ReplaceAll(want, " ", "") {
			t.Errorf("%#v encodes as %s, %v; want %s", v, got, err, want)
		}
		room, err := attribute.EncodeWithRoom(v, 16)
		if err != nil || !bytes.Equal(room, e.Bytes()) || cap(room)-len(room) < 16 {
			t.Errorf("%#v with room encodes as %x, %v", v, room, err)
		}
		if got, err := attribute.Decode(e.Type, e.Value()); err != nil ||
			!reflect.DeepEqual(itemtest.Canonical(got), itemtest.Canonical(v)) {
			t.Errorf("%s decodes as %#v, %v", want, got, err)
		}
	}
}

// A tag is appended to what is encrypted, which should not copy it.
func TestThereIsRoomForATagAfterAnyValue(t *testing.T) {
	for n := range 200 {
		for _, v := range []types.AttributeValue{
			&types.AttributeValueMemberS{Value: strings.Repeat("x", n)}, &types.AttributeValueMemberB{Value: make([]byte, n)},
			&types.AttributeValueMemberSS{Value: []string{strings.Repeat("x", n)}},
		} {
			room, err := attribute.EncodeWithRoom(v, tagSize)
			if err != nil || cap(room)-len(room) < tagSize {
				t.Fatalf("%T of %d: room for %d bytes, %v", v, n, cap(room)-len(room), err)
			}
		}
	}
}

func nestedLists(n int) types.AttributeValue {
	var v types.AttributeValue = &types.AttributeValueMemberNULL{Value: true}
	for range n {
		v = &types.AttributeValueMemberL{Value: []types.AttributeValue{v}}
	}
	return v
}

func TestMalformedEncodingsAreErrors(t *testing.T) {
	deep := func(n int) []byte {
		encoded := []byte{}
		id := []byte{0, 0}
		for range n {
			member := append(slices.Clone(id), 0, 0, byte(len(encoded)>>8), byte(len(encoded)))
			encoded = slices.Concat([]byte{0, 0, 0, 1}, member, encoded)
			id = []byte{3, 0}
		}
		return encoded
	}
	if _, err := attribute.Decode(attribute.List, deep(31)); err != nil {
		t.Errorf("31 lists in each other: %v", err)
	}
	e, err := attribute.Encode(nestedLists(31))
	if err != nil || e.Type != attribute.List || !bytes.Equal(e.Value(), deep(31)) {
		t.Errorf("31 lists in each other encode as %x, %v", e.Value(), err)
	}
	for name, c := range map[string]struct {
		id      attribute.Type
		encoded string
	}{
		"an unknown type":           {0x0003, ""},
		"the largest unknown type":  {0xfffe, ""},
		"null that is something":    {attribute.Null, "\x00"},
		"boolean of nothing":        {attribute.Boolean, ""},
		"boolean of 2":              {attribute.Boolean, "\x02"},
		"boolean with a rest":       {attribute.Boolean, "\x01\x00"},
		"set without count":         {attribute.StringSet, ""},
		"short count":               {attribute.StringSet, "\x00\x00\x00"},
		"count beyond the end":      {attribute.BinarySet, "\x00\x00\x00\x02\x00\x00\x00\x00"},
		"set with a rest":           {attribute.BinarySet, "\x00\x00\x00\x01\x00\x00\x00\x00\x00"},
		"member cut off":            {attribute.BinarySet, "\x00\x00\x00\x01\x00\x00\x00\x02a"},
		"largest length":            {attribute.BinarySet, "\x00\x00\x00\x01\xff\xff\xff\xff"},
		"largest count, set":        {attribute.BinarySet, "\xff\xff\xff\xff\x00\x00\x00\x00"},
		"largest count, list":       {attribute.List, "\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00"},
		"largest count, map":        {attribute.Map, "\xff\xff\xff\xff\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"},
		"list without count":        {attribute.List, "\x00\x00\x00"},
		"list of no bytes":          {attribute.List, ""},
		"list, count of nothing":    {attribute.List, "\x00\x00\x00\x01"},
		"list, NULL beyond the end": {attribute.List, "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x05"},
		"map key beyond the end":    {attribute.Map, "\x00\x00\x00\x01\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"},
		"list cut off":              {attribute.List, "\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00"},
		"list with a rest":          {attribute.List, "\x00\x00\x00\x00\x00"},
		"list of nothing known":     {attribute.List, "\x00\x00\x00\x01\x00\x09\x00\x00\x00\x00"},
		"list of a malformed value": {attribute.List, "\x00\x00\x00\x01\x00\x04\x00\x00\x00\x01\x02"},
		"list, member cut off":      {attribute.List, "\x00\x00\x00\x01\x00\x01\x00\x00\x00\x02a"},
		"map without count":         {attribute.Map, ""},
		"map key of another type":   {attribute.Map, "\x00\x00\x00\x01\xff\xff\x00\x00\x00\x01k\x00\x00\x00\x00\x00\x00"},
		"map key twice": {attribute.Map,
			"\x00\x00\x00\x02\x00\x01\x00\x00\x00\x01k\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01k\x00\x00\x00\x00\x00\x00"},
		"map without a value":        {attribute.Map, "\x00\x00\x00\x01\x00\x01\x00\x00\x00\x06kkkkkk"},
		"map with a rest":            {attribute.Map, "\x00\x00\x00\x00\x00"},
		"map value of nothing known": {attribute.Map, "\x00\x00\x00\x01\x00\x01\x00\x00\x00\x01k\x00\x09\x00\x00\x00\x00"},
	} {
		if v, err := attribute.Decode(c.id, []byte(c.encoded)); !errors.Is(err, attribute.ErrMalformed) {
			t.Errorf("%s: decodes as %#v, %v, want attribute.ErrMalformed", name, v, err)
		}
	}
	for name, c := range map[string]struct {
		id      attribute.Type
		encoded string
	}{
		"text that is no UTF-8":     {attribute.String, "\xff"},
		"a number that is no UTF-8": {attribute.Number, "\xff"},
		"no text in a set":          {attribute.StringSet, "\x00\x00\x00\x01\x00\x00\x00\x01\xff"},
		"map key that is no text":   {attribute.Map, "\x00\x00\x00\x01\x00\x01\x00\x00\x00\x01\xff\x00\x00\x00\x00\x00\x00"},
		"nesting without end":       {attribute.List, string(listsIn(failure.MaxNesting + 1))},
	} {
		if v, err := attribute.Decode(c.id, []byte(c.encoded)); !errors.Is(err, crypto.ErrInvalidItem) || errors.Is(err, attribute.ErrMalformed) {
			t.Errorf("%s: decodes as %#v, %v, want ErrInvalidItem", name, v, err)
		}
	}
}

// listsIn returns the encoding of n lists in each other, with a NULL in the
// innermost.
func listsIn(n int) []byte {
	var encoded []byte
	for ; n > 0; n-- {
		id := attribute.List
		if n == 1 {
			id = attribute.Null
		}
		encoded = binary.BigEndian.AppendUint16(append(encoded, 0, 0, 0, 1), uint16(id))
		encoded = binary.BigEndian.AppendUint32(encoded, uint32(10*(n-1)))
	}
	return encoded
}

func TestDecode_ValuesThatDynamoDBWouldRefuse(t *testing.T) {
	digits := strings.Repeat("1", 39)
	for name, c := range map[string]struct {
		id      attribute.Type
		encoded string
		want    types.AttributeValue
	}{
		"an empty set":             {attribute.StringSet, "\x00\x00\x00\x00", &types.AttributeValueMemberSS{Value: []string{}}},
		"an empty set of numbers":  {attribute.NumberSet, "\x00\x00\x00\x00", &types.AttributeValueMemberNS{Value: []string{}}},
		"an empty set of binaries": {attribute.BinarySet, "\x00\x00\x00\x00", &types.AttributeValueMemberBS{Value: [][]byte{}}},
		"a member twice": {attribute.StringSet, "\x00\x00\x00\x02\x00\x00\x00\x01a\x00\x00\x00\x01a",
			&types.AttributeValueMemberSS{Value: []string{"a", "a"}}},
		"a number twice": {attribute.NumberSet, "\x00\x00\x00\x02\x00\x00\x00\x011\x00\x00\x00\x031.0",
			&types.AttributeValueMemberNS{Value: []string{"1", "1"}}},
		"a binary twice": {attribute.BinarySet, "\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00",
			&types.AttributeValueMemberBS{Value: [][]byte{{}, {}}}},
		"a number of 39 digits":     {attribute.Number, digits, &types.AttributeValueMemberN{Value: digits}},
		"a number beyond the range": {attribute.Number, "1e999", &types.AttributeValueMemberN{Value: "1e999"}},
		"a number that is none":     {attribute.Number, "NaN", &types.AttributeValueMemberN{Value: "NaN"}},
		"a number of nothing":       {attribute.Number, "", &types.AttributeValueMemberN{Value: ""}},
		"a set with no number in it": {attribute.NumberSet, "\x00\x00\x00\x01\x00\x00\x00\x03NaN",
			&types.AttributeValueMemberNS{Value: []string{"NaN"}}},
	} {
		if v, err := attribute.Decode(c.id, []byte(c.encoded)); err != nil || !reflect.DeepEqual(v, c.want) {
			t.Errorf("%s: decodes as %#v, %v", name, v, err)
		}
	}
	// As deep as lists and maps are opened, which sealing refuses.
	v, err := attribute.Decode(attribute.List, listsIn(failure.MaxNesting))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := attribute.Encode(v); !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("deep nesting encodes: %v", err)
	}
}

func TestACountThatNothingFollowsAllocatesNothing(t *testing.T) {
	for _, id := range []attribute.Type{attribute.StringSet, attribute.NumberSet, attribute.BinarySet, attribute.List, attribute.Map} {
		encoded := append([]byte{0x10, 0, 0, 0}, make([]byte, 64)...) // 2^28 members
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		v, err := attribute.Decode(id, encoded)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; err == nil || n > 1<<20 {
			t.Errorf("type %04x: got %v and %v, with %d bytes allocated", uint16(id), v, err, n)
		}
	}
}

func TestValuesThatDynamoDBWouldNotStoreAreErrors(t *testing.T) {
	endless := &types.AttributeValueMemberL{Value: make([]types.AttributeValue, 1)}
	endless.Value[0] = endless
	for name, v := range map[string]types.AttributeValue{
		"nil":             nil,
		"typed nil":       (*types.AttributeValueMemberB)(nil),
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
		"NULL false":      &types.AttributeValueMemberNULL{},
		"too deep":        nestedLists(32),
		"endless":         endless,
		"no value at all": &types.UnknownUnionMember{Tag: "secret"},
	} {
		_, err := attribute.Encode(v)
		_, withRoom := attribute.EncodeWithRoom(v, 16)
		for _, err := range []error{err, withRoom} {
			if !errors.Is(err, crypto.ErrInvalidItem) {
				t.Errorf("%s: got %v, want ErrInvalidItem", name, err)
			} else if strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: the error contains the value: %v", name, err)
			}
		}
	}
}

func TestAnyValueSurvivesEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := itemgen.Value(3).Draw(t, "value")
		e, err := attribute.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := attribute.Decode(e.Type, e.Value())
		if err != nil {
			t.Fatal(err)
		}
		if want := asDecoded(v); !reflect.DeepEqual(got, want) {
			t.Fatalf("%#v becomes %#v", want, got)
		}
		again, err := attribute.Encode(got)
		if err != nil || !reflect.DeepEqual(again, e) {
			t.Fatalf("encodes as %x, then as %x, %v", e.Bytes(), again.Bytes(), err)
		}
		if room, err := attribute.EncodeWithRoom(v, 1); err != nil || !bytes.Equal(room, e.Bytes()) {
			t.Fatalf("encodes as %x, and with room as %x, %v", e.Bytes(), room, err)
		}
	})
}

// No two values have the same encoding, or signing one would sign the other.
func TestNoTwoValuesEncodeAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, w := itemgen.Value(2).Draw(t, "one"), itemgen.Value(2).Draw(t, "other")
		a, err := attribute.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		b, err := attribute.Encode(w)
		if err != nil {
			t.Fatal(err)
		}
		if same := reflect.DeepEqual(asDecoded(v), asDecoded(w)); same != bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Fatalf("%#v and %#v encode as %x and %x", v, w, a.Bytes(), b.Bytes())
		}
	})
}

func FuzzDecodeAttribute(f *testing.F) {
	item, _ := itemtest.Every(false)
	for _, v := range item {
		e, err := attribute.Encode(v)
		itemtest.Check(f, err)
		f.Add(uint16(e.Type), e.Value())
	}
	f.Add(uint16(attribute.Number), []byte("+01.50e1"))
	f.Add(uint16(attribute.StringSet), []byte("\x00\x00\x00\x02\x00\x00\x00\x01b\x00\x00\x00\x01a"))
	f.Fuzz(func(t *testing.T, id uint16, data []byte) {
		before := bytes.Clone(data)
		v, err := attribute.Decode(attribute.Type(id), data)
		if !bytes.Equal(data, before) {
			t.Fatal("decoding changed what it read")
		}
		if err != nil {
			if err != attribute.ErrMalformed && err != failure.ErrDeep && err != failure.ErrNotUTF8 {
				t.Fatalf("the error says more: %v", err)
			}
			return
		}
		e, err := attribute.Encode(v)
		if errors.Is(err, crypto.ErrInvalidItem) {
			return // other clients encrypt more than DynamoDB stores
		}
		if err != nil || e.Type != attribute.Type(id) {
			t.Fatalf("what was decoded as %x does not encode: %x, %v", id, e.Type, err)
		}
		if e.Len() > 256*len(data)+1 {
			t.Fatalf("%d bytes become %d", len(data), e.Len())
		}
		w, err := attribute.Decode(e.Type, e.Value())
		if err != nil || !reflect.DeepEqual(asDecoded(v), w) {
			t.Fatalf("%#v becomes %#v, %v", v, w, err)
		}
		if again, err := attribute.Encode(w); err != nil || !bytes.Equal(again.Bytes(), e.Bytes()) {
			t.Fatalf("%x becomes %x, %v", e.Bytes(), again.Bytes(), err)
		}
	})
}
