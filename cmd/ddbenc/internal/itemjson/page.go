package itemjson

import "fmt"

// page is an array of items that is being read.
type page struct {
	where   string
	next    int             // number of the item
	begun   bool            // at least one item was read
	members map[string]bool // of the object that has the array; nil for a plain array
}

// nextOfPage returns the next item of the page; ok is false at its end.
func (r *Reader) nextOfPage() (record Record, ok bool, err error) {
	p, s := r.page, r.scan
	s.forget()
	where := fmt.Sprintf("%s, item %d", p.where, p.next+1)
	c, err := s.within()
	if err == nil && p.begun && c == ',' {
		s.take()
		if c, err = s.within(); err == nil && c == ']' {
			err = s.wrong()
		}
	} else if err == nil && p.begun && c != ']' {
		err = s.wrong()
	}
	if err != nil {
		return Record{}, false, r.lost(where, err)
	}
	if c == ']' {
		s.take()
		if err := r.endOfPage(); err != nil {
			return Record{}, false, r.lost(p.where, err)
		}
		r.page = nil
		return Record{}, false, nil
	}
	p.next++
	p.begun = true
	if err := s.value(1); err != nil {
		return Record{}, false, r.lost(where, err)
	}
	if s.large {
		return Record{}, false, &Error{where, errTooLarge}
	}
	item, err := parseItem(s.kept)
	if err != nil {
		return Record{}, false, &Error{where, err}
	}
	return Record{Item: item, Where: where}, true, nil
}

// endOfPage reads the rest of the page's object, such as its count.
func (r *Reader) endOfPage() error {
	s, seen := r.scan, r.page.members
	for seen != nil {
		done, err := r.nextMember(false)
		if err != nil {
			return err
		}
		if done {
			break
		}
		name, err := r.memberName()
		if err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("duplicate %q", name)
		}
		seen[name] = true
		if err := s.value(1); err != nil {
			return err
		}
		if s.large {
			return errTooLarge
		}
	}
	return s.end()
}
