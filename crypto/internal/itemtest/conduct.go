package itemtest

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Callers keep the items that they pass in and read them again. Sets and
// numbers are not in normal form here, so that sorting or normalizing them in
// place would be detected.
func inputsUnchanged(t *testing.T, s Subject) {
	s.both(t, func(t *testing.T, item crypto.Item, actions crypto.Actions) {
		for prefix, action := range prefixes {
			if action == crypto.SignInContext && item[prefix+"N"] == nil {
				continue
			}
			item[prefix+"N"] = &types.AttributeValueMemberN{Value: "+01.50e1"}
			item[prefix+"SS"] = &types.AttributeValueMemberSS{Value: []string{"b", "c", "a"}}
			item[prefix+"NS"] = &types.AttributeValueMemberNS{Value: []string{"3", "1e0", "2.0"}}
			item[prefix+"BS"] = &types.AttributeValueMemberBS{Value: [][]byte{{0xff}, {1}, {0x80}}}
		}
		item["opened"] = &types.AttributeValueMemberN{Value: "2e1"}

		before := expr.CloneItem(item)
		sealed := s.seal(t, actions, item)
		if !reflect.DeepEqual(item, before) {
			t.Error("sealing changed what is in the item")
		}
		before = expr.CloneItem(sealed)
		opened, err := s.Encryptor.DecryptItem(t.Context(), Table(), actions, sealed)
		Check(t, err)
		EqualItems(t, opened, item)
		if !reflect.DeepEqual(sealed, before) {
			t.Error("opening changed what is in the item")
		}
		// A decrypted value belongs to the caller and is not part of the stored
		// one.
		clear(opened["encrypted-B"].(*types.AttributeValueMemberB).Value)
		clear(opened["encrypted-BS"].(*types.AttributeValueMemberBS).Value[0])
		clear(opened)
		if !reflect.DeepEqual(sealed, before) {
			t.Error("the opened item shares what was decrypted with the sealed one")
		}
		_, err = s.Encryptor.DecryptItem(t.Context(), Table(), actions, sealed)
		Check(t, err)

		// A sealed value is not part of the item that was passed in, unless it
		// is the value itself.
		sealed = s.seal(t, actions, item)
		before = expr.CloneItem(sealed)
		clear(item["encrypted-B"].(*types.AttributeValueMemberB).Value)
		clear(item["encrypted-BS"].(*types.AttributeValueMemberBS).Value[0])
		if !reflect.DeepEqual(sealed, before) {
			t.Error("the sealed item shares what was encrypted with the one that it is of")
		}
	})
}

// DynamoDB changes the spelling of numbers and the order of sets.
func rewritten(t *testing.T, s Subject) {
	table, actions := plainTable()
	list := func(v types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{v}}
	}
	number := func(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }
	nestedSet := func(numbers ...string) types.AttributeValue {
		set := list(&types.AttributeValueMemberNS{Value: numbers})
		return &types.AttributeValueMemberM{Value: crypto.Item{"set": set}}
	}
	item := crypto.Item{
		"id":       number("1.0"),
		"numbers":  &types.AttributeValueMemberNS{Value: []string{"1e2", "-0.50"}},
		"words":    &types.AttributeValueMemberSS{Value: []string{"b", "a", "\uffee", "😀"}},
		"binaries": &types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}, {0x80}}},
		"nested":   list(number("007")),
		"deep":     nestedSet("2.50", "1e0"),
	}
	rewritten := crypto.Item{
		"id":       number("1"),
		"numbers":  &types.AttributeValueMemberNS{Value: []string{"-0.5", "100"}},
		"words":    &types.AttributeValueMemberSS{Value: []string{"😀", "a", "b", "\uffee"}},
		"binaries": &types.AttributeValueMemberBS{Value: [][]byte{{0x80}, {1}, {2}}},
		"nested":   list(number("7")),
		"deep":     nestedSet("1", "2.5"),
	}
	all := []crypto.Actions{actions}
	if s.InContext {
		all = append(all, crypto.Actions{Default: crypto.SignInContext})
	}
	for _, actions := range all {
		sealed, err := s.Encryptor.EncryptItem(t.Context(), table, actions, item)
		Check(t, err)
		for name, v := range rewritten {
			sealed[name] = v
		}
		opened, err := s.Encryptor.DecryptItem(t.Context(), table, actions, sealed)
		Check(t, err)
		EqualItems(t, opened, item)
	}
}

func names(t *testing.T, s Subject) {
	for _, action := range []crypto.Action{crypto.Encrypt, crypto.Sign, crypto.None} {
		actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "opened": crypto.Sign},
			Default: action}
		for _, name := range []string{"", strings.Repeat("n", 1<<16), strings.Repeat("é", 1<<15), "\xff"} {
			item := Account()
			item[name] = item["email"]
			sealed, err := s.Encryptor.EncryptItem(t.Context(), Table(), actions, item)
			if _, ok := errors.AsType[*crypto.ItemError](err); !ok || sealed != nil || !errors.Is(err, crypto.ErrInvalidItem) ||
				len(err.Error()) > 1000 {
				t.Errorf("%q, a name of %d bytes: got %.200v, want a short ErrInvalidItem", action, len(name), err)
			}
		}
		item := Account()
		item[strings.Repeat("n", 1<<16-1)] = item["email"]
		s.opens(t, "the longest name", actions, s.seal(t, actions, item), item)
	}
}

func plaintext(t *testing.T, s Subject) {
	opened, err := s.Encryptor.DecryptItem(t.Context(), Table(), Actions(), Account())
	if opened != nil || !errors.Is(err, crypto.ErrNotProtected) || s.Encryptor.Recognizes(Account()) {
		t.Errorf("got %v, want ErrNotProtected", err)
	}
}

func atOnce(t *testing.T, s Subject) {
	item, actions := Every(s.InContext)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			sealed, err := s.Encryptor.EncryptItem(t.Context(), Table(), actions, item)
			if err != nil {
				t.Error(err)
				return
			}
			s.opens(t, "one of many", actions, sealed, item)
		})
	}
	all.Wait()
}

// An attribute without an action has the default.
func defaults(t *testing.T, s Subject) {
	keys := map[string]crypto.Action{"id": crypto.Sign, "opened": crypto.Sign}
	for _, action := range []crypto.Action{crypto.Encrypt, crypto.Sign, crypto.None, crypto.SignInContext} {
		if action == crypto.SignInContext && !s.InContext {
			continue
		}
		actions := crypto.Actions{Attributes: keys, Default: action}
		sealed := s.seal(t, actions, Account())
		if shown := reflect.DeepEqual(sealed["email"], Account()["email"]); shown != (action != crypto.Encrypt) {
			t.Errorf("%q: the value is readable: %v", action, shown)
		}
		s.opens(t, action.String(), actions, sealed, Account())
	}
}
