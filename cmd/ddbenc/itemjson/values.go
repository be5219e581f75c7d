package itemjson

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
)

// maxLine bounds a line of input, in bytes: what the largest item takes in
// JSON, and more.
const maxLine = 16 << 20

// values returns JSON values with the number of the line on which they begin,
// and io.EOF after the last one.
type values interface {
	value() (data []byte, line int, err error)
}

func lineNumber(n int) string { return fmt.Sprintf("line %d", n) }

// lines are values that take a line each.
type lines struct {
	in   *bufio.Reader
	line int
	some bool // there was a line with a value
}

// severalLines tells that the first value takes more than its line.
type severalLines struct {
	begun []byte
	lines *lines
}

func (s *severalLines) Error() string { return "a value takes several lines" }

func (l *lines) value() ([]byte, int, error) {
	for {
		line, err := l.read()
		if err != nil {
			return nil, 0, err
		}
		if l.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if !l.some && endsEarly(line) {
			return nil, 0, &severalLines{line, l}
		}
		l.some = true
		return line, l.line, nil
	}
}

// read returns the next line, with its end.
func (l *lines) read() ([]byte, error) {
	var line []byte
	for {
		part, err := l.in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, &Error{lineNumber(l.line + 1), fmt.Errorf("more than %d bytes", maxLine)}
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && len(line) > 0:
			l.line++
			return line, nil
		default:
			return nil, err
		}
	}
}

// endsEarly reports whether a line is the beginning of a JSON value, and not
// all of it.
func endsEarly(line []byte) bool {
	var v json.RawMessage
	err := json.NewDecoder(bytes.NewReader(line)).Decode(&v)
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// document is values that take any number of lines. After one that is no JSON
// nobody knows where the next one begins.
type document struct {
	decoder *json.Decoder
	counter *counter
	failed  bool
}

func (s *severalLines) document() values {
	c := &counter{in: io.MultiReader(bytes.NewReader(s.begun), s.lines.in), before: s.lines.line - 1}
	return &document{decoder: json.NewDecoder(c), counter: c}
}

func (d *document) value() ([]byte, int, error) {
	if d.failed {
		return nil, 0, io.EOF
	}
	var raw json.RawMessage
	switch err := d.decoder.Decode(&raw); {
	case err == nil:
		return raw, d.counter.lineAt(d.decoder.InputOffset() - int64(len(raw))), nil
	case errors.Is(err, io.EOF):
		return nil, 0, err
	case d.counter.err != nil:
		return nil, 0, d.counter.err
	default:
		d.failed = true
		line := d.counter.lineAt(d.decoder.InputOffset())
		if s, ok := errors.AsType[*json.SyntaxError](err); ok {
			line = d.counter.lineAt(s.Offset - 1)
			err = errors.New("not JSON")
		} else {
			err = syntax(err)
		}
		return nil, 0, &Error{lineNumber(line), err}
	}
}

// counter remembers where lines end.
type counter struct {
	in     io.Reader
	before int // lines
	read   int64
	ends   []int64
	err    error // of in
}

// Read reads from in.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.ends = append(c.ends, c.read+int64(i))
		}
	}
	c.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// lineAt returns the number of the line with a byte.
func (c *counter) lineAt(offset int64) int {
	return c.before + 1 + sort.Search(len(c.ends), func(i int) bool { return c.ends[i] >= offset })
}
