package itemjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// parser parses JSON that is known to be valid and free of white space, in one
// pass.
type parser struct {
	data []byte
	at   int
}

// is consumes a byte if it is next.
func (p *parser) is(c byte) bool {
	if p.at < len(p.data) && p.data[p.at] == c {
		p.at++
		return true
	}
	return false
}

// members calls read for each member of an object, after its colon.
func (p *parser) members(read func(name string) error) error {
	if !p.is('{') {
		return errNotObject
	}
	for seen := make(map[string]bool); !p.is('}'); p.is(',') {
		name, err := p.text()
		if err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("duplicate %q", name)
		}
		seen[name] = true
		p.at++ // the colon
		if err := read(name); err != nil {
			return err
		}
	}
	return nil
}

// elements calls read for each element of an array. It reports false for any
// other value.
func (p *parser) elements(read func() error) (ok bool, err error) {
	if !p.is('[') {
		return false, nil
	}
	for !p.is(']') {
		if err := read(); err != nil {
			return true, err
		}
		p.is(',')
	}
	return true, nil
}

// raw returns a string as it is written, with its quotes. It returns nil for
// any other value.
func (p *parser) raw() []byte {
	from := p.at
	if !p.is('"') {
		return nil
	}
	for p.data[p.at] != '"' {
		if p.data[p.at] == '\\' {
			p.at++
		}
		p.at++
	}
	p.at++
	return p.data[from:p.at]
}

// text returns a string.
func (p *parser) text() (string, error) {
	raw := p.raw()
	if raw == nil {
		return "", errNotText
	}
	if !bytes.ContainsRune(raw, '\\') {
		return string(raw[1 : len(raw)-1]), nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err
}

var errNotText = errors.New("not a JSON string")

// skip consumes any value.
func (p *parser) skip() {
	depth := 0
	for {
		switch p.data[p.at] {
		case '{', '[':
			depth++
			p.at++
		case '}', ']':
			depth--
			p.at++
		case '"':
			p.raw()
		case ',', ':':
			p.at++
			continue
		default:
			for p.at < len(p.data) && inWord(p.data[p.at]) {
				p.at++
			}
		}
		if depth <= 0 {
			return
		}
	}
}

// wrapped returns the value of the member Item, if there is no other member
// except ConsumedCapacity.
func (p *parser) wrapped() (inner []byte, ok bool) {
	errOther := errors.New("another member")
	err := p.members(func(name string) error {
		from := p.at
		p.skip()
		switch name {
		case "Item":
			inner = p.data[from:p.at]
		case "ConsumedCapacity":
		default:
			return errOther
		}
		return nil
	})
	return inner, err == nil && inner != nil
}
