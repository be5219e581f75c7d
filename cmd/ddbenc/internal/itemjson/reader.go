package itemjson

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/ddbenc/ddbenc/crypto"
)

// Record is an item of the input.
type Record struct {
	Item crypto.Item
	// Where is the position of its beginning, such as "line 12", or "line 12,
	// item 3" for an item of a page.
	Where string
	// Wrapped is true for an item that was written as {"Item":{…}}.
	Wrapped bool
	// Change is set in place of Item for a record of an incremental export; see
	// [Reader.ReadChanges].
	Change *Change
}

// Error is an error in the input, with its position.
type Error struct {
	Where string
	Err   error
}

// Error returns "line 12: …".
func (e *Error) Error() string { return e.Where + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Reader reads items: one on each line, as DynamoDB exports them, or in
// sequence over any number of lines. Each is a map of attributes, such a map
// wrapped as {"Item":{…}}, or part of a page: an array of items, or an object
// {"Items":[…]}, as the AWS CLI prints them. The input may be compressed with
// gzip.
//
// It reads the input once, from beginning to end, and holds at most one item.
// An item may have 16 MiB of JSON, not counting white space between its parts,
// and 64 levels of nesting.
//
// It is not safe for concurrent use.
type Reader struct {
	in      io.Reader
	scan    *scanner // nil before the first item
	page    *page    // nil outside of one
	err     error    // the result of Next from here on
	changes bool     // records of incremental exports are read
}

// NewReader returns a Reader.
func NewReader(r io.Reader) *Reader { return &Reader{in: r} }

// Next returns the next item, or io.EOF after the last one. After an *Error,
// the next item can be read if its beginning is known; otherwise io.EOF
// follows. All other errors come from the input.
func (r *Reader) Next() (Record, error) {
	if r.scan == nil && r.err == nil {
		r.begin()
	}
	for r.err == nil {
		if r.page != nil {
			record, ok, err := r.nextOfPage()
			if ok || err != nil {
				return record, err
			}
			continue
		}
		first, err := r.scan.start()
		if err != nil {
			return Record{}, r.stop(err)
		}
		where := lineNumber(r.scan.line)
		if err := r.top(first, where); err != nil {
			return Record{}, r.lost(where, err)
		}
		if r.page != nil {
			continue
		}
		record, err := r.record()
		if err != nil {
			return Record{}, &Error{where, err}
		}
		record.Where = where
		return record, nil
	}
	return Record{}, r.err
}

// begin examines the first bytes of the input, which may be compressed or have
// a byte order mark.
func (r *Reader) begin() {
	in := bufio.NewReaderSize(r.in, 4<<10)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			r.err = err
			return
		}
		in = bufio.NewReaderSize(z, 4<<10)
	}
	if mark, _ := in.Peek(3); string(mark) == "\ufeff" {
		_, _ = in.Discard(3) // they are in the buffer
	}
	r.scan = newScanner(in)
}

// stop returns err, and makes Next return it from now on.
func (r *Reader) stop(err error) error {
	if input, ok := err.(*inputError); ok {
		err = input.err
	}
	r.err = err
	return err
}

// lost returns the error for a value that begins at where and could not be read
// completely. It skips to where the next one may begin.
func (r *Reader) lost(where string, err error) error {
	var input *inputError
	if errors.As(err, &input) {
		return r.stop(err)
	}
	r.page = nil
	var syntax *syntaxError
	switch {
	case r.scan.large:
		err = errTooLarge
	case errors.As(err, &syntax) && r.scan.layout == layoutDocument:
		where, err = lineNumber(r.scan.line), errors.New("not JSON")
	}
	if r.scan.layout == layoutDocument {
		r.err = io.EOF
	} else if input := r.scan.skipLine(); input != nil {
		_ = r.stop(input)
	}
	return &Error{where, err}
}

// top reads a value at the top level, or the beginning of a page.
func (r *Reader) top(first byte, where string) (err error) {
	switch first {
	case '[':
		r.scan.take()
		r.page = &page{where: where}
	case '{':
		err = r.members(where)
	default:
		err = r.scan.value(0)
	}
	if err != nil || r.page != nil {
		return err
	}
	return r.scan.end()
}

// record returns the item in the value that was read.
func (r *Reader) record() (Record, error) {
	if r.scan.large {
		return Record{}, errTooLarge
	}
	return recordOf(r.scan.kept, r.changes)
}

// members reads an object at the top level, up to its end or to a page in it.
func (r *Reader) members(where string) error {
	s := r.scan
	s.keep('{')
	seen := make(map[string]bool)
	for first := true; ; first = false {
		done, err := r.nextMember(first)
		if done || err != nil {
			return err
		}
		name, err := r.memberName()
		if err != nil {
			return err
		}
		c, err := s.within()
		if err != nil {
			return err
		}
		if name == "Items" && c == '[' && !seen[name] {
			s.take()
			seen[name] = true
			r.page = &page{where: where, members: seen}
			return nil
		}
		seen[name] = true
		if err := s.value(1); err != nil {
			return err
		}
	}
}

// nextMember goes to the next member of an object. It reports whether there is
// none.
func (r *Reader) nextMember(first bool) (done bool, err error) {
	s := r.scan
	c, err := s.within()
	switch {
	case err != nil:
		return false, err
	case c == '}':
		s.keep(c)
		return true, nil
	case first:
		return false, nil
	case c != ',':
		return false, s.wrong()
	}
	s.keep(c)
	return false, nil
}

// memberName consumes the name of a member.
func (r *Reader) memberName() (string, error) {
	from := len(r.scan.kept)
	if err := r.scan.name(); err != nil {
		return "", err
	}
	if r.scan.large {
		return "", nil
	}
	p := parser{data: r.scan.kept, at: from}
	return p.text()
}

func lineNumber(n int) string { return fmt.Sprintf("line %d", n) }
