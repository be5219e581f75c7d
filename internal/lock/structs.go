package lock

import (
	"fmt"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

const migrate = "Existing plaintext items have to be migrated: see docs/migrating.md."

func (c *comparison) invalid(a *present) {
	err := a.source.Err
	c.report(a, Change{
		Kind:   Invalid,
		After:  err.Reason,
		Stored: unreadable("mapper.New fails for the struct."),
		Do:     "Correct the tag. Until then, other changes cannot be determined.",
	})
	last := &c.changes[len(c.changes)-1]
	last.Pos = err.Pos
	if err.Field != "" {
		last.After = "field " + err.Field + ": " + err.Reason
	}
}

// structChanged compares a struct with its previous version.
func (c *comparison) structChanged(a *present) {
	b := a.before
	if b.Package != a.Package || b.Name != a.Name {
		c.report(a, Change{
			Kind:   StructMoved,
			Before: quote(b.Package) + "." + quote(b.Name),
			After:  quote(a.Package) + "." + quote(a.Name),
			Stored: same("Items do not contain names of Go types."),
			Do:     "Nothing, if it is the same struct.",
		})
	}
	c.tables(a)
	c.options(a, b.Options)
	c.keys(a)
	c.attributes(a)
}

func (c *comparison) structAdded(a *present) {
	stored := same("Stored items that have none of its attributes are read as before. If an item has one that no " +
		"struct declared, it is encrypted.")
	for _, attribute := range a.Attributes {
		stored = worse(stored, about(attribute, c.attributeAdded(a, attribute)))
	}
	c.report(a, Change{
		Kind:   StructAdded,
		After:  counts(a.Attributes),
		Stored: stored,
		Do:     "Review its attributes in the new lock file. " + migrate,
	})
	c.options(a, nil)
	for _, attribute := range a.Attributes {
		if attribute.Beacon != nil {
			c.beaconAdded(a, attribute)
		}
	}
}

func (c *comparison) structRemoved(b *Struct) {
	change := Change{
		Kind:    StructRemoved,
		Package: b.Package,
		Struct:  b.Name,
		Before:  counts(b.Attributes),
		Do: "If stored items have its attributes, keep it in the declaration of the table with mapper.WithType. If " +
			"it was both moved and changed, do one after the other.",
	}
	switch table, ok := c.abandoned(b); {
	case ok:
		change.Stored = unreadable(abandoned(table))
	default:
		change.Stored = c.remains(b)
	}
	c.changes = append(c.changes, change)
	for _, attribute := range b.Attributes {
		c.beaconsLost(b, nil, attribute)
	}
}

func abandoned(table string) string {
	return fmt.Sprintf("No struct is declared for table %s any longer: the mapper does not protect it, so its items are "+
		"returned sealed, and new ones are stored in plaintext.", quote(table))
}

// abandoned returns a table that b was declared for and that no struct is
// declared for any longer.
func (c *comparison) abandoned(b *Struct) (string, bool) {
	for _, table := range b.Tables {
		if !slices.ContainsFunc(c.after, func(a *present) bool { return slices.Contains(a.Tables, table) }) {
			return table, true
		}
	}
	return "", false
}

// remains returns the consequences for items of a removed struct under the
// policies of its tables' other structs, which also have the key.
func (c *comparison) remains(b *Struct) Stored {
	stored := same("Its attributes are treated as before: according to the other structs of the table, or like " +
		"attributes that no struct declares.")
	for _, a := range b.Attributes {
		if a.Key == tags.NoKey {
			stored = worse(stored, about(a, c.attributeRemoved(b, nil, a)))
		}
	}
	return stored
}

// about adds the name of an attribute to the consequences.
func about(a tags.Attribute, stored Stored) Stored {
	stored.DDBEC.Why = quote(a.Name) + ": " + stored.DDBEC.Why
	stored.DBESDK.Why = quote(a.Name) + ": " + stored.DBESDK.Why
	return stored
}

// worse returns the worse of two for each format, and the first if they are
// equal.
func worse(a, b Stored) Stored {
	of := func(a, b Reading) Reading {
		if b.Verdict > a.Verdict {
			return b
		}
		return a
	}
	return Stored{of(a.DDBEC, b.DDBEC), of(a.DBESDK, b.DBESDK)}
}

// counts returns the number of attributes with each action, such as "2 encrypt,
// 1 none".
func counts(attributes []tags.Attribute) string {
	var text string
	for action := crypto.Encrypt; action <= crypto.None; action++ {
		var n int
		for _, a := range attributes {
			if a.Action == action {
				n++
			}
		}
		if n > 0 {
			if text != "" {
				text += "; "
			}
			text += fmt.Sprintf("%d %v", n, action)
		}
	}
	if text == "" {
		return "no attributes"
	}
	return text
}

func (c *comparison) tables(a *present) {
	for _, table := range a.before.Tables {
		if !slices.Contains(a.Tables, table) {
			c.tableRemoved(a, table)
		}
	}
	for _, table := range a.Tables {
		if slices.Contains(a.before.Tables, table) {
			continue
		}
		change := Change{
			Kind:   TableAdded,
			After:  table,
			Stored: same("Items that were sealed under the table's name are read according to the table's structs."),
			Do:     migrate,
		}
		if len(a.before.Tables) == 0 {
			change.Do = "Nothing, if the struct had this table before and only the name was not known. Otherwise: " + migrate
		}
		c.report(a, change)
	}
}

func (c *comparison) tableRemoved(a *present, table string) {
	change := Change{Kind: TableRemoved, Before: table}
	left := Struct{Package: a.Package, Name: a.Name, Tables: []string{table}, Attributes: a.before.Attributes}
	_, alone := c.abandoned(&left)
	switch {
	case alone && a.source.Declared && len(a.Tables) == 0:
		change.Stored = same("The struct is declared for a table whose name is not a constant. If it is this table, " +
			"nothing changes.")
		change.Do = fmt.Sprintf("Check that it is still declared for table %s.", quote(table))
	case alone:
		change.Stored = unreadable(abandoned(table))
		change.Do = "Keep the declaration as long as the table has items. If it was copied under another name, set " +
			"mapper.WithLogicalName to the old name."
	default:
		change.Stored = c.remains(&left)
		change.Do = "If stored items of the table have the struct's attributes, keep it in the declaration with " +
			"mapper.WithType."
	}
	c.report(a, change)
}

// keys compares the names of the attributes of the table's key.
func (c *comparison) keys(a *present) {
	tells := func(s *Struct) bool { return s.key(tags.Partition) != "" || s.key(tags.Sort) != "" }
	for _, role := range []tags.KeyRole{tags.Partition, tags.Sort} {
		before, after := a.before.key(role), a.key(role)
		if before == after {
			continue
		}
		change := Change{Kind: KeyChanged, Attribute: after, Before: keyWords(role, before), After: keyWords(role, after)}
		if after == "" {
			change.Attribute = before
		}
		switch {
		case !tells(a.before):
			change.Stored = same("The struct did not have the table's key before, but stored items have it.")
			change.Do = "Nothing, if it is the table's key. mapper.New compares it with the other structs of the table."
		case !tells(&a.Struct):
			change.Stored = same("The struct no longer has the table's key, but stored items have it.")
			change.Do = "Check that another struct of the table has its key. Otherwise mapper.New fails."
		default:
			change.Stored = unreadable("The key of a table cannot be changed, so this is another table, which does not have " +
				"the stored items.")
			change.Do = "Declare the new table next to the old one, each with its own structs, and copy the items: read them " +
				"with the old tags and write them with the new ones."
		}
		c.report(a, change)
	}
}

func keyWords(role tags.KeyRole, name string) string {
	if name == "" {
		return fmt.Sprintf("no %v key", role)
	}
	return fmt.Sprintf("%v key %s", role, quote(name))
}
