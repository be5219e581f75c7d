package tags

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ddbenc/ddbenc/crypto"
)

// beaconColumn is the place of the column for beacons, after the action.
const beaconColumn = 2

// String returns the policy as a table for reviewers, with one line for each
// attribute in the order of the struct fields. If any attribute has a beacon,
// there is a column with the beacons as in their tags.
func (p *Policy) String() string {
	var b strings.Builder
	for i, t := range p.rules.Types {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(t.String())
	}
	b.WriteString(" (attributes not listed: encrypt)\n")

	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { _, _ = w.Write([]byte(strings.Join(cells, "\t") + "\n")) }
	beacons := slices.ContainsFunc(p.attributes, func(a Attribute) bool { return a.Beacon != nil })
	cells := []string{"ATTRIBUTE", "ACTION", "BECAUSE", "KEY", "INDEXES", "FIELD", "GO TYPE"}
	if beacons {
		cells = slices.Insert(cells, beaconColumn, "BEACON BITS")
	}
	row(cells...)
	for _, a := range p.attributes {
		because := "tag"
		if a.Defaulted {
			because = "default"
		}
		key := "-"
		if a.Key != NoKey {
			key = a.Key.String()
		}
		field := a.Field
		if len(p.rules.Types) > 1 {
			field = a.Type + "." + a.Field
		}
		cells := []string{printable(a.Name), a.Action.String(), because, key, indexCell(a.Indexes), field, a.GoType}
		if beacons {
			cells = slices.Insert(cells, beaconColumn, beaconCell(a.Beacon))
		}
		row(cells...)
	}
	_ = w.Flush() // writes to a strings.Builder do not fail
	return b.String()
}

func beaconCell(b *Beacon) string {
	if b == nil {
		return "-"
	}
	return printable(b.String())
}

func indexCell(roles []IndexRole) string {
	if len(roles) == 0 {
		return "-"
	}
	cells := make([]string, len(roles))
	for i, role := range roles {
		cells[i] = printable(role.Index) + ":" + role.Role.String()
		if role.Local {
			cells[i] += "(local)"
		}
	}
	return strings.Join(cells, ",")
}

// printable quotes text that could be mistaken for another cell or row of the
// table.
func printable(s string) string {
	quoted := strconv.QuoteToGraphic(s)
	if strings.Contains(s, " ") || quoted != `"`+s+`"` {
		return quoted
	}
	return s
}

// MarshalJSON returns the policy as JSON, for tools and for version control.
// The same policy always results in the same JSON.
func (p *Policy) MarshalJSON() ([]byte, error) {
	types := make([]string, len(p.rules.Types))
	for i, t := range p.rules.Types {
		types[i] = t.String()
	}
	return json.Marshal(struct {
		Types        []string      `json:"types"`
		PartitionKey string        `json:"partitionKey,omitempty"`
		SortKey      string        `json:"sortKey,omitempty"`
		Default      crypto.Action `json:"default"`
		Attributes   []Attribute   `json:"attributes"`
	}{types, p.PartitionKey(), p.SortKey(), crypto.Encrypt, p.Attributes()})
}
