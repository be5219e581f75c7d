package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/packages"
)

// positions finds where the objects of loaded packages are declared. Export
// data has only the line, so files of such packages are parsed, once each, to
// find the column.
type positions struct {
	fset    *token.FileSet
	checked map[*types.Package]bool // loaded from source
	parsed  map[string]*ast.File
}

func newPositions(loaded []*packages.Package) positions {
	p := positions{
		fset:    loaded[0].Fset,
		checked: make(map[*types.Package]bool),
		parsed:  make(map[string]*ast.File),
	}
	packages.Visit(loaded, nil, func(pkg *packages.Package) {
		p.checked[pkg.Types] = len(pkg.Syntax) > 0
	})
	return p
}

// object returns where a field or type is declared.
func (p *positions) object(o types.Object) token.Position {
	pos := p.fset.Position(o.Pos())
	if p.checked[o.Pkg()] || !pos.IsValid() {
		return pos
	}
	file, ok := p.parsed[pos.Filename]
	if !ok {
		// If the file is missing or has changed, only the line is known.
		file, _ = parser.ParseFile(p.fset, pos.Filename, nil, parser.SkipObjectResolution)
		p.parsed[pos.Filename] = file
	}
	if file == nil {
		return pos
	}
	found := pos
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && found == pos && id.Name == o.Name() {
			if at := p.fset.Position(id.Pos()); at.Line == pos.Line {
				found = at
			}
		}
		return true
	})
	return found
}
