// Package expr parses and evaluates DynamoDB expressions: conditions, filters,
// key conditions, projections and updates.
//
// The mapper uses it to find out what a request accesses before it is sent, and
// the in-memory DynamoDB uses it to carry out requests. Anything it cannot
// parse is an error, so that checks based on it fail closed.
package expr

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Error is an error in an expression or in its application to an item. The text
// is what the server's message has after "Invalid …Expression: ". It contains
// no item values.
type Error struct {
	Reason string
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Element is one step of a path: a name, or a list index if Name is empty.
type Element struct {
	Name  string
	Index int
}

// Path is a document path with all placeholders replaced. Its first element is
// the name of the top-level attribute.
type Path []Element

// Root returns the name of the top-level attribute.
func (p Path) Root() string { return p[0].Name }

// String returns the path in expression syntax, such as "a.b[1].c".
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

// list returns the path as the server's messages spell it.
func (p Path) list() string {
	parts := make([]string, len(p))
	for i, e := range p {
		if parts[i] = e.Name; e.Name == "" {
			parts[i] = "[" + strconv.Itoa(e.Index) + "]"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// comparePaths compares paths so that list elements are ordered by index.
func comparePaths(p, q Path) int {
	return slices.CompareFunc(p, q, func(a, b Element) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Index, b.Index))
	})
}

// startsWith reports whether p equals q or is inside it.
func (p Path) startsWith(q Path) bool {
	return len(p) >= len(q) && slices.Equal(p[:len(q)], q)
}

// Kind is how an expression uses a path.
type Kind int

const (
	// Exists: only its existence matters (attribute_exists,
	// attribute_not_exists).
	Exists Kind = iota
	// Read: its value or type matters.
	Read
	// Write: an update sets it, removes it, adds to it or deletes from it.
	Write
)

// Use is one occurrence of a path.
type Use struct {
	Path Path
	Kind Kind
}

// Params holds the placeholders of a request.
type Params struct {
	Names  map[string]string
	Values map[string]types.AttributeValue
}

// Placeholders holds the #names and :values that an expression refers to, with
// their leading sign, sorted and without duplicates.
type Placeholders struct {
	Names, Values []string
}

// Unused returns the placeholders of p that none of the expressions uses.
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
