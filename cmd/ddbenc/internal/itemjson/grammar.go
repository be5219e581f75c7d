package itemjson

import (
	"encoding/json"
	"io"
)

// value consumes one JSON value at a nesting depth.
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

// container consumes an object or array.
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

// name consumes the name of a member and the colon after it.
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

// text consumes a string with its quotes.
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
		if n := plain(s.buffer[s.at:]); n > 0 {
			s.keepRun(n)
			continue
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

// plain returns the length of the prefix without special characters.
func plain(b []byte) int {
	for i, c := range b {
		if c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return len(b)
}

// escape consumes the part of an escape after the backslash.
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

// maxWord limits the length of a number, true, false or null. Items contain
// only the last three.
const maxWord = 400

// word consumes a number, true, false or null.
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
	return errLongNumber
}

func inWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E'
}
