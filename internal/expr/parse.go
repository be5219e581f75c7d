package expr

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

const (
	maxDepth     = 64   // nested parentheses and NOTs
	maxOperands  = 300  // the server's limit for operators and functions
	maxListIndex = 1000 // far beyond what an item of 400 KB is used for
	maxInList    = 100  // operands of IN
)

// parser reads one expression and notes what it refers to.
type parser struct {
	tokens   []token
	params   Params
	uses     []Use
	names    map[string]bool
	values   map[string]bool
	depth    int
	operands int
}

func newParser(src string, params Params) (*parser, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	return &parser{tokens: tokens, params: params, names: make(map[string]bool), values: make(map[string]bool)}, nil
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the symbol if it is next.
func (p *parser) accept(s string) bool {
	if p.peek().isSymbol(s) {
		p.next()
		return true
	}
	return false
}

// acceptWord takes the keyword if it is next.
func (p *parser) acceptWord(keyword string) bool {
	if p.peek().is(keyword) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(s string) error {
	if !p.accept(s) {
		return p.unexpected()
	}
	return nil
}

// unexpected is a syntax error at the next token.
func (p *parser) unexpected() *Error {
	return &Error{fmt.Sprintf("Syntax error; token: %q, near: %q", p.peek().text, p.peek().near)}
}

// finish is what every expression ends with.
func (p *parser) finish() error {
	if p.peek().kind != end {
		return p.unexpected()
	}
	return nil
}

// group takes an opening parenthesis if it is next. The server refuses a pair
// around nothing but another pair.
func (p *parser) group() (bool, error) {
	if !p.peek().isSymbol("(") {
		return false, nil
	}
	if outer, inner := p.closing(0), p.closing(1); inner > 0 && inner == outer-1 {
		return false, &Error{"The expression has redundant parentheses;"}
	}
	p.next()
	return true, nil
}

// closing returns which token closes the parenthesis that the i-th opens, 0 if
// it opens none or none closes it.
func (p *parser) closing(i int) int {
	depth := 0
	for at, t := range p.tokens[i:] {
		switch {
		case t.isSymbol("("):
			depth++
		case t.isSymbol(")"):
			depth--
		}
		if depth == 0 {
			if at == 0 {
				return 0
			}
			return i + at
		}
	}
	return 0
}

// enter and leave bound the recursion.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return &Error{"The expression is nested too deeply"}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// count bounds the number of operands.
func (p *parser) count() error {
	if p.operands++; p.operands > maxOperands {
		return &Error{fmt.Sprintf("The expression contains too many operators and operands; limit: %d", maxOperands)}
	}
	return nil
}

// path reads a document path and notes its use.
func (p *parser) path(kind Kind) (Path, error) {
	if err := p.count(); err != nil {
		return nil, err
	}
	var path Path
	for {
		element, err := p.element()
		if err != nil {
			return nil, err
		}
		path = append(path, element)
		for p.accept("[") {
			t := p.next()
			index, err := strconv.Atoi(t.text)
			if t.kind != digits || err != nil || index > maxListIndex {
				return nil, &Error{fmt.Sprintf("List index is not within the allowable range; index: [%s]", t.text)}
			}
			if err := p.expect("]"); err != nil {
				return nil, err
			}
			path = append(path, Element{Index: index})
		}
		if len(path) > 32 {
			return nil, &Error{"The document path has too many nesting elements"}
		}
		if !p.accept(".") {
			p.uses = append(p.uses, Use{path, kind})
			return path, nil
		}
	}
}

// element reads one name of a path.
func (p *parser) element() (Element, error) {
	switch t := p.peek(); t.kind {
	case name:
		p.next()
		resolved, ok := p.params.Names[t.text]
		if !ok {
			return Element{}, &Error{"An expression attribute name used in the document path is not defined; attribute name: " + t.text}
		}
		if resolved == "" {
			return Element{}, &Error{"ExpressionAttributeNames contains an empty name; key: " + t.text}
		}
		p.names[t.text] = true
		return Element{Name: resolved}, nil
	case word:
		p.next()
		if IsReservedWord(t.text) {
			return Element{}, &Error{"Attribute name is a reserved keyword; reserved keyword: " + t.text}
		}
		return Element{Name: t.text}, nil
	}
	return Element{}, p.unexpected()
}

// value reads a :value.
func (p *parser) value() (types.AttributeValue, string, error) {
	if err := p.count(); err != nil {
		return nil, "", err
	}
	t := p.peek()
	if t.kind != value {
		return nil, "", p.unexpected()
	}
	p.next()
	v, ok := p.params.Values[t.text]
	if !ok || crypto.IsNil(v) {
		return nil, "", &Error{"An expression attribute value used in expression is not defined; attribute value: " + t.text}
	}
	p.values[t.text] = true
	return v, t.text, nil
}

func (p *parser) placeholders() Placeholders {
	var used Placeholders
	for n := range p.names {
		used.Names = append(used.Names, n)
	}
	for v := range p.values {
		used.Values = append(used.Values, v)
	}
	slices.Sort(used.Names)
	slices.Sort(used.Values)
	return used
}

// parsed is what all kinds of expression keep.
type parsed struct {
	uses         []Use
	placeholders Placeholders
}

func (p *parser) parsed() parsed { return parsed{p.uses, p.placeholders()} }

// Uses returns every mention of a path.
func (e *parsed) Uses() []Use { return slices.Clone(e.uses) }

// Placeholders returns the placeholders that the expression refers to.
func (e *parsed) Placeholders() Placeholders {
	return Placeholders{slices.Clone(e.placeholders.Names), slices.Clone(e.placeholders.Values)}
}
