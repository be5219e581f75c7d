package expr_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

func s(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func n(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
func b(v string) types.AttributeValue { return &types.AttributeValueMemberB{Value: []byte(v)} }
func l(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}
func m(v crypto.Item) types.AttributeValue      { return &types.AttributeValueMemberM{Value: v} }
func ss(v ...string) types.AttributeValue       { return &types.AttributeValueMemberSS{Value: v} }
func ns(v ...string) types.AttributeValue       { return &types.AttributeValueMemberNS{Value: v} }
func boolean(v bool) types.AttributeValue       { return &types.AttributeValueMemberBOOL{Value: v} }
func null() types.AttributeValue                { return &types.AttributeValueMemberNULL{Value: true} }
func binaries(v ...[]byte) types.AttributeValue { return &types.AttributeValueMemberBS{Value: v} }

var params = expr.Params{
	Names: map[string]string{"#a": "alpha", "#dot": "with.dot", "#c": "Count"},
	Values: map[string]types.AttributeValue{
		":s": s("text"), ":t": s("te"), ":u": s("zz"), ":one": n("1"), ":two": n("2.0"), ":ten": n("1e1"), ":b": b("\xff"),
		":true": boolean(true),
		":null": null(), ":l": l(n("1")), ":S": s("S"), ":SS": s("SS"), ":bad": s("X"), ":set": ss("b", "a"),
		":big": n("99999999999999999999999999999999999999"), ":huge": n("9e125"), ":tenth": n("0.1"),
		":small": n("1.5e-130"), ":smaller": n("1e-130"),
	},
}

var item = crypto.Item{
	"alpha": s("text"), "num": n("2"), "bin": b("\x80\xff"), "yes": boolean(true), "nil": null(),
	"seq": l(n("1"), m(crypto.Item{"x": s("deep")})), "dict": m(crypto.Item{"k": n("5"), "seq": l(s("q"))}),
	"uniq": ss("a", "b"), "numbers": ns("1", "2.0"), "binaries": binaries([]byte{1}), "with.dot": s("dotted"),
	"Count": n("3"),
	"emoji": s("a😀"), "same": n("2.00"),
}

func TestConditionsEvaluateAsDynamoDBEvaluatesThem(t *testing.T) {
	for src, want := range map[string]bool{
		"alpha = :s": true, "#a = :s": true, "alpha = :t": false, "alpha <> :t": true, "alpha <> :s": false,
		"num = :two": true, "num = same": true, "num < :ten": true, "num > :one": true, "num <= :two": true,
		"num >= :ten": false,
		"num < :big":  true, ":one < num": true,
		"absent = :s": false, "absent <> :s": true, "absent < :one": false, "num = :s": false, "num < :s": false,
		"alpha <> :one": true,
		"bin > :b":      false, "bin < :b": true, "yes = :true": true, "nil = :null": true, "uniq = :set": true,
		"num BETWEEN :one AND :ten": true, "num between :ten and :big": false, "absent BETWEEN :one AND :ten": false,
		"num IN (:one, :two)": true, "num IN (:one)": false, "alpha in (#dot, :s)": true, "absent IN (:one)": false,
		"attribute_exists(alpha)": true, "attribute_exists(absent)": false, "attribute_not_exists(absent)": true,
		"attribute_not_exists(alpha)": false,
		"attribute_exists(seq[1].x)":  true, "attribute_exists(seq[7])": false, "attribute_exists(dict.k)": true,
		"attribute_exists(alpha.k)": false, "attribute_exists(dict[0])": false, "attribute_exists(seq.x)": false,
		"attribute_type(alpha, :S)": true, "attribute_type(uniq, :SS)": true, "attribute_type(absent, :S)": false,
		"begins_with(alpha, :t)": true, "begins_with(alpha, :u)": false, "begins_with(num, :t)": false,
		"begins_with(absent, :t)": false,
		"contains(alpha, :t)":     true, "contains(uniq, :s)": false, "contains(seq, :one)": true,
		"contains(numbers, :two)": true, "contains(num, :two)": false, "contains(absent, :t)": false,
		"size(alpha) > :one": true, "size(seq) = :two": true, "size(uniq) = :two": true, "size(dict) = :two": true,
		"size(num) = :one": false, "size(absent) = :one": false, "size(bin) = :two": true,
		"seq[0] = :one": true, "dict.k > :two": true, "#dot = :s": false, "#c > :two": true,
		"NOT alpha = :s": false, "NOT absent = :s": true, "not (num = :one)": true, "NOT NOT num = :two": true,
		"alpha = :s AND num = :two": true, "alpha = :t OR num = :two": true,
		"alpha = :t AND num = :one OR num = :two":   true,
		"alpha = :t AND (num = :one OR num = :two)": false,
		"num = :two OR num = :one AND alpha = :t":   true,
		"NOT alpha = :t AND num = :two":             true,
		"(alpha = :s)":                              true, "\n alpha\t=\r:s ": true,
		"((alpha = :s) AND (num = :two))": true, "NOT (NOT (alpha = :s))": true,
		"(alpha) = (:s)": true, "((alpha) = :s) OR ((num) = :one)": true, "(num) BETWEEN (:one) AND (:ten)": true,
		"(num) IN ((:one), :two)":    true,
		"begins_with((alpha), (:t))": true, "attribute_exists((alpha))": true, "attribute_type((alpha), (:S))": true,
		"attribute_type(:s, :S)": true, "size((alpha)) > (:one)": true,
		"size(:s) > :one": true, "size(alpha) = size(alpha)": true, ":s = :s": true, ":one BETWEEN :one AND num": true,
		"(size(alpha)) > :one": true,
		"seq[1500] = :one":     false, "attribute_exists(seq[2147483647])": false,
		"num BETWEEN :one AND :ten AND alpha = :s": true,
	} {
		c, err := expr.ParseCondition(src, params)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got, err := c.Eval(item); err != nil || got != want {
			t.Errorf("%s = %v, %v; want %v", src, got, err, want)
		}
	}
}

func TestConditionsThatTheServerRefusesAreErrors(t *testing.T) {
	for src, reason := range map[string]string{
		"": "empty", "  ": "empty", "alpha": "Syntax", "alpha =": "Syntax", "= :s": "Syntax", "alpha = :s AND": "Syntax",
		"alpha = :s :s": "Syntax",
		"(alpha = :s":   "Syntax", "alpha = :s)": "Syntax", "alpha == :s": "Syntax", "alpha ! :s": "Syntax",
		"alpha = 's'": "Syntax", "alpha = 5": "Syntax", "a..b = :s": "Syntax", "a. = :s": "Syntax",
		"_a = :s": "Syntax", "dict._a = :s": "Syntax", "seq[00] = :s": "Syntax", "remove = :s": "Syntax",
		"seq[x] = :s": "Syntax", "seq[-1] = :s": "Syntax", "seq[2147483648] = :s": "index",
		"seq[99999999999999999999] = :s": "index", "seq[1 = :s": "Syntax", "#": "Syntax", "alpha = :": "Syntax",
		"1a = :s":  "Syntax",
		"#no = :s": "not defined; attribute name: #no", "alpha = :no": "not defined; attribute value: :no",
		"Count = :s": "reserved keyword: Count", "dict.size = :s": "reserved keyword: size", "name = :s": "reserved",
		"foo(alpha)": "Invalid function name; function: foo", "ATTRIBUTE_EXISTS(alpha)": "Invalid function name",
		"attribute_exists(:s)": "Syntax", "attribute_exists()": "Syntax", "attribute_type(alpha, :bad)": "type",
		"attribute_type(alpha)":    "Syntax",
		"begins_with(alpha, :one)": "begins_with", "begins_with(alpha)": "Syntax", "contains(alpha, alpha)": "distinct",
		"alpha = alpha": "distinct", "alpha < :true": "Incorrect operand type", "alpha IN ()": "Syntax",
		"alpha IN :s":               "Syntax",
		"num BETWEEN :ten AND :one": "upper bound", "num BETWEEN :one AND :s": "same data type",
		"num BETWEEN :one": "Syntax", "num BETWEEN :l AND :l": "Incorrect operand type",
		"size(alpha)": "Syntax", "alpha = :s\x00": "Syntax", "alphä = :s": "Syntax",
		"((alpha = :s))": "redundant", "((alpha = :s)) AND num = :one": "redundant", "NOT ((alpha = :s))": "redundant",
		"((alpha)) = :s": "redundant", "alpha = ((:s))": "redundant",
		"((alpha = :s) AND (num = :one)": "Syntax", "(alpha = :s)) AND ((num = :one)": "Syntax",
		"(alpha = :s) = :s": "Syntax", "(alpha, num) IN (:s)": "Syntax",
		"begins_with(:one, alpha)": "type: N", "begins_with(size(alpha), :s)": "type: N",
		":true BETWEEN :one AND num": "type: BOOL", "size(:one) = :one": "type: N", "size(size(alpha)) = :one": "type: N",
		"attribute_type(alpha, :one)": "type: N", "attribute_type(alpha, num)": "literal",
		"alpha BETWEEN alpha AND :s": "distinct", "alpha IN (:s, alpha)": "distinct",
		"if_not_exists(alpha, :s)": "Invalid function name", "alpha = if_not_exists(num, :s)": "Invalid function name",
		strings.Repeat("(num = :one AND ", 100) + "num = :one" + strings.Repeat(")", 100): "deep",
		strings.Repeat("(", 4000): "deep", "num = " + strings.Repeat("(", 4000): "deep",
		strings.Repeat("size(", 800) + "alpha":                 "deep",
		strings.Repeat("NOT ", 100) + "alpha = :s":             "deep",
		"alpha IN (" + strings.Repeat(":s,", 100) + ":s)":      "too many operands",
		"a" + strings.Repeat(".a", 32) + " = :s":               "nesting levels: 33",
		strings.Repeat("num=:one OR ", 150) + "num = :one":     "too many operators",
		strings.Repeat("size(seq)=:one OR ", 100) + "num=:one": "too many operators",
	} {
		_, err := expr.ParseCondition(src, params)
		var e *expr.Error
		if !errors.As(err, &e) || !strings.Contains(e.Reason, reason) {
			t.Errorf("%.60q: got %v, want an error with %q", src, err, reason)
		}
	}
}

func TestExpressionsAsLargeAsTheServerTakesAreAccepted(t *testing.T) {
	list := strings.Repeat(":s,", 99) + ":s"
	for _, src := range []string{
		strings.Repeat("num=:one OR ", 149) + "num = :one",
		"alpha IN (" + list + ") OR alpha IN (" + list + ") OR alpha IN (" + list + ") OR alpha IN (" + list + ")",
		"a" + strings.Repeat(".a", 31) + " = :s",
		strings.Repeat(" ", 4086) + "alpha = :s",
	} {
		if _, err := expr.ParseCondition(src, params); err != nil {
			t.Errorf("%.60q: %v", src, err)
		}
	}
	var sets, paths []string
	for i := range 400 {
		paths = append(paths, fmt.Sprintf("a%03d", i))
		sets = append(sets, paths[i]+"=:s")
	}
	if _, err := expr.ParseUpdate("SET "+strings.Join(sets, ","), params); err != nil {
		t.Error(err)
	}
	if _, err := expr.ParseProjection(strings.Join(paths, ","), params); err != nil {
		t.Error(err)
	}
}

func TestGroupedConditionsGetNoSecondParentheses(t *testing.T) {
	for src, want := range map[string]string{
		"alpha = :s": "(alpha = :s)", "(alpha = :s)": "(alpha = :s)", " (alpha = :s) ": " (alpha = :s) ",
		"attribute_exists(alpha)":      "(attribute_exists(alpha))",
		"(alpha = :s) OR (num = :one)": "((alpha = :s) OR (num = :one))", "(alpha) IN (:s)": "((alpha) IN (:s))",
		"NOT (alpha = :s)": "(NOT (alpha = :s))",
	} {
		c, err := expr.ParseCondition(src, params)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if c.Grouped() != want {
			t.Errorf("%q is grouped as %q", src, c.Grouped())
		}
	}
}

func TestUsesAndPlaceholdersNameWhatIsTouched(t *testing.T) {
	c, err := expr.ParseCondition("attribute_not_exists(#a) AND (size(seq[1].x) > :one OR #c IN (:two, num)) AND "+
		"begins_with(dict.k, :t) AND attribute_type(bin, :S)", params)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, use := range c.Uses() {
		got = append(got, map[expr.Kind]string{expr.Exists: "exists ", expr.Read: "read "}[use.Kind]+use.Path.String())
	}
	want := []string{"exists alpha", "read seq[1].x", "read Count", "read num", "read dict.k", "read bin"}
	if !slices.Equal(got, want) {
		t.Errorf("uses %q, want %q", got, want)
	}
	used := c.Placeholders()
	if !slices.Equal(used.Names, []string{"#a", "#c"}) ||
		!slices.Equal(used.Values, []string{":S", ":one", ":t", ":two"}) {
		t.Errorf("placeholders %v", used)
	}
	unused := expr.Unused(expr.Params{Names: map[string]string{"#a": "x", "#z": "y"},
		Values: crypto.Item{":two": n("1"), ":z": n("2")}}, used)
	if !slices.Equal(unused.Names, []string{"#z"}) || !slices.Equal(unused.Values, []string{":z"}) {
		t.Errorf("unused %v", unused)
	}
}

// tree is a generated condition: its source, what it means, and how tightly
// its outermost operator binds.
type tree struct {
	src   string
	want  bool
	binds int
	group bool // already in parentheses
}

const (
	bindsOr = iota
	bindsAnd
	bindsNot
	bindsAll
)

// in is the tree as an operand of an operator that binds so tightly, in
// parentheses if it needs them or if extra is set.
func (c tree) in(binds int, extra bool) string {
	if c.binds < binds || extra && !c.group {
		return "(" + c.src + ")"
	}
	return c.src
}

func genTree(depth int) *rapid.Generator[tree] {
	return rapid.Custom(func(t *rapid.T) tree {
		kind := 0
		if depth > 0 {
			kind = rapid.IntRange(0, 4).Draw(t, "kind")
		}
		if kind == 0 {
			leaf := []tree{{src: "num = :two", want: true}, {src: "num = :one"}, {src: "attribute_exists(alpha)", want: true},
				{src: "absent = :s"}, {src: "num BETWEEN :one AND :ten",
					want: true}, {src: "alpha IN (:u, :t)"}, {src: "(num) = :two", want: true}}
			c := rapid.SampledFrom(leaf).Draw(t, "leaf")
			c.binds = bindsAll
			return c
		}
		left, extra := genTree(depth-1).Draw(t, "left"), rapid.Bool().Draw(t, "extra parentheses")
		switch kind {
		case 1:
			return tree{"NOT " + left.in(bindsNot, extra), !left.want, bindsNot, false}
		case 2:
			return tree{left.in(bindsAll, true), left.want, bindsAll, true}
		}
		right := genTree(depth-1).Draw(t, "right")
		if kind == 3 {
			return tree{left.in(bindsAnd, extra) + " AND " + right.in(bindsAnd, extra), left.want && right.want, bindsAnd, false}
		}
		return tree{left.in(bindsOr, extra) + " OR " + right.in(bindsOr, extra), left.want || right.want, bindsOr, false}
	})
}

func TestConditionsOfAnyShapeMeanWhatTheyAreMadeOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := genTree(4).Draw(t, "condition")
		parsed, err := expr.ParseCondition(c.src, params)
		if err != nil {
			t.Fatalf("%s: %v", c.src, err)
		}
		if got, _ := parsed.Eval(item); got != c.want {
			t.Fatalf("%s = %v", c.src, got)
		}
		again, err := expr.ParseCondition(parsed.Grouped()+" AND num = :one", params)
		if err != nil {
			t.Fatalf("%s AND num = :one: %v", parsed.Grouped(), err)
		}
		if got, _ := again.Eval(item); got {
			t.Fatalf("%s AND num = :one holds", parsed.Grouped())
		}
	})
}

func TestKeyConditionsAreTermsThatAllMustHold(t *testing.T) {
	k, err := expr.ParseKeyCondition("((#a) = (:s)) AND (num BETWEEN :one AND (:ten) AND begins_with(zeta, :t))", params)
	if err != nil {
		t.Fatal(err)
	}
	terms := k.Terms()
	if len(terms) != 3 || terms[0].Name != "alpha" || terms[0].Op != expr.OpEqual || terms[1].Op != expr.OpBetween ||
		terms[2].Op != expr.OpBeginsWith {
		t.Fatalf("terms %+v", terms)
	}
	for i, v := range []types.AttributeValue{s("text"), n("2"), s("tea")} {
		if !terms[i].Match(v) || terms[i].Match(s("?")) || terms[i].Match(nil) {
			t.Errorf("term %d matches wrongly", i)
		}
	}
	for op, matches := range map[string][3]bool{"<": {true, false, false}, "<=": {true, true, false},
		">": {false, false, true}, ">=": {false, true, true}, "=": {false, true, false}} {
		k, err := expr.ParseKeyCondition("num "+op+" :two", params)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range []string{"1.9", "2", "2.1"} {
			if k.Terms()[0].Match(n(v)) != matches[i] {
				t.Errorf("%s %s 2.0 is not %v", v, op, matches[i])
			}
		}
	}
	for _, src := range []string{"", "alpha", "alpha <> :s", "alpha = :s OR num = :one", "NOT alpha = :s", "dict.k = :s",
		"contains(alpha, :s)", "alpha = num", "alpha = :s AND alpha = :t", "begins_with(alpha, :one)", "num BETWEEN :ten " +
			"AND :one", "(alpha = :s", "alpha = :s AND", "((alpha = :s))", "((alpha)) = :s", "(alpha = :s) AND ((num = :one))", "alpha < :true", "num BETWEEN :true AND :true"} {
		if _, err := expr.ParseKeyCondition(src, params); err == nil {
			t.Errorf("%q is accepted", src)
		}
	}
}
