// Package lock records the policies of a program in a file, ddbenc.lock, next
// to its go.mod. A change of what is encrypted, signed or unprotected then
// shows up as a line in a diff. The package also explains the consequences of a
// change for stored items.
//
//	structs, err := source.Load(ctx, source.Config{}, "./...")
//	old, err := lock.Parse(f)
//	for _, change := range lock.Compare(old, structs) {
//		fmt.Println(change)
//	}
//
// To accept a change, lock again with [Make] and [File.Write]. There is no
// other way, so reviewing the diff of the file reviews the change.
//
// The file contains the content of the tags, with beacons as they are in their
// tags (beacon=16,set), and the options of tables that weaken protection. Of
// mapper.WithBeaconConfig, it only contains that there is one. It does not contain
// mapper.WithLogicalName, mapper.WithReaders, the item format, or the names in
// dbesdk.WithUnsigned.
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

// Filename is the name of the lock file.
const Filename = "ddbenc.lock"

// File is the content of a lock file.
type File struct {
	// Structs are sorted by package and name. Structs with the same package and
	// name, which are possible because functions can declare types, are in
	// source order.
	Structs []Struct
}

// Struct is the policy of one struct type.
type Struct struct {
	// Package is the import path of its package.
	Package string
	// Name is its name in the package. For a type without a name, it is the
	// type in Go syntax.
	Name string
	// Tables are the names of the tables that it is declared for, if they are
	// known. They are sorted and without duplicates.
	Tables []string
	// Options are the options of tables that weaken the default protection or
	// reveal more than the tags say. They are sorted and without duplicates. If a
	// table is declared for several types, its options belong to the first.
	Options []source.TableOption
	// Attributes are sorted by name, and their indexes by name, kind and role.
	// Attribute.Type is empty.
	Attributes []tags.Attribute
}

// Make returns the file that locks the policies of structs. If tags of structs
// are invalid, the error wraps the [*source.Error] of each.
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

// key returns the name of the attribute that has the role in the table's key.
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
