package itemjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	// maxItem limits the JSON of one item in bytes, not counting white space
	// between its parts. The largest item that DynamoDB stores takes about 4
	// MB.
	maxItem = 16 << 20
	// maxDepth limits the nesting of attribute values. DynamoDB stores 32
	// levels.
	maxDepth = 64
	// maxNesting limits the nesting of JSON. A level of an attribute value
	// takes two, and there is an object around the attributes and one around
	// the item.
	maxNesting = 2*maxDepth + 8
)

var (
	errCut        = errors.New("not JSON (it ends too early)")
	errTooLarge   = fmt.Errorf("more than %d bytes of JSON in one item", maxItem)
	errTooDeep    = errors.New("nested too deeply")
	errLongNumber = fmt.Errorf("number with more than %d characters", maxWord)
	errFollows    = errors.New("unexpected text after the item")
)

// syntaxError is the position of an unexpected byte.
type syntaxError struct{ column int }

func (e *syntaxError) Error() string { return fmt.Sprintf("not JSON (at byte %d)", e.column) }

// inputError is an error of the underlying reader.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }

// layout is the arrangement of values in the input.
type layout uint8

const (
	layoutUnknown  layout = iota // no line has ended yet
	layoutLines                  // a value does not go past the end of its line
	layoutDocument               // values take any number of lines
)

// scanner reads the bytes of JSON values in sequence, checks that they are
// JSON, and keeps the bytes of at most one item.
type scanner struct {
	in     io.Reader
	buffer []byte // bytes that were read from in; those from at on are next
	at     int
	err    error // of in, after the bytes in buffer

	layout layout
	line   int // of the next byte, from 1
	column int // consumed bytes of the line

	kept  []byte // the value that is being read, without white space
	large bool   // it exceeds maxItem
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

// take consumes the byte that peek returned.
func (s *scanner) take() {
	s.column++
	if s.buffer[s.at] == '\n' {
		s.line, s.column = s.line+1, 0
	}
	s.at++
}

// start goes to the beginning of the next value at the top level and returns
// its first byte, or io.EOF.
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
// it. A value must end before the input does, and, if each value is on its own
// line, before the line does.
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

// inner is like peek inside a value.
func (s *scanner) inner() (byte, error) {
	c, err := s.peek()
	if err == io.EOF {
		err = errCut
	}
	return c, err
}

// end is called after a value at the top level. If each value is on its own
// line, nothing else may be on it.
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
		if _, err := s.peek(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		rest := s.buffer[s.at:]
		n := bytes.IndexByte(rest, '\n')
		if n >= 0 {
			s.skip(n)
			return nil
		}
		s.skip(len(rest))
	}
}

// skip consumes bytes of the buffer, none of which is a newline.
func (s *scanner) skip(n int) { s.at, s.column = s.at+n, s.column+n }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// forget starts a new value.
func (s *scanner) forget() { s.kept, s.large = s.kept[:0], false }

// keep consumes a byte and keeps it.
func (s *scanner) keep(c byte) {
	s.take()
	if len(s.kept) < maxItem {
		s.kept = append(s.kept, c)
	} else {
		s.large = true
	}
}

// keepRun consumes and keeps bytes of the buffer, none of which is a newline.
func (s *scanner) keepRun(n int) {
	room := maxItem - len(s.kept)
	s.kept = append(s.kept, s.buffer[s.at:s.at+min(n, room)]...)
	s.large = s.large || n > room
	s.skip(n)
}

// wrong returns the error for the byte that peek returned.
func (s *scanner) wrong() error { return &syntaxError{s.column + 1} }
