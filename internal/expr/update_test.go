package expr_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

func TestUpdatesDoWhatTheySay(t *testing.T) {
	original := func() crypto.Item {
		return crypto.Item{"k": s("v"), "num": n("2"), "seq": l(s("a"), s("b"), s("c")), "dict": m(crypto.Item{"x": n("1")}),
			"set": ss("a", "b"), "numbers": ns("1", "2"),
			"deep": l(n("0"), m(crypto.Item{"x": n("1")}), l(s("p")), ss("b"))}
	}
	with := func(change func(crypto.Item)) crypto.Item {
		i := original()
		change(i)
		return i
	}
	for src, want := range map[string]crypto.Item{
		"SET fresh = :s":                            with(func(i crypto.Item) { i["fresh"] = s("text") }),
		"SET num = num + :one":                      with(func(i crypto.Item) { i["num"] = n("3") }),
		"SET num = (num - :ten)":                    with(func(i crypto.Item) { i["num"] = n("-8") }),
		"SET num = :two - num":                      with(func(i crypto.Item) { i["num"] = n("0") }),
		"SET fresh = if_not_exists(fresh, :one)":    with(func(i crypto.Item) { i["fresh"] = n("1") }),
		"SET num = if_not_exists(num, :one) + :one": with(func(i crypto.Item) { i["num"] = n("3") }),
		"SET seq = list_append(seq, :l)": with(func(i crypto.Item) {
			i["seq"] = l(s("a"), s("b"), s("c"),
				n("1"))
		}),
		"SET seq = list_append(:l, seq)": with(func(i crypto.Item) {
			i["seq"] = l(n("1"), s("a"), s("b"),
				s("c"))
		}),
		"SET seq[1] = :s, seq[9] = :t": with(func(i crypto.Item) {
			i["seq"] = l(s("a"), s("text"),
				s("c"), s("te"))
		}),
		"SET #dict.y = :s":     with(func(i crypto.Item) { i["dict"] = m(crypto.Item{"x": n("1"), "y": s("text")}) }),
		"SET k = num, num = k": with(func(i crypto.Item) { i["k"], i["num"] = n("2"), s("v") }),
		"REMOVE k, seq[0], seq[2], absent": with(func(i crypto.Item) {
			delete(i,
				"k")
			i["seq"] = l(s("b"))
		}),
		"SET num = ((num) + (:one))": with(func(i crypto.Item) { i["num"] = n("3") }),
		"SET seq = (list_append((seq), (:l)))": with(func(i crypto.Item) {
			i["seq"] = l(s("a"), s("b"), s("c"),
				n("1"))
		}),
		"SET fresh = if_not_exists((fresh), :one) + :one": with(func(i crypto.Item) { i["fresh"] = n("2") }),
		"SET seq[9] = :s, seq[5] = :t ADD seq[7] :one": with(func(i crypto.Item) {
			i["seq"] = l(s("a"), s("b"), s("c"),
				s("te"), n("1"), s("text"))
		}),
		"SET seq[9] = :s REMOVE seq[0], seq[3]": with(func(i crypto.Item) {
			i["seq"] = l(s("b"), s("c"),
				s("text"))
		}),
		"SET deep[2][7] = :s REMOVE deep[0], deep[1].x": with(func(i crypto.Item) {
			i["deep"] = l(m(crypto.Item{}),
				l(s("p"), s("text")), ss("b"))
		}),
		"REMOVE deep[1], deep[2][0]": with(func(i crypto.Item) {
			i["deep"] = l(n("0"), l(),
				ss("b"))
		}),
		"DELETE deep[3] :set2 SET deep[9] = :s": with(func(i crypto.Item) {
			i["deep"] = l(n("0"),
				m(crypto.Item{"x": n("1")}), l(s("p")), s("text"))
		}),
		"DELETE deep[3] :set2, deep[8] :set REMOVE deep[0]": with(func(i crypto.Item) { i["deep"] = l(m(crypto.Item{"x": n("1")}), l(s("p"))) }),
		"REMOVE #dict.x": with(func(i crypto.Item) { i["dict"] = m(crypto.Item{}) }),
		"ADD num :one, fresh :ten, #set :set2": with(func(i crypto.Item) {
			i["num"], i["fresh"],
				i["set"] = n("3"), n("1e1"), ss("a", "b", "c")
		}),
		"DELETE #set :set2":  with(func(i crypto.Item) { i["set"] = ss("a") }),
		"DELETE #set :set":   with(func(i crypto.Item) { delete(i, "set") }),
		"DELETE absent :set": original(),
		"SET k = :s REMOVE num ADD numbers :ns": with(func(i crypto.Item) {
			i["k"] = s("text")
			delete(i,
				"num")
			i["numbers"] = ns("1", "2", "3")
		}),
	} {
		p := expr.Params{Names: map[string]string{"#dict": "dict", "#set": "set"}, Values: crypto.Item{}}
		for k, v := range params.Values {
			p.Values[k] = v
		}
		p.Values[":set2"], p.Values[":ns"] = ss("b", "c"), ns("2.0", "3")
		u, err := expr.ParseUpdate(src, p)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		before := original()
		got, err := u.Apply(before)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if !reflect.DeepEqual(before, original()) {
			t.Errorf("%s changes its input", src)
		}
		if len(got) != len(want) {
			t.Errorf("%s = %v", src, got)
		}
		for k, v := range want {
			if !expr.Equal(got[k], v) {
				t.Errorf("%s: %s is %#v, want %#v", src, k, got[k], v)
			}
		}
	}
}

func TestUpdatesThatTheServerRefusesAreErrors(t *testing.T) {
	for src, reason := range map[string]string{
		"": "empty", "SET": "Syntax", "alpha = :s": "Syntax", "SET alpha": "Syntax", "SET alpha = ": "Syntax",
		"SET alpha = :s,": "Syntax", "SET alpha :s": "Syntax", "SET alpha = :s SET num = :s": "only be used once",
		"SET :s = :s": "Syntax", "SET alpha = foo(:s)": "Invalid function", "SET alpha = size(num)": "Invalid function",
		"SET alpha = if_not_exists(:s, :s)": "document path", "SET alpha = if_not_exists(num, num)": "distinct",
		"SET alpha = num + :one + :one": "Syntax", "SET alpha = (num + :one) + :one": "Syntax",
		"SET alpha = ((num))": "redundant", "SET alpha = ((num)) + :one": "redundant",
		"SET alpha = list_append(list_append(:l, :l), :l)":    "used this way",
		"SET alpha = if_not_exists(num, list_append(:l, :l))": "used this way",
		"SET alpha = num + :s":                                "+, operand type: S", "SET alpha = :s - num": "-, operand type: S",
		"SET alpha = list_append(:s, seq)": "list_append, operand type: S", "SET (alpha) = :s": "Syntax",
		"SET remove = :s": "Syntax", "ADD alpha (:one)": "Syntax", "SET alpha = list_append(num)": "Syntax",
		"SET alpha = :s, alpha = :t": "overlap", "SET dict.k = :s REMOVE #dict": "not defined",
		"SET alpha.x = :s REMOVE alpha": "overlap", "SET alpha.x = :s, alpha[0] = :s": "conflict",
		"ADD alpha :s": "ADD", "ADD alpha num": "Syntax", "DELETE alpha :one": "DELETE", "REMOVE :s": "Syntax",
		"SET Count = :s": "reserved", "SET alpha = :no": "not defined",
		"SET alpha = " + strings.Repeat("(", 100) + ":s": "deep",
	} {
		_, err := expr.ParseUpdate(src, params)
		var e *expr.Error
		if !errors.As(err, &e) || !strings.Contains(e.Reason, reason) {
			t.Errorf("%.60q: got %v, want an error with %q", src, err, reason)
		}
	}
	for src, reason := range map[string]string{
		"SET num = alpha + :one": "incorrect data type", "SET num = absent": "does not exist",
		"SET alpha.x = :s": "invalid for update", "SET absent.x = :s": "invalid for update",
		"SET seq.x = :s":                   "invalid for update",
		"SET seq = list_append(alpha, :l)": "incorrect data type", "ADD alpha :one": "incorrect data type",
		"ADD #a :set": "incorrect data type", "DELETE alpha :set": "incorrect data type",
		"SET num = :huge + :huge": "overflow", "SET num = :big + :tenth": "38 digits",
		"SET num = :small - :smaller": "underflow", "REMOVE absent.x": "invalid for update",
		"DELETE absent.x :set": "invalid for update", "DELETE seq.x :set": "invalid for update",
		"SET alpha = if_not_exists(num, absent)": "does not exist",
	} {
		u, err := expr.ParseUpdate(src, params)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		_, err = u.Apply(item)
		var e *expr.Error
		if !errors.As(err, &e) || !strings.Contains(e.Reason, reason) {
			t.Errorf("%s: got %v, want an error with %q", src, err, reason)
		}
	}
}

func TestUpdatesTellWhatTheyReadAndWrite(t *testing.T) {
	u, err := expr.ParseUpdate("SET #a.x = if_not_exists(num, seq[0]) REMOVE bin ADD same :one DELETE zeta :set", params)
	if err != nil {
		t.Fatal(err)
	}
	var read, written []string
	for _, use := range u.Uses() {
		if use.Kind == expr.Write {
			written = append(written, use.Path.String())
		} else {
			read = append(read, use.Path.String())
		}
	}
	if !slices.Equal(read, []string{"num", "seq[0]"}) ||
		!slices.Equal(written, []string{"alpha.x", "bin", "same", "zeta"}) {
		t.Errorf("reads %q, writes %q", read, written)
	}
	if len(u.Written()) != 4 {
		t.Errorf("written %v", u.Written())
	}
}

func TestProjectionsTakeTheirPartInOrder(t *testing.T) {
	for src, want := range map[string]crypto.Item{
		"num":                      {"num": n("2")},
		"#a, absent":               {"alpha": s("text")},
		"seq[1].x, dict.k":         {"seq": l(m(crypto.Item{"x": s("deep")})), "dict": m(crypto.Item{"k": n("5")})},
		"seq[1], seq[0]":           {"seq": item["seq"]},
		"seq[5], dict.zeta, num.x": {},
		"#dot":                     {"with.dot": s("dotted")},
	} {
		p, err := expr.ParseProjection(src, params)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if got := p.Apply(item); !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %#v", src, got)
		}
	}
	if got := expr.ProjectAttributes([]string{"num", "with.dot"}).Apply(item); len(got) != 2 {
		t.Errorf("got %v", got)
	}
	for _, src := range []string{"", "num,", ",num", "num num", "num, num", "dict, dict.k", "dict.k, dict[0]", ":s",
		"num = :s", "#no", "Count"} {
		if _, err := expr.ParseProjection(src, params); err == nil {
			t.Errorf("%q is accepted", src)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, src := range []string{"alpha = :s AND NOT (num IN (:one) OR size(seq[0].x) > :two)",
		"SET a = b + :one REMOVE c ADD d :one DELETE e :set", "a.b[1], #a", "#a = :s AND begins_with(k, :t)"} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		check := func(uses []expr.Use, err error) {
			var e *expr.Error
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("%q: a %T", src, err)
			}
			for _, use := range uses {
				if use.Path.Root() == "" {
					t.Fatalf("%q: a use without a name", src)
				}
			}
		}
		if c, err := expr.ParseCondition(src, params); err != nil {
			check(nil, err)
		} else {
			check(c.Uses(), nil)
			c.Eval(item)
			c.Eval(nil)
		}
		if k, err := expr.ParseKeyCondition(src, params); err != nil {
			check(nil, err)
		} else {
			check(k.Uses(), nil)
			// What is a key condition is a condition too, and means the same.
			c, err := expr.ParseCondition(src, params)
			if err != nil {
				t.Fatalf("%q is a key condition but no condition: %v", src, err)
			}
			all := true
			for _, term := range k.Terms() {
				all = all && item[term.Name] != nil && term.Match(item[term.Name])
			}
			if got, _ := c.Eval(item); got != all {
				t.Fatalf("%q: %v as a condition, %v as a key condition", src, got, all)
			}
		}
		if p, err := expr.ParseProjection(src, params); err != nil {
			check(nil, err)
		} else {
			check(p.Uses(), nil)
			p.Apply(item)
		}
		if u, err := expr.ParseUpdate(src, params); err != nil {
			check(nil, err)
		} else {
			check(u.Uses(), nil)
			_, err := u.Apply(item)
			check(nil, err)
			_, err = u.Apply(nil)
			check(nil, err)
		}
	})
}
