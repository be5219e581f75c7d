package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/policy"
	"github.com/ddbenc/ddbenc/internal/source"
)

// checkDeclaration reports struct types that contradict each other. It returns
// the table, or nil if the table cannot be determined.
func (c *checker) checkDeclaration(d *source.Declaration) *table {
	open := d.Open || slices.ContainsFunc(d.Types, func(n source.NamedType) bool { return source.Generic(n.Type) })
	var policies []*source.Policy
	for i, named := range d.Types {
		if source.Generic(named.Type) {
			if i == 0 {
				return nil
			}
			continue
		}
		p, err := source.Of(named.Type)
		if err != nil {
			return nil // checkStruct reports it
		}
		policies = append(policies, p)
		// What is incomplete may be in one of the following types.
		if _, err := source.Merge(policies...); err != nil && err.Rule != policy.RuleIncomplete {
			c.report(categoryTable, spanOf(named.Argument), nil, "%s%s", title(d), err.Reason)
			return nil
		}
	}
	if _, err := source.Merge(policies...); err != nil && !open {
		c.report(categoryTable, spanOf(d.Types[0].Argument), nil, "%s%s", title(d), err.Reason)
		return nil
	}
	t := &table{Name: arn.TableName(d.Name), Undeclared: d.Undeclared, Open: open || d.AnyAction, Selects: d.Selection ||
		open, Beacons: d.Beacons, NoRewrites: d.NoRewrites}
	keyed := false
	for _, p := range policies {
		keyed = keyed || p.PartitionKey != ""
		t.add(p)
	}
	if !keyed {
		if !open {
			c.report(categoryTable, spanOf(d.Types[0].Argument), nil, "%sno field has the table's partition key "+
				"(`dynamo:\"…,hash\"`)", title(d))
		}
		return nil
	}
	if t.Name == "" {
		return nil
	}
	return t
}

// checkTwice reports tables that are declared twice for one client.
func (c *checker) checkTwice() {
	byCall := make(map[*ast.CallExpr]*source.Declaration)
	for _, d := range c.declarations.Tables {
		byCall[d.Call] = d
	}
	for call := range inspector.All[*ast.CallExpr](c.syntax) {
		f, ok := typeutil.Callee(c.TypesInfo, call).(*types.Func)
		if !ok || f.Pkg() == nil || f.Pkg().Path() != source.MapperPath || f.Name() != "New" && f.Name() != "NewClient" {
			continue
		}
		seen := make(map[string]bool)
		for _, arg := range call.Args {
			option, _ := ast.Unparen(arg).(*ast.CallExpr)
			d := byCall[option]
			if d == nil || d.Name == "" {
				continue
			}
			name := arn.TableName(d.Name)
			if seen[name] {
				c.report(categoryTable, spanOf(d.Call), nil,
					"%sdeclared twice; use mapper.WithType for a second struct type", title(d))
			}
			seen[name] = true
		}
	}
}

// title returns the beginning of a message about a declaration.
func title(d *source.Declaration) string {
	if d.Name == "" {
		return ""
	}
	return "table " + arn.TableName(d.Name) + ": "
}

// constantString returns the value of e if it is a constant string.
func (c *checker) constantString(e ast.Expr) (string, bool) {
	value := c.TypesInfo.Types[e].Value
	if value == nil || value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(value), true
}
