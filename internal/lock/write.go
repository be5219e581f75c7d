package lock

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// version is the version of the file's format.
const version = "1"

const header = `# ddbenc.lock v1: what ddbenc does to each attribute of the structs of this module.
# Do not edit. To accept a change of policy, lock again and have the diff reviewed.
`

// The words of a line.
const (
	wordVersion   = "version"
	wordStruct    = "struct"
	wordTable     = "table"
	wordOption    = "option"
	wordAttribute = "attribute"
	wordDefault   = "default" // no ddbenc tag says the action
	wordWritten   = "written"
	optionKey     = "key"
	optionIndex   = "index"
	optionLocal   = "local"
	optionBeacon  = "beacon"
	optionField   = "field"
	optionType    = "type"
)

// Write writes the file. The same policies always give the same bytes, and
// [Parse] returns the same File again. If the contents violate the
// documentation of [File], Write returns an error and writes nothing. All other
// errors come from w.
func (f *File) Write(w io.Writer) error {
	var b bytes.Buffer
	b.WriteString(header)
	b.WriteString(wordVersion + " " + version + "\n")
	for i := range f.Structs {
		s := &f.Structs[i]
		if i > 0 && byName(f.Structs[i-1], *s) > 0 {
			return fmt.Errorf("write %s: struct %s.%s is out of order", Filename, s.Package, s.Name)
		}
		if err := s.check(); err != nil {
			return fmt.Errorf("write %s: struct %s.%s: %w", Filename, s.Package, s.Name, err)
		}
		fmt.Fprintf(&b, "\n%s %s %s\n", wordStruct, quote(s.Package), quote(s.Name))
		for _, table := range s.Tables {
			fmt.Fprintf(&b, "\t%s %s\n", wordTable, quote(table))
		}
		for _, option := range s.Options {
			fmt.Fprintf(&b, "\t%s %s %v\n", wordOption, quote(option.Table), option)
		}
		for _, a := range s.Attributes {
			writeAttribute(&b, a)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func writeAttribute(b *bytes.Buffer, a tags.Attribute) {
	because := wordWritten
	if a.Defaulted {
		because = wordDefault
	}
	fmt.Fprintf(b, "\t%s %s %v %s", wordAttribute, quote(a.Name), a.Action, because)
	if a.Key != tags.NoKey {
		fmt.Fprintf(b, " %s=%v", optionKey, a.Key)
	}
	for _, r := range a.Indexes {
		option := optionIndex
		if r.Local {
			option = optionLocal
		}
		fmt.Fprintf(b, " %s:%v=%s", option, r.Role, quote(r.Index))
	}
	if a.Beacon != nil {
		fmt.Fprintf(b, " %s=%s", optionBeacon, quote(a.Beacon.String()))
	}
	fmt.Fprintf(b, " %s=%s %s=%s\n", optionField, quote(a.Field), optionType, quote(a.GoType))
}

// check returns an error if a file cannot contain the struct.
func (s *Struct) check() error {
	for i, table := range s.Tables {
		if i > 0 && s.Tables[i-1] >= table {
			return fmt.Errorf("table %q is out of order", table)
		}
	}
	for i, option := range s.Options {
		if i > 0 && source.CompareOptions(s.Options[i-1], option) >= 0 {
			return fmt.Errorf("option %v of table %q is out of order", option, option.Table)
		}
		if err := checkOption(option); err != nil {
			return err
		}
	}
	keys := make(map[tags.KeyRole]bool)
	for i, a := range s.Attributes {
		if i > 0 && s.Attributes[i-1].Name >= a.Name {
			return fmt.Errorf("attribute %q is out of order", a.Name)
		}
		if keys[a.Key] {
			return fmt.Errorf("attribute %q: duplicate %v key", a.Name, a.Key)
		}
		keys[a.Key] = a.Key != tags.NoKey
		if err := checkAttribute(a); err != nil {
			return fmt.Errorf("attribute %q: %w", a.Name, err)
		}
	}
	return nil
}

func checkOption(o source.TableOption) error {
	switch {
	case !slices.Contains(source.OptionKinds(), o.Kind):
		return fmt.Errorf("unknown option %v of table %q", o.Kind, o.Table)
	case (o.Kind == source.Undeclared) == (o.Action == crypto.Encrypt), o.Action > crypto.None:
		return fmt.Errorf("option %v of table %q: unexpected action %v", o.Kind, o.Table, o.Action)
	}
	return nil
}

func checkAttribute(a tags.Attribute) error {
	switch {
	case a.Action > crypto.None:
		return fmt.Errorf("unknown action %v", a.Action)
	case a.Key > tags.Sort:
		return fmt.Errorf("unknown role in the table's key")
	case a.Type != "":
		return fmt.Errorf("unexpected type %s: the struct has the type", a.Type)
	case a.Indexes != nil && len(a.Indexes) == 0:
		return fmt.Errorf("indexes are empty but not nil")
	case !slices.IsSortedFunc(a.Indexes, byIndex):
		return fmt.Errorf("indexes are out of order")
	}
	for _, r := range a.Indexes {
		if r.Role != tags.Partition && r.Role != tags.Sort {
			return fmt.Errorf("unknown role in the key of index %q", r.Index)
		}
	}
	return checkBeacon(a)
}

// quote returns a word as it appears in a line. It is quoted in Go syntax if it
// could be mistaken for something else or is not printable.
func quote(s string) string {
	if bare(s) {
		return s
	}
	return strconv.Quote(s)
}

// bare reports whether a word needs no quotes.
func bare(s string) bool {
	if s == "" || !utf8.ValidString(s) || strings.ContainsAny(s, " \"`\\#") {
		return false
	}
	for _, r := range s {
		if !strconv.IsPrint(r) {
			return false
		}
	}
	return true
}
