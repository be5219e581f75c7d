package itemjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// maxItem bounds the JSON of one item, in bytes and without the white space
	// between its parts. The largest item that DynamoDB stores takes about 4 MB.
	maxItem = 16 << 20
	// maxDepth bounds how deep attribute values are nested. DynamoDB stores 32
	// levels.
	maxDepth = 64
	// maxNesting bounds how deep JSON is nested: a level of an attribute value
	// takes two, and there is an object around the attributes and one around the
	// item.
	maxNesting = 2*maxDepth + 8
)

var (
	errCut      = errors.New("not JSON (it ends too early)")
	errTooLarge = fmt.Errorf("more than %d bytes of JSON in one item", maxItem)
	errTooDeep  = errors.New("nested too deep")
	errFollows  = errors.New("something follows the end of the item")
)

// syntaxError says that a byte of the input cannot be where it is.
type syntaxError struct{ column int }

func (e *syntaxError) Error() string { return fmt.Sprintf("not JSON (at byte %d)", e.column) }

// inputError is an error of the reader below.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }

// layout says how values lie in the input.
type layout uint8

const (
	layoutUnknown  layout = iota // no line has ended yet
	layoutLines                  // a value does not go past the end of its line
	layoutDocument               // values take any number of lines
)

// scanner reads the bytes of JSON values one after the other, checks that they
// are JSON, and keeps the bytes of at most one item.
type scanner struct {
	in     io.Reader
	buffer []byte // what was read of in: the bytes from at on are still to come
	at     int
	err    error // of in, after the bytes in buffer

	layout layout
	line   int // of the next byte, from 1
	column int // bytes of the line that were taken

	kept  []byte // the value that is being read, without white space
	large bool   // it was more than maxItem
}

func newScanner(in io.Reader) *scanner {
	return &scanner{in: in, buffer: make([]byte, 0, 64<<10), line: 1}
}

// peek returns the next byte. At the end of the input the error is io.EOF.
func (s *scanner) peek() (byte, error) {
	for s.at == len(s.buffer) {
		if s.err != nil {
			return 0, s.err
		}
		n, err := s.in.Read(s.buffer[:cap(s.buffer)])
		s.buffer, s.at = s.buffer[:n], 0
		if err != nil && !errors.Is(err, io.EOF) {
			err = &inputError{err}
		}
		s.err = err
	}
	return s.buffer[s.at], nil
}

// take goes past the byte that peek returned.
func (s *scanner) take() {
	s.column++
	if s.buffer[s.at] == '\n' {
		s.line, s.column = s.line+1, 0
	}
	s.at++
}

// start goes to the beginning of the next value at the top level and returns its
// first byte, or io.EOF.
func (s *scanner) start() (byte, error) {
	s.forget()
	for {
		c, err := s.peek()
		if err != nil || !isSpace(c) {
			return c, err
		}
		s.take()
	}
}

// within goes to the next byte of a value that is not white space, and returns
// it. A value has to end before the input does, and before its line does where
// each takes one.
func (s *scanner) within() (byte, error) {
	for {
		c, err := s.inner()
		if err != nil || !isSpace(c) {
			return c, err
		}
		if c == '\n' {
			if s.layout == layoutLines {
				return 0, errCut
			}
			s.layout = layoutDocument
		}
		s.take()
	}
}

// inner is peek in a value.
func (s *scanner) inner() (byte, error) {
	c, err := s.peek()
	if err == io.EOF {
		err = errCut
	}
	return c, err
}

// end is called behind a value at the top level. If values take a line each,
// nothing else may be on it.
func (s *scanner) end() error {
	for s.layout != layoutDocument {
		c, err := s.peek()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case c == '\n':
			s.layout = layoutLines
			return nil
		case !isSpace(c):
			return errFollows
		}
		s.take()
	}
	return nil
}

// skipLine goes to the end of the line, where the next value may begin.
func (s *scanner) skipLine() error {
	s.layout = layoutLines
	for {
		c, err := s.peek()
		if err == io.EOF || c == '\n' {
			return nil
		}
		if err != nil {
			return err
		}
		s.take()
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// forget begins another value.
func (s *scanner) forget() { s.kept, s.large = s.kept[:0], false }

// keep takes a byte and keeps it.
func (s *scanner) keep(c byte) {
	s.take()
	if len(s.kept) < maxItem {
		s.kept = append(s.kept, c)
	} else {
		s.large = true
	}
}

// wrong returns the error for the byte that peek returned.
func (s *scanner) wrong() error { return &syntaxError{s.column + 1} }

// value takes one JSON value, in depth others.
func (s *scanner) value(depth int) error {
	c, err := s.within()
	switch {
	case err != nil:
		return err
	case depth > maxNesting:
		return errTooDeep
	case c == '{' || c == '[':
		return s.container(c, depth)
	case c == '"':
		return s.text()
	}
	return s.word()
}

// container takes an object or array.
func (s *scanner) container(open byte, depth int) error {
	closing := open + 2 // in ASCII
	s.keep(open)
	for first := true; ; first = false {
		c, err := s.within()
		switch {
		case err != nil:
			return err
		case c == closing:
			s.keep(c)
			return nil
		case !first && c != ',':
			return s.wrong()
		case !first:
			s.keep(c)
			if c, err = s.within(); err != nil {
				return err
			}
			if c == closing {
				return s.wrong()
			}
		}
		if open == '{' {
			if err := s.name(); err != nil {
				return err
			}
		}
		if err := s.value(depth + 1); err != nil {
			return err
		}
	}
}

// name takes the name of a member and the colon behind it.
func (s *scanner) name() error {
	c, err := s.within()
	if err != nil {
		return err
	}
	if c != '"' {
		return s.wrong()
	}
	if err := s.text(); err != nil {
		return err
	}
	if c, err = s.within(); err != nil {
		return err
	}
	if c != ':' {
		return s.wrong()
	}
	s.keep(c)
	return nil
}

// text takes a string, with its quotes.
func (s *scanner) text() error {
	s.keep('"')
	for {
		c, err := s.inner()
		if err != nil {
			return err
		}
		if c < ' ' {
			return s.wrong()
		}
		s.keep(c)
		switch c {
		case '"':
			return nil
		case '\\':
			if err := s.escape(); err != nil {
				return err
			}
		}
	}
}

// escape takes what follows a backslash.
func (s *scanner) escape() error {
	c, err := s.inner()
	if err != nil {
		return err
	}
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.keep(c)
		return nil
	case 'u':
		s.keep(c)
		for range 4 {
			c, err := s.inner()
			if err != nil {
				return err
			}
			if !isHex(c) {
				return s.wrong()
			}
			s.keep(c)
		}
		return nil
	}
	return s.wrong()
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// maxWord bounds a number, true, false or null, none of which is in an item but
// for the last three.
const maxWord = 400

// word takes a number, true, false or null.
func (s *scanner) word() error {
	var word []byte
	first := s.column + 1
	for len(word) <= maxWord {
		c, err := s.peek()
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || !inWord(c) {
			if len(word) == 0 {
				return s.wrong()
			}
			if !json.Valid(word) {
				return &syntaxError{first}
			}
			return nil
		}
		s.keep(c)
		word = append(word, c)
	}
	return &syntaxError{first}
}

func inWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}
