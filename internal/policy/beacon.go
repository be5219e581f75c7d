package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Beacon is a tags.Beacon.
type Beacon struct {
	Length     int
	Set        bool
	PartOnly   bool
	Shared     string
	Partitions int
}

// The limits of the format.
const (
	maxBeaconLength     = 63
	maxBeaconPartitions = 253 // of one beacon; a table has at most 254
)

// The options of a beacon tag.
const (
	beaconSet        = "set"
	beaconPartOnly   = "partonly"
	beaconShared     = "shared"
	beaconPartitions = "partitions"
)

// String returns the value of the beacon's tag, such as "16,set".
func (b Beacon) String() string {
	text := strconv.Itoa(b.Length)
	if b.Set {
		text += "," + beaconSet
	}
	if b.PartOnly {
		text += "," + beaconPartOnly
	}
	if b.Shared != "" {
		text += "," + beaconShared + "=" + b.Shared
	}
	if b.Partitions != 0 {
		text += "," + beaconPartitions + "=" + strconv.Itoa(b.Partitions)
	}
	return text
}

// ParseBeacon parses the value of a beacon tag. If it is invalid, it returns
// the reason.
func ParseBeacon(value string) (b Beacon, reason string) {
	separated := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == '=' })
	if slices.ContainsFunc(separated, func(s string) bool { return strings.TrimSpace(s) != s }) {
		return b, fmt.Sprintf("beacon %q: write it without spaces", value)
	}
	length, options, more := strings.Cut(value, ",")
	var ok bool
	if b.Length, ok = parseNumber(length, maxBeaconLength); !ok {
		return b, fmt.Sprintf("beacon %q: begin with the length in bits, 1 to %d", value, maxBeaconLength)
	}
	seen := make(map[string]bool)
	for more {
		var option string
		option, options, more = strings.Cut(options, ",")
		word, argument, valued := strings.Cut(option, "=")
		if seen[word] {
			return b, fmt.Sprintf("beacon %q: option %s occurs twice", value, word)
		}
		seen[word] = true
		switch {
		case word == beaconSet && !valued:
			b.Set = true
		case word == beaconPartOnly && !valued:
			b.PartOnly = true
		case word == beaconShared:
			if argument == "" {
				return b, fmt.Sprintf("beacon %q: write %s= and the name of the other attribute", value, beaconShared)
			}
			b.Shared = argument
		case word == beaconPartitions:
			if b.Partitions, ok = parseNumber(argument, maxBeaconPartitions); !ok {
				return b, fmt.Sprintf("beacon %q: write %s= and a number from 1 to %d", value, beaconPartitions,
					maxBeaconPartitions)
			}
		default:
			return b, fmt.Sprintf("beacon %q: unknown option %q (known: set, partonly, shared=NAME, partitions=N)", value,
				option)
		}
	}
	if b.PartOnly && (b.Set || b.Shared != "") {
		return b, fmt.Sprintf("beacon %q: a beacon that is %s can be neither %s nor %s", value, beaconPartOnly, beaconSet,
			beaconShared)
	}
	return b, ""
}

// parseNumber parses a decimal number from 1 to limit without leading zeros.
func parseNumber(text string, limit int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= limit && strconv.Itoa(n) == text
}

// checkBeacon checks the beacon of a field whose action is known.
func (d *declaration) checkBeacon(t Type) (reason string) {
	b := d.beacon
	if strings.ContainsAny(d.name, ".[") {
		return fmt.Sprintf("attribute %q cannot have a beacon, because the beacon's name would mean a part of an attribute",
			d.name)
	}
	if b.Shared == d.name {
		return "a beacon cannot share its own values: name another attribute"
	}
	if len(d.indexes) > 0 && (b.Set || b.PartOnly) {
		return "the key of an index cannot have a beacon that is set or partonly, because it is not stored as a string"
	}
	set, certain := d.writtenAsSet(t)
	switch {
	case !certain || set == b.Set:
		return ""
	case set && b.PartOnly:
		return "the field is written as a set, which cannot be a part of a compound beacon: leave out partonly and " +
			"add the option set"
	case set:
		with := *b
		with.Set = true
		return fmt.Sprintf("the field is written as a set: write `beacon:\"%v\"`, so that items can be found by its "+
			"elements", with)
	}
	return "the beacon's option set has no use, because the field is not written as a set: leave it out, or add the " +
		"option set to the dynamo tag of a slice or map"
}

// writtenAsSet reports whether guregu/dynamo writes values of the field as a
// set. certain is false if that depends on the value or on a method.
func (d *declaration) writtenAsSet(t Type) (set, certain bool) {
	flagged := d.flags&flagWords[optionSet] != 0
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
		switch t.String() {
		case "types.AttributeValueMemberSS", "types.AttributeValueMemberNS", "types.AttributeValueMemberBS":
			return true, true
		}
	}
	var holds bool // values can be sets
	switch t.Kind() {
	case reflect.Interface, reflect.Invalid:
		return false, false
	case reflect.Slice, reflect.Array:
		holds = t.Elem().Kind() != reflect.Uint8
	case reflect.Map:
		holds = true
	}
	switch {
	case t.Has(MarshalDynamo) || t.Has(MarshalDynamoDBAttributeValue):
		return false, false
	case t.Has(MarshalText) && holds && flagged:
		return false, false // the method may have a pointer receiver, which is not always called
	}
	return holds && flagged, true
}

// checkShared checks the beacons that share the values of another. If whole is
// false, more types may follow, so the other attribute may be missing.
func checkShared(attributes []Attribute, whole bool) *Error {
	byName := make(map[string]Attribute, len(attributes))
	for _, a := range attributes {
		byName[a.Name] = a
	}
	for _, a := range attributes {
		if a.Beacon == nil || a.Beacon.Shared == "" {
			continue
		}
		other, ok := byName[a.Beacon.Shared]
		switch {
		case !ok && whole:
			return a.wrong("beacon %q: no struct of the table has an attribute %q", a.Beacon, a.Beacon.Shared).
				by(RuleIncomplete)
		case !ok:
		case other.Beacon == nil:
			return a.wrong("beacon %q: attribute %q has no beacon: see %v", a.Beacon, other.Name, other)
		case other.Beacon.Shared != "":
			return a.wrong("beacon %q: the beacon of attribute %q is shared itself: write shared=%s, see %v", a.Beacon,
				other.Name, other.Beacon.Shared, other)
		case other.Beacon.Length != a.Beacon.Length:
			return a.wrong("beacon %q: the beacon of attribute %q has another length, %d bits: see %v", a.Beacon,
				other.Name, other.Beacon.Length, other)
		}
	}
	return nil
}

// sameBeacon reports whether two attributes have equal beacons, or none.
func sameBeacon(a, b *Beacon) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// beaconWords describes the beacon of an attribute, which may be nil.
func beaconWords(b *Beacon) string {
	if b == nil {
		return "no beacon"
	}
	return "beacon " + strconv.Quote(b.String())
}
