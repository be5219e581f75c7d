package report

import (
	"fmt"
	"io"
	"strings"
)

func (p *policies) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## ddbenc policies\n\n%s. %s\n", plain(p.Totals.String()), undeclared)
	if p.beacons {
		b.WriteString("\n" + beacons + "\n")
	}
	for _, s := range p.Structs {
		fmt.Fprintf(&b, "\n### %s\n\n%s", code(s.title()), plain(s.where()))
		if s.Position != nil {
			fmt.Fprintf(&b, ", %s", code(s.Position.String()))
		}
		b.WriteString("\n\n")
		if s.Error != nil {
			fmt.Fprintf(&b, "**Error:** %s\n", code(s.Error.String()))
			continue
		}
		markdownHeader(&b, p.columns())
		for _, a := range s.Attributes {
			cells := a.cells()
			for i, cell := range cells {
				switch {
				case i == 1:
					cells[i] = "**" + plain(cell) + "**"
				case i == 0 || i > 3:
					cells[i] = code(cell)
				}
			}
			markdownRow(&b, p.withBeacon(cells, code(a.beacon())))
		}
	}
	return writeAll(w, &b)
}

func (c *changes) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## ddbenc: %s\n", c.summary())
	if len(c.Changes) > 0 {
		b.WriteString("\n")
		markdownHeader(&b, []string{"", "What", "Change", "ddbec items", "dbesdk items", "Where"})
		for _, change := range c.Changes {
			mark := "⚠️"
			if change.Serious {
				mark = "❌"
			}
			markdownRow(&b, []string{
				mark, code(change.subject), code(change.what),
				change.Stored.DDBEC.Verdict.String(), change.Stored.DBESDK.Verdict.String(), code(change.Position.String()),
			})
		}
		b.WriteString("\n### What to do\n\n")
		for _, change := range c.Changes {
			fmt.Fprintf(&b, "- %s, %s\n  - ddbec: %s\n  - dbesdk: %s\n  - %s\n", code(change.subject), code(change.what),
				plain(change.Stored.DDBEC.Why), plain(change.Stored.DBESDK.Why), plain(change.Do))
		}
		b.WriteString("\n" + plain(accept) + "\n")
	}
	return writeAll(w, &b)
}

func markdownHeader(b *strings.Builder, cells []string) {
	markdownRow(b, cells)
	b.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
}

func markdownRow(b *strings.Builder, cells []string) {
	b.WriteString("|")
	for _, cell := range cells {
		b.WriteString(" " + cell + " |")
	}
	b.WriteString("\n")
}

// code returns text as code, in which GitHub recognizes neither markup nor
// people to notify. Text that a code span in a table cannot contain is in HTML.
func code(s string) string {
	s = Visible(s)
	switch {
	case s == "":
		return ""
	case !strings.ContainsAny(s, "`|\\"):
		return "`" + s + "`"
	}
	return "<code>" + entities(s) + "</code>"
}

// plain returns one of our own sentences. Only its code spans
// (`dynamo:"email"`) are markup, and it notifies nobody.
func plain(s string) string {
	if before, rest, ok := strings.Cut(s, "`"); ok {
		if inside, after, ok := strings.Cut(rest, "`"); ok {
			return plain(before) + code(inside) + plain(after)
		}
	}
	return strings.ReplaceAll(entities(Visible(s)), "&#64;", "<code>@</code>")
}

// entities escapes characters that could be markup.
func entities(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("!#&*<>@[\\]^_`|~", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
