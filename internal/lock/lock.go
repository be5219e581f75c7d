// Package lock keeps the policies of a program in a file, ddbenc.lock, beside
// its go.mod, so that a change of what is encrypted, signed or left alone is a
// line in a diff, and says what such a change means for items that are stored.
//
//	structs, err := source.Load(ctx, source.Config{}, "./...")
//	old, err := lock.Parse(f)
//	for _, change := range lock.Compare(old, structs) {
//		fmt.Println(change)
//	}
//
// A change is accepted by locking again, [Make] and [File.Write], and in no
// other way: whoever reviews the change reviews the file's diff.
//
// The file has what the tags say, and the options of tables that weaken
// protection. It does not have mapper.WithLogicalName, mapper.WithReaders, which
// item format it is and what dbesdk.WithUnsigned names.
package lock

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// Filename is what the file is called.
const Filename = "ddbenc.lock"

// File is the content of a lock file.
type File struct {
	// Structs are sorted by package, then by name. Two can have the same of
	// both, since Go functions have types of their own: these are in the order
	// of the source.
	Structs []Struct
}

// Struct is the policy of one struct type.
type Struct struct {
	// Package is the import path of its package.
	Package string
	// Name is its name in the package. A type without a name has its type
	// here, as Go writes it.
	Name string
	// Tables are the names of the tables that it is declared for, as far as
	// they are known: sorted, and without duplicates.
	Tables []string
	// Options are the options of tables that protect less than the default:
	// sorted, and without duplicates. If a table is declared for several types,
	// the first one of the declaration has them.
	Options []source.TableOption
	// Attributes are sorted by name, their indexes by name, kind and role.
	// Attribute.Type is empty.
	Attributes []tags.Attribute
}

// Make returns the file that locks the policies of structs. The error is for
// structs whose tags are wrong; it wraps the [*source.Error] of each.
func Make(structs []source.Struct) (*File, error) {
	var wrong []error
	file := &File{Structs: make([]Struct, 0, len(structs))}
	for _, s := range structs {
		if s.Err != nil {
			wrong = append(wrong, fmt.Errorf("%v: %w", s.Err.Pos, s.Err))
			continue
		}
		file.Structs = append(file.Structs, newStruct(s))
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	slices.SortStableFunc(file.Structs, byName)
	return file, nil
}

func newStruct(s source.Struct) Struct {
	locked := Struct{Package: s.Package, Name: s.Name}
	if locked.Name == "" {
		locked.Name = s.Type
	}
	for _, table := range s.Tables {
		locked.Tables = append(locked.Tables, arn.TableName(table))
	}
	slices.Sort(locked.Tables)
	locked.Tables = slices.Compact(locked.Tables)
	for _, option := range s.Options {
		option.Table = arn.TableName(option.Table)
		locked.Options = append(locked.Options, option)
	}
	slices.SortFunc(locked.Options, source.CompareOptions)
	locked.Options = slices.Compact(locked.Options)
	for _, a := range s.Attributes {
		attribute := a.Attribute
		attribute.Type = ""
		attribute.Indexes = nil
		attribute.Indexes = append(attribute.Indexes, a.Indexes...)
		slices.SortFunc(attribute.Indexes, byIndex)
		locked.Attributes = append(locked.Attributes, attribute)
	}
	slices.SortFunc(locked.Attributes, byAttribute)
	return locked
}

func byName(a, b Struct) int {
	return cmp.Or(cmp.Compare(a.Package, b.Package), cmp.Compare(a.Name, b.Name))
}

func byAttribute(a, b tags.Attribute) int { return cmp.Compare(a.Name, b.Name) }

func byIndex(a, b tags.IndexRole) int {
	local := func(r tags.IndexRole) int {
		if r.Local {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(local(a), local(b)), cmp.Compare(a.Role, b.Role))
}

// key returns the name of the attribute with a role in the table's key.
func (s *Struct) key(role tags.KeyRole) string {
	for _, a := range s.Attributes {
		if a.Key == role {
			return a.Name
		}
	}
	return ""
}

// attribute returns the attribute called name.
func (s *Struct) attribute(name string) (tags.Attribute, bool) {
	i, ok := slices.BinarySearchFunc(s.Attributes, name, func(a tags.Attribute,
		name string) int {
		return cmp.Compare(a.Name, name)
	})
	if !ok {
		return tags.Attribute{}, false
	}
	return s.Attributes[i], true
}
