package vet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// declaredTables is the fact that a package declares tables. Packages that
// import it are checked by them.
type declaredTables struct {
	// Tables are those of which enough is known to check requests.
	Tables []table
	// Names are the names of all declared tables, as far as they are constants.
	Names []string
	// Unnamed says that there are others.
	Unnamed bool
}

// AFact marks the type as a fact.
func (*declaredTables) AFact() {}

// String is for the tests of facts.
func (d *declaredTables) String() string {
	names := "tables"
	for _, t := range d.Tables {
		names += " " + t.Name
	}
	return names
}

// table is what a declaration says about the requests that are refused.
type table struct {
	Name       string
	Attributes []attribute
	// Undeclared is the action for other attributes.
	Undeclared crypto.Action
	// Open says that nothing is known about other attributes.
	Open bool
	// Selects says that some items are not protected.
	Selects bool
}

type attribute struct {
	Name   string
	Action crypto.Action
	Key    bool   // of the table
	Field  string // "store.Account.Email"
}

// add adds what a policy has and the table has not.
func (t *table) add(p *source.Policy) {
	for _, a := range p.Attributes {
		if _, ok := t.find(a.Name); !ok {
			t.Attributes = append(t.Attributes, attribute{a.Name, a.Action, a.Key != tags.NoKey, p.Type + "." +
				a.Attribute.Field})
		}
	}
}

func (t *table) find(name string) (attribute, bool) {
	i := slices.IndexFunc(t.Attributes, func(a attribute) bool { return a.Name == name })
	if i < 0 {
		return attribute{Name: name, Action: t.Undeclared}, false
	}
	return t.Attributes[i], true
}

// use says what a request does with an attribute.
type use uint8

const (
	useCompared use = iota // its value is compared
	useNested              // something in its value is looked for
	useExpires             // it is the table's time to live
	useWritten             // it is updated
	useKey                 // it is named as part of a key
)

// refuses says why the mapper refuses a use of an attribute; "" if it does not.
// See guard.go in package mapper.
func (t *table) refuses(u use, name string) string {
	a, declared := t.find(name)
	switch u {
	case useKey:
		return t.refusesKey(name)
	case useWritten:
		return t.refusesWrite(a, declared)
	}
	if a.Key || a.Action != crypto.Encrypt || !declared && (t.Open || formatOwns(name)) {
		return ""
	}
	switch u {
	case useNested:
		return a.describe(declared) + " as a whole, so DynamoDB cannot see what is in it; " +
			"test whether the attribute itself exists, check the value after reading, or declare it with `ddbenc:\"sign\"`"
	case useExpires:
		return a.describe(declared) + ", and DynamoDB cannot read the time in it, so that no item would expire; declare " +
			"it with `ddbenc:\"sign\"`"
	}
	return a.describe(declared) + ", and DynamoDB sees only the ciphertext; check the value after reading, or " +
		"declare it with `ddbenc:\"sign\"`"
}

func (t *table) refusesWrite(a attribute, declared bool) string {
	switch {
	case a.Key:
		return a.describe(declared) + ", which cannot change; put an item with the new key and delete the old one"
	case !a.Action.Signed(), !declared && t.Open:
		return ""
	}
	return a.describe(declared) + ", and an update in place would break the item's signature; " +
		"use Repository.Modify, put the whole item, or declare it with `ddbenc:\"none\"`"
}

// refusesKey is about a name in a key: only the table's key attributes may be in
// one, since keys are sent as they are.
func (t *table) refusesKey(name string) string {
	var keys []string
	for _, a := range t.Attributes {
		if a.Key {
			keys = append(keys, strconv.Quote(a.Name))
		}
	}
	if len(keys) == 0 || slices.Contains(keys, strconv.Quote(name)) {
		return ""
	}
	return "it is not a key attribute of the table, whose key is " + strings.Join(keys, " and ") +
		"; keys are sent in the clear"
}

// describe says what is done with the attribute, and who says so.
func (a attribute) describe(declared bool) string {
	what := "encrypted and signed"
	switch {
	case a.Key:
		what = "a signed key"
	case a.Action != crypto.Encrypt:
		what = "signed"
	}
	if !declared {
		return "no struct declares it, so it is " + what
	}
	return "it is " + what + " (" + a.Field + ")"
}

// formatOwns reports whether one of the item formats keeps an attribute name
// for itself, by default. Such attributes are stored as they are.
func formatOwns(name string) bool {
	return strings.HasPrefix(name, "*amzn-ddb-map-") || strings.HasPrefix(name, "aws_dbe_")
}
