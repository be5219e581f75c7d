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

// Config configures how packages are loaded. Its zero value loads them like the
// go command in the current directory.
type Config struct {
	// Dir is the directory to which patterns are relative.
	Dir string
	// BuildFlags are passed to the go command. Examples are -tags=integration
	// and -mod=vendor.
	BuildFlags []string
	// Env is the environment of the go command. Nil means the environment of
	// the process.
	Env []string
	// Tests includes the test files of the packages.
	Tests bool
}

// mode loads matched packages from source. Their imports come from compiled
// export data, unless these import a matched package in turn.
const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo

// Load finds the structs of the packages that match the patterns, which have
// the syntax of the go command ("./..."). Without patterns, it loads the
// package in the current directory. The result is sorted by package and
// position, so the same source always gives the same result.
//
// It lists struct types that mapper.TableOf or mapper.WithType names in these
// packages, wherever they are declared. It also lists types that these packages
// declare at the top level with a ddbenc tag, even a misspelled one, on one of
// their fields or of a struct that they embed. A type without tags that is not
// named by either function is not listed, even if it has a key.
//
// Load omits types that are only parts of another listed type: those that are
// embedded or nested in it, have no partition key, and are not named by
// mapper.TableOf or mapper.WithType. It lists generic types as the instances
// that these functions name.
//
// If packages cannot be loaded or type-checked, Load returns an error with one
// line for each of them, which begins with the position, and no structs. Errors
// in tags are in [Struct.Err].
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
		if ctx.Err() != nil { // package packages does not always wrap it
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
// own. Errors in packages that import them are often only consequences.
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

// errorLine describes the errors of a package: the first one and the number of
// the others. It prefers errors of the type checker to errors of the go
// command, which may be duplicates. File names are relative to dir.
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
