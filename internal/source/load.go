package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Config says how packages are loaded. Its zero value loads them as the go
// command does in the current directory.
type Config struct {
	// Dir is the directory to load from: patterns are relative to it.
	Dir string
	// BuildFlags go to the go command, such as -tags=integration or -mod=vendor.
	BuildFlags []string
	// Env is the environment of the go command; nil for that of the process.
	Env []string
	// Tests includes the test files of the packages.
	Tests bool
}

// mode has matched packages type-checked from source, and what they import
// taken from the compiler, unless that imports a matched package in turn.
const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo

// Load finds the structs of the packages that match patterns, written as for
// the go command ("./..."; none is "."). They are sorted by package and then by
// position, so that the same source gives the same result.
//
// A struct type counts that mapper.TableOf or mapper.WithType names in these
// packages, wherever it is declared, and one that these packages declare at
// their top level with a ddbenc tag, even a misspelled one, on a field of its
// own or of a struct that it embeds. Without a tag on any field and unnamed by
// both, a type is not listed even if it has a key.
//
// Of these, a type is left out that is no table's on its own, but a part of
// another that is listed: one that is embedded or nested in it, that has no
// partition key itself, and that mapper.TableOf and mapper.WithType do not name.
// Generic types are listed as the instances that those two name.
//
// The error is about packages that cannot be loaded or type-checked. It has a
// line for each of them that begins with the position, and there are no
// structs then. What is wrong with tags is in [Struct.Err].
func Load(ctx context.Context, config Config, patterns ...string) ([]Struct, error) {
	loaded, err := packages.Load(&packages.Config{
		Context:    ctx,
		Mode:       mode,
		Dir:        config.Dir,
		BuildFlags: config.BuildFlags,
		Env:        config.Env,
		Tests:      config.Tests,
	}, patterns...)
	if err != nil {
		if ctx.Err() != nil { // which package packages does not always wrap
			err = ctx.Err()
		}
		return nil, fmt.Errorf("load packages: %w", err)
	}
	if len(loaded) == 0 {
		return nil, fmt.Errorf("load packages: %q match no packages", patterns)
	}
	if err := broken(config.Dir, loaded); err != nil {
		return nil, err
	}
	f := newFinder(loaded)
	for _, p := range loaded {
		f.addTagged(p)
		f.addNamed(p)
	}
	structs := f.structs()
	slices.SortFunc(structs, func(a, b Struct) int {
		return cmp.Or(
			cmp.Compare(a.Package, b.Package),
			cmp.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Offset, b.Pos.Offset),
			cmp.Compare(a.Type, b.Type), // instances of one generic type
		)
	})
	return structs, nil
}

// broken returns an error with a line for each package that has errors of its
// own. One that imports such a package may have more that only follow.
func broken(dir string, loaded []*packages.Package) error {
	var lines []string
	tainted := make(map[*packages.Package]bool)
	packages.Visit(loaded, nil, func(p *packages.Package) {
		for _, imported := range p.Imports {
			tainted[p] = tainted[p] || tainted[imported]
		}
		if len(p.Errors) == 0 || tainted[p] {
			return
		}
		tainted[p] = true
		lines = append(lines, errorLine(dir, p))
	})
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	lines = slices.Compact(lines) // a package and its test variant have the same errors
	all := make([]error, len(lines))
	for i, line := range lines {
		all[i] = errors.New(line)
	}
	return errors.Join(all...)
}

// errorLine says what is wrong with a package: the first error and the number
// of the others. Errors of the type checker are preferred to those of the go
// command, which may be about the same. Those name files relative to dir.
func errorLine(dir string, p *packages.Package) string {
	first, others := packages.Error{Kind: packages.UnknownError}, 0
	for _, err := range p.Errors {
		switch {
		case first.Msg == "" || first.Kind < packages.ParseError && err.Kind >= packages.ParseError:
			first, others = err, 0
		case err.Kind >= packages.ParseError || first.Kind < packages.ParseError:
			others++
		}
	}
	where := first.Pos
	if where == "" || where == "-" {
		where = p.PkgPath
	} else if !filepath.IsAbs(where) {
		if path, err := filepath.Abs(filepath.Join(dir, where)); err == nil {
			where = path
		}
	}
	what := strings.Join(strings.Fields(first.Msg), " ") // may be several lines
	switch others {
	case 0:
		return fmt.Sprintf("%s: %s", where, what)
	case 1:
		return fmt.Sprintf("%s: %s (and one more error in %s)", where, what, p.PkgPath)
	}
	return fmt.Sprintf("%s: %s (and %d more errors in %s)", where, what, others, p.PkgPath)
}
