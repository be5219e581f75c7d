package mapper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/internal/guard"
)

// DynamoDB cannot compare encrypted values, but it can compare beacons. Every
// item that meets a condition on plaintext meets the weaker condition on beacons
// that is sent. The original condition is evaluated on the opened items.

// beaconOf returns the beacon for a path in a query, or nil.
func (t *table) beaconOf(path expr.Path) *beacon.Beacon {
	if t.beacons == nil || t.bare {
		return nil
	}
	if len(path) == 1 {
		if b := t.beacons.Named(path.Root()); b != nil {
			return b
		}
	}
	for _, element := range path {
		if strings.ContainsAny(element.Name, ".[]") {
			return nil // Path.String is ambiguous
		}
	}
	return t.beacons.Beacon(path.String())
}

// splitKey splits the terms of a key condition into those that DynamoDB
// evaluates on the values themselves and those that it evaluates on beacons.
func (t *table) splitKey(condition *expr.KeyCondition) (exact, hashed []expr.KeyTerm) {
	if condition == nil {
		return nil, nil
	}
	for _, term := range condition.Terms() {
		if t.beaconOf(expr.Path{{Name: term.Name}}) != nil {
			hashed = append(hashed, term)
		} else {
			exact = append(exact, term)
		}
	}
	return exact, hashed
}

// narrowing rewrites the conditions of one page to beacons.
type narrowing struct {
	table  *table
	plan   *pagePlan
	writer *expr.Writer
	keyed  bool        // the request can have beacons
	key    *beacon.Key // nil if there is none
}

// rewrite reduces the parameters of a page to what DynamoDB can evaluate, if that
// is not all of them. A key condition on beacons concerns items in one partition.
func (p *pagePlan) rewrite(ctx context.Context, sent *pageRequest, partition int) error {
	n := narrowing{table: p.table, plan: p}
	if err := n.takeBranchKey(); err != nil || len(p.rest)+len(p.hashed) == 0 {
		return err
	}
	if err := n.takeKey(ctx); err != nil {
		return err
	}
	n.writer = expr.NewWriter(expr.Params{Names: sent.names, Values: sent.values})
	if len(p.hashed) > 0 {
		if err := n.keyCondition(partition); err != nil {
			return err
		}
		sent.setKey(n.writer, p.stored)
	}
	if sent.legacyFilter != nil { // has no source, and cannot be combined with expressions
		p.sent, p.rest = nil, slices.Concat(p.sent, p.rest)
	}
	sent.filter = n.filter()
	sent.legacyFilter, sent.operator = nil, ""
	return sent.usePlaceholders(n.writer.Params())
}

// takeBranchKey finds out whose beacons the request has. If it cannot have any,
// filters are not narrowed, and key conditions on beacons are refused.
func (n *narrowing) takeBranchKey() error {
	p, t := n.plan, n.table
	if t.beacons == nil || t.bare {
		return nil
	}
	branchKey, why := n.branchKey()
	if t.plaintextWrites {
		why = "items are stored in plaintext, so they have no beacons"
	}
	if why != "" && len(p.hashed) > 0 {
		return t.unsupported(p.op, p.hashed[0].Name, why)
	}
	n.keyed, p.branchKey = why == "", branchKey
	return nil
}

// takeKey gets the beacon key. A filter can do without one of a tenant that does
// not exist.
func (n *narrowing) takeKey(ctx context.Context) (err error) {
	if !n.keyed || !n.usesBeacons() {
		return nil
	}
	n.key, err = n.table.beacons.Key(ctx, n.plan.branchKey)
	if err != nil && (len(n.plan.hashed) > 0 || !errors.Is(err, crypto.ErrNoUsableKey)) {
		return n.table.fail(n.plan.op, "", err)
	}
	return nil
}

// usesBeacons reports whether a condition is about an attribute with a beacon. If
// none is, the key store need not be available.
func (n *narrowing) usesBeacons() bool {
	return len(n.plan.hashed) > 0 || slices.ContainsFunc(n.plan.rest, func(c *expr.Condition) bool {
		return slices.ContainsFunc(c.Tests(), func(test expr.Test) bool { return n.table.beaconOf(test.Path) != nil })
	})
}

// branchKey returns the branch key whose beacon key the items of the page have.
// It is empty in a table with a single beacon key. If the conditions do not name
// exactly one branch key, branchKey returns the reason that beacons cannot be
// used.
func (n *narrowing) branchKey() (id string, why guard.Reason) {
	field := n.table.beacons.KeyField()
	if field == "" {
		return "", ""
	}
	var tests []expr.Test
	for _, term := range slices.Concat(n.plan.exact, n.plan.hashed) {
		tests = append(tests, term.Test())
	}
	for _, conjunct := range slices.Concat(n.plan.sent, n.plan.rest) {
		tests = append(tests, conjunct.Implied()...)
	}
	var ids []string
	for _, test := range tests {
		if test.Op == "=" {
			ids = append(ids, n.table.beacons.TenantsIn(test.Path.String(), test.Values[0])...)
		}
	}
	slices.Sort(ids)
	switch ids = slices.Compact(ids); len(ids) {
	case 0:
		return "", guard.Reason(fmt.Sprintf("the beacon's key depends on the item's branch key: add a condition that "+
			"attribute %q is equal to a branch key ID", field))
	case 1:
		return ids[0], ""
	}
	return "", "the conditions name more than one branch key, so no item can meet all of them"
}

// meetsHashed evaluates, on an opened item, the terms of the key condition that
// DynamoDB evaluated on beacons. It leaves out items with beacons of another branch
// key. Items that no branch key sealed, such as plaintext ones, have no beacons.
func (p pagePlan) meetsHashed(visible, stored crypto.Item) bool {
	if p.branchKey != "" {
		if id := p.table.beacons.BranchKeyID(stored); id != "" && id != p.branchKey {
			return false
		}
	}
	return holdTerms(p.hashed, visible)
}

// holdTerms reports whether an item meets all terms.
func holdTerms(terms []expr.KeyTerm, item crypto.Item) bool {
	for _, term := range terms {
		if !term.Match(item[term.Name]) {
			return false
		}
	}
	return true
}
