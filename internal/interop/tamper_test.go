package interop_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// verdict is what everyone has to say of a tampered item.
type verdict int

const (
	refuses verdict = iota
	opens           // what was changed is not protected, or does not count
	// harmless: what was changed is not protected, so that each may open the
	// item or not. Whoever does gets what was sealed. (The clients take
	// different parts of a material description for granted.)
	harmless
)

// tampering is a change that somebody makes who can write to the table.
type tampering struct {
	name   string
	change func(item crypto.Item)
	want   verdict
}

// tamperedCase is the case that is tampered with: it has attributes of all
// types and actions, and both keys.
func tamperedCase(t *testing.T) testCase {
	t.Helper()
	all := cases()
	i := slices.IndexFunc(all, func(c testCase) bool { return c.name == "all types, mixed" })
	if i < 0 {
		t.Fatal("no case with all types and actions")
	}
	return all[i]
}

// tamperings returns what is done to a sealed item. The names are those of the
// attribute that describes how an item was sealed and of its signature, and
// other is an item that the same party sealed in the same way, under another
// key.
func tamperings(header, signature string, headerIsSigned bool, other crypto.Item) []tampering {
	set := func(name string, v types.AttributeValue) func(crypto.Item) {
		return func(item crypto.Item) { item[name] = v }
	}
	without := func(name string) func(crypto.Item) { return func(item crypto.Item) { delete(item, name) } }
	from := func(names ...string) func(crypto.Item) {
		return func(item crypto.Item) {
			for _, name := range names {
				item[name] = expr.Clone(other[name])
			}
		}
	}
	all := []tampering{
		{"nothing", func(crypto.Item) {}, opens},
		{"two ciphertexts exchanged", func(item crypto.Item) { item["number"], item["list"] = item["list"], item["number"] }, refuses},
		{"a ciphertext replaced by plaintext", set("number", n("42.5")), refuses},
		{"a ciphertext removed", without("list"), refuses},
		{"a ciphertext of another item", from("number"), refuses},
		{"an empty ciphertext", set("number", b()), refuses},
		{"a signed text changed", set("string", s("Text")), refuses},
		{"a signed text made binary", set("string", b([]byte("text")...)), refuses},
		{"a signed text removed", without("string"), refuses},
		{"a signed null made a text", set("null", s("")), refuses},
		{"a signed map changed deep inside", set("map", m(crypto.Item{"k": n("1"), "inner": m(crypto.Item{"x": s("z")})})), refuses},
		{"a signed set with one member less", set("numbers", &types.AttributeValueMemberNS{Value: []string{"10", "2"}}), refuses},
		{"a signed set in another order", set("numbers", &types.AttributeValueMemberNS{Value: []string{"2", "-1.5", "10"}}), opens},
		{"an unsigned binary changed", set("binary", b(7)), opens},
		{"an unsigned boolean made a text", set("true", s("true")), opens},
		{"an unsigned attribute removed", without("binary"), opens},
		{"an attribute added", set("added", s("by somebody")), refuses},
		{"the partition key changed", set("id", s("Id")), refuses},
		{"the sort key changed", set("num", n("2")), refuses},
		{"the key of another item", from("id", "num"), refuses},
		{"the signature of another item", from(signature), refuses},
		{"all but the key of another item", func(item crypto.Item) {
			for name := range item {
				if name != "id" && name != "num" {
					item[name] = expr.Clone(other[name])
				}
			}
		}, refuses},
		{"the signature removed", without(signature), refuses},
		{"the signature made a text", set(signature, s("signature")), refuses},
		{"the header made a text", set(header, s("header")), refuses},
		{"header and signature removed", func(item crypto.Item) { delete(item, header); delete(item, signature) }, refuses},
	}
	ofHeader := harmless
	if headerIsSigned {
		ofHeader = refuses
	}
	all = append(all, tampering{"the header removed", without(header), ofHeader}, tampering{"the header of another item", from(header), ofHeader})
	for _, part := range []struct {
		name string
		want verdict
	}{{"number", refuses}, {"binaries", refuses}, {signature, refuses}, {header, ofHeader}} {
		all = append(all, ofBytes(part.name, part.want)...)
	}
	return all
}

// ofBytes changes the bytes of a binary attribute.
func ofBytes(name string, want verdict) []tampering {
	on := func(f func([]byte) []byte) func(crypto.Item) {
		return func(item crypto.Item) {
			if v, ok := item[name].(*types.AttributeValueMemberB); ok {
				item[name] = b(f(slices.Clone(v.Value))...)
			}
		}
	}
	flip := func(at func(length int) int) func(crypto.Item) {
		return on(func(v []byte) []byte { v[at(len(v))] ^= 1; return v })
	}
	return []tampering{
		{name + ": first byte", flip(func(int) int { return 0 }), want},
		{name + ": second byte", flip(func(int) int { return 1 }), want},
		{name + ": third of its bytes", flip(func(n int) int { return n / 3 }), want},
		{name + ": middle byte", flip(func(n int) int { return n / 2 }), want},
		{name + ": last byte", flip(func(n int) int { return n - 1 }), want},
		{name + ": a byte less", on(func(v []byte) []byte { return v[:len(v)-1] }), want},
		{name + ": a byte more", on(func(v []byte) []byte { return append(v, 0) }), want},
		{name + ": half of it", on(func(v []byte) []byte { return v[:len(v)/2] }), want},
		{name + ": empty", on(func([]byte) []byte { return nil }), want},
	}
}

// judge lets everyone open each tampered item of a case, and holds what they
// say against the verdict.
func judge(t *testing.T, way string, c testCase, sealed crypto.Item, all []tampering, readers []string, open func(reader string, item crypto.Item) (crypto.Item, error)) {
	t.Helper()
	for _, change := range all {
		tampered := expr.Clone(m(sealed)).(*types.AttributeValueMemberM).Value
		change.change(tampered)
		// What is not protected comes back as it is stored.
		want := c.plaintext()
		for _, name := range []string{"binary", "true"} {
			if want[name] = tampered[name]; tampered[name] == nil {
				delete(want, name)
			}
		}
		for _, reader := range readers {
			opened, err := open(reader, tampered)
			switch {
			case change.want == refuses && err == nil:
				t.Errorf("%s: %s: %s opens it", way, change.name, reader)
			case change.want == opens && err != nil:
				t.Errorf("%s: %s: %s refuses it: %v", way, change.name, reader, err)
			case err == nil && !expr.Equal(m(opened), m(want)):
				t.Errorf("%s: %s: %s opens another item than was sealed", way, change.name, reader)
			}
		}
	}
}

// anotherItem is the case under another sort key.
func anotherItem(c testCase) testCase {
	c.sort = n("77")
	return c
}

func TestEveryone_JudgesTamperedItemsAlike(t *testing.T) {
	w := newLive(t)
	c := tamperedCase(t)
	createTable(t, w.items, tableName, c.table(), c.plaintext())
	for _, writer := range partyNames {
		for _, spec := range w.specs(t, writer)[:3] { // static, wrapped
			sealed, err := w.parties[writer].seal(t.Context(), spec, c)
			check(t, err)
			other, err := w.parties[writer].seal(t.Context(), spec, anotherItem(c))
			check(t, err)
			open := func(reader string, item crypto.Item) (crypto.Item, error) {
				return w.parties[reader].open(t.Context(), spec, c, item)
			}
			all := tamperings("*amzn-ddb-map-desc*", "*amzn-ddb-map-sig*", false, other)
			judge(t, spec.Kind+" of "+writer, c, w.store(t, tableName, c.table(), sealed), all, partyNames, open)
		}
	}
}

func TestEveryone_JudgesTamperedItemsAlikeInTheSDKFormat(t *testing.T) {
	w, parties := newSDKLive(t)
	c := tamperedCase(t)
	createTable(t, w.items, tableName, c.table(), c.plaintext())
	for _, writer := range sdkPartyNames {
		for _, ecdsa := range []bool{false, true} {
			way := sdkWay{rawAES(32, "tampered"), ecdsa}
			sealed, err := parties[writer].sealSDK(t.Context(), way, c)
			check(t, err)
			other, err := parties[writer].sealSDK(t.Context(), way, anotherItem(c))
			check(t, err)
			open := func(reader string, item crypto.Item) (crypto.Item, error) {
				return parties[reader].openSDK(t.Context(), way, c, item)
			}
			all := tamperings("aws_dbe_head", "aws_dbe_foot", true, other)
			judge(t, way.suite().String()+" of "+writer, c, w.store(t, tableName, c.table(), sealed), all, sdkPartyNames, open)
		}
	}
}
