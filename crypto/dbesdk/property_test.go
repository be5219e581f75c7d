package dbesdk_test

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemgen"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/internal/expr"
)

var anyTable = crypto.TableInfo{Name: "t", PartitionKey: "partition", SortKey: "sort"}

// drawItem draws an item of anyTable and actions for it.
func drawItem(t *rapid.T) (crypto.Item, crypto.Actions) {
	action := rapid.SampledFrom([]crypto.Action{crypto.Encrypt, crypto.Sign, crypto.SignInContext, crypto.None})
	item := crypto.Item(rapid.MapOfN(itemgen.Name(), itemgen.Value(2), 0, 8).Draw(t, "item"))
	actions := crypto.Actions{Default: action.Draw(t, "default"), Attributes: make(map[string]crypto.Action)}
	for _, name := range slices.Sorted(maps.Keys(item)) {
		if rapid.Bool().Draw(t, "named") {
			actions.Attributes[name] = action.Draw(t, "action")
		}
	}
	keyAction := rapid.SampledFrom([]crypto.Action{crypto.Sign, crypto.SignInContext})
	for _, name := range anyTable.KeyNames() {
		actions.Attributes[name] = keyAction.Draw(t, name)
	}
	item["partition"] = text("p")
	item["sort"] = number(itemgen.Number().Draw(t, "sort"))
	return item, actions
}

func same(a, b crypto.Item) bool {
	return len(a) == len(b) && !slices.ContainsFunc(slices.Collect(maps.Keys(a)), func(name string) bool {
		return !reflect.DeepEqual(itemtest.Canonical(a[name]), itemtest.Canonical(b[name]))
	})
}

func TestAnyItemOpensAsItWasSealed(t *testing.T) {
	keys := &asked{Keyring: rawAES(t, "key")}
	encryptors := []*dbesdk.Encryptor{newEncryptor(t, keys), newEncryptor(t, keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))}
	rapid.Check(t, func(t *rapid.T) {
		item, actions := drawItem(t)
		e := rapid.SampledFrom(encryptors).Draw(t, "encryptor")
		before := expr.CloneItem(item)
		sealed, err := e.EncryptItem(t.Context(), anyTable, actions, item)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(item, before) {
			t.Fatal("sealing changed the item")
		}
		before = expr.CloneItem(sealed)
		opened, err := e.DecryptItem(t.Context(), anyTable, actions, sealed)
		if err != nil {
			t.Fatal(err)
		}
		if !same(opened, item) {
			t.Fatalf("%v becomes %v", item, opened)
		}
		if !reflect.DeepEqual(sealed, before) {
			t.Fatal("opening changed the item")
		}

		// What is signed may be so in any way when it is opened.
		moved := crypto.Actions{Attributes: make(map[string]crypto.Action), Default: crypto.None}
		for name := range item {
			if !actions.Of(name).Signed() {
				continue
			}
			moved.Attributes[name] = rapid.SampledFrom([]crypto.Action{crypto.Encrypt, crypto.Sign,
				crypto.SignInContext}).Draw(t, "moved")
			if anyTable.IsKey(name) {
				moved.Attributes[name] = crypto.Sign
			}
		}
		if opened, err = e.DecryptItem(t.Context(), anyTable, moved, sealed); err != nil || !same(opened, item) {
			t.Fatalf("under other actions: %v, %v", opened, err)
		}

		// The context tells the item's attributes that are in it.
		want := anyTable.Key(item)
		for name := range item {
			if actions.Of(name) == crypto.SignInContext {
				want[name] = item[name]
			}
		}
		if got, err := dbesdk.Attributes(keys.sealing); err != nil || !same(got, want) {
			t.Fatalf("the context has the attributes %v, %v; want %v", got, err, want)
		}

		// Inspect sees what was done.
		var unsigned []string
		for name := range item {
			if !actions.Of(name).Signed() {
				unsigned = append(unsigned, name)
			}
		}
		in, err := dbesdk.Inspect(sealed, dbesdk.WithUnsigned(unsigned...))
		if err != nil {
			t.Fatal(err)
		}
		for name := range item {
			did := actions.Of(name)
			if anyTable.IsKey(name) {
				did = map[int]crypto.Action{1: crypto.Sign, 2: crypto.SignInContext}[in.Version]
			}
			if in.Actions[name] != did {
				t.Fatalf("Inspect says that %q is %q, and not %q", name, in.Actions[name], did)
			}
		}
	})
}

func TestNoOtherItemVerifies(t *testing.T) {
	keys := rawAES(t, "key")
	encryptors := []*dbesdk.Encryptor{newEncryptor(t, keys), newEncryptor(t, keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))}
	rapid.Check(t, func(t *rapid.T) {
		item, actions := drawItem(t)
		e := rapid.SampledFrom(encryptors).Draw(t, "encryptor")
		sealed, err := e.EncryptItem(t.Context(), anyTable, actions, item)
		if err != nil {
			t.Fatal(err)
		}
		signed := func(name string) bool { return strings.HasPrefix(name, "aws_dbe_") || actions.Of(name).Signed() }

		changed := maps.Clone(sealed)
		names := slices.Sorted(maps.Keys(sealed))
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			name := rapid.OneOf(rapid.SampledFrom(names), itemgen.Text()).Draw(t, "name")
			switch rapid.IntRange(1, 3).Draw(t, "change") {
			case 1:
				delete(changed, name)
			case 2:
				changed[name] = itemgen.Value(2).Draw(t, "value")
			default:
				other := rapid.SampledFrom(names).Draw(t, "other")
				if changed[other] != nil {
					changed[name] = changed[other]
				}
			}
		}
		differs, want := false, maps.Clone(changed)
		for name := range maps.Keys(sealed) {
			differs = differs || signed(name) && !reflect.DeepEqual(itemtest.Canonical(sealed[name]),
				itemtest.Canonical(changed[name]))
		}
		for name := range changed {
			differs = differs || signed(name) && sealed[name] == nil
		}
		opened, err := e.DecryptItem(t.Context(), anyTable, actions, changed)
		switch {
		case !differs && err != nil:
			t.Fatalf("nothing that is signed was changed: %v", err)
		case !differs:
			for name := range sealed {
				if strings.HasPrefix(name, "aws_dbe_") {
					delete(want, name)
				} else if signed(name) {
					want[name] = item[name]
				}
			}
			if !same(opened, want) {
				t.Fatalf("got %v, want %v", opened, want)
			}
		case opened != nil || !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) &&
			!errors.Is(err, crypto.ErrNotProtected):
			t.Fatalf("got %v and %v, want ErrTampered", opened, err)
		}
		_, head := changed[dbesdk.HeadAttribute]
		_, foot := changed[dbesdk.FootAttribute]
		if errors.Is(err, crypto.ErrNotProtected) != (!head && !foot) {
			t.Fatalf("with head %v and foot %v: %v", head, foot, err)
		}
	})
}
