package expr_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

func TestWriter_WritesWhatTestsRead(t *testing.T) {
	params := expr.Params{
		Names: map[string]string{"#n": "a.b"},
		Values: map[string]types.AttributeValue{
			":a": &types.AttributeValueMemberS{Value: "a"}, ":b": &types.AttributeValueMemberS{Value: "b"},
			":t": &types.AttributeValueMemberS{Value: "N"},
		},
	}
	for _, source := range []string{
		"#n = :a", "x.y[3] <> :a", "x < :a", "x <= :a", "x > :a", "x >= :a", "x BETWEEN :a AND :b", "x IN (:a, :b)",
		"begins_with(x, :a)", "contains(x, :a)", "attribute_type(x, :t)", "attribute_exists(x.y)", "attribute_not_exists(x)",
	} {
		condition, err := expr.ParseCondition(source, params)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		tests := condition.Tests()
		if len(tests) != 1 {
			t.Fatalf("%s has %d tests", source, len(tests))
		}
		w := expr.NewWriter(expr.Params{})
		written := w.Test(tests[0])
		again, err := expr.ParseCondition(written, w.Params())
		if err != nil {
			t.Fatalf("%s is written as %s: %v", source, written, err)
		}
		if back := expr.NewWriter(expr.Params{}).Test(again.Tests()[0]); back != written ||
			again.Tests()[0].Path.String() != tests[0].Path.String() {
			t.Errorf("%s is written as %s and then as %s", source, written, back)
		}
	}
}

func TestTests_ExchangeTheOperandsOfComparisons(t *testing.T) {
	params := expr.Params{Values: map[string]types.AttributeValue{":a": &types.AttributeValueMemberS{Value: "a"}}}
	for source, want := range map[string]string{":a = x": "=", ":a <> x": "<>", ":a < x": ">", ":a <= x": ">=",
		":a > x": "<", ":a >= x": "<="} {
		condition, err := expr.ParseCondition(source, params)
		if err != nil {
			t.Fatal(err)
		}
		if got := condition.Tests(); len(got) != 1 || got[0].Op != want {
			t.Errorf("%s: %v", source, got)
		}
	}
}

func TestTests_LeaveOutWhatHasNoLiteral(t *testing.T) {
	params := expr.Params{Values: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "1"},
		":s": &types.AttributeValueMemberS{Value: "s"}}}
	for _, source := range []string{"x = y", "size(x) = :n", "x = size(:s)", "x IN (:s, y)", "x BETWEEN :s AND y",
		"begins_with(x, y)", "contains(:s, y)"} {
		condition, err := expr.ParseCondition(source, params)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if got := condition.Tests(); len(got) != 0 {
			t.Errorf("%s: %v", source, got)
		}
	}
}

func TestWriter_AvoidsThePlaceholdersOfTheRequest(t *testing.T) {
	given := expr.Params{Names: map[string]string{"#ddbenc0": "x"},
		Values: map[string]types.AttributeValue{":ddbenc_1": &types.AttributeValueMemberS{}}}
	w := expr.NewWriter(given)
	w.Test(expr.Test{Path: expr.Path{{Name: "y"}}, Op: "=",
		Values: []types.AttributeValue{&types.AttributeValueMemberS{Value: "v"}}})
	if got := w.Params(); len(got.Names) != 2 || len(got.Values) != 2 || got.Names["#ddbenc0"] != "x" {
		t.Errorf("got %v", got)
	}
	if len(given.Names) != 1 || len(given.Values) != 1 {
		t.Error("the request was modified")
	}
}

func TestWeaken_HoldsWhereverTheConditionHolds(t *testing.T) {
	names := []string{"a", "b", "c"}
	values := map[string]types.AttributeValue{":x": &types.AttributeValueMemberS{Value: "x"},
		":y": &types.AttributeValueMemberS{Value: "y"}}
	var draw func(t *rapid.T, depth int) string
	draw = func(t *rapid.T, depth int) string {
		switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
		case depth > 0 && kind == 0:
			return "(" + draw(t, depth-1) + " AND " + draw(t, depth-1) + ")"
		case depth > 0 && kind == 1:
			return "(" + draw(t, depth-1) + " OR " + draw(t, depth-1) + ")"
		case depth > 0 && kind == 2:
			return "(NOT " + draw(t, depth-1) + ")"
		}
		return rapid.SampledFrom(names).Draw(t, "name") + rapid.SampledFrom([]string{" = ", " <> ", " < "}).Draw(t, "op") +
			rapid.SampledFrom([]string{":x", ":y"}).Draw(t, "value")
	}
	rapid.Check(t, func(t *rapid.T) {
		source := draw(t, 3)
		condition, err := expr.ParseCondition(source, expr.Params{Values: values})
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		w := expr.NewWriter(expr.Params{})
		hidden := rapid.SampledFrom(names).Draw(t, "hidden")
		weaker, ok := condition.Weaken(func(test expr.Test) (string, bool) {
			if test.Path.Root() == hidden {
				return "", false
			}
			return w.Test(test), true
		})
		if !ok {
			return
		}
		parsed, err := expr.ParseCondition(weaker, w.Params())
		if err != nil {
			t.Fatalf("%s became %s: %v", source, weaker, err)
		}
		for _, use := range parsed.Uses() {
			if use.Path.Root() == hidden {
				t.Fatalf("%s became %s with %s", source, weaker, hidden)
			}
		}
		item := make(crypto.Item)
		for _, name := range names {
			item[name] = &types.AttributeValueMemberS{Value: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "item")}
		}
		strong, _ := condition.Eval(item)
		weak, _ := parsed.Eval(item)
		if strong && !weak {
			t.Fatalf("%s holds for %v but %s does not", source, item, weaker)
		}
	})
}
