package policy

import (
	"fmt"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// declaration is the content of a field's struct tag.
type declaration struct {
	name    string // of the attribute; "-" if the field is omitted
	flags   encodeFlags
	key     KeyRole
	indexes []IndexRole
	action  crypto.Action
	tagged  bool    // a ddbenc tag names the action
	beacon  *Beacon // nil without a beacon tag
	rule    Rule    // that the reason refers to
}

// isKey reports whether the field is part of the key of the table or an index.
func (d *declaration) isKey() bool { return d.key != NoKey || len(d.indexes) > 0 }

// optionSet is the option of a dynamo tag that writes a slice or map as a set.
const optionSet = "set"

// encodeFlags are the options of a dynamo tag that change how a value is
// written. They matter for whether two fields have the same ones, and set for
// beacons.
type encodeFlags uint8

var flagWords = map[string]encodeFlags{
	optionSet:        1 << 0,
	"omitempty":      1 << 1,
	"omitemptyelem":  1 << 2,
	"allowempty":     1 << 3,
	"allowemptyelem": 1 << 4,
	"null":           1 << 5,
	"unixtime":       1 << 6,
}

// declare parses the tag of a field. If the tag is invalid, it returns the
// reason.
func declare(f Field) (d declaration, reason string) {
	d.name = f.Name
	pairs, ok := ScanTag(string(f.Tag))
	if !ok {
		return d, `malformed struct tag, part of which has no effect: write key:"value", without a space after the colon`
	}
	seen := make(map[string]bool, len(pairs))
	for _, p := range pairs {
		if want := IntendedKey(p.Key); want != "" {
			d.rule = RuleMisspelled
			return d, fmt.Sprintf("tag key %q has no effect: write %q", p.Key, want)
		}
		switch p.Key {
		case KeyAction, KeyBeacon, keyName:
			if seen[p.Key] {
				return d, fmt.Sprintf("%s occurs twice, and the second has no effect", p.Key)
			}
			seen[p.Key] = true
		}
		switch p.Key {
		case KeyAction:
			reason = d.readAction(p.Value)
		case KeyBeacon:
			reason = d.readBeacon(p.Value)
		case keyName:
			reason = d.readName(p.Value)
		case keyIndex:
			reason = d.readIndex(p.Value, false)
		case keyLocalIndex:
			reason = d.readIndex(p.Value, true)
		}
		if reason != "" {
			return d, reason
		}
	}
	return d, ""
}

func (d *declaration) readAction(value string) (reason string) {
	action, err := crypto.ParseAction(value)
	if err != nil {
		return fmt.Sprintf("unknown action %q (known: encrypt, sign, sign,context, none)", value)
	}
	d.action, d.tagged = action, true
	return ""
}

func (d *declaration) readBeacon(value string) (reason string) {
	beacon, reason := ParseBeacon(value)
	d.beacon = &beacon
	return reason
}

// readName parses the value of a dynamo tag: a name, which may be empty,
// followed by options in any order.
func (d *declaration) readName(value string) (reason string) {
	name, options, _ := strings.Cut(value, ",")
	if name != "" {
		d.name = name
	}
	for option := range strings.SplitSeq(options, ",") {
		d.flags |= flagWords[option]
		role := parseRole(option)
		if role == NoKey {
			if parseRole(strings.ToLower(strings.TrimSpace(option))) != NoKey {
				return fmt.Sprintf("option %q has no effect: write it in lower case and without spaces", option)
			}
			continue
		}
		if d.key != NoKey {
			return "more than one key role"
		}
		d.key = role
	}
	return ""
}

// readIndex parses the value of an index or localIndex tag: a name and a role.
func (d *declaration) readIndex(value string, local bool) (reason string) {
	name, word, _ := strings.Cut(value, ",")
	role := parseRole(word)
	if role == NoKey || name == "" || strings.ContainsFunc(name, notInKey) {
		return fmt.Sprintf("index %q: write the index's name, a comma and hash or range", value)
	}
	for _, other := range d.indexes {
		if other.Index == name {
			return fmt.Sprintf("index %q occurs twice on one field", name)
		}
	}
	d.indexes = append(d.indexes, IndexRole{Index: name, Local: local, Role: role})
	return ""
}

// decide determines the action of a field of type t that is an attribute.
func (d *declaration) decide(t Type) (reason string) {
	switch {
	case d.beacon != nil && d.key != NoKey:
		return "a key of the table cannot have a beacon: DynamoDB has to read the key, so queries compare its value"
	case d.beacon != nil && !d.tagged:
		d.action = crypto.Encrypt
	case d.beacon != nil && d.action != crypto.Encrypt:
		return fmt.Sprintf("a beacon is for an encrypted attribute, and this one is %q: remove the beacon, or write "+
			"`ddbenc:\"encrypt\"`", d.action)
	case d.beacon != nil:
	case !d.tagged && d.isKey():
		d.action = crypto.Sign
	case !d.tagged:
		d.action = crypto.Encrypt
	case d.isKey() && d.action == crypto.Encrypt:
		if d.key != NoKey {
			d.rule = RuleKeyEncrypted
			return "a key of the table cannot be encrypted, because DynamoDB has to read it"
		}
		return "the key of an index cannot be encrypted without a beacon, because DynamoDB has to read it: declare a " +
			"beacon, such as `beacon:\"16\"`, or remove the ddbenc tag"
	case d.key != NoKey && d.action == crypto.None:
		return "a key of the table must be signed, because otherwise an item could be moved to another key without detection"
	}
	if d.beacon != nil {
		return d.checkBeacon(t)
	}
	return ""
}
