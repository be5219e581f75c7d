package dbesdk

import (
	"bytes"
	"crypto/elliptic"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

func FuzzParseHeader(f *testing.F) {
	for _, suite := range []Suite{SuiteECDSA, SuiteHMAC} {
		for _, actions := range []crypto.Actions{itemtest.Actions(), contextActions()} {
			e := newTestEncryptor(f, WithSuite(suite))
			sealed, err := e.EncryptItem(f.Context(), itemtest.Table(), actions, itemtest.Account())
			itemtest.Check(f, err)
			head, _ := binaryOf(sealed[HeadAttribute])
			f.Add(head)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		h, committed, commitment, ok := parseHeader(data, defaultMaxDataKeys)
		if !bytes.Equal(data, before) {
			t.Fatal("parsing changed what it read")
		}
		if !ok {
			if h != nil || committed != nil || commitment != nil {
				t.Fatal("something is returned along with a failure")
			}
			return
		}
		marshaled, err := h.marshal()
		if err != nil || !bytes.Equal(append(marshaled, commitment...), data) {
			t.Fatalf("%x becomes %x and %x, %v", data, marshaled, commitment, err)
		}
		if len(h.keys) == 0 || len(h.keys) > defaultMaxDataKeys || len(h.context) > maxStoredContext || len(h.legend) == 0 ||
			h.suite != SuiteECDSA && h.suite != SuiteHMAC || h.version == versionPlain &&
			bytes.IndexByte(h.legend, legendContext) >= 0 {
			t.Fatalf("%+v parses", h)
		}
	})
}

func FuzzDecodePublicKey(f *testing.F) {
	for range 4 {
		pair, err := newPair()
		itemtest.Check(f, err)
		text, err := encodePublicKey(&pair.PublicKey)
		itemtest.Check(f, err)
		f.Add(text)
	}
	f.Add("AA==")
	f.Fuzz(func(t *testing.T, text string) {
		compressed, err := decodePublicKey(text)
		if err != nil {
			if compressed != nil {
				t.Fatal("a key is returned along with an error")
			}
			return
		}
		public, err := decodePoint(compressed)
		if err != nil {
			return
		}
		if public.Curve != elliptic.P384() {
			t.Fatalf("a key of another curve: %v", public.Curve)
		}
		// encoding/base64 reads past line breaks.
		if again, err := encodePublicKey(public); err != nil ||
			again != strings.NewReplacer("\r", "", "\n", "").Replace(text) {
			t.Fatalf("%q becomes %q, %v", text, again, err)
		}
	})
}

// FuzzVerifyFooter shows feet that someone made up without the keys.
func FuzzVerifyFooter(f *testing.F) {
	pair, err := newPair()
	itemtest.Check(f, err)
	key, hash := newTestKey(), bytes.Repeat([]byte{7}, recipientTagSize)
	foot, err := makeFooter(hash, [][]byte{key}, pair)
	itemtest.Check(f, err)
	f.Add(foot[recipientTagSize:], uint8(1), true)
	f.Add(foot, uint8(1), true)
	f.Add(make([]byte, 2*recipientTagSize), uint8(2), false)
	f.Add([]byte{}, uint8(0), false)
	f.Fuzz(func(t *testing.T, foot []byte, n uint8, signed bool) {
		other := bytes.Repeat([]byte{8}, recipientTagSize)
		valid := validBy(t, &pair.PublicKey, other)
		if !signed {
			valid = nil
		}
		if verifyFooter(foot, other, int(n), key, valid) {
			t.Fatalf("%x verifies", foot)
		}
		// With a tag that is right, the rest has still to be.
		tag := recipientTag(key, other)
		whole := append(slices.Clone(tag), foot...)
		size := recipientTagSize * int(n)
		if got, want := verifyFooter(whole, other, int(n), key, nil), n > 0 && len(whole) == size; got != want {
			t.Fatalf("%d bytes for %d keys verify: %v", len(whole), n, got)
		}
		if verifyFooter(whole, other, int(n), key, validBy(t, &pair.PublicKey, other)) {
			t.Fatalf("%x verifies with a signature of another hash", foot)
		}
	})
}

func newTestKey() []byte { return keyring.NewIntermediateKey() }

// FuzzSignedPlaintext opens items whose plaintext was made up by someone who
// has the keys: nothing may do more than fail, and what opens seals and opens
// again, unless DynamoDB would not store it.
func FuzzSignedPlaintext(f *testing.F) {
	item, _ := itemtest.Every(false)
	for _, v := range item {
		e, err := attribute.Encode(v)
		itemtest.Check(f, err)
		f.Add(e.Bytes())
	}
	e := newTestEncryptor(f, WithSuite(SuiteHMAC))
	f.Fuzz(func(t *testing.T, plaintext []byte) {
		if len(plaintext) < 2 {
			return // what is encrypted has a type always
		}
		sealed := forger{plaintexts: map[string][]byte{"email": plaintext}}.seal(t, e, itemtest.Actions(), itemtest.Account())
		opened, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
		if err != nil {
			// A value that Go cannot represent was not tampered with.
			if opened != nil || err.Error() != itemtest.Refusal && !errors.Is(err, crypto.ErrInvalidItem) {
				t.Fatalf("got %v and %v, want %s", opened, err, itemtest.Refusal)
			}
			return
		}
		again, err := e.EncryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), opened)
		if errors.Is(err, crypto.ErrInvalidItem) {
			return // official clients seal values that DynamoDB would refuse, and these are opened
		}
		itemtest.Check(t, err)
		reopened, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), again)
		itemtest.Check(t, err)
		if !reflect.DeepEqual(asDecoded(opened["email"]), reopened["email"]) {
			t.Fatalf("%#v becomes %#v", opened["email"], reopened["email"])
		}
	})
}

// FuzzForgedItem opens items of which everything that is stored was chosen by
// someone who has no key. None may open, and none may do more than fail. The
// keys are created by each process, so no input can be an item that verifies.
func FuzzForgedItem(f *testing.F) {
	e := newTestEncryptor(f, WithSuite(SuiteHMAC))
	signing := newTestEncryptor(f)
	for _, e := range []*Encryptor{e, signing} {
		for _, actions := range []crypto.Actions{itemtest.Actions(), contextActions()} {
			sealed, err := e.EncryptItem(f.Context(), itemtest.Table(), actions, itemtest.Account())
			itemtest.Check(f, err)
			head, _ := binaryOf(sealed[HeadAttribute])
			foot, _ := binaryOf(sealed[FootAttribute])
			email, _ := binaryOf(sealed["email"])
			foot[0] ^= 1
			f.Add(head, foot, email)
		}
	}
	f.Add([]byte{}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, head, foot, ciphertext []byte) {
		item := itemtest.Account()
		for name, b := range map[string][]byte{HeadAttribute: head, FootAttribute: foot, "email": ciphertext,
			"score": ciphertext, "secret": ciphertext} {
			item[name] = &types.AttributeValueMemberB{Value: b}
		}
		for _, e := range []*Encryptor{e, signing} {
			opened, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), item)
			if opened != nil || !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("got %v and %v, want ErrTampered or ErrNoUsableKey", opened, err)
			}
		}
	})
}

// FuzzAttributes reads encryption contexts that someone made up.
func FuzzAttributes(f *testing.F) {
	f.Add("", false, "id", "AAFhLTE=", "opened", "AAIyMA==")
	f.Add("SN", true, "id", "a-1", "opened", "20")
	f.Add("BL", true, "a", "//8AAQ==", "b", "null")
	f.Add("LL", true, "a", "true", "b", "false")
	f.Fuzz(func(t *testing.T, legend string, typed bool, name, value, other, otherValue string) {
		ec := keyring.EncryptionContext{contextTable: "t", contextPartition: name, contextAttribute + name: value,
			contextAttribute + other: otherValue}
		if typed {
			ec[contextLegend] = legend
		}
		before := maps.Clone(ec)
		attributes, err := Attributes(ec)
		if !maps.Equal(ec, before) {
			t.Fatal("reading changed the context")
		}
		if err != nil {
			if attributes != nil || !errors.Is(err, crypto.ErrInvalidItem) && !errors.Is(err, attribute.ErrMalformed) {
				t.Fatalf("got %v and %v, want ErrInvalidItem", attributes, err)
			}
			return
		}
		// What they are says all that the context says.
		letters := make(map[string]byte)
		again := keyring.EncryptionContext{contextTable: "t", contextPartition: name}
		for name, v := range attributes {
			e, err := attribute.Encode(v)
			itemtest.Check(t, err)
			again[contextAttribute+name], letters[name] = contextValue(e)
		}
		if len(attributes) != len(ec)-2 && !typed || typed && len(attributes) != len(legend) {
			t.Fatalf("%v becomes %v", ec, attributes)
		}
		var all []byte
		for _, name := range slices.Sorted(maps.Keys(letters)) {
			all = append(all, letters[name])
		}
		again[contextLegend] = string(all)
		reread, err := Attributes(again)
		if err != nil {
			t.Fatalf("%v is written as %v, and that does not read: %v", attributes, again, err)
		}
		for name, v := range attributes {
			if !reflect.DeepEqual(asDecoded(v), reread[name]) {
				t.Fatalf("%#v becomes %#v", v, reread[name])
			}
		}
	})
}

func FuzzInspect(f *testing.F) {
	for _, suite := range []Suite{SuiteECDSA, SuiteHMAC} {
		sealed, err := newTestEncryptor(f, WithSuite(suite)).EncryptItem(f.Context(), itemtest.Table(), itemtest.Actions(),
			itemtest.Account())
		itemtest.Check(f, err)
		head, _ := binaryOf(sealed[HeadAttribute])
		f.Add(head, true)
		f.Add(head, false)
	}
	f.Fuzz(func(t *testing.T, head []byte, told bool) {
		item := itemtest.Account()
		item[HeadAttribute], item[FootAttribute] = &types.AttributeValueMemberB{Value: head}, &types.AttributeValueMemberB{}
		var unsigned []string
		if told {
			unsigned = []string{"visits"}
		}
		in, err := Inspect(item, WithUnsigned(unsigned...))
		if err != nil {
			if in != nil || !errors.Is(err, crypto.ErrTampered) {
				t.Fatalf("got %v and %v, want ErrTampered", in, err)
			}
			return
		}
		if in.HeadSize != len(head) || len(in.DataKeys) == 0 || len(in.Legend) == 0 || in.Actions != nil &&
			len(in.Actions) != len(item)-2 {
			t.Fatalf("%x is %+v", head, in)
		}
	})
}
