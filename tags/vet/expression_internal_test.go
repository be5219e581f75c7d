package vet

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"
	"golang.org/x/tools/go/analysis"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// recorder is a client that keeps the update that it is asked for.
type recorder struct {
	dynamodbiface.DynamoDBAPI
	update *dynamodb.UpdateItemInput
}

var errRecorded = errors.New("recorded")

func (r *recorder) UpdateItem(
	_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	r.update = in
	return nil, errRecorded
}

// sent returns what guregu/dynamo sends.
func sent(t *testing.T, change func(*dynamo.Update)) *dynamodb.UpdateItemInput {
	t.Helper()
	var r recorder
	update := dynamo.NewFromIface(&r).Table("t").Update("id", 1)
	change(update)
	if err := update.Run(t.Context()); !errors.Is(err, errRecorded) {
		t.Fatal(err)
	}
	return r.update
}

// arguments type-checks a call with the arguments and returns it.
func arguments(t *testing.T, args ...any) (*checker, []ast.Expr) {
	t.Helper()
	source := make([]string, len(args))
	for i, arg := range args {
		source[i] = fmt.Sprintf("%#v", arg)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\nvar _ = []any{"+strings.Join(source, ", ")+"}", 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	if _, err := (&types.Config{Importer: importer.Default()}).Check("p", fset, []*ast.File{file}, info); err != nil {
		t.Fatal(err)
	}
	literal := file.Decls[0].(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values[0].(*ast.CompositeLit)
	return &checker{Pass: &analysis.Pass{TypesInfo: info}}, literal.Elts
}

// roots returns the attributes of uses, with how they are used.
func roots(uses []expr.Use) []string {
	set := make(map[string]bool)
	for _, use := range uses {
		set[fmt.Sprint(use.Path, use.Kind)] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func TestConditionsNameTheAttributesThatGureguSends(t *testing.T) {
	for _, c := range []struct {
		format string
		args   []any
	}{
		{"a = ?", []any{"x"}},
		{"'Count' > ? AND $ = ?", []any{1, "Status", 2.5}},
		{"'a.b' = ? OR $ = ?", []any{true, "c.d", []byte("x")}},
		{"a.$.b[$] <> ?", []any{"m", 3, "x"}},
		{"attribute_type($, ?) AND NOT contains(b, ?)", []any{"a", "BOOL", []string{"x"}}},
		{"size(a) BETWEEN ? AND ?", []any{1, 2}},
		{"begins_with('*odd name*', ?)", []any{"x"}},
		{"attribute_exists(a) AND attribute_not_exists(b.c) AND d IN (?, ?)", []any{"x", int64(1)}},
	} {
		in := sent(t, func(u *dynamo.Update) { u.Set("z", 1).If(c.format, c.args...) })
		want, err := parseCondition(*in.ConditionExpression,
			expr.Params{Names: in.ExpressionAttributeNames, Values: in.ExpressionAttributeValues})
		if err != nil {
			t.Fatal(err)
		}
		checker, args := arguments(t, c.args...)
		e, ok := checker.expand(c.format, args, false)
		if got := e.uses(parseCondition); !ok || !slices.Equal(roots(got), roots(want)) {
			t.Errorf("%q: uses %v (%v), guregu/dynamo sends %v", c.format, roots(got), ok, roots(want))
		}
		if e, ok := checker.expand(c.format, nil, true); !ok || len(e.uses(parseCondition)) == 0 {
			t.Errorf("%q: nothing known without its arguments", c.format)
		}
	}
}

func TestUpdatesNameTheAttributesThatGureguSends(t *testing.T) {
	for _, c := range []struct {
		format string
		args   []any
	}{
		{"a = ?", []any{"x"}},
		{"'Count' = 'Count' + ?", []any{1}},
		{"$ = list_append(b, ?), c = c - ?", []any{"a", []string{"x"}, 1}},
		{"a = if_not_exists(b.$, ?)", []any{"c", 1}},
	} {
		in := sent(t, func(u *dynamo.Update) { u.SetExpr(c.format, c.args...) })
		want, err := parseUpdate("")(*in.UpdateExpression,
			expr.Params{Names: in.ExpressionAttributeNames, Values: in.ExpressionAttributeValues})
		if err != nil {
			t.Fatal(err)
		}
		checker, args := arguments(t, c.args...)
		e, ok := checker.expand(c.format, args, false)
		if got := e.uses(parseUpdate("SET")); !ok || !slices.Equal(roots(got), roots(want)) {
			t.Errorf("%q: uses %v (%v), guregu/dynamo sends %v", c.format, roots(got), ok, roots(want))
		}
	}
}

func TestPathsNameTheAttributesThatGureguSends(t *testing.T) {
	for _, path := range []string{"a", "Count", "a.b", "a[1].b", "'Count'", "'a.b'", "'Count'.c", "'*odd name*'",
		"a.'Count'[0]"} {
		in := sent(t, func(u *dynamo.Update) { u.Set(path, 1) })
		want, err := expr.ParseUpdate(*in.UpdateExpression,
			expr.Params{Names: in.ExpressionAttributeNames, Values: in.ExpressionAttributeValues})
		if err != nil {
			t.Fatal(err)
		}
		if got := new(checker).pathRoot(path); got != want.Written()[0].Root() {
			t.Errorf("%q is of attribute %q, guregu/dynamo sends %q", path, got, want.Written()[0].Root())
		}
	}
}

func TestWhatDoesNotParseNamesNoAttributes(t *testing.T) {
	for _, path := range []string{"", "a b", "'a", "a.", "a,b", "$", "a = 1", "🝕"} {
		if got := new(checker).pathRoot(path); got != "" {
			t.Errorf("path %q is of attribute %q", path, got)
		}
	}
	for _, format := range []string{"a = ?", "$ = b", "a =", "'a = b", "🝕 = a"} {
		c, args := arguments(t)
		if e, ok := c.expand(format, args, false); ok && e.uses(parseCondition) != nil {
			t.Errorf("condition %q names %v", format, roots(e.uses(parseCondition)))
		}
	}
}
