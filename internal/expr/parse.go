package expr

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

const (
	maxDepth     = 64  // nested parentheses, functions and NOTs
	maxOperators = 300 // the server's limit for operators and functions
	maxElements  = 32  // the server's limit for the steps of a path
	maxInList    = 100 // the server's limit for the operands of IN
)

// parser parses one expression and records what it refers to.
type parser struct {
	tokens    []token
	params    Params
	uses      []Use
	names     map[string]bool
	values    map[string]bool
	depth     int
	operators int
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

// accept consumes the symbol if it is next.
func (p *parser) accept(s string) bool {
	if p.peek().isSymbol(s) {
		p.next()
		return true
	}
	return false
}

// acceptWord consumes the keyword if it is next.
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

// unexpected returns a syntax error at the next token.
func (p *parser) unexpected() *Error {
	return &Error{fmt.Sprintf("Syntax error; token: %q, near: %q", p.peek().text, p.peek().near)}
}

// finish checks that the whole expression was parsed.
func (p *parser) finish() error {
	if p.peek().kind != end {
		return p.unexpected()
	}
	return nil
}

// enter and leave limit the recursion.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return &Error{"The expression is nested too deeply"}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// operator consumes an operator or the name of a function. The server limits
// their number.
func (p *parser) operator() (token, error) {
	if p.operators++; p.operators > maxOperators {
		return token{}, &Error{fmt.Sprintf("The expression contains too many operators; operator count: %d", p.operators)}
	}
	return p.next(), nil
}

// function consumes the name of a function and the opening parenthesis.
func (p *parser) function() (string, error) {
	t, err := p.operator()
	if err != nil {
		return "", err
	}
	return t.text, p.expect("(")
}

// atFunction reports whether a word and an opening parenthesis follow.
func (p *parser) atFunction() bool {
	return p.peek().kind == word && p.tokens[1].isSymbol("(") && !p.peek().is("NOT")
}

func (p *parser) atGroup() bool { return p.peek().isSymbol("(") }

// group reads what stands in parentheses. The server refuses a pair around
// nothing but another pair.
func (p *parser) group(read func() error) error {
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	outer, inner := p.next(), p.peek()
	if inner.closing > 0 && inner.closing == outer.closing-2 {
		return &Error{"The expression has redundant parentheses;"}
	}
	if err := read(); err != nil {
		return err
	}
	return p.expect(")")
}

// afterGroup returns the token after the group that is next.
func (p *parser) afterGroup() token {
	if p.peek().closing == 0 {
		return token{kind: end}
	}
	return p.tokens[p.peek().closing+1]
}

// groupedPath parses a path with or without parentheses.
func (p *parser) groupedPath(kind Kind) (path Path, err error) {
	if !p.atGroup() {
		return p.path(kind)
	}
	err = p.group(func() error {
		path, err = p.path(kind)
		return err
	})
	return path, err
}

// path parses a document path and records its use.
func (p *parser) path(kind Kind) (Path, error) {
	var path Path
	for {
		element, err := p.element()
		if err != nil {
			return nil, err
		}
		path = append(path, element)
		for p.accept("[") {
			t := p.peek()
			if t.kind != digits || len(t.text) > 1 && t.text[0] == '0' {
				return nil, p.unexpected()
			}
			p.next()
			index, err := strconv.ParseInt(t.text, 10, 32)
			if err != nil {
				return nil, &Error{fmt.Sprintf("List index is not within the allowable range; index: [%s]", t.text)}
			}
			if err := p.expect("]"); err != nil {
				return nil, err
			}
			path = append(path, Element{Index: int(index)})
		}
		if len(path) > maxElements {
			return nil, &Error{fmt.Sprintf("The document path has too many nesting levels; nesting levels: %d", len(path))}
		}
		if !p.accept(".") {
			p.uses = append(p.uses, Use{path, kind})
			return path, nil
		}
	}
}

// element parses one name of a path.
func (p *parser) element() (Element, error) {
	switch t := p.peek(); t.kind {
	case name:
		p.next()
		resolved, ok := p.params.Names[t.text]
		if !ok {
			return Element{}, &Error{"An expression attribute name used in the document path is not defined; attribute name: " +
				t.text}
		}
		if resolved == "" {
			return Element{}, &Error{"ExpressionAttributeNames contains an empty name; key: " + t.text}
		}
		p.names[t.text] = true
		return Element{Name: resolved}, nil
	case word:
		if t.is("REMOVE") { // the only keyword that is not on the list
			return Element{}, p.unexpected()
		}
		p.next()
		if IsReservedWord(t.text) {
			return Element{}, &Error{"Attribute name is a reserved keyword; reserved keyword: " + t.text}
		}
		return Element{Name: t.text}, nil
	}
	return Element{}, p.unexpected()
}

// value parses a :value.
func (p *parser) value() (types.AttributeValue, error) {
	t := p.peek()
	if t.kind != value {
		return nil, p.unexpected()
	}
	p.next()
	v, ok := p.params.Values[t.text]
	if !ok || crypto.IsNil(v) {
		return nil, &Error{"An expression attribute value used in expression is not defined; attribute value: " + t.text}
	}
	p.values[t.text] = true
	return v, nil
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

// parsed holds the common part of all kinds of expressions.
type parsed struct {
	uses         []Use
	placeholders Placeholders
}

func (p *parser) parsed() parsed { return parsed{p.uses, p.placeholders()} }

// Uses returns all occurrences of paths.
func (e *parsed) Uses() []Use { return slices.Clone(e.uses) }

// Placeholders returns the placeholders that the expression uses.
func (e *parsed) Placeholders() Placeholders {
	return Placeholders{slices.Clone(e.placeholders.Names), slices.Clone(e.placeholders.Values)}
}
