// Package expr parses and evaluates DynamoDB's expressions: conditions,
// filters, key conditions, projections and updates.
//
// The mapper uses it to know what a request touches before it is sent, and the
// in-memory DynamoDB to do what it says. Whatever is not understood is an
// error: a guard that lets pass what it cannot read is none.
package expr

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Error is what is wrong with an expression, or with applying it. Its text is
// what the server's message says after "Invalid …Expression: ", and holds no
// item values.
type Error struct {
	Reason string
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Element is one step of a path: a name, or a list index where Name is "".
type Element struct {
	Name  string
	Index int
}

// Path is a document path with all placeholders replaced. Its first element is
// the name of the top-level attribute.
type Path []Element

// Root returns the name of the top-level attribute.
func (p Path) Root() string { return p[0].Name }

// String returns the path as an expression would spell it: a.b[1].c.
func (p Path) String() string {
	var b strings.Builder
	for i, e := range p {
		switch {
		case e.Name == "":
			b.WriteString("[" + strconv.Itoa(e.Index) + "]")
		case i > 0:
			b.WriteString("." + e.Name)
		default:
			b.WriteString(e.Name)
		}
	}
	return b.String()
}

// list is the path as the server's messages spell it.
func (p Path) list() string {
	parts := make([]string, len(p))
	for i, e := range p {
		if parts[i] = e.Name; e.Name == "" {
			parts[i] = "[" + strconv.Itoa(e.Index) + "]"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// comparePaths orders paths so that list elements come in the order of their
// indices.
func comparePaths(p, q Path) int {
	return slices.CompareFunc(p, q, func(a, b Element) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Index, b.Index))
	})
}

// startsWith reports whether p is q or below it.
func (p Path) startsWith(q Path) bool {
	return len(p) >= len(q) && slices.Equal(p[:len(q)], q)
}

// Kind says how an expression touches a path.
type Kind int

const (
	// Exists: only whether it is there (attribute_exists,
	// attribute_not_exists).
	Exists Kind = iota
	// Read: its value or type counts.
	Read
	// Write: an update sets it, removes it, adds to it or deletes from it.
	Write
)

// Use is one mention of a path.
type Use struct {
	Path Path
	Kind Kind
}

// Params are the placeholders that came with a request.
type Params struct {
	Names  map[string]string
	Values map[string]types.AttributeValue
}

// Placeholders are the #names and :values that an expression refers to, with
// their leading sign, sorted, each once.
type Placeholders struct {
	Names, Values []string
}

// Unused returns the placeholders of p that none of the expressions refers to.
func Unused(p Params, used ...Placeholders) Placeholders {
	var unused Placeholders
	for name := range p.Names {
		if !slices.ContainsFunc(used, func(u Placeholders) bool { return slices.Contains(u.Names, name) }) {
			unused.Names = append(unused.Names, name)
		}
	}
	for value := range p.Values {
		if !slices.ContainsFunc(used, func(u Placeholders) bool { return slices.Contains(u.Values, value) }) {
			unused.Values = append(unused.Values, value)
		}
	}
	slices.Sort(unused.Names)
	slices.Sort(unused.Values)
	return unused
}
