package itemjson

import (
	"errors"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
)

// Change is a record of an incremental export of DynamoDB: how an item was before
// and after a period of time.
type Change struct {
	Keys crypto.Item
	// NewImage is nil if the item was deleted. OldImage is nil if the item was
	// new, or the export has no old images.
	NewImage, OldImage crypto.Item
}

// ReadChanges makes the reader also accept the records of incremental exports,
// {"Metadata":{…},"Keys":{…},"NewImage":{…},"OldImage":{…}}. Call it before Next.
func (r *Reader) ReadChanges() { r.changes = true }

// changeOf parses a record of an incremental export. It returns false for anything
// else. An item whose attributes have the same names is not ambiguous: nothing is
// both an attribute value and a map of attribute values.
func changeOf(data []byte) (change *Change, ok bool, err error) {
	parts := make(map[string][]byte)
	errOther := errors.New("another member")
	p := parser{data: data}
	err = p.members(func(name string) error {
		from := p.at
		p.skip()
		switch name {
		case "Metadata", "Keys", "NewImage", "OldImage":
			parts[name] = p.data[from:p.at]
			return nil
		}
		return errOther
	})
	if err != nil || parts["Keys"] == nil {
		return nil, false, nil
	}
	if _, err := (&parser{data: parts["Keys"]}).value(0); err == nil {
		return nil, false, nil
	}
	change = new(Change)
	for name, to := range map[string]*crypto.Item{
		"Keys": &change.Keys, "NewImage": &change.NewImage, "OldImage": &change.OldImage,
	} {
		if parts[name] == nil {
			continue
		}
		if *to, err = parseItem(parts[name]); err != nil {
			return nil, true, fmt.Errorf("%s: %w", name, err)
		}
	}
	return change, true, nil
}
