package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/ddbenc/ddbenc/internal/lock"
)

const accept = "To accept the changes, lock again and have the diff of " + lock.Filename + " reviewed."

// changes is a report of changes.
type changes struct {
	Serious int      `json:"serious"`
	Changes []change `json:"changes"`
}

type change struct {
	Kind      lock.Kind   `json:"kind"`
	Serious   bool        `json:"serious"`
	Package   string      `json:"package"`
	Struct    string      `json:"struct"`
	Attribute string      `json:"attribute,omitempty"`
	Before    string      `json:"before,omitempty"`
	After     string      `json:"after,omitempty"`
	Position  *position   `json:"position,omitempty"`
	Stored    lock.Stored `json:"stored"`
	Do        string      `json:"do"`

	subject, what string
}

func newChanges(changed []lock.Change, o options) *changes {
	c := &changes{Changes: make([]change, 0, len(changed))}
	for _, one := range changed {
		if one.Serious() {
			c.Serious++
		}
		c.Changes = append(c.Changes, change{
			Kind: one.Kind, Serious: one.Serious(),
			Package: one.Package, Struct: one.Struct, Attribute: one.Attribute,
			Before: one.Before, After: one.After,
			Position: o.at(one.Pos), Stored: one.Stored, Do: one.Do,
			subject: one.Subject(), what: one.What(),
		})
	}
	return c
}

// summary returns text such as "3 changes of policy, 1 serious".
func (c *changes) summary() string {
	switch n := len(c.Changes); n {
	case 0:
		return "no change of policy"
	case 1:
		return fmt.Sprintf("1 change of policy, %d serious", c.Serious)
	default:
		return fmt.Sprintf("%d changes of policy, %d serious", n, c.Serious)
	}
}

func (c *changes) table(w io.Writer) error {
	var b strings.Builder
	for _, change := range c.Changes {
		mark := "warning"
		if change.Serious {
			mark = "error"
		}
		if change.Position != nil {
			b.WriteString(change.Position.full() + ": ")
		}
		fmt.Fprintf(&b, "%s: %s: %s\n", mark, Visible(change.subject), Visible(change.what))
		fmt.Fprintf(&b, "  ddbec   %v: %s\n", change.Stored.DDBEC.Verdict, Visible(change.Stored.DDBEC.Why))
		fmt.Fprintf(&b, "  dbesdk  %v: %s\n", change.Stored.DBESDK.Verdict, Visible(change.Stored.DBESDK.Why))
		fmt.Fprintf(&b, "  do      %s\n\n", Visible(change.Do))
	}
	b.WriteString(c.summary() + "\n")
	if len(c.Changes) > 0 {
		b.WriteString(accept + "\n")
	}
	return writeAll(w, &b)
}
