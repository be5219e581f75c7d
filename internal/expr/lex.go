package expr

import (
	"fmt"
	"strings"
)

// maxLength is the server's limit for one expression, in bytes.
const maxLength = 4096

type tokenKind int

const (
	end tokenKind = iota
	word
	name   // #name
	value  // :value
	digits // of a list index
	symbol // operators and punctuation
)

type token struct {
	kind tokenKind
	text string
	near string // the text around it, for messages
	from int    // start in the source
	to   int    // end in the source
	// closing is, for an opening parenthesis, the distance in tokens to the
	// closing one. It is 0 if there is none.
	closing int
}

// is reports whether the token is a keyword, in any case.
func (t token) is(keyword string) bool {
	return t.kind == word && strings.EqualFold(t.text, keyword)
}

func (t token) isSymbol(s string) bool { return t.kind == symbol && t.text == s }

// lex splits an expression into tokens. The last one is an end token.
func lex(src string) ([]token, error) {
	if strings.TrimSpace(src) == "" {
		return nil, &Error{"The expression can not be empty;"}
	}
	if len(src) > maxLength {
		return nil, &Error{fmt.Sprintf("Expression size has exceeded the maximum allowed size; expression size: %d",
			len(src))}
	}
	var tokens []token
	var open []int // parentheses, as indices into tokens
	for i := 0; i < len(src); {
		c := src[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		start, kind := i, symbol
		i++
		switch {
		case c == '#' || c == ':':
			if kind = name; c == ':' {
				kind = value
			}
			i = skipWord(src, i)
			if i == start+1 {
				return nil, syntaxError(src[start:i], src, start)
			}
		case isDigit(c):
			kind = digits
			for i < len(src) && isDigit(src[i]) {
				i++
			}
			if i < len(src) && isWordByte(src[i]) {
				return nil, syntaxError(src[start:i+1], src, start)
			}
		case c != '_' && isWordByte(c): // the server does not accept a bare name that starts with _
			kind = word
			i = skipWord(src, i)
		case (c == '<' || c == '>') && i < len(src) && (src[i] == '=' || c == '<' && src[i] == '>'):
			i++
		case strings.IndexByte("()[],.=<>+-", c) >= 0:
		default:
			return nil, syntaxError(src[start:i], src, start)
		}
		switch {
		case c == '(':
			open = append(open, len(tokens))
		case c == ')' && len(open) > 0:
			last := open[len(open)-1]
			tokens[last].closing, open = len(tokens)-last, open[:len(open)-1]
		}
		tokens = append(tokens, token{kind: kind, text: src[start:i], near: near(src, start, i), from: start, to: i})
	}
	return append(tokens, token{kind: end, text: "<EOF>", near: near(src, len(src), len(src))}), nil
}

func syntaxError(text, src string, at int) *Error {
	return &Error{fmt.Sprintf("Syntax error; token: %q, near: %q", text, near(src, at, at+len(text)))}
}

// near returns src[from:to] with a little of the surrounding text.
func near(src string, from, to int) string {
	return strings.ToValidUTF8(src[max(0, from-8):min(len(src), to+8)], "?")
}

func skipWord(src string, i int) int {
	for i < len(src) && isWordByte(src[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isWordByte(c byte) bool {
	return c == '_' || isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
