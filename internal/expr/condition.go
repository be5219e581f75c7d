package expr

import (
	"strings"

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
	root, err := p.or()
	if err == nil {
		err = p.finish()
	}
	if err != nil {
		return nil, err
	}
	return &Condition{p.parsed(), root, grouped(src)}, nil
}

// Grouped returns the condition's source in parentheses, to put it together
// with others. One that is in parentheses already gets no more, since the
// server refuses redundant ones.
func (c *Condition) Grouped() string { return c.grouped }

// grouped works on source that was parsed, so its parentheses are balanced.
func grouped(src string) string {
	src = strings.TrimSpace(src)
	depth := 0
	for i, c := range src {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 && i < len(src)-1 {
			return "(" + src + ")"
		}
	}
	return src
}

// Eval reports whether the condition holds for item, which may be nil.
func (c *Condition) Eval(item crypto.Item) (bool, error) { return c.root.eval(item), nil }

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
	for err == nil && p.acceptWord("OR") {
		var right node
		right, err = p.and()
		left = orNode{left, right}
	}
	return left, err
}

func (p *parser) and() (node, error) {
	left, err := p.not()
	for err == nil && p.acceptWord("AND") {
		var right node
		right, err = p.not()
		left = andNode{left, right}
	}
	return left, err
}

func (p *parser) not() (node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if p.acceptWord("NOT") {
		of, err := p.not()
		return notNode{of}, err
	}
	if opened, err := p.group(); err != nil {
		return nil, err
	} else if opened {
		of, err := p.or()
		if err != nil {
			return nil, err
		}
		return of, p.expect(")")
	}
	if p.atFunction() && p.peek().text != "size" {
		return p.function()
	}
	return p.comparison()
}
