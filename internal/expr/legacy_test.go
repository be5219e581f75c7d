package expr

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

func legacy(op types.ComparisonOperator, v ...types.AttributeValue) types.Condition {
	return types.Condition{ComparisonOperator: op, AttributeValueList: v}
}

func TestLegacyCondition_IsTheConditionOfAnExpression(t *testing.T) {
	n := func(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	items := []crypto.Item{nil, {}, {"a": n("1")}, {"a": n("2")}, {"a": n("3")}, {"a": s("1")}, {"a": s("12")},
		{"a": s("2")},
		{"a": &types.AttributeValueMemberL{Value: []types.AttributeValue{n("1"),
			s("1")}}}, {"a": &types.AttributeValueMemberSS{Value: []string{"1", "2"}}}, {"a": &types.AttributeValueMemberNULL{Value: true}}}
	for _, v := range []types.AttributeValue{n("1"), n("2"), s("1"), s("2")} {
		for _, c := range []struct {
			is   types.Condition
			expr string
		}{
			{legacy("EQ", v), "a = :v"}, {legacy("NE", v), "a <> :v"}, {legacy("LT", v), "a < :v"}, {legacy("LE", v), "a <= :v"},
			{legacy("GT", v), "a > :v"}, {legacy("GE", v), "a >= :v"}, {legacy("CONTAINS", v), "contains(a, :v)"},
			{legacy("NOT_CONTAINS", v), "NOT contains(a, :v)"}, {legacy("IN", v, v), "a IN (:v, :v)"},
			{legacy("BETWEEN", v, v), "a BETWEEN :v AND :v"},
			{legacy("NULL"), "attribute_not_exists(a)"}, {legacy("NOT_NULL"), "attribute_exists(a)"},
			{legacy("BEGINS_WITH", v), "begins_with(a, :v)"},
		} {
			got, err := LegacyCondition(map[string]types.Condition{"a": c.is}, "")
			want, wantErr := ParseCondition(c.expr, Params{Values: crypto.Item{":v": v}})
			if (err == nil) != (wantErr == nil) {
				t.Errorf("%s of %s: got %v, want %v", c.is.ComparisonOperator, TypeName(v), err, wantErr)
			}
			if err != nil || wantErr != nil {
				continue
			}
			for i, item := range items {
				a, _ := got.Eval(item)
				b, _ := want.Eval(item)
				if a != b {
					t.Errorf("%s of %s: item %d: got %v, want %v", c.is.ComparisonOperator, TypeName(v), i, a, b)
				}
			}
			if got, want := got.Uses(), want.Uses(); !slices.EqualFunc(got, want,
				func(x, y Use) bool { return x.Kind == y.Kind && x.Path.String() == y.Path.String() }) {
				t.Errorf("%s: uses %v, want %v", c.is.ComparisonOperator, got, want)
			}
		}
	}
}

func TestLegacyCondition_OfNothingIsNone(t *testing.T) {
	condition, err := LegacyCondition(nil, "")
	expected, err2 := LegacyExpected(nil, "")
	update, err3 := LegacyUpdate(nil)
	if condition != nil || err != nil || expected != nil || err2 != nil || update != nil || err3 != nil {
		t.Error(condition, err, expected, err2, update, err3)
	}
}

func TestLegacyUpdate_WritesTopLevelAttributes(t *testing.T) {
	value := &types.AttributeValueMemberNS{Value: []string{"1"}}
	u, err := LegacyUpdate(map[string]types.AttributeValueUpdate{"b.c": {Value: value},
		"a": {Action: types.AttributeActionDelete}})
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Written(); len(got) != 2 || got[0].Root() != "a" || got[1].Root() != "b.c" || len(got[1]) != 1 {
		t.Errorf("got %v", got)
	}
	for _, use := range u.Uses() {
		if use.Kind != Write {
			t.Errorf("got %v", use)
		}
	}
	old := crypto.Item{"a": value, "id": value}
	next, err := u.Apply(old)
	if err != nil || len(next) != 2 || next["b.c"] == nil || next["a"] != nil || old["a"] == nil {
		t.Errorf("got %v, %v", next, err)
	}
}

func TestUpdate_OnlyRemoves(t *testing.T) {
	values := crypto.Item{":s": &types.AttributeValueMemberSS{Value: []string{"x"}}}
	for src, want := range map[string]bool{
		"REMOVE a": true, "REMOVE a, b.c DELETE d :s": true, "REMOVE a SET b = :s": false, "ADD a :s": false,
		"SET a = :s": false,
	} {
		u, err := ParseUpdate(src, Params{Values: values})
		if err != nil {
			t.Fatal(err)
		}
		if got := u.OnlyRemoves(); got != want {
			t.Errorf("%s: got %v", src, got)
		}
	}
}
