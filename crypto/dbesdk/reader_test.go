package dbesdk

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/internal/encryptioncontext"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
)

// An item whose commitment is right and whose foot is not was made by someone
// who has the data key, or is a trick. In any case nothing of it is decrypted:
// opening it does not take the memory that the plaintext would.
func TestNothingIsDecryptedBeforeTheFootIsVerified(t *testing.T) {
	const size = 8 << 20
	item := itemtest.Account()
	item["secret"] = &types.AttributeValueMemberB{Value: make([]byte, size)}
	for _, suite := range []Suite{SuiteECDSA, SuiteHMAC} {
		e := newTestEncryptor(t, WithSuite(suite))
		allocated := func(sealed crypto.Item) (uint64, error) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc, err
		}
		if n, err := allocated(forger{}.seal(t, e, itemtest.Actions(), item)); err != nil || n < size {
			t.Fatalf("%v: opening allocates %d bytes, with %v", suite, n, err)
		}
		for what, foot := range map[string]func([]byte) []byte{
			"tag":                 func(foot []byte) []byte { foot[0] ^= 1; return foot },
			"end":                 func(foot []byte) []byte { foot[len(foot)-1] ^= 1; return foot },
			"length of the whole": func(foot []byte) []byte { return append(foot, 0) },
		} {
			n, err := allocated(forger{foot: foot}.seal(t, e, itemtest.Actions(), item))
			if !errors.Is(err, crypto.ErrTampered) || n >= size/2 {
				t.Errorf("%v, wrong %s: %d bytes were allocated, with %v", suite, what, n, err)
			}
		}
	}
}

// overhearing keeps what it unwraps, as anybody can who may read.
type overhearing struct {
	keyring.Keyring
	materials *keyring.DecryptionMaterials
}

func (o *overhearing) OnDecrypt(
	ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey,
) error {
	err := o.Keyring.OnDecrypt(ctx, m, keys)
	o.materials = m
	return err
}

// Who may read an item has its data key and one of its signing keys. With
// SuiteECDSA that is not enough to change it; with SuiteHMAC it is, for those
// who read with the same key. Suite says so.
func TestAReaderCannotChangeWhatIsSigned(t *testing.T) {
	for _, suite := range []Suite{SuiteECDSA, SuiteHMAC} {
		mine, theirs := newTestKeyring(t), newTestKeyring(t)
		both, err := multi.New(mine, theirs)
		itemtest.Check(t, err)
		writer, err := New(both, WithSuite(suite))
		itemtest.Check(t, err)
		defer writer.Close()
		// All data keys are named alike: each keyring has one of them.
		insider := &overhearing{Keyring: mine}
		e, err := New(insider, WithSuite(suite))
		itemtest.Check(t, err)
		table, actions := itemtest.Table(), itemtest.Actions()
		sealed, err := writer.EncryptItem(t.Context(), table, actions, itemtest.Account())
		itemtest.Check(t, err)
		_, err = e.DecryptItem(t.Context(), table, actions, sealed)
		itemtest.Check(t, err)

		// The insider changes a signed value and remakes its own tag. (What
		// else an insider could change is in the next test.)
		changed := maps.Clone(sealed)
		changed["plan"] = &types.AttributeValueMemberS{Value: "platinum"}
		head, _ := binaryOf(sealed[HeadAttribute])
		h, _, _, ok := parseHeader(head, 20)
		if !ok {
			t.Fatal("the header does not parse")
		}
		fields, ok := storedFields(e.signedNames(actions, changed), h, table, changed)
		if !ok {
			t.Fatal("the item does not fit its legend")
		}
		hash := canonicalHash(head, insider.materials.AAD(), table.Name, fields, h.legend)
		foot, _ := binaryOf(sealed[FootAttribute])
		foot = append(recipientTag(insider.materials.SigningKey(), hash), foot[recipientTagSize:]...)
		changed[FootAttribute] = &types.AttributeValueMemberB{Value: foot}

		reader := func(keys keyring.Keyring) error {
			r, err := New(keys)
			itemtest.Check(t, err)
			_, err = r.DecryptItem(t.Context(), table, actions, changed)
			return err
		}
		if err := reader(theirs); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%v: a reader with another key: got %v, want ErrTampered", suite, err)
		}
		switch err := reader(mine); {
		case suite == SuiteECDSA && !errors.Is(err, crypto.ErrTampered):
			t.Errorf("%v: a reader with the same key: got %v, want ErrTampered", suite, err)
		case suite == SuiteHMAC && err != nil:
			t.Errorf("%v: a reader with the same key: %v; if that is noticed now, say so in the doc of Suite", suite, err)
		}
	}
}

// What an insider changes in the header can be committed to again: the
// signature covers the header too.
func TestAReaderCannotChangeTheHeader(t *testing.T) {
	insider := &overhearing{Keyring: newTestKeyring(t)}
	e, err := New(insider)
	itemtest.Check(t, err)
	defer e.Close()
	table, actions := itemtest.Table(), crypto.Actions{Default: crypto.Sign}
	sealed, err := e.EncryptItem(t.Context(), table, actions, itemtest.Account())
	itemtest.Check(t, err)
	_, err = e.DecryptItem(t.Context(), table, actions, sealed)
	itemtest.Check(t, err)
	materials := insider.materials
	head, _ := binaryOf(sealed[HeadAttribute])
	foot, _ := binaryOf(sealed[FootAttribute])

	for name, change := range map[string]func(h *header){
		"nothing":        func(*header) {},
		"the message ID": func(h *header) { h.messageID[0] ^= 1 },
		"another reader's data key": func(h *header) {
			h.keys = append(h.keys,
				keyring.EncryptedDataKey{ProviderID: "another"})
		},
		"stored context": func(h *header) { h.context["tenant"] = "acme" },
	} {
		h, _, _, ok := parseHeader(head, 20)
		if !ok {
			t.Fatal("the header does not parse")
		}
		change(h)
		keys, err := newItemKeys(materials.DataKey(), h.messageID)
		itemtest.Check(t, err)
		committed, err := h.commit(keys)
		itemtest.Check(t, err)
		fields, ok := storedFields(e.signedNames(actions, sealed), h, table, sealed)
		if !ok {
			t.Fatal("the item does not fit its legend")
		}
		ec := baseContext(h.version, table, fields, h.legend)
		maps.Copy(ec, h.context)
		aad, err := encryptioncontext.Marshal(ec)
		itemtest.Check(t, err)
		hash := canonicalHash(committed, aad, table.Name, fields, h.legend)
		tags := slices.Repeat(recipientTag(materials.SigningKey(), hash), len(h.keys))
		changed := maps.Clone(sealed)
		changed[HeadAttribute] = &types.AttributeValueMemberB{Value: committed}
		changed[FootAttribute] = &types.AttributeValueMemberB{Value: append(tags, foot[recipientTagSize:]...)}
		_, err = e.DecryptItem(t.Context(), table, actions, changed)
		switch {
		case name == "nothing":
			itemtest.Check(t, err)
		case !errors.Is(err, crypto.ErrTampered):
			t.Errorf("%s: got %v, want ErrTampered", name, err)
		}
	}
}
