package lock

import (
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/source"
)

// options compares the options of a struct's tables with those it had before.
func (c *comparison) options(a *present, before []source.TableOption) {
	for _, option := range before {
		if !slices.Contains(a.Options, option) && !replaced(option, before, a.Options) {
			stored, do := optionRemoved(option)
			c.report(a, Change{Kind: OptionRemoved, Before: optionText(option), Stored: stored, Do: do,
				unfound: option.Kind == source.Beacons})
		}
	}
	for _, option := range a.Options {
		if !slices.Contains(before, option) {
			stored, do := optionAdded(option, undeclaredAction(before, option.Table))
			c.report(a, Change{Kind: OptionAdded, After: optionText(option), Stored: stored, Do: do})
		}
	}
}

// replaced reports whether a new option replaces the action for undeclared
// attributes that a removed option set.
func replaced(gone source.TableOption, before, after []source.TableOption) bool {
	return gone.Kind == source.Undeclared && slices.ContainsFunc(after, func(o source.TableOption) bool {
		return o.Kind == source.Undeclared && o.Table == gone.Table && !slices.Contains(before, o)
	})
}

// undeclaredAction returns the action for attributes that no struct of a table
// declares.
func undeclaredAction(options []source.TableOption, table string) crypto.Action {
	for _, o := range options {
		if o.Kind == source.Undeclared && o.Table == table {
			return o.Action
		}
	}
	return crypto.Encrypt
}

func optionText(o source.TableOption) string {
	text := o.String()
	if o.Kind == source.Beacons {
		text += " configured in Go"
	}
	if o.Table == "" {
		return text + ", of a table whose name is not a constant"
	}
	return text + ", of table " + quote(o.Table)
}

const sealedAsBefore = "Sealed items are read as before."

// optionAdded returns the consequences for stored items and the advice if a
// table has a new option. before is the previous action for undeclared
// attributes.
func optionAdded(o source.TableOption, before crypto.Action) (Stored, string) {
	switch o.Kind {
	case source.PlaintextReads:
		return same(sealedAsBefore), "Use it only while the table is being migrated: anyone who can write to the table " +
			"can replace a sealed item with a plaintext one without detection."
	case source.PlaintextWrites:
		return same(sealedAsBefore), "Use it only as the first step of a migration: items are stored in plaintext. See " +
			"docs/migrating.md."
	case source.Selection:
		return unreadable("Items that the predicate excludes are returned as they are stored, even sealed ones."),
			"Review the predicate: items that it excludes are neither secret nor protected from changes."
	case source.Undeclared:
		return acted(before, o.Action), "This affects every attribute that no struct of the table declares. " +
			adviseAction(before, o.Action)
	case source.Beacons:
		return findable("Until they are resealed, queries by these beacons do not find them."),
			"Review mapper.WithBeaconConfig: it may show more than the tags say, and changes to it are not detected. " +
				BeaconMeaning + " Signed parts are readable. To have stored items found, " + reseal + "."
	}
	return same("The source does not determine the effect of the options."),
		"Write the options in the call of mapper.TableOf so that they can be compared. Until then, changes to them are " +
			"not detected."
}

// optionRemoved is like optionAdded for an option that the table no longer has.
func optionRemoved(o source.TableOption) (Stored, string) {
	switch o.Kind {
	case source.PlaintextReads:
		return same(sealedAsBefore + " Items in plaintext are rejected."),
			"Check that there are no items in plaintext left. " +
				"See docs/migrating.md."
	case source.PlaintextWrites:
		return same(sealedAsBefore), "Check that all programs that read the table can read sealed items. See " +
			"docs/migrating.md."
	case source.Selection:
		return same(sealedAsBefore + " Items that the predicate excluded are rejected."),
			"First seal the items that the predicate excluded. See docs/migrating.md."
	case source.Undeclared:
		return acted(o.Action, crypto.Encrypt), "This affects every attribute that no struct of the table declares. " +
			adviseAction(o.Action, crypto.Encrypt)
	case source.Beacons:
		return findable("Programs with these beacons do not find items that programs without them write, and stored items " +
				"keep the beacons until they are resealed."),
			"Check that no program queries by these beacons, then " + reseal + " to remove what they show. If the table has " +
				"no beacons left, pass --remove-beacons."
	}
	return same("The source did not determine the effect of the options."), "Nothing, if the current options are the same."
}
