package interop_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// checkSealed says what is wrong with a sealed item, empty if nothing is: what
// is to be encrypted must be ciphertext, and everything else as it was.
func checkSealed(c testCase, sealed crypto.Item) string {
	actions := c.allActions()
	for name, plain := range c.plaintext() {
		stored := sealed[name]
		if stored == nil {
			return fmt.Sprintf("attribute %q is missing", name)
		}
		if actions.Of(name) != crypto.Encrypt {
			if !expr.Equal(stored, plain) {
				return fmt.Sprintf("attribute %q, which is not to be encrypted, changed", name)
			}
			continue
		}
		ciphertext, ok := stored.(*types.AttributeValueMemberB)
		if !ok || expr.Equal(stored, plain) {
			return fmt.Sprintf("attribute %q is not encrypted", name)
		}
		for _, text := range texts(plain) {
			if len(text) >= 4 && bytes.Contains(ciphertext.Value, []byte(text)) {
				return fmt.Sprintf("the ciphertext of attribute %q holds plaintext", name)
			}
		}
	}
	return ""
}

// texts returns the strings, numbers, binaries and names in a value.
func texts(v types.AttributeValue) []string {
	var all []string
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return []string{v.Value}
	case *types.AttributeValueMemberN:
		return []string{v.Value}
	case *types.AttributeValueMemberB:
		return []string{string(v.Value)}
	case *types.AttributeValueMemberSS:
		return v.Value
	case *types.AttributeValueMemberNS:
		return v.Value
	case *types.AttributeValueMemberBS:
		for _, b := range v.Value {
			all = append(all, string(b))
		}
	case *types.AttributeValueMemberL:
		for _, e := range v.Value {
			all = append(all, texts(e)...)
		}
	case *types.AttributeValueMemberM:
		for name, e := range v.Value {
			all = append(append(all, name), texts(e)...)
		}
	}
	return all
}

func TestCheckSealed_FindsPlaintext(t *testing.T) {
	c := testCase{partition: s("id"), actions: crypto.Actions{Attributes: map[string]crypto.Action{"open": crypto.Sign}},
		item: crypto.Item{"secret": s("attack at dawn"), "binary": b(1, 2, 3, 4), "open": n("1")}}
	sealed := func(change func(crypto.Item)) crypto.Item {
		item := crypto.Item{"id": s("id"), "secret": b(9, 8, 7), "binary": b(6, 5, 4), "open": n("1.0"), "signature": b(1)}
		change(item)
		return item
	}
	for name, test := range map[string]struct {
		change func(crypto.Item)
		want   string
	}{
		"nothing":              {func(crypto.Item) {}, ""},
		"plaintext":            {func(i crypto.Item) { i["secret"] = s("attack at dawn") }, "not encrypted"},
		"another type":         {func(i crypto.Item) { i["secret"] = s("ciphertext") }, "not encrypted"},
		"a binary as it was":   {func(i crypto.Item) { i["binary"] = b(1, 2, 3, 4) }, "not encrypted"},
		"a part of it":         {func(i crypto.Item) { i["secret"] = b([]byte("\x01attack at dawn")...) }, "holds plaintext"},
		"an attribute missing": {func(i crypto.Item) { delete(i, "secret") }, "missing"},
		"a changed signed one": {func(i crypto.Item) { i["open"] = n("2") }, "changed"},
		"an encrypted key":     {func(i crypto.Item) { i["id"] = b(1) }, "changed"},
	} {
		if got := checkSealed(c, sealed(test.change)); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
