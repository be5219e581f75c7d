package expr

import (
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// Condition is a condition or filter expression.
type Condition struct {
	parsed
	root    node
	source  string
	grouped string
	params  Params
}

// ParseCondition parses a ConditionExpression or FilterExpression. The error is
// an *[Error].
func ParseCondition(src string, params Params) (*Condition, error) {
	p, err := newParser(src, params)
	if err != nil {
		return nil, err
	}
	grouped := src
	if last := len(p.tokens) - 2; p.peek().closing == 0 || p.peek().closing != last {
		grouped = "(" + src + ")"
	}
	root, err := p.or()
	if err == nil {
		err = p.finish()
	}
	if err != nil {
		return nil, err
	}
	return &Condition{p.parsed(), root, src, grouped, params}, nil
}

// Eval reports whether the condition holds for item, which may be nil.
func (c *Condition) Eval(item crypto.Item) (bool, error) { return c.root.eval(item), nil }

// Grouped returns the condition's source in parentheses, for combining it with
// others. It adds none if there are parentheses already, since DynamoDB rejects
// redundant ones. The result is empty for the translation of a legacy
// parameter, which has no source.
func (c *Condition) Grouped() string { return c.grouped }

// Source returns the text of the condition.
func (c *Condition) Source() string { return c.source }

// Conjuncts splits the condition into conditions that must all hold. They use
// the same placeholders as c.
func (c *Condition) Conjuncts() []*Condition {
	var all []*Condition
	for _, source := range splitConjuncts(c.source) {
		conjunct, err := ParseCondition(source, c.params)
		if err != nil {
			return []*Condition{c}
		}
		all = append(all, conjunct)
	}
	return all
}

// splitConjuncts splits the source of a condition at its top-level ANDs and
// removes redundant parentheses.
func splitConjuncts(source string) []string {
	tokens, err := lex(source)
	if err != nil {
		return []string{source}
	}
	if last := len(tokens) - 2; tokens[0].isSymbol("(") && tokens[0].closing == last {
		return splitConjuncts(source[tokens[0].to:tokens[last].from])
	}
	var parts []string
	start, between := 0, 0
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.closing > 0:
			i += t.closing
		case t.is("OR"):
			return []string{source}
		case t.is("BETWEEN"):
			between++
		case t.is("AND") && between > 0:
			between--
		case t.is("AND"):
			parts = append(parts, splitConjuncts(source[start:t.from])...)
			start = t.to
		}
	}
	if start == 0 {
		return []string{source}
	}
	return append(parts, splitConjuncts(source[start:])...)
}

// JoinConjuncts returns the source of a condition that holds if all the given
// ones hold. It returns an empty string if there are none.
func JoinConjuncts(all []*Condition) string {
	if len(all) == 1 {
		return all[0].source
	}
	terms := make([]string, len(all))
	for i, c := range all {
		terms[i] = c.grouped
	}
	return strings.Join(terms, " AND ")
}

// node is a part of a condition that is true or false.
type node interface {
	eval(item crypto.Item) bool
}

type (
	orNode  struct{ left, right node }
	andNode struct{ left, right node }
	notNode struct{ of node }
)

func (n orNode) eval(item crypto.Item) bool  { return n.left.eval(item) || n.right.eval(item) }
func (n andNode) eval(item crypto.Item) bool { return n.left.eval(item) && n.right.eval(item) }
func (n notNode) eval(item crypto.Item) bool { return !n.of.eval(item) }

func (p *parser) or() (node, error) {
	left, err := p.and()
	for err == nil && p.peek().is("OR") {
		if _, err := p.operator(); err != nil {
			return nil, err
		}
		var right node
		right, err = p.and()
		left = orNode{left, right}
	}
	return left, err
}

func (p *parser) and() (node, error) {
	left, err := p.not()
	for err == nil && p.peek().is("AND") {
		if _, err := p.operator(); err != nil {
			return nil, err
		}
		var right node
		right, err = p.not()
		left = andNode{left, right}
	}
	return left, err
}

func (p *parser) not() (of node, err error) {
	switch {
	case p.peek().is("NOT"):
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		if _, err := p.operator(); err != nil {
			return nil, err
		}
		of, err = p.not()
		return notNode{of}, err
	case p.atGroup() && !p.afterGroup().isComparator():
		err = p.group(func() error {
			of, err = p.or()
			return err
		})
		return of, err
	case p.atFunction() && p.peek().text != "size":
		return p.predicate()
	}
	return p.comparison()
}
