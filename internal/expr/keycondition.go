package expr

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Op is the operator of a term of a key condition.
type Op int

// The operators of key conditions.
const (
	OpEqual Op = iota
	OpLess
	OpLessOrEqual
	OpGreater
	OpGreaterOrEqual
	OpBetween    // two values, inclusive
	OpBeginsWith // strings and binaries
)

var keyOps = map[string]Op{"=": OpEqual, "<": OpLess, "<=": OpLessOrEqual, ">": OpGreater, ">=": OpGreaterOrEqual}

// KeyTerm is a condition on one key attribute.
type KeyTerm struct {
	Name   string
	Op     Op
	Values []types.AttributeValue
}

// Match reports whether v satisfies the term.
func (t KeyTerm) Match(v types.AttributeValue) bool {
	switch t.Op {
	case OpBetween:
		return compareWith(">=", v, t.Values[0]) && compareWith("<=", v, t.Values[1])
	case OpBeginsWith:
		return hasPrefix(v, t.Values[0])
	}
	for symbol, op := range keyOps {
		if op == t.Op {
			return compareWith(symbol, v, t.Values[0])
		}
	}
	return false
}

// KeyCondition is a key condition expression: terms that must all hold.
type KeyCondition struct {
	parsed
	terms []KeyTerm
}

// Terms returns the terms in the order of the expression.
func (k *KeyCondition) Terms() []KeyTerm { return slices.Clone(k.terms) }

// ParseKeyCondition parses a KeyConditionExpression. It does not check that the
// attributes are key attributes. The error is an *[Error].
func ParseKeyCondition(src string, params Params) (*KeyCondition, error) {
	p, err := newParser(src, params)
	if err != nil {
		return nil, err
	}
	terms, err := p.keyTerms()
	if err == nil {
		err = p.finish()
	}
	if err != nil {
		return nil, err
	}
	for i, t := range terms {
		if slices.ContainsFunc(terms[:i], func(other KeyTerm) bool { return other.Name == t.Name }) {
			return nil, &Error{"KeyConditionExpressions must only contain one condition per key"}
		}
	}
	return &KeyCondition{p.parsed(), terms}, nil
}

func (p *parser) keyTerms() ([]KeyTerm, error) {
	var all []KeyTerm
	for {
		var terms []KeyTerm
		var err error
		if p.atGroup() && !p.afterGroup().isComparator() {
			err = p.group(func() error {
				terms, err = p.keyTerms()
				return err
			})
		} else {
			var term KeyTerm
			term, err = p.keyTerm()
			terms = []KeyTerm{term}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, terms...)
		if !p.acceptWord("AND") {
			return all, nil
		}
	}
}

func (p *parser) keyTerm() (KeyTerm, error) {
	if p.atFunction() {
		return p.keyPrefix()
	}
	name, err := p.keyName()
	if err != nil {
		return KeyTerm{}, err
	}
	t := p.peek()
	op, ok := keyOps[t.text]
	switch {
	case t.is("BETWEEN"):
		return p.keyBetween(name)
	case !ok || t.kind != symbol:
		return KeyTerm{}, p.unexpected()
	}
	p.next()
	v, err := p.keyValue()
	if err != nil {
		return KeyTerm{}, err
	}
	if op != OpEqual {
		err = operand{literal: v}.checkType(t.text, "S", "N", "B")
	}
	return KeyTerm{name, op, []types.AttributeValue{v}}, err
}

func (p *parser) keyPrefix() (KeyTerm, error) {
	f, err := p.function()
	if err != nil {
		return KeyTerm{}, err
	}
	if f != "begins_with" {
		return KeyTerm{}, &Error{"Invalid operator used in KeyConditionExpression: " + f}
	}
	name, err := p.keyName()
	if err != nil {
		return KeyTerm{}, err
	}
	if err := p.expect(","); err != nil {
		return KeyTerm{}, err
	}
	v, err := p.keyValue()
	if err != nil {
		return KeyTerm{}, err
	}
	if err := (operand{literal: v}).checkType(f, "S", "B"); err != nil {
		return KeyTerm{}, err
	}
	return KeyTerm{name, OpBeginsWith, []types.AttributeValue{v}}, p.expect(")")
}

func (p *parser) keyBetween(name string) (KeyTerm, error) {
	p.next()
	low, err := p.keyValue()
	if err != nil {
		return KeyTerm{}, err
	}
	if !p.acceptWord("AND") {
		return KeyTerm{}, p.unexpected()
	}
	high, err := p.keyValue()
	if err != nil {
		return KeyTerm{}, err
	}
	return KeyTerm{name, OpBetween, []types.AttributeValue{low, high}},
		checkBetween(operand{}, operand{literal: low}, operand{literal: high})
}

func (p *parser) keyName() (string, error) {
	path, err := p.groupedPath(Read)
	if err != nil {
		return "", err
	}
	if len(path) > 1 {
		return "", &Error{"KeyConditionExpressions cannot have conditions on nested attributes"}
	}
	return path.Root(), nil
}

func (p *parser) keyValue() (v types.AttributeValue, err error) {
	if !p.atGroup() {
		return p.value()
	}
	err = p.group(func() error {
		v, err = p.value()
		return err
	})
	return v, err
}
