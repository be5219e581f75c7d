package beacon

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// compound is a compound beacon, or a signed one if no part is encrypted.
type compound struct {
	name, split  string
	parts        []*part
	constructors [][]constructorPart
}

// part is a part of a compound beacon.
type part struct {
	name, prefix string
	location     source
	encrypted    *standard // nil for a signed part
}

type constructorPart struct {
	*part
	optional bool
}

// isSigned reports whether no part is encrypted.
func (c *compound) isSigned() bool {
	return !slices.ContainsFunc(c.parts, func(p *part) bool { return p.encrypted != nil })
}

// plaintext returns the value that queries compare with. ok is false if no
// constructor succeeds.
func (c *compound) plaintext(item crypto.Item) (value string, ok bool, err error) {
	return c.construct(item, func(p *part, text string) string { return p.prefix + text })
}

// of returns the value that is stored.
func (c *compound) of(k *Key, item crypto.Item, partition int) (value string, ok bool, err error) {
	return c.construct(item, func(p *part, text string) string { return p.hashed(k, text, partition) })
}

// hashed returns a part with its text hashed, unless it is a signed part.
func (p *part) hashed(k *Key, text string, partition int) string {
	if p.encrypted == nil {
		return p.prefix + text
	}
	return p.prefix + p.encrypted.hash(k, []byte(text), partition)
}

// construct joins the parts of the first constructor whose required parts the item
// has.
func (c *compound) construct(
	item crypto.Item, render func(p *part, text string) string,
) (value string, ok bool, err error) {
	for _, constructor := range c.constructors {
		if value, ok, err = c.try(constructor, item, render); ok || err != nil {
			return value, ok, err
		}
	}
	return "", false, nil
}

func (c *compound) try(
	constructor []constructorPart, item crypto.Item, render func(p *part, text string) string,
) (value string, ok bool, err error) {
	pieces := make([]string, 0, len(constructor))
	for _, p := range constructor {
		text, ok, err := p.location.text(item)
		switch {
		case err != nil:
			return "", false, refused(c.name, p.location, err)
		case ok && strings.Contains(text, c.split):
			return "", false, refused(c.name, p.location, fmt.Errorf("%w: the text of part %q contains the split character %q: "+
				"change the value, or configure another character", crypto.ErrInvalidItem, p.name, c.split))
		case ok:
			pieces = append(pieces, render(p.part, text))
		case !p.optional:
			return "", false, nil
		}
	}
	return strings.Join(pieces, c.split), true, nil
}

// partitions returns how many different partitions of items the beacon can tell
// apart, at most the table's number.
func (c *compound) partitions(most int) int {
	n := 1
	for _, p := range c.parts {
		if p.encrypted != nil {
			n = min(lcm(n, p.encrypted.partitions), most)
		}
		if n == most {
			break
		}
	}
	return n
}

func lcm(a, b int) int {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}

// roots returns the attributes that every constructor requires.
func (c *compound) roots() []string {
	var common []string
	for i, constructor := range c.constructors {
		var required []string
		for _, p := range constructor {
			if !p.optional {
				required = append(required, p.location.roots()...)
			}
		}
		if i == 0 {
			slices.Sort(required)
			common = slices.Compact(required)
			continue
		}
		common = slices.DeleteFunc(common, func(name string) bool { return !slices.Contains(required, name) })
	}
	return common
}
