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
	OpBetween    // two values, both included
	OpBeginsWith // strings and binaries
)

var keyOps = map[string]Op{"=": OpEqual, "<": OpLess, "<=": OpLessOrEqual, ">": OpGreater, ">=": OpGreaterOrEqual}

// KeyTerm is one condition on one key attribute.
type KeyTerm struct {
	Name   string
	Op     Op
	Values []types.AttributeValue
}

// Match reports whether v meets the term.
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

// KeyCondition is a key condition expression: terms that all must hold.
type KeyCondition struct {
	parsed
	terms []KeyTerm
}

// Terms returns the terms in the order of the expression.
func (k *KeyCondition) Terms() []KeyTerm { return slices.Clone(k.terms) }

// ParseKeyCondition parses a KeyConditionExpression. Which attributes may be
// in it depends on the table, and is not checked. Its errors are *[Error].
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
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	var all []KeyTerm
	for {
		var terms []KeyTerm
		opened, err := p.group()
		if err != nil {
			return nil, err
		}
		if opened {
			if terms, err = p.keyTerms(); err == nil {
				err = p.expect(")")
			}
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
		if f := p.peek().text; f != "begins_with" {
			return KeyTerm{}, &Error{"Invalid operator used in KeyConditionExpression: " + f}
		}
		p.next()
		p.next()
		term, err := p.keyName(OpBeginsWith)
		if err != nil {
			return KeyTerm{}, err
		}
		if err := p.expect(","); err != nil {
			return KeyTerm{}, err
		}
		if err := p.keyValue(&term); err != nil {
			return KeyTerm{}, err
		}
		if err := checkPrefix(term.Values[0]); err != nil {
			return KeyTerm{}, err
		}
		return term, p.expect(")")
	}
	term, err := p.keyName(OpEqual)
	if err != nil {
		return KeyTerm{}, err
	}
	if p.acceptWord("BETWEEN") {
		term.Op = OpBetween
		if err := p.keyValue(&term); err != nil {
			return KeyTerm{}, err
		}
		if !p.acceptWord("AND") {
			return KeyTerm{}, p.unexpected()
		}
		if err := p.keyValue(&term); err != nil {
			return KeyTerm{}, err
		}
		return term, checkBounds("BETWEEN", term.Values[0], term.Values[1])
	}
	op, ok := keyOps[p.peek().text]
	if !ok || p.peek().kind != symbol {
		return KeyTerm{}, p.unexpected()
	}
	p.next()
	term.Op = op
	return term, p.keyValue(&term)
}

// keyName starts a term with its attribute.
func (p *parser) keyName(op Op) (KeyTerm, error) {
	path, err := p.path(Read)
	if err != nil {
		return KeyTerm{}, err
	}
	if len(path) > 1 {
		return KeyTerm{}, &Error{"KeyConditionExpressions cannot have conditions on nested attributes"}
	}
	return KeyTerm{Name: path.Root(), Op: op}, nil
}

func (p *parser) keyValue(term *KeyTerm) error {
	v, _, err := p.value()
	term.Values = append(term.Values, v)
	return err
}
