package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// every holds the actions in the order of a report.
var every = []crypto.Action{crypto.Encrypt, crypto.SignInContext, crypto.Sign, crypto.None}

// policies is a report of policies.
type policies struct {
	Totals  totals         `json:"totals"`
	Structs []structPolicy `json:"structs"`

	beacons bool // an attribute has a beacon
}

// totals counts attributes.
type totals struct {
	Structs    int           `json:"structs"`
	Errors     int           `json:"errors"`
	Attributes int           `json:"attributes"`
	Actions    []actionCount `json:"actions"`
}

type actionCount struct {
	Action crypto.Action `json:"action"`
	Count  int           `json:"count"`
}

type structPolicy struct {
	Package      string            `json:"package"`
	Name         string            `json:"name,omitempty"`
	Type         string            `json:"type"`
	Tables       []string          `json:"tables"`
	Options      []optionPolicy    `json:"options,omitempty"`
	Declared     bool              `json:"declared"`
	Position     *position         `json:"position,omitempty"`
	PartitionKey string            `json:"partitionKey,omitempty"`
	SortKey      string            `json:"sortKey,omitempty"`
	Attributes   []attributePolicy `json:"attributes"`
	Error        *mistake          `json:"error,omitempty"`
	counts       []actionCount
}

// optionPolicy is an option of a table that weakens the default protection, or
// reveals more than the tags say.
type optionPolicy struct {
	Table  string            `json:"table,omitempty"`
	Kind   source.OptionKind `json:"kind"`
	Action *crypto.Action    `json:"action,omitempty"` // of undeclared
}

func newOption(o source.TableOption) optionPolicy {
	option := optionPolicy{Table: o.Table, Kind: o.Kind}
	if o.Kind == source.Undeclared {
		option.Action = &o.Action
	}
	return option
}

// String returns text such as "undeclared=none of table accounts".
func (o optionPolicy) String() string {
	text := o.Kind.String()
	if o.Action != nil {
		text += "=" + o.Action.String()
	}
	if o.Kind == source.Beacons {
		text += " configured in Go"
	}
	if o.Table == "" {
		return text + " of a table whose name is not a constant"
	}
	return text + " of table " + printable(o.Table)
}

type attributePolicy struct {
	tags.Attribute
	Position *position `json:"position,omitempty"`
}

// mistake is an error in a struct's tags.
type mistake struct {
	Field    string    `json:"field,omitempty"`
	Tag      string    `json:"tag,omitempty"`
	Reason   string    `json:"reason"`
	Position *position `json:"position,omitempty"`
}

func newPolicies(structs []source.Struct, o options) *policies {
	p := &policies{Structs: make([]structPolicy, 0, len(structs))}
	p.Totals.Structs = len(structs)
	var all []attributePolicy
	for _, s := range structs {
		of := structPolicy{
			Package: s.Package, Name: s.Name, Type: s.Type,
			Tables: append([]string{}, s.Tables...), Declared: s.Declared, Position: o.at(s.Pos),
			PartitionKey: s.PartitionKey, SortKey: s.SortKey,
			Attributes: make([]attributePolicy, 0, len(s.Attributes)),
		}
		for _, o := range s.Options {
			of.Options = append(of.Options, newOption(o))
		}
		for _, a := range s.Attributes {
			of.Attributes = append(of.Attributes, attributePolicy{a.Attribute, o.at(a.Pos)})
			p.beacons = p.beacons || a.Beacon != nil
		}
		if s.Err != nil {
			of.Error = &mistake{s.Err.Field, s.Err.Tag, s.Err.Reason, o.at(s.Err.Pos)}
			p.Totals.Errors++
		}
		of.counts = count(of.Attributes)
		all = append(all, of.Attributes...)
		p.Structs = append(p.Structs, of)
	}
	p.Totals.Attributes, p.Totals.Actions = len(all), count(all)
	return p
}

func count(attributes []attributePolicy) []actionCount {
	counts := make([]actionCount, len(every))
	for i, action := range every {
		counts[i].Action = action
		for _, a := range attributes {
			if a.Action == action {
				counts[i].Count++
			}
		}
	}
	return counts
}

// String returns text such as "3 structs with 12 attributes: 5 encrypt, 1
// sign,context, …".
func (t totals) String() string {
	text := fmt.Sprintf("%s with %s", plural(t.Structs, "struct"), plural(t.Attributes, "attribute"))
	for i, c := range t.Actions {
		text += fmt.Sprintf("%s %d %v", []string{":", ","}[min(i, 1)], c.Count, c.Action)
	}
	if t.Errors > 0 {
		text += "; " + plural(t.Errors, "error")
	}
	return text
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// title returns a name such as "example.com/shop/store.Account".
func (s structPolicy) title() string {
	if s.Name == "" {
		return printable(s.Package) + ": " + Visible(s.Type)
	}
	return printable(s.Package) + "." + Visible(s.Name)
}

// where describes the tables that a struct is declared for, with their options.
func (s structPolicy) where() string {
	text := s.tables()
	for _, o := range s.Options {
		text += "; " + o.String()
	}
	return text
}

func (s structPolicy) tables() string {
	switch tables := printables(s.Tables); {
	case len(tables) == 1:
		return "table " + tables[0]
	case len(tables) > 1:
		return "tables " + strings.Join(tables, ", ")
	case s.Declared:
		return "a table whose name is not a constant"
	}
	return "no table declared"
}

// String returns text such as "account.go:12: field Email, tag …: reason".
func (m *mistake) String() string {
	var b strings.Builder
	if m.Position != nil {
		b.WriteString(m.Position.String() + ": ")
	}
	if m.Field != "" {
		b.WriteString("field " + Visible(m.Field))
		if m.Tag != "" {
			b.WriteString(", tag " + Visible(m.Tag))
		}
		b.WriteString(": ")
	}
	b.WriteString(Visible(m.Reason))
	return b.String()
}

func (a attributePolicy) because() string {
	if a.Defaulted {
		return "default"
	}
	return "tag"
}

func (a attributePolicy) key() string {
	if a.Key == tags.NoKey {
		return ""
	}
	return a.Key.String()
}

func (a attributePolicy) indexes() string {
	cells := make([]string, len(a.Indexes))
	for i, r := range a.Indexes {
		cells[i] = printable(r.Index) + ":" + r.Role.String()
		if r.Local {
			cells[i] += "(local)"
		}
	}
	return strings.Join(cells, ", ")
}

// cells returns an attribute as a row of the table with the given columns.
func (a attributePolicy) cells() []string {
	return []string{
		printable(a.Name), a.Action.String(), a.because(), a.key(), a.indexes(),
		Visible(a.Field), Visible(a.GoType), a.Position.String(),
	}
}

var columns = []string{"Attribute", "Action", "Because", "Key", "Indexes", "Field", "Go type", "Where"}

const undeclared = "Attributes that no struct declares: encrypt, unless a table has the option undeclared."

func (p *policies) table(w io.Writer) error {
	var b strings.Builder
	for _, s := range p.Structs {
		fmt.Fprintf(&b, "%s (%s)", s.title(), s.where())
		if s.Position != nil {
			b.WriteString(" " + s.Position.String())
		}
		b.WriteString("\n")
		if s.Error != nil {
			fmt.Fprintf(&b, "  ERROR %v\n\n", s.Error)
			continue
		}
		rows := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		row := func(cells []string) {
			for i, cell := range cells {
				if cell == "" {
					cell = "-"
				}
				separator := "\t"
				if i == len(cells)-1 {
					separator = "\n"
				}
				_, _ = io.WriteString(rows, []string{"  ", ""}[min(i, 1)]+cell+separator)
			}
		}
		header := make([]string, len(p.columns()))
		for i, column := range p.columns() {
			header[i] = strings.ToUpper(column)
		}
		row(header)
		for _, a := range s.Attributes {
			row(p.withBeacon(a.cells(), a.beacon()))
		}
		_ = rows.Flush() // writes to a strings.Builder do not fail
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%v\n%s\n", p.Totals, undeclared)
	if p.beacons {
		b.WriteString(beacons + "\n")
	}
	return writeAll(w, &b)
}
