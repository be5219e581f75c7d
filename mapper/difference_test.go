package mapper

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

func genItem() *rapid.Generator[crypto.Item] {
	return rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), genValue(3).Filter(isValid), 0, 3),
		func(m map[string]types.AttributeValue) crypto.Item { return m })
}

// isValid reports whether DynamoDB would take the value: a set of numbers has
// each once.
func isValid(v types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberNS:
		seen := make(map[string]bool)
		for _, n := range v.Value {
			if seen[number(n)] {
				return false
			}
			seen[number(n)] = true
		}
	case *types.AttributeValueMemberL:
		return !slices.ContainsFunc(v.Value, func(v types.AttributeValue) bool { return !isValid(v) })
	case *types.AttributeValueMemberM:
		for _, member := range v.Value {
			if !isValid(member) {
				return false
			}
		}
	}
	return true
}

func sameItem(a, b crypto.Item) bool {
	return expr.Equal(&types.AttributeValueMemberM{Value: a}, &types.AttributeValueMemberM{Value: b})
}

func TestDifference_AppliedToBeforeGivesAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := genItem().Draw(t, "before"), genItem().Draw(t, "after")
		if got := applyDifference(before, before, after); !sameItem(got, after) {
			t.Fatalf("got %#v", got)
		}
	})
}

func TestDifference_OfNothingChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stored, same := genItem().Draw(t, "stored"), genItem().Draw(t, "before and after")
		if got := applyDifference(stored, same, expr.CloneItem(same)); !sameItem(got, stored) {
			t.Fatalf("got %#v", got)
		}
	})
}

func TestDifference_AltersNoneOfItsInputs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := []crypto.Item{genItem().Draw(t, "stored"), genItem().Draw(t, "before"), genItem().Draw(t, "after")}
		copies := []crypto.Item{expr.CloneItem(all[0]), expr.CloneItem(all[1]), expr.CloneItem(all[2])}
		applyDifference(all[0], all[1], all[2])
		for i := range all {
			if !sameItem(all[i], copies[i]) {
				t.Fatalf("input %d became %#v", i, all[i])
			}
		}
	})
}

// enriched returns v as it may be stored where a Go type holds it as v: with
// more fields in its maps and numbers of more digits.
func enriched(v types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		m := crypto.Item{"extra": &types.AttributeValueMemberNULL{Value: true}}
		for name, member := range v.Value {
			m[name] = enriched(member)
		}
		return &types.AttributeValueMemberM{Value: m}
	case *types.AttributeValueMemberL:
		l := make([]types.AttributeValue, len(v.Value))
		for i, member := range v.Value {
			l[i] = enriched(member)
		}
		return &types.AttributeValueMemberL{Value: l}
	case *types.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: "7.00000000000000000000000000000000" + number(v.Value)}
	}
	return v
}

func TestDifference_KeepsWhatTheGoTypeDoesNotHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := genItem().Draw(t, "before")
		stored := enriched(&types.AttributeValueMemberM{Value: before}).(*types.AttributeValueMemberM).Value
		after := expr.CloneItem(before)
		changed := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "changed")
		after[changed] = &types.AttributeValueMemberS{Value: "changed"}
		want := expr.CloneItem(stored)
		want[changed] = after[changed]
		if got := applyDifference(stored, before, after); !sameItem(got, want) {
			t.Fatalf("got %#v, want %#v", got, want)
		}
		// The same one level down.
		deep := func(item crypto.Item) crypto.Item { return crypto.Item{"m": &types.AttributeValueMemberM{Value: item}} }
		if got := applyDifference(deep(stored), deep(before), deep(after)); !sameItem(got, deep(want)) {
			t.Fatalf("in a map: got %#v, want %#v", got, want)
		}
		list := func(item crypto.Item) crypto.Item {
			return crypto.Item{"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{
				&types.AttributeValueMemberM{Value: stored}, &types.AttributeValueMemberM{Value: item},
				&types.AttributeValueMemberM{Value: stored}}}}
		}
		if got := applyDifference(list(stored), list(before), list(after)); !sameItem(got, list(want)) {
			t.Fatalf("in a list: got %#v, want %#v", got, want)
		}
	})
}

func TestDifference_OfListsAndSets(t *testing.T) {
	n := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
	list := func(all ...string) types.AttributeValue {
		l := &types.AttributeValueMemberL{}
		for _, s := range all {
			l.Value = append(l.Value, n(s))
		}
		return l
	}
	set := func(all ...string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: all} }
	for name, c := range map[string]struct{ stored, before, after, want types.AttributeValue }{
		"one appended": {list("1.4", "2.4"), list("1", "2"), list("1", "2", "3"),
			list("1.4", "2.4", "3")},
		"one put in front": {list("1.4", "2.4"), list("1", "2"), list("0", "1", "2"),
			list("0", "1.4", "2.4")},
		"the first removed": {list("1.4", "2.4", "3.4"), list("1", "2", "3"), list("2", "3"),
			list("2.4", "3.4")},
		"the last removed": {list("1.4", "2.4", "3.4"), list("1", "2", "3"), list("1", "2"),
			list("1.4", "2.4")},
		"one in between removed": {list("1.4", "2.4", "3.4"), list("1", "2", "3"), list("1", "3"),
			list("1.4", "3.4")},
		"two changed around one": {list("1.4", "2.4", "3.4"), list("1", "2", "3"), list("7", "2", "8"),
			list("7", "2.4", "8")},
		"emptied":                           {list("1.4"), list("1"), list(), list()},
		"the Go type holds less":            {list("1.4", "2.4"), list("1"), list("3"), list("3")},
		"the Go type holds less, and grows": {list("1.4", "2.4"), list("1"), list("1", "3"), list("1", "3")},
		"the Go type holds another":         {set("1.4"), list("1"), list("3"), list("3")},
		"becomes another type":              {list("1.4"), list("1"), set("1"), set("1")},
		"added to a set":                    {set("1", "2"), set("1", "2"), set("1", "2", "3"), set("1", "2", "3")},
		"removed from a set":                {set("1", "2"), set("1", "2"), set("2"), set("2")},
		"the set's rest is rounded": {set("1", "2.00000000000000000001"), set("1", "2"), set("2", "3"),
			set("2.00000000000000000001", "3")},
		"a rounded one is removed":   {set("1.00000000000000000001", "2"), set("1", "2"), set("2"), set("2")},
		"all of a set are exchanged": {set("1"), set("1"), set("2"), set("2")},
	} {
		t.Run(name, func(t *testing.T) {
			got := applyDifference(crypto.Item{"x": c.stored}, crypto.Item{"x": c.before}, crypto.Item{"x": c.after})
			if !expr.Equal(got["x"], c.want) {
				t.Errorf("got %#v, want %#v", got["x"], c.want)
			}
		})
	}
}

func TestDifference_OfAttributes(t *testing.T) {
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	for name, c := range map[string]struct{ stored, before, after, want crypto.Item }{
		"a zero value that is not stored does not appear": {crypto.Item{}, crypto.Item{"a": s("")},
			crypto.Item{"a": s("")}, crypto.Item{}},
		"one that is changed appears": {crypto.Item{}, crypto.Item{"a": s("")},
			crypto.Item{"a": s("x")}, crypto.Item{"a": s("x")}},
		"one that is removed goes": {crypto.Item{"a": s("y"), "b": s("z")},
			crypto.Item{"a": s("y")}, crypto.Item{}, crypto.Item{"b": s("z")}},
		"one that is new comes": {crypto.Item{"b": s("z")}, crypto.Item{},
			crypto.Item{"a": s("x")}, crypto.Item{"a": s("x"), "b": s("z")}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := applyDifference(c.stored, c.before, c.after); !sameItem(got, c.want) {
				t.Errorf("got %#v, want %#v", got, c.want)
			}
		})
	}
}
