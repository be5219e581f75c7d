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

// maxLine bounds a line of a file, in bytes.
const maxLine = 1 << 20

// SyntaxError says where and why a lock file is not one.
type SyntaxError struct {
	// Line is the line's number, counted from 1.
	Line   int
	Reason string
}

// Error returns "line 12: …".
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Parse reads what [File.Write] wrote. It takes that and nothing else, but for
// comments, empty lines and the line ends of other systems: what somebody has
// put in by hand, or a merge has left, is a [*SyntaxError]. Any other error is
// r's.
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

// parser is what is known after some of the lines.
type parser struct {
	file      *File
	number    int
	versioned bool
}

func (p *parser) line(line string) error {
	for _, marker := range []string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"} {
		if strings.HasPrefix(line, marker) {
			return errors.New("a merge conflict: lock again")
		}
	}
	text, inside := strings.CutPrefix(line, "\t")
	word, rest, _ := strings.Cut(text, " ")
	words := scanner{rest: rest}
	switch {
	case !p.versioned:
		if line != wordVersion+" "+version {
			return fmt.Errorf(`want "version %s" first: another version of the file, or none`, version)
		}
		p.versioned = true
		return nil
	case !inside && word == wordStruct:
		return p.begin(&words)
	case inside && len(p.file.Structs) == 0:
		return errors.New("no struct before it")
	case inside && word == wordTable:
		return p.table(&words)
	case inside && word == wordOption:
		return p.option(&words)
	case inside && word == wordAttribute:
		return p.attribute(&words)
	}
	return errors.New("neither a struct nor, behind a tab, a table, option or attribute of one")
}

func (p *parser) begin(words *scanner) error {
	s := Struct{Package: words.word(), Name: words.word()}
	if err := words.end(); err != nil {
		return err
	}
	if n := len(p.file.Structs); n > 0 && byName(p.file.Structs[n-1], s) > 0 {
		return errors.New("the struct is not in order")
	}
	p.file.Structs = append(p.file.Structs, s)
	return nil
}

func (p *parser) table(words *scanner) error {
	s := &p.file.Structs[len(p.file.Structs)-1]
	if len(s.Options) > 0 || len(s.Attributes) > 0 {
		return errors.New("a table below an option or attribute")
	}
	table := words.word()
	if err := words.end(); err != nil {
		return err
	}
	if n := len(s.Tables); n > 0 && s.Tables[n-1] >= table {
		return fmt.Errorf("table %q is not in order", table)
	}
	s.Tables = append(s.Tables, table)
	return nil
}

func (p *parser) option(words *scanner) error {
	s := &p.file.Structs[len(p.file.Structs)-1]
	if len(s.Attributes) > 0 {
		return errors.New("an option below an attribute")
	}
	option := source.TableOption{Table: words.word()}
	if err := words.kind(&option); err != nil {
		return err
	}
	if n := len(s.Options); n > 0 && source.CompareOptions(s.Options[n-1], option) >= 0 {
		return fmt.Errorf("option %v is not in order", option)
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
	a.Field = words.option(optionField)
	a.GoType = words.option(optionType)
	if err := words.end(); err != nil {
		return err
	}
	if n := len(s.Attributes); n > 0 && s.Attributes[n-1].Name >= a.Name {
		return fmt.Errorf("attribute %q is not in order", a.Name)
	}
	if before := s.key(a.Key); a.Key != tags.NoKey && before != "" {
		return fmt.Errorf("attribute %q: %q is the %v key already", a.Name, before, a.Key)
	}
	if err := checkAttribute(a); err != nil {
		return err
	}
	s.Attributes = append(s.Attributes, a)
	return nil
}

// kind reads what an option does, which is the last word of its line.
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

// scanner takes a line apart. After an error it returns nothing more.
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

// word returns the next word, unquoted. It has to be spelled as Write does.
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
			s.fail("%s is not a word in quotes", text)
			return ""
		}
	}
	switch {
	case text == "":
		s.fail("something is missing at its end, or two words have more than a space between them")
		return ""
	case quote(word) != text:
		s.fail("%s should be written as %s", strconv.Quote(text), quote(word))
		return ""
	}
	return word
}

// next splits what is left behind its first word.
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
		s.fail("a space at its end")
		return "", ""
	}
	return text, rest
}

// roles returns the roles in the keys of the table and of indexes, if any.
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
	s.fail("%q is no role in a key", word)
	return tags.NoKey
}

// option returns the value of "name=value", which has to come next.
func (s *scanner) option(name string) string {
	value, ok := strings.CutPrefix(s.rest, name+"=")
	if !ok {
		s.fail("want %s=…", name)
		return ""
	}
	s.rest = value
	return s.word()
}

// end returns the first error, which it is one to have words left.
func (s *scanner) end() error {
	if s.rest != "" {
		s.fail("%q is too much", s.rest)
	}
	return s.err
}
