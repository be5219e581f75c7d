package ddbec_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/providers"
)

// refusal is the whole text of every refusal: nothing in it depends on what is
// wrong, or on any value.
const refusal = `ddbenc: decrypt: table "accounts" (key id, opened): item does not verify`

// every returns an item that has each type of value three times: encrypted,
// signed and left alone, under names that begin so. No two values are alike.
func every() (crypto.Item, crypto.Actions) {
	item := crypto.Item{
		"id":     &types.AttributeValueMemberS{Value: "a-1"},
		"opened": &types.AttributeValueMemberN{Value: "20"},
	}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "opened": crypto.Sign}}
	for prefix, action := range map[string]crypto.Action{"encrypted-": crypto.Encrypt, "signed-": crypto.Sign, "unsigned-": crypto.None} {
		text := func(s string) *types.AttributeValueMemberS { return &types.AttributeValueMemberS{Value: prefix + s} }
		number := string('1'+rune(action)) + "7"
		for name, v := range map[string]types.AttributeValue{
			"S":    text("text"),
			"N":    &types.AttributeValueMemberN{Value: number},
			"B":    &types.AttributeValueMemberB{Value: []byte(prefix + "bytes")},
			"BOOL": &types.AttributeValueMemberBOOL{Value: true},
			"NULL": &types.AttributeValueMemberNULL{Value: true},
			"SS":   &types.AttributeValueMemberSS{Value: []string{prefix + "a", prefix + "b"}},
			"NS":   &types.AttributeValueMemberNS{Value: []string{number, number + "1"}},
			"BS":   &types.AttributeValueMemberBS{Value: [][]byte{[]byte(prefix + "c"), []byte(prefix + "d")}},
			"L":    &types.AttributeValueMemberL{Value: []types.AttributeValue{text("first"), text("second")}},
			"M":    &types.AttributeValueMemberM{Value: crypto.Item{"one": text("one"), "two": text("two")}},
		} {
			item[prefix+name] = v
			actions.Attributes[prefix+name] = action
		}
	}
	return item, actions
}

// retyped returns values of every other type with the content of v, as near as
// that type comes.
func retyped(v types.AttributeValue) []types.AttributeValue {
	text, members := "", []types.AttributeValue{v}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		text = v.Value
	case *types.AttributeValueMemberN:
		text = v.Value
	case *types.AttributeValueMemberB:
		text = string(v.Value)
	case *types.AttributeValueMemberSS:
		text = v.Value[0]
	case *types.AttributeValueMemberNS:
		text = v.Value[0]
	case *types.AttributeValueMemberBS:
		text = string(v.Value[0])
	case *types.AttributeValueMemberL:
		members = v.Value
	case *types.AttributeValueMemberM:
		members = []types.AttributeValue{v.Value["one"], v.Value["two"]}
	}
	all := map[string]types.AttributeValue{
		"S":    &types.AttributeValueMemberS{Value: text},
		"N":    &types.AttributeValueMemberN{Value: text},
		"B":    &types.AttributeValueMemberB{Value: []byte(text)},
		"BOOL": &types.AttributeValueMemberBOOL{Value: true},
		"NULL": &types.AttributeValueMemberNULL{Value: true},
		"SS":   &types.AttributeValueMemberSS{Value: []string{text}},
		"NS":   &types.AttributeValueMemberNS{Value: []string{text}},
		"BS":   &types.AttributeValueMemberBS{Value: [][]byte{[]byte(text)}},
		"L":    &types.AttributeValueMemberL{Value: members},
		"M":    &types.AttributeValueMemberM{Value: crypto.Item{"0": members[0]}},
	}
	delete(all, expr.TypeName(v))
	return slices.Collect(maps.Values(all))
}

// edited returns values of v's type that differ from it a little.
func edited(v types.AttributeValue) []types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberBOOL:
		return []types.AttributeValue{&types.AttributeValueMemberBOOL{Value: !v.Value}}
	case *types.AttributeValueMemberNULL:
		return []types.AttributeValue{&types.AttributeValueMemberNULL{}}
	case *types.AttributeValueMemberNS:
		return []types.AttributeValue{
			&types.AttributeValueMemberNS{}, &types.AttributeValueMemberNS{Value: v.Value[1:]},
			&types.AttributeValueMemberNS{Value: append(slices.Clone(v.Value), "-1")},
			&types.AttributeValueMemberNS{Value: append(slices.Clone(v.Value), v.Value[0])},
		}
	case *types.AttributeValueMemberBS:
		return []types.AttributeValue{
			&types.AttributeValueMemberBS{}, &types.AttributeValueMemberBS{Value: v.Value[1:]},
			&types.AttributeValueMemberBS{Value: append(slices.Clone(v.Value), nil)},
			// The same bytes, divided otherwise.
			&types.AttributeValueMemberBS{Value: [][]byte{slices.Concat(v.Value...)}},
		}
	case *types.AttributeValueMemberL:
		return []types.AttributeValue{
			&types.AttributeValueMemberL{}, &types.AttributeValueMemberL{Value: v.Value[1:]},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{v.Value[1], v.Value[0]}},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{v}},
			&types.AttributeValueMemberL{Value: []types.AttributeValue{v.Value[0], nil}},
		}
	case *types.AttributeValueMemberM:
		return []types.AttributeValue{
			&types.AttributeValueMemberM{}, &types.AttributeValueMemberM{Value: crypto.Item{"one": v.Value["one"]}},
			&types.AttributeValueMemberM{Value: crypto.Item{"one": v.Value["two"], "two": v.Value["one"]}},
			&types.AttributeValueMemberM{Value: crypto.Item{"one": v.Value["one"], "2": v.Value["two"]}},
			&types.AttributeValueMemberM{Value: crypto.Item{"one": v.Value["one"], "two": v.Value["two"], "three": v.Value["two"]}},
		}
	}
	some := edits(v)
	return some[:min(len(some), 12)] // without most of the bits of binaries, which have a test of their own
}

func TestNoValueOfAnyTypeCanBeReplaced(t *testing.T) {
	item, actions := every()
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encryptor := newEncryptor(t, provider)
			sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
			check(t, err)
			opened, err := encryptor.DecryptItem(t.Context(), table, actions, sealed)
			check(t, err)
			equalItems(t, opened, item)

			refused := func(what string, changed crypto.Item) {
				t.Helper()
				opened, err := encryptor.DecryptItem(t.Context(), table, actions, changed)
				if opened != nil {
					t.Errorf("%s: %d attributes are returned, with %v", what, len(opened), err)
				}
				if !errors.Is(err, crypto.ErrTampered) || err.Error() != refusal {
					t.Errorf("%s: got %v, want %s", what, err, refusal)
				}
			}
			unsigned := func(name string) bool {
				return name == ddbec.DescriptionAttribute || actions.Of(name) == crypto.None
			}
			for attribute, v := range sealed {
				if unsigned(attribute) {
					continue
				}
				for _, other := range slices.Concat(retyped(v), edited(v)) {
					changed := maps.Clone(sealed)
					changed[attribute] = other
					refused("another "+attribute, changed)
				}
				for other, w := range sealed {
					if other <= attribute && !unsigned(other) || other == ddbec.DescriptionAttribute || expr.TypeName(v) == expr.TypeName(w) && (expr.TypeName(v) == "BOOL" || expr.TypeName(v) == "NULL") {
						continue // done the other way around, tested below, or the same value
					}
					changed := maps.Clone(sealed)
					changed[attribute], changed[other] = w, v
					refused("swapped "+attribute+" and "+other, changed)
				}
			}
		})
	}
}

func TestAttributesLeftAloneComeBackAsTheyAre(t *testing.T) {
	item, actions := every()
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encryptor := newEncryptor(t, provider)
			sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
			check(t, err)
			same := func(what string, changed, want crypto.Item) {
				t.Helper()
				opened, err := encryptor.DecryptItem(t.Context(), table, actions, changed)
				if err != nil {
					t.Errorf("%s: %v", what, err)
					return
				}
				equalItems(t, opened, want)
			}
			without, wantWithout := maps.Clone(sealed), maps.Clone(item)
			for attribute, v := range item {
				if actions.Of(attribute) != crypto.None {
					continue
				}
				delete(without, attribute)
				delete(wantWithout, attribute)
				for _, other := range retyped(v) {
					changed, want := maps.Clone(sealed), maps.Clone(item)
					changed[attribute], want[attribute] = other, other
					same("another "+attribute, changed, want)
				}
			}
			same("all of them removed", without, wantWithout)
		})
	}
}

// A description that somebody changed gives the item or nothing.
func TestADescriptionOfAnotherItemOpensNothing(t *testing.T) {
	item, actions := every()
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encryptor := newEncryptor(t, provider)
			sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
			check(t, err)
			second, err := encryptor.EncryptItem(t.Context(), table, actions, item)
			check(t, err)
			descriptions := []types.AttributeValue{second[ddbec.DescriptionAttribute]}
			descriptions = append(descriptions, retyped(sealed[ddbec.DescriptionAttribute])...)
			for other, v := range sealed {
				if other != ddbec.DescriptionAttribute {
					descriptions = append(descriptions, v)
				}
			}
			for _, description := range descriptions {
				changed := maps.Clone(sealed)
				changed[ddbec.DescriptionAttribute] = description
				opened, err := encryptor.DecryptItem(t.Context(), table, actions, changed)
				switch {
				case err == nil:
					equalItems(t, opened, item)
				case opened != nil:
					t.Errorf("%T: %d attributes are returned, with %v", description, len(opened), err)
				case !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey):
					t.Errorf("%T: got %v, want ErrTampered or ErrNoUsableKey", description, err)
				}
			}
		})
	}
}

// remembering asks for the materials of each description once, so that private
// keys are used once.
type remembering struct {
	providers.Provider
	mu   sync.Mutex
	seen *providers.DecryptionMaterials
}

func (r *remembering) DecryptionMaterials(ctx context.Context, ec providers.EncryptionContext, d providers.MaterialDescription) (*providers.DecryptionMaterials, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	if r.seen == nil {
		r.seen, err = r.Provider.DecryptionMaterials(ctx, ec, d)
	}
	return r.seen, err
}

func TestEveryBitOfSignatureAndCiphertextCounts(t *testing.T) {
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encryptor := newEncryptor(t, &remembering{Provider: provider})
			sealed, err := encryptor.EncryptItem(t.Context(), table, actions, account())
			check(t, err)
			for _, attribute := range []string{ddbec.SignatureAttribute, "email"} {
				stored := sealed[attribute].(*types.AttributeValueMemberB).Value
				for bit := range 8 * len(stored) {
					flipped := slices.Clone(stored)
					flipped[bit/8] ^= 1 << (bit % 8)
					changed := maps.Clone(sealed)
					changed[attribute] = &types.AttributeValueMemberB{Value: flipped}
					opened, err := encryptor.DecryptItem(t.Context(), table, actions, changed)
					if opened != nil || err == nil || err.Error() != refusal {
						t.Fatalf("%s with bit %d flipped: %v, %v", attribute, bit, opened, err)
					}
				}
			}
			_, err = encryptor.DecryptItem(t.Context(), table, actions, sealed)
			check(t, err)
		})
	}
}

// A new name that sorts where the old one did leaves all values in their
// order, so that nothing but the name itself tells.
func TestARenamedAttributeIsNoticedInItsPlace(t *testing.T) {
	item, actions := every()
	actions.Default = crypto.Sign
	renamed := func(name string) string { return name + "!" }
	for name := range item {
		actions.Attributes[renamed(name)] = actions.Of(name)
	}
	for name, provider := range allProviders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encryptor := newEncryptor(t, provider)
			sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
			check(t, err)
			for attribute, v := range item {
				if actions.Of(attribute) == crypto.None || table.IsKey(attribute) {
					continue
				}
				changed := maps.Clone(sealed)
				delete(changed, attribute)
				changed[renamed(attribute)] = sealed[attribute]
				opened, err := encryptor.DecryptItem(t.Context(), table, actions, changed)
				if opened != nil || err == nil || err.Error() != refusal {
					t.Errorf("%s, of type %s: %v, %v", attribute, expr.TypeName(v), opened, err)
				}
			}
		})
	}

	// The same for a key, in a table whose key has the other name.
	encryptor := newEncryptor(t, allProviders(t)["static HMAC"])
	sealed, err := encryptor.EncryptItem(t.Context(), table, actions, item)
	check(t, err)
	other := crypto.TableInfo{Name: table.Name, PartitionKey: renamed(table.PartitionKey), SortKey: table.SortKey}
	sealed[other.PartitionKey] = sealed[table.PartitionKey]
	delete(sealed, table.PartitionKey)
	if opened, err := encryptor.DecryptItem(t.Context(), other, actions, sealed); opened != nil || !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("a renamed key: %v, %v", opened, err)
	}
}
