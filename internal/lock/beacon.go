package lock

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/policy"
	"github.com/ddbenc/ddbenc/tags"
)

// findable returns the consequences of another beacon. They open as before,
// because beacons are not signed. why is about items of the format that has
// beacons.
func findable(why string) Stored {
	return Stored{
		Reading{StillReadable, "Stored items open as before: the format has no beacons."},
		Reading{StillReadable, "Stored items open as before: beacons are not signed. " + why},
	}
}

// BeaconMeaning explains to reviewers what a beacon reveals.
const BeaconMeaning = "Equal values have equal beacons, so everyone who reads the table sees which items share a " +
	"value, up to collisions."

const reseal = "run `ddbenc reseal` on the table"

// beacon compares the beacon of an attribute of a struct.
func (c *comparison) beacon(a *present, before, after tags.Attribute) {
	switch {
	case before.Beacon == nil && after.Beacon == nil:
	case before.Beacon == nil:
		c.beaconAdded(a, after)
	case after.Beacon == nil:
		c.report(a, beaconRemoved(before, after.Name))
	case *before.Beacon != *after.Beacon || before.Name != after.Name:
		c.report(a, beaconChanged(before, after))
	}
}

func (c *comparison) beaconAdded(a *present, after tags.Attribute) {
	change := Change{
		Kind:      BeaconAdded,
		Attribute: after.Name,
		After:     DescribeBeacon(*after.Beacon),
		Stored:    findable("Until they are resealed, queries by the beacon do not find them."),
		Do: "Check that everyone who can read the table may see what the beacon shows. " + BeaconMeaning + " To have " +
			"stored items found, " + reseal + "." + indexKey(after),
	}
	if after.Beacon.PartOnly {
		change.Do = "Review the compound beacons that have it as a part, and " + reseal + " so that stored items are found " +
			"by them. " + BeaconMeaning
	}
	if other, ok := inForce(c.others(a), a.Tables, after.Name, beaconOf); ok && other == *after.Beacon {
		change.Stored = same("Another struct of the table declared the same beacon before.")
		change.Do = "Nothing, if the struct's items were found by it before. Otherwise " + reseal + "."
	}
	c.report(a, change)
}

// beaconsLost reports the beacons of an attribute that b declared and that no
// struct declares any longer. a is the struct in the program, if it still
// exists.
func (c *comparison) beaconsLost(b *Struct, a *present, attribute tags.Attribute) {
	if attribute.Beacon == nil {
		return
	}
	others := make([]*Struct, 0, len(c.after))
	for _, other := range c.after {
		if other != a {
			others = append(others, &other.Struct)
		}
	}
	if other, ok := inForce(others, b.Tables, attribute.Name, beaconOf); ok && other == *attribute.Beacon {
		return
	}
	change := beaconRemoved(attribute, attribute.Name)
	if a != nil {
		c.report(a, change)
		return
	}
	change.Package, change.Struct = b.Package, b.Name
	c.changes = append(c.changes, change)
}

// others returns the structs in the file except the previous version of a.
func (c *comparison) others(a *present) []*Struct {
	return slices.DeleteFunc(slices.Clone(c.before), func(s *Struct) bool { return s == a.before })
}

func beaconRemoved(before tags.Attribute, name string) Change {
	change := Change{
		Kind:      BeaconRemoved,
		Attribute: name,
		Before:    DescribeBeacon(*before.Beacon),
		Stored: findable("Programs with the old tags do not find items that programs with the new ones write, " +
			"and stored items keep the beacon until they are resealed."),
		Do: "Check that no program queries by the beacon, then " + reseal + " to remove what it shows.",
	}
	if len(before.Indexes) > 0 {
		change.Do += fmt.Sprintf(" Items without the attribute %s are not in its indexes.", quote(beacon.AttributePrefix+before.Name))
	}
	return change
}

func beaconChanged(before, after tags.Attribute) Change {
	change := Change{
		Kind:      BeaconChanged,
		Attribute: after.Name,
		Before:    DescribeBeacon(*before.Beacon),
		After:     DescribeBeacon(*after.Beacon),
		Stored: findable("Programs with the new tags do not find them, and programs with the old ones do not " +
			"find new items."),
		Do: "Replace all programs that use the table at once, and " + reseal + ". Until both are done, queries by the " +
			"beacon miss items.",
	}
	if before.Name != after.Name {
		change.Before += " of " + quote(before.Name)
		change.After += " of " + quote(after.Name)
		change.Do += indexKey(after)
	}
	return change
}

// indexKey explains which key the indexes of an attribute with a beacon have.
func indexKey(a tags.Attribute) string {
	if len(a.Indexes) == 0 {
		return ""
	}
	return fmt.Sprintf(" The key of its indexes is %s, of type S.", quote(beacon.AttributePrefix+a.Name))
}

// DescribeBeacon describes a beacon to reviewers, such as "16 bits, set".
func DescribeBeacon(b tags.Beacon) string {
	text := plural(b.Length, "bit")
	if b.Set {
		text += ", set"
	}
	if b.PartOnly {
		text += ", only in compound beacons"
	}
	if b.Shared != "" {
		text += ", shared with " + quote(b.Shared)
	}
	if b.Partitions > 0 {
		text += ", " + plural(b.Partitions, "partition")
	}
	return text
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func beaconOf(a tags.Attribute) (tags.Beacon, bool) {
	if a.Beacon == nil {
		return tags.Beacon{}, false
	}
	return *a.Beacon, true
}

func sameBeacon(a, b *tags.Beacon) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// checkBeacon returns an error if a file cannot contain the attribute's beacon.
func checkBeacon(a tags.Attribute) error {
	if a.Beacon == nil {
		return nil
	}
	if a.Action != crypto.Encrypt {
		return fmt.Errorf("it has a beacon, but its action is %v", a.Action)
	}
	parsed, reason := policy.ParseBeacon(a.Beacon.String())
	switch {
	case reason != "":
		return errors.New(reason)
	case tags.Beacon(parsed) != *a.Beacon:
		return fmt.Errorf("beacon %q is not in its usual form", a.Beacon)
	}
	return nil
}

// beacon parses the beacon, if there is one. Files of versions before beacons
// have none.
func (s *scanner) beacon() *tags.Beacon {
	name := optionBeacon + "="
	if s.err != nil || len(s.rest) < len(name) || s.rest[:len(name)] != name {
		return nil
	}
	value := s.option(optionBeacon)
	if s.err != nil {
		return nil
	}
	beacon, reason := policy.ParseBeacon(value)
	switch {
	case reason != "":
		s.fail("%s", reason)
	case beacon.String() != value:
		s.fail("beacon %q should be written as %q", value, beacon)
	}
	parsed := tags.Beacon(beacon)
	return &parsed
}
