package expr

import (
	"github.com/ddbenc/ddbenc/crypto"
)

// Condition is a condition or filter expression.
type Condition struct {
	parsed
	root    node
	grouped string
}

// ParseCondition parses a ConditionExpression or FilterExpression. Its errors
// are *[Error].
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
	return &Condition{p.parsed(), root, grouped}, nil
}

// Eval reports whether the condition holds for item, which may be nil.
func (c *Condition) Eval(item crypto.Item) (bool, error) { return c.root.eval(item), nil }

// Grouped returns the condition's source in parentheses, to put it together
// with others. One that has them already gets no more, since the server
// refuses redundant parentheses. It is empty for the translation of a legacy
// parameter, which has no source.
func (c *Condition) Grouped() string { return c.grouped }

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
