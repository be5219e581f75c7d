package itemjson

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
)

// Record is an item of the input.
type Record struct {
	Item crypto.Item
	// Where says where it begins: "line 12", or "line 12, item 3" for one of a
	// page.
	Where string
	// Wrapped tells an item that was written as {"Item":{…}}.
	Wrapped bool
}

// Error says where the input is not what it should be.
type Error struct {
	Where string
	Err   error
}

// Error returns "line 12: …".
func (e *Error) Error() string { return e.Where + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Reader reads items: one a line (as DynamoDB exports them), or one after the
// other over any number of lines. Each is a map of attributes, such a map
// wrapped as {"Item":{…}}, or a page of them, {"Items":[…]}, as the AWS CLI
// prints.
//
// It is not safe for concurrent use.
type Reader struct {
	values values
	page   []json.RawMessage // what is left of it
	where  string            // where the page begins
	next   int               // number of the item in it
}

// NewReader returns a Reader.
func NewReader(r io.Reader) *Reader {
	return &Reader{values: &lines{in: bufio.NewReaderSize(r, 64<<10)}}
}

// Next returns the next item; io.EOF after the last one. After an *Error the
// next line can be read, if items are one a line; otherwise io.EOF follows. Any
// other error is the input's.
func (r *Reader) Next() (Record, error) {
	for {
		if len(r.page) > 0 {
			return r.nextOfPage()
		}
		data, line, err := r.values.value()
		if more, ok := err.(*severalLines); ok {
			r.values = more.document()
			continue
		}
		if err != nil {
			return Record{}, err
		}
		where := lineNumber(line)
		record, err := r.record(data, where)
		if err != nil || record.Item != nil {
			return record, err
		}
	}
}

func (r *Reader) nextOfPage() (Record, error) {
	r.next++
	where := fmt.Sprintf("%s, item %d", r.where, r.next)
	data := r.page[0]
	r.page = r.page[1:]
	item, err := Parse(data)
	if err != nil {
		return Record{}, &Error{where, err}
	}
	return Record{Item: item, Where: where}, nil
}

// record reads one JSON value: an item, or a page, which gives none yet.
func (r *Reader) record(data []byte, where string) (Record, error) {
	if err := checkText(data); err != nil {
		return Record{}, &Error{where, err}
	}
	members, err := object(data)
	if err != nil {
		return Record{}, &Error{where, err}
	}
	if page, ok := pageOf(members); ok {
		r.page, r.where, r.next = page, where, 0
		return Record{}, nil
	}
	record := Record{Where: where}
	if inner, ok := unwrap(members); ok {
		record.Wrapped = true
		record.Item, err = Parse(inner)
	} else {
		record.Item, err = itemOf(members)
	}
	if err != nil {
		return Record{}, &Error{where, err}
	}
	return record, nil
}

// unwrap returns the item in {"Item":{…}}. An item of a single attribute with
// that name is told from it: nothing is both an attribute value and a map of
// them.
func unwrap(members []member) (json.RawMessage, bool) {
	var inner json.RawMessage
	for _, m := range members {
		switch m.name {
		case "Item":
			inner = m.value
		case "ConsumedCapacity":
		default:
			return nil, false
		}
	}
	if inner == nil {
		return nil, false
	}
	_, err := value(inner, 0)
	return inner, err != nil
}

// pageOf returns the items in {"Items":[…],"Count":…}. An attribute value is
// never an array.
func pageOf(members []member) ([]json.RawMessage, bool) {
	i := slices.IndexFunc(members, func(m member) bool { return m.name == "Items" })
	if i < 0 {
		return nil, false
	}
	var page []json.RawMessage
	if err := json.Unmarshal(members[i].value, &page); err != nil || page == nil {
		return nil, false
	}
	return page, true
}
