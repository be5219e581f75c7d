package vet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/internal/guard"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// declaredTables is the fact that a package declares tables. It is used to
// check packages that import it.
type declaredTables struct {
	// Tables holds the tables of which enough is known to check requests.
	Tables []table
	// Names holds the constant names of all declared tables.
	Names []string
	// Unnamed is true if there are tables without a constant name.
	Unnamed bool
}

// AFact marks the type as a fact.
func (*declaredTables) AFact() {}

// String returns a representation for tests of facts.
func (d *declaredTables) String() string {
	names := "tables"
	for _, t := range d.Tables {
		names += " " + t.Name
	}
	return names
}

// table is the part of a declaration that determines which requests are
// rejected.
type table struct {
	Name       string
	Attributes []attribute
	// Undeclared is the action for other attributes.
	Undeclared crypto.Action
	// Open is true if nothing is known about other attributes.
	Open bool
	// Selects is true if some items are not protected.
	Selects bool
	// Beacons is true if there may be beacons that no tag has.
	Beacons bool
	// NoRewrites is true if requests that take a read and a write are rejected.
	NoRewrites bool
}

type attribute struct {
	Name   string
	Action crypto.Action
	Key    bool   // part of the table's key
	Beacon bool   // has a beacon that can be the key of an index
	Field  string // "store.Account.Email"
}

// add adds the attributes of a policy that the table lacks.
func (t *table) add(p *source.Policy) {
	for _, a := range p.Attributes {
		if _, ok := t.find(a.Name); !ok {
			t.Attributes = append(t.Attributes, attribute{
				Name:   a.Name,
				Action: a.Action,
				Key:    a.Key != tags.NoKey,
				Beacon: a.Beacon != nil && !a.Beacon.Set && !a.Beacon.PartOnly,
				Field:  p.Type + "." + a.Attribute.Field,
			})
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

// use is how a request uses an attribute.
type use uint8

const (
	useCompared use = iota // its value is compared in a condition
	useNested              // a condition searches for something inside its value
	useWritten             // it is updated
	useQueried             // its value is compared in a key condition
	useKey                 // it is named as part of a key
	useExpires             // it is the table's time to live
)

// rewritten reports whether the mapper can emulate the use with a read and a
// write.
func (u use) rewritten() bool { return u == useCompared || u == useNested || u == useWritten }

// IsKey, Reserved and Action implement the interface of package guard. The
// action of unknown attributes is None, so that they are not reported.
func (t *table) IsKey(name string) bool {
	a, _ := t.find(name)
	return a.Key
}

// Reserved reports whether an attribute name is reserved by one of the item
// formats by default. Such attributes are stored unchanged.
func (t *table) Reserved(name string) bool {
	_, declared := t.find(name)
	return !declared && (strings.HasPrefix(name, "*amzn-ddb-map-") || strings.HasPrefix(name, "aws_dbe_"))
}

func (t *table) Action(name string) crypto.Action {
	a, declared := t.find(name)
	if !declared && t.Open {
		return crypto.None
	}
	return a.Action
}

// why returns the reason why DynamoDB cannot carry out a use of an attribute,
// or an empty string if it can.
func (t *table) why(u use, name string) string {
	a, declared := t.find(name)
	reason := t.reason(u, name)
	switch {
	case reason == "":
		return ""
	case reason == guard.NotKey:
		return string(reason) + ", which is " + strings.Join(t.keys(), " and ")
	}
	return a.describe(declared) + ": " + string(reason)
}

func (t *table) reason(u use, name string) guard.Reason {
	path := expr.Path{{Name: name}}
	var why guard.Reason
	switch u {
	case useKey:
		if keys := t.keys(); len(keys) > 0 && !slices.Contains(keys, strconv.Quote(name)) {
			return guard.NotKey
		}
	case useWritten:
		if t.IsKey(name) {
			return guard.PrimaryKey
		}
		_, why = guard.Alone(t, []expr.Use{{Path: path, Kind: expr.Write}})
	case useNested:
		_, why = guard.Alone(t, []expr.Use{{Path: append(path, expr.Element{}), Kind: expr.Exists}})
	case useQueried:
		a, declared := t.find(name)
		switch {
		case t.Beacons && !declared:
			return "" // it may be a compound beacon
		case !a.Beacon:
			_, why = guard.Alone(t, []expr.Use{{Path: path, Kind: expr.Read}})
		}
	case useExpires:
		if guard.Encrypted(t, name) {
			return guard.Expires
		}
	default:
		_, why = guard.Alone(t, []expr.Use{{Path: path, Kind: expr.Read}})
	}
	return why
}

// keys returns the quoted names of the key attributes.
func (t *table) keys() []string {
	var keys []string
	for _, a := range t.Attributes {
		if a.Key {
			keys = append(keys, strconv.Quote(a.Name))
		}
	}
	return keys
}

// describe describes how the attribute is protected, and where that is
// declared.
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
