package source

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// symbolPrefix returns the path of a package as it appears in the names of the
// linker's symbols.
func symbolPrefix(path string) string {
	var b strings.Builder
	last := strings.LastIndex(path, "/")
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c == '%' || c == '"' || c >= 0x7f || c == '.' && i > last {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// localNumber returns the number that the compiler assigns to a type declared
// in a function. Numbers count through each package. It returns 0 for other
// types.
func localNumber(of *types.TypeName) int {
	if of.Pkg() == nil || of.Parent() == nil || of.Parent() == of.Pkg().Scope() {
		return 0
	}
	n := 0
	for file := range of.Pkg().Scope().Children() {
		names := localTypes(file)
		slices.Sort(names)
		if i := slices.Index(names, of.Pos()); i >= 0 {
			return n + i + 1
		}
		n += len(names)
	}
	return 0
}

// localTypes returns where the types in a scope and in nested scopes are
// declared.
func localTypes(in *types.Scope) []token.Pos {
	var at []token.Pos
	for _, name := range in.Names() {
		if t, ok := in.Lookup(name).(*types.TypeName); ok && !t.IsAlias() {
			if _, ok := t.Type().(*types.Named); ok { // not a type parameter
				at = append(at, t.Pos())
			}
		}
	}
	for inner := range in.Children() {
		at = append(at, localTypes(inner)...)
	}
	return at
}
