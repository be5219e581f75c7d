package source

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// symbolPrefix writes the path of a package as the names of the linker's
// symbols have it.
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

// localNumber is the number that the compiler gives a type that is declared in
// a function: they are counted through each package. It is 0 for other types.
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

// localTypes returns where types are declared in a scope and those in it.
func localTypes(in *types.Scope) []token.Pos {
	var at []token.Pos
	for _, name := range in.Names() {
		if t, ok := in.Lookup(name).(*types.TypeName); ok && !t.IsAlias() {
			if _, ok := t.Type().(*types.Named); ok { // no type parameter
				at = append(at, t.Pos())
			}
		}
	}
	for inner := range in.Children() {
		at = append(at, localTypes(inner)...)
	}
	return at
}
