package itemtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

func everyChange(t *testing.T, s Subject) {
	table, actions := Table(), Actions()
	sealed := s.seal(t, actions, Account())
	for attribute, v := range sealed {
		if s.unsigned(actions, attribute) {
			continue
		}
		changed := maps.Clone(sealed)
		delete(changed, attribute)
		s.refused(t, "removed "+attribute, s.missing(actions, attribute), table, actions, changed)

		// A reserved name moves an unsigned attribute to the signed ones.
		change := s.kind(actions, attribute)
		if s.Encryptor.Reserved(attribute) && change == ChangedValue {
			change = ChangedHead
		}
		changed["renamed "+attribute] = v
		s.refused(t, "renamed "+attribute, change, table, actions, changed)

		for i, edit := range Edits(v) {
			if s.Slow && i > 8 && i%7 != 0 {
				continue
			}
			if s.forOthers(sealed, attribute, edit) {
				s.opens(t, "a change for other readers", actions, replaced(sealed, attribute, edit), Account())
				continue
			}
			s.refused(t, fmt.Sprintf("edit %d of %s", i, attribute), s.kind(actions, attribute), table, actions,
				replaced(sealed, attribute, edit))
		}
		for other, w := range sealed {
			if other == attribute || s.unsigned(actions, other) {
				continue
			}
			changed := maps.Clone(sealed)
			changed[attribute], changed[other] = w, v
			s.refused(t, "swapped "+attribute+" and "+other, s.kind(actions, attribute, other), table, actions, changed)
		}
	}
	s.refused(t, "added an attribute", ChangedCount, table, actions,
		replaced(sealed, "more", &types.AttributeValueMemberBOOL{Value: true}))

	for _, name := range []string{"Accounts", "accounts2"} {
		other := table
		other.Name = name
		s.refused(t, "moved to table "+name, ChangedContext, other, actions, sealed)
	}

	another := Account()
	another["id"] = &types.AttributeValueMemberS{Value: "a-2"}
	second := s.seal(t, actions, another)
	for attribute := range sealed {
		if s.unsigned(actions, attribute) || actions.Of(attribute) == crypto.Sign && attribute != "id" {
			continue // the same in both
		}
		s.refused(t, "took "+attribute+" from another item", s.kind(actions, attribute), table, actions,
			replaced(sealed, attribute, second[attribute]))
	}
}

func replacedValues(t *testing.T, s Subject) {
	s.both(t, func(t *testing.T, item crypto.Item, actions crypto.Actions) {
		sealed := s.seal(t, actions, item)
		s.opens(t, "as it was sealed", actions, sealed, item)
		for attribute, v := range sealed {
			if s.unsigned(actions, attribute) {
				continue
			}
			for _, other := range slices.Concat(Retyped(v), Edited(v)) {
				if s.forOthers(sealed, attribute, other) {
					continue
				}
				s.refused(t, "another "+attribute, s.kind(actions, attribute), Table(), actions, replaced(sealed, attribute, other))
			}
			for other, w := range sealed {
				if slices.Contains(s.Unsigned, other) || other <= attribute && !s.unsigned(actions, other) {
					continue // tested below, or done the other way around
				}
				if name := expr.TypeName(v); name == expr.TypeName(w) && (name == "BOOL" || name == "NULL") {
					continue // the same value
				}
				changed := maps.Clone(sealed)
				changed[attribute], changed[other] = w, v
				s.refused(t, "swapped "+attribute+" and "+other, s.kind(actions, attribute, other), Table(), actions, changed)
			}
		}
	})
}

// renamedTable has a key with another name.
func renamedTable() crypto.TableInfo {
	table := Table()
	table.PartitionKey += "!"
	return table
}

// A new name that sorts like the old one keeps the order of the values, so that
// only the name itself differs. If names are sorted by length first, it must
// have the same length.
func renamedAttributes(t *testing.T, s Subject) {
	renamings := []func(string) string{
		func(name string) string { return name + "!" },
		func(name string) string { return name[:len(name)-1] + string(name[len(name)-1]^1) },
	}
	s.both(t, func(t *testing.T, item crypto.Item, actions crypto.Actions) {
		actions.Default = crypto.Sign
		for name, action := range maps.Clone(actions.Attributes) {
			for _, renamed := range renamings {
				if _, taken := item[renamed(name)]; !taken {
					actions.Attributes[renamed(name)] = action
				}
			}
		}
		sealed := s.seal(t, actions, item)
		for attribute, v := range item {
			if !actions.Of(attribute).Signed() || Table().IsKey(attribute) {
				continue
			}
			for _, renamed := range renamings {
				if _, taken := item[renamed(attribute)]; taken {
					continue
				}
				changed := maps.Clone(sealed)
				delete(changed, attribute)
				changed[renamed(attribute)] = sealed[attribute]
				change := ChangedValue
				if item["context-S"] != nil {
					change = ChangedContext // another order may put others into the context
				}
				s.refused(t, fmt.Sprintf("%s, of type %s, renamed %s", attribute, expr.TypeName(v), renamed(attribute)), change,
					Table(), actions, changed)
			}
		}

		// The same for a key, in a table whose key has the other name.
		other := renamedTable()
		sealed[other.PartitionKey] = sealed[Table().PartitionKey]
		delete(sealed, Table().PartitionKey)
		s.refused(t, "a renamed key", ChangedContext, other, actions, sealed)
	})
}

func flippedBits(t *testing.T, s Subject) {
	sealed, err := s.Repeated.EncryptItem(t.Context(), Table(), Actions(), Account())
	Check(t, err)
	for _, attribute := range []string{s.Repeated.SignatureAttribute(), "email"} {
		value := sealed[attribute].(*types.AttributeValueMemberB).Value
		for bit := range 8 * len(value) {
			if s.BitsElsewhere && bit%8 != bit/8%8 {
				continue
			}
			flipped := slices.Clone(value)
			flipped[bit/8] ^= 1 << (bit % 8)
			if s.forOthers(sealed, attribute, &types.AttributeValueMemberB{Value: flipped}) {
				continue
			}
			refusedBy(t, s.Repeated, s, fmt.Sprintf("%s with bit %d flipped", attribute, bit), ChangedValue, Table(), Actions(),
				replaced(sealed, attribute, &types.AttributeValueMemberB{Value: flipped}))
		}
	}
	_, err = s.Repeated.DecryptItem(t.Context(), Table(), Actions(), sealed)
	Check(t, err)
}

func unsignedAttributes(t *testing.T, s Subject) {
	s.both(t, func(t *testing.T, item crypto.Item, actions crypto.Actions) {
		sealed := s.seal(t, actions, item)
		without, wantWithout := maps.Clone(sealed), maps.Clone(item)
		for attribute, v := range item {
			if actions.Of(attribute).Signed() {
				continue
			}
			delete(without, attribute)
			delete(wantWithout, attribute)
			for _, other := range Retyped(v) {
				s.opens(t, "another "+attribute, actions, replaced(sealed, attribute, other), replaced(item, attribute, other))
			}
		}
		s.opens(t, "all of them removed", actions, without, wantWithout)
	})
}

func unsignedChanges(t *testing.T, s Subject) {
	sealed := s.seal(t, Actions(), Account())
	many := &types.AttributeValueMemberS{Value: "many"}
	s.opens(t, "another value", Actions(), replaced(sealed, "visits", many), replaced(Account(), "visits", many))
	for _, own := range s.Unsigned {
		for i, edit := range Edits(sealed[own]) {
			if s.Slow && i > 8 && i%7 != 0 {
				continue
			}
			s.sameOrNothing(t, fmt.Sprintf("edit %d of %s", i, own), Actions(), replaced(sealed, own, edit), Account())
		}
		changed := maps.Clone(sealed)
		delete(changed, own)
		if opened, err := s.Encryptor.DecryptItem(t.Context(), Table(), Actions(), changed); opened != nil ||
			!errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("without %s: got %v, want ErrTampered or ErrNoUsableKey", own, err)
		}
	}
}

// Changes of an unsigned attribute result in the item or nothing.
func unsignedOwn(t *testing.T, s Subject) {
	s.both(t, func(t *testing.T, item crypto.Item, actions crypto.Actions) {
		sealed := s.seal(t, actions, item)
		second := s.seal(t, actions, item)
		for _, own := range s.Unsigned {
			values := append(Retyped(sealed[own]), second[own])
			for other, v := range sealed {
				if other != own {
					values = append(values, v)
				}
			}
			for _, v := range values {
				s.sameOrNothing(t, fmt.Sprintf("%s as %T", own, v), actions, replaced(sealed, own, v), item)
			}
		}
	})
}

func (s Subject) sameOrNothing(t *testing.T, what string, actions crypto.Actions, item, want crypto.Item) {
	t.Helper()
	opened, err := s.Encryptor.DecryptItem(t.Context(), Table(), actions, item)
	switch {
	case err == nil:
		EqualItems(t, opened, want)
	case opened != nil:
		t.Errorf("%s: %d attributes are returned, with %v", what, len(opened), err)
	case !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey):
		t.Errorf("%s: got %v, want ErrTampered or ErrNoUsableKey", what, err)
	}
}
