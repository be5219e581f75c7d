package source

import (
	"cmp"
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// spell formats a type like reflect.Type.String, which package tags uses to
// name types. That text comes from the compiler:
//
//   - a named type has the name of its package, but a type argument has the
//     package's whole path, as in the names of the linker's symbols;
//   - byte, rune and any are uint8, int32 and interface {};
//   - a type declared in a function looks like one declared outside, except in a
//     type argument.
func spell(t types.Type) string {
	var s speller
	s.write(t)
	return s.String()
}

// spellName formats a type like reflect.Type.Name: without the package. It
// returns an empty string for a type without a name.
func spellName(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return spell(t)
	case *types.Named:
		_, name, found := strings.Cut(spell(t), ".")
		if found && t.Obj().Pkg() != nil {
			return name
		}
		return spell(t)
	}
	return ""
}

// identity returns a unique representation of a type.
func identity(t types.Type) string {
	s := speller{link: true}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		s.WriteString(named.Obj().Pkg().Path() + ": ") // the path distinguishes main packages
	}
	s.write(t)
	return s.String()
}

// speller formats types.
type speller struct {
	strings.Builder
	link bool // in a type argument
}

func (s *speller) write(t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			s.WriteString("unsafe.Pointer")
			return
		}
		s.WriteString(types.Typ[t.Kind()].Name()) // resolves byte and rune
	case *types.Named:
		s.named(t)
	case *types.Pointer:
		s.WriteByte('*')
		s.write(t.Elem())
	case *types.Slice:
		s.WriteString("[]")
		s.write(t.Elem())
	case *types.Array:
		fmt.Fprintf(s, "[%d]", t.Len())
		s.write(t.Elem())
	case *types.Map:
		s.WriteString("map[")
		s.write(t.Key())
		s.WriteByte(']')
		s.write(t.Elem())
	case *types.Chan:
		s.channel(t)
	case *types.Signature:
		s.WriteString("func")
		s.signature(t)
	case *types.Interface:
		s.methods(t)
	case *types.Struct:
		s.fields(t)
	default:
		s.WriteString(t.String()) // a type parameter
	}
}

func (s *speller) named(t *types.Named) {
	obj := t.Obj()
	s.qualify(obj.Pkg())
	s.WriteString(obj.Name())
	if args := t.TypeArgs(); args.Len() > 0 {
		outside := s.link
		s.link = true
		for i := range args.Len() {
			s.WriteByte("[,"[min(i, 1)])
			s.write(args.At(i))
		}
		s.WriteByte(']')
		s.link = outside
	}
	if n := localNumber(obj); s.link && n > 0 {
		fmt.Fprintf(s, "·%d", n)
	}
}

// qualify writes the prefix of a name in a package.
func (s *speller) qualify(p *types.Package) {
	switch {
	case p == nil: // error
		return
	case !s.link || p.Name() == "main":
		s.WriteString(p.Name())
	default:
		s.WriteString(symbolPrefix(p.Path()))
	}
	s.WriteByte('.')
}

func (s *speller) channel(t *types.Chan) {
	switch t.Dir() {
	case types.RecvOnly:
		s.WriteString("<-chan ")
	case types.SendOnly:
		s.WriteString("chan<- ")
	default:
		s.WriteString("chan ")
		if elem, ok := types.Unalias(t.Elem()).(*types.Chan); ok && elem.Dir() == types.RecvOnly {
			s.WriteByte('(')
			defer s.WriteByte(')')
		}
	}
	s.write(t.Elem())
}

func (s *speller) signature(t *types.Signature) {
	s.tuple(t.Params(), t.Variadic())
	switch results := t.Results(); results.Len() {
	case 0:
	case 1:
		s.WriteByte(' ')
		s.write(results.At(0).Type())
	default:
		s.WriteByte(' ')
		s.tuple(results, false)
	}
}

func (s *speller) tuple(t *types.Tuple, variadic bool) {
	s.WriteByte('(')
	for i := range t.Len() {
		if i > 0 {
			s.WriteString(", ")
		}
		if of := t.At(i).Type(); variadic && i == t.Len()-1 {
			s.WriteString("...")
			s.write(of.(*types.Slice).Elem())
		} else {
			s.write(of)
		}
	}
	s.WriteByte(')')
}

func (s *speller) methods(t *types.Interface) {
	methods := make([]*types.Func, t.NumMethods())
	for i := range methods {
		methods[i] = t.Method(i)
	}
	slices.SortFunc(methods, func(a, b *types.Func) int {
		if a.Exported() != b.Exported() {
			if a.Exported() {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.Pkg().Path(), b.Pkg().Path()))
	})
	s.WriteString("interface {")
	for i, m := range methods {
		s.separate(i)
		if !m.Exported() {
			s.qualify(m.Pkg())
		}
		s.WriteString(m.Name())
		s.signature(m.Signature())
	}
	s.end(len(methods))
}

func (s *speller) fields(t *types.Struct) {
	s.WriteString("struct {")
	for i := range t.NumFields() {
		s.separate(i)
		s.field(t.Field(i))
		if tag := t.Tag(i); tag != "" {
			s.WriteString(" " + strconv.Quote(tag))
		}
	}
	s.end(t.NumFields())
}

func (s *speller) field(v *types.Var) {
	before := " "
	if v.Embedded() {
		if !s.link || v.Name() == embeddedName(v.Type()) {
			s.write(v.Type())
			return
		}
		before = " = " // embedded by an alias
	}
	if s.link && !v.Exported() {
		s.qualify(v.Pkg())
	}
	s.WriteString(v.Name() + before)
	s.write(v.Type())
}

// embeddedName returns the symbol of a field that embeds a type by its own
// name. It returns an empty string if that is never the type's symbol:
// predeclared types belong to no package, and the symbols of instances and
// local types have more than the name.
func embeddedName(t types.Type) string {
	t = types.Unalias(t)
	if pointer, ok := t.(*types.Pointer); ok {
		t = types.Unalias(pointer.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.TypeArgs().Len() > 0 || localNumber(named.Obj()) > 0 {
		return ""
	}
	return named.Obj().Name()
}

func (s *speller) separate(i int) {
	if i > 0 {
		s.WriteByte(';')
	}
	s.WriteByte(' ')
}

func (s *speller) end(n int) {
	if n > 0 {
		s.WriteByte(' ')
	}
	s.WriteByte('}')
}
