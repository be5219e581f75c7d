package vet

import (
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
	"github.com/ddbenc/ddbenc/tags/source"
)

// declaredTables is the fact that a package declares tables. Packages that
// import it are checked by them.
type declaredTables struct {
	Tables []table
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
			t.Attributes = append(t.Attributes, attribute{a.Name, a.Action, a.Key != tags.NoKey, p.Type + "." + a.Attribute.Field})
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

// refusesRead says why the mapper refuses to have an attribute compared, "" if
// it does not. See guardRead in package mapper.
func (t *table) refusesRead(name string) string {
	a, declared := t.find(name)
	if a.Key || a.Action != crypto.Encrypt || !declared && (t.Open || formatOwns(name)) {
		return ""
	}
	return a.describe(declared) + ", and DynamoDB sees only the ciphertext; check the value after reading, or declare it with `ddbenc:\"sign\"`"
}

// refusesWrite says why the mapper refuses to have an attribute updated, "" if
// it does not. See guardWrite in package mapper.
func (t *table) refusesWrite(name string) string {
	a, declared := t.find(name)
	if !a.Key && !a.Action.Signed() || !declared && t.Open {
		return ""
	}
	return a.describe(declared) + ", and an update in place would break the item's signature; " +
		"use Repository.Modify, put the whole item, or declare it with `ddbenc:\"none\"`"
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
