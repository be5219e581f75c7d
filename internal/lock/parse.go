package lock

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// maxLine limits the length of a line in bytes.
const maxLine = 1 << 20

// SyntaxError is the error for an invalid lock file.
type SyntaxError struct {
	// Line is the line number, starting at 1.
	Line   int
	Reason string
}

// Error returns "line 12: …".
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Parse parses a file that [File.Write] wrote. It accepts exactly that, except
// for comments, empty lines and line endings of other systems. Anything else,
// such as a manual change or a leftover of a merge, is a [*SyntaxError]. All
// other errors come from r.
func Parse(r io.Reader) (*File, error) {
	p := parser{file: &File{Structs: []Struct{}}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		p.number++
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := p.line(line); err != nil {
			return nil, &SyntaxError{p.number, err.Error()}
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, &SyntaxError{p.number + 1, fmt.Sprintf("longer than %d bytes", maxLine)}
	} else if err != nil {
		return nil, err
	}
	if !p.versioned {
		return nil, &SyntaxError{p.number + 1, `no line "version 1"`}
	}
	return p.file, nil
}

// parser is the state after some of the lines.
type parser struct {
	file      *File
	number    int
	versioned bool
}

func (p *parser) line(line string) error {
	for _, marker := range []string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"} {
		if strings.HasPrefix(line, marker) {
			return errors.New("unresolved merge conflict: lock again")
		}
	}
	text, inside := strings.CutPrefix(line, "\t")
	word, rest, _ := strings.Cut(text, " ")
	words := scanner{rest: rest}
	switch {
	case !p.versioned:
		if line != wordVersion+" "+version {
			return fmt.Errorf(`missing or unknown version: want "version %s"`, version)
		}
		p.versioned = true
		return nil
	case !inside && word == wordStruct:
		return p.begin(&words)
	case inside && len(p.file.Structs) == 0:
		return errors.New("line does not belong to a struct")
	case inside && word == wordTable:
		return p.table(&words)
	case inside && word == wordOption:
		return p.option(&words)
	case inside && word == wordAttribute:
		return p.attribute(&words)
	}
	return errors.New("want a struct or, after a tab, a table, option or attribute")
}

func (p *parser) begin(words *scanner) error {
	s := Struct{Package: words.word(), Name: words.word()}
	if err := words.end(); err != nil {
		return err
	}
	if n := len(p.file.Structs); n > 0 && byName(p.file.Structs[n-1], s) > 0 {
		return errors.New("struct is out of order")
	}
	p.file.Structs = append(p.file.Structs, s)
	return nil
}

func (p *parser) table(words *scanner) error {
	s := &p.file.Structs[len(p.file.Structs)-1]
	if len(s.Options) > 0 || len(s.Attributes) > 0 {
		return errors.New("table follows an option or attribute")
	}
	table := words.word()
	if err := words.end(); err != nil {
		return err
	}
	if n := len(s.Tables); n > 0 && s.Tables[n-1] >= table {
		return fmt.Errorf("table %q is out of order", table)
	}
	s.Tables = append(s.Tables, table)
	return nil
}

func (p *parser) option(words *scanner) error {
	s := &p.file.Structs[len(p.file.Structs)-1]
	if len(s.Attributes) > 0 {
		return errors.New("option follows an attribute")
	}
	option := source.TableOption{Table: words.word()}
	if err := words.kind(&option); err != nil {
		return err
	}
	if n := len(s.Options); n > 0 && source.CompareOptions(s.Options[n-1], option) >= 0 {
		return fmt.Errorf("option %v is out of order", option)
	}
	s.Options = append(s.Options, option)
	return nil
}

func (p *parser) attribute(words *scanner) error {
	s := &p.file.Structs[len(p.file.Structs)-1]
	a := tags.Attribute{Name: words.word()}
	action, err := crypto.ParseAction(words.word())
	if words.err == nil && err != nil {
		return err
	}
	a.Action = action
	switch because := words.word(); because {
	case wordDefault:
		a.Defaulted = true
	case wordWritten:
	default:
		words.fail("%q is neither %q nor %q", because, wordDefault, wordWritten)
	}
	a.Key, a.Indexes = words.roles()
	a.Beacon = words.beacon()
	a.Field = words.option(optionField)
	a.GoType = words.option(optionType)
	if err := words.end(); err != nil {
		return err
	}
	if n := len(s.Attributes); n > 0 && s.Attributes[n-1].Name >= a.Name {
		return fmt.Errorf("attribute %q is out of order", a.Name)
	}
	if before := s.key(a.Key); a.Key != tags.NoKey && before != "" {
		return fmt.Errorf("attribute %q: %q is already the %v key", a.Name, before, a.Key)
	}
	if err := checkAttribute(a); err != nil {
		return err
	}
	s.Attributes = append(s.Attributes, a)
	return nil
}

// kind parses the kind of an option, which is the last word of its line.
func (s *scanner) kind(option *source.TableOption) error {
	word := s.word()
	if err := s.end(); err != nil {
		return err
	}
	name, action, valued := strings.Cut(word, "=")
	if err := option.Kind.UnmarshalText([]byte(name)); err != nil {
		return err
	}
	if valued {
		var err error
		if option.Action, err = crypto.ParseAction(action); err != nil {
			return err
		}
	}
	return checkOption(*option)
}

// scanner splits a line into words. After an error it returns nothing.
type scanner struct {
	rest string
	err  error
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
	s.rest = ""
}

// word returns the next word, unquoted. It must be spelled as Write spells it.
func (s *scanner) word() string {
	if s.err != nil {
		return ""
	}
	text, rest := s.next()
	s.rest = rest
	word := text
	if strings.HasPrefix(text, `"`) {
		var err error
		if word, err = strconv.Unquote(text); err != nil {
			s.fail("%s is not a quoted word", text)
			return ""
		}
	}
	switch {
	case text == "":
		s.fail("incomplete line, or more than one space between words")
		return ""
	case quote(word) != text:
		s.fail("%s should be written as %s", strconv.Quote(text), quote(word))
		return ""
	}
	return word
}

// next splits off the first word.
func (s *scanner) next() (text, rest string) {
	if quoted, err := strconv.QuotedPrefix(s.rest); err == nil && quoted[0] == '"' {
		after := s.rest[len(quoted):]
		if rest, ok := strings.CutPrefix(after, " "); ok && rest != "" {
			return quoted, rest
		} else if after == "" {
			return quoted, ""
		}
	}
	text, rest, found := strings.Cut(s.rest, " ")
	if found && rest == "" {
		s.fail("trailing space")
		return "", ""
	}
	return text, rest
}

// roles parses the roles in the keys of the table and of indexes, if there are
// any.
func (s *scanner) roles() (key tags.KeyRole, indexes []tags.IndexRole) {
	for s.err == nil {
		name, _, _ := strings.Cut(s.rest, "=")
		kind, role, _ := strings.Cut(name, ":")
		switch {
		case name == optionKey && key == tags.NoKey && indexes == nil:
			key = s.role(s.option(name))
		case kind == optionIndex || kind == optionLocal:
			index := tags.IndexRole{Local: kind == optionLocal, Role: s.role(role)}
			index.Index = s.option(name)
			indexes = append(indexes, index)
		default:
			return key, indexes
		}
	}
	return key, indexes
}

func (s *scanner) role(word string) tags.KeyRole {
	for _, role := range []tags.KeyRole{tags.Partition, tags.Sort} {
		if word == role.String() {
			return role
		}
	}
	s.fail("%q is not a key role", word)
	return tags.NoKey
}

// option returns the value of "name=value", which must be the next word.
func (s *scanner) option(name string) string {
	value, ok := strings.CutPrefix(s.rest, name+"=")
	if !ok {
		s.fail("want %s=…", name)
		return ""
	}
	s.rest = value
	return s.word()
}

// end returns the first error. Remaining words are an error.
func (s *scanner) end() error {
	if s.rest != "" {
		s.fail("unexpected %q", s.rest)
	}
	return s.err
}
