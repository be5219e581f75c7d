package expr_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

func TestConjuncts_SplitAtTheANDsThatJoinTheWhole(t *testing.T) {
	params := expr.Params{Values: crypto.Item{":v": n("1"), ":w": n("2")}}
	for source, want := range map[string][]string{
		"a = :v":                                      {"a = :v"},
		"a = :v AND b = :w":                           {"a = :v", "b = :w"},
		"(a = :v) AND (b = :w)":                       {"a = :v", "b = :w"},
		"(a = :v AND b = :w)":                         {"a = :v", "b = :w"},
		"a = :v AND (b = :w AND c = :v)":              {"a = :v", "b = :w", "c = :v"},
		"a = :v OR b = :w":                            {"a = :v OR b = :w"},
		"a = :v AND (b = :w OR c = :v)":               {"a = :v", "b = :w OR c = :v"},
		"a = :v AND b = :w OR c = :v":                 {"a = :v AND b = :w OR c = :v"},
		"a BETWEEN :v AND :w":                         {"a BETWEEN :v AND :w"},
		"a BETWEEN :v AND :w and b BETWEEN :v AND :w": {"a BETWEEN :v AND :w", "b BETWEEN :v AND :w"},
		"NOT a = :v AND NOT (b = :w AND c = :v)":      {"NOT a = :v", "NOT (b = :w AND c = :v)"},
		"contains(a, :v) AND attribute_exists(b)":     {"contains(a, :v)", "attribute_exists(b)"},
		"a IN (:v, :w) AND size(b) > :v":              {"a IN (:v, :w)", "size(b) > :v"},
		"(a) = (:v) AND b = :w":                       {"(a) = (:v)", "b = :w"},
	} {
		c, err := expr.ParseCondition(source, params)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		var got []string
		conjuncts := c.Conjuncts()
		for _, conjunct := range conjuncts {
			got = append(got, strings.TrimSpace(conjunct.Source()))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
		if joined, err := expr.ParseCondition(expr.JoinConjuncts(conjuncts), params); err != nil {
			t.Errorf("%s: joined again, it does not parse: %v", source, err)
		} else if len(joined.Conjuncts()) != len(want) {
			t.Errorf("%s: joined again, it has %d conjuncts", source, len(joined.Conjuncts()))
		}
	}
}
