package mapper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/internal/guard"
)

// DynamoDB cannot compare encrypted values, but it can compare beacons. Every
// item that meets a condition on plaintext meets the weaker condition on beacons
// that is sent. The original condition is evaluated on the opened items.

// maxExpression is DynamoDB's limit for an expression, in bytes.
const maxExpression = 4096

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
	if t.beacons == nil || t.bare || !n.usesBeacons() {
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
	if !n.keyed {
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

// keyCondition rewrites the key condition.
func (n *narrowing) keyCondition(partition int) error {
	p := n.plan
	p.stored = slices.Clone(p.exact)
	for _, term := range p.hashed {
		b := n.table.beaconOf(expr.Path{{Name: term.Name}})
		rewritten, ok := n.keyTerm(b, term, partition%b.Partitions())
		switch {
		case ok:
			p.stored = append(p.stored, rewritten)
		case term.Op == expr.OpEqual:
			return n.table.unsupported(p.op, term.Name, "the value cannot be a value of this beacon: its parts do not have the "+
				"configured prefixes, or it is a set")
		case !slices.ContainsFunc(slices.Concat(p.exact, p.hashed), isEqual):
			return n.table.unsupported(p.op, term.Name, guard.Compared)
		}
	}
	return nil
}

func isEqual(term expr.KeyTerm) bool { return term.Op == expr.OpEqual }

// keyTerm rewrites a term of a key condition. It reports false if the beacon says
// nothing about the term, which is then evaluated on the opened items alone.
func (n *narrowing) keyTerm(b *beacon.Beacon, term expr.KeyTerm, partition int) (expr.KeyTerm, bool) {
	rewritten := expr.KeyTerm{Name: b.Attribute(), Op: term.Op}
	var ok bool
	var value, high types.AttributeValue
	switch term.Op {
	case expr.OpEqual:
		value, ok = b.Equal(n.key, partition, term.Values[0])
		ok = ok && !b.IsSet()
	case expr.OpBeginsWith:
		value, ok = b.Begins(n.key, partition, term.Values[0])
	case expr.OpBetween:
		value, high, ok = b.Between(n.key, partition, term.Values[0], term.Values[1])
		rewritten.Values = []types.AttributeValue{value, high}
		return rewritten, ok
	default:
		value, ok = b.Compare(n.key, term.Test().Op, term.Values[0])
	}
	rewritten.Values = []types.AttributeValue{value}
	return rewritten, ok
}

// filter returns the filter to send, nil for none.
func (n *narrowing) filter() *string {
	own := expr.JoinConjuncts(n.plan.sent)
	if filter := n.narrowed(n.plan.sent, n.plan.rest); filter != "" {
		own = filter
	}
	if own == "" {
		return nil
	}
	return &own
}

// narrowed returns the filter with conditions on beacons. It is empty if there
// are none, or if they would not fit into a request.
func (n *narrowing) narrowed(sent, rest []*expr.Condition) string {
	if !n.canFilter() {
		return ""
	}
	var terms []string
	for _, conjunct := range sent {
		terms = append(terms, conjunct.Grouped())
	}
	for _, conjunct := range rest {
		if term, ok := conjunct.Weaken(n.leaf); ok {
			terms = append(terms, term)
		}
	}
	filter := strings.Join(terms, " AND ")
	if len(terms) == len(sent) || len(filter) > maxExpression {
		return ""
	}
	if _, err := expr.ParseCondition(filter, n.writer.Params()); err != nil {
		return "" // too many operators
	}
	return filter
}

// setKey replaces the key condition.
func (r *pageRequest) setKey(w *expr.Writer, terms []expr.KeyTerm) {
	texts := make([]string, len(terms))
	for i, term := range terms {
		texts[i] = w.Test(term.Test())
	}
	r.legacyKey, r.key = nil, aws.String(strings.Join(texts, " AND "))
}

// usePlaceholders takes the placeholders that the expressions use. DynamoDB
// refuses others.
func (r *pageRequest) usePlaceholders(params expr.Params) error {
	var used []expr.Placeholders
	if r.key != nil {
		key, err := expr.ParseKeyCondition(*r.key, params)
		if err != nil {
			return err
		}
		used = append(used, key.Placeholders())
	}
	if r.filter != nil {
		filter, err := expr.ParseCondition(*r.filter, params)
		if err != nil {
			return err
		}
		used = append(used, filter.Placeholders())
	}
	r.names = usedOf(params.Names, used, func(u expr.Placeholders) []string { return u.Names })
	r.values = usedOf(params.Values, used, func(u expr.Placeholders) []string { return u.Values })
	return nil
}

// canFilter reports whether a filter can use beacons. A filter of a Query cannot
// use the attributes of the key that is queried, which are not known for an index
// that no tag declares.
func (n *narrowing) canFilter() bool {
	p := n.plan
	if n.key == nil {
		return false
	}
	if p.index == nil || len(p.exact)+len(p.hashed) == 0 {
		return true
	}
	_, declared := n.table.policy.Index(*p.index)
	return declared
}

// leaf returns the source of a condition on stored values that every item meets
// that meets test.
func (n *narrowing) leaf(test expr.Test) (string, bool) {
	t := n.table
	b := t.beaconOf(test.Path)
	if b == nil {
		kind := expr.Read
		if test.Op == "attribute_exists" || test.Op == "attribute_not_exists" {
			kind = expr.Exists
		}
		if t.checkUses(n.plan.op, []expr.Use{{Path: test.Path, Kind: kind}}) != nil {
			return "", false
		}
		return n.writer.Test(test), true
	}
	tests, ok := n.stored(b, test)
	if !ok || !n.projects(b.Attribute()) {
		return "", false
	}
	texts := make([]string, 0, len(tests)+1)
	for _, stored := range tests {
		stored.Path = expr.Path{{Name: b.Attribute()}}
		texts = append(texts, n.writer.Test(stored))
	}
	// Items that were stored before the beacon was configured lack it.
	missing := []string{"attribute_not_exists(" + n.writer.Name(b.Attribute()) + ")"}
	key := n.queriedKey()
	for _, root := range b.Roots() {
		if !slices.Contains(key, root) {
			missing = append(missing, "attribute_exists("+n.writer.Name(root)+")")
		}
	}
	texts = append(texts, strings.Join(missing, " AND "))
	return "(" + strings.Join(texts, " OR ") + ")", true
}

// projects reports whether the index that is read, if any, has a beacon. DynamoDB
// refuses filters on attributes that an index does not project.
func (n *narrowing) projects(attribute string) bool {
	index := n.plan.index
	if index == nil {
		return true
	}
	projected, partial := n.table.projections[*index]
	return !partial || slices.Contains(slices.Concat(projected, n.table.storedKeyNamesOf(index)), attribute)
}

// queriedKey returns the names of the attributes that a filter cannot use, since
// they are the key that is queried. All entries have them.
func (n *narrowing) queriedKey() []string {
	p := n.plan
	if len(p.exact)+len(p.hashed) == 0 {
		return nil
	}
	return n.table.keyNamesOf(p.index)
}

// maxInList is how many values DynamoDB's IN can have.
const maxInList = 100

// stored returns tests of a stored beacon, one of which every item meets that
// meets test.
func (n *narrowing) stored(b *beacon.Beacon, test expr.Test) ([]expr.Test, bool) {
	if len(test.Values)*b.Partitions()*len(":ddbenc0, ") > maxExpression {
		return nil, false // not worth computing: it would not fit, nor would the rest
	}
	var tests []expr.Test
	var equal []types.AttributeValue
	for partition := range b.Partitions() {
		one := func(op string, value types.AttributeValue, ok bool) bool {
			if ok {
				tests = append(tests, expr.Test{Op: op, Values: []types.AttributeValue{value}})
			}
			return ok
		}
		ok := false
		switch test.Op {
		case "=", "IN":
			for _, v := range test.Values {
				var value types.AttributeValue
				if value, ok = b.Equal(n.key, partition, v); !ok {
					break
				}
				equal = append(equal, value)
			}
		case "contains":
			value, known := b.Contains(n.key, partition, test.Values[0])
			ok = one(test.Op, value, known)
		case "begins_with":
			value, known := b.Begins(n.key, partition, test.Values[0])
			ok = one(test.Op, value, known)
		case "<", "<=", ">", ">=":
			value, known := b.Compare(n.key, test.Op, test.Values[0])
			ok = one(test.Op, value, known)
		case "BETWEEN":
			low, high, known := b.Between(n.key, partition, test.Values[0], test.Values[1])
			if ok = known; ok {
				tests = append(tests, expr.Test{Op: test.Op, Values: []types.AttributeValue{low, high}})
			}
		}
		if !ok {
			return nil, false
		}
	}
	for values := range slices.Chunk(equal, maxInList) {
		if len(values) == 1 {
			tests = append(tests, expr.Test{Op: "=", Values: values})
		} else {
			tests = append(tests, expr.Test{Op: "IN", Values: values})
		}
	}
	return tests, true
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
