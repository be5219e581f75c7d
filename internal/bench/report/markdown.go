package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The generated part of a page is between these lines.
const (
	begin = "<!-- peers:begin -->\n"
	end   = "<!-- peers:end -->\n"
)

// Update writes the generated part of a page, and the pictures beside it.
func (r *Run) Update(page string) error {
	before, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	after, err := r.Insert(string(before))
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	for name, picture := range r.Pictures() {
		if err := os.WriteFile(filepath.Join(filepath.Dir(page), name), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(page, []byte(after), 0o644)
}

// Insert returns a page with its generated part replaced.
func (r *Run) Insert(page string) (string, error) {
	head, rest, ok := strings.Cut(page, begin)
	if !ok {
		return "", fmt.Errorf("no line %s", strings.TrimSpace(begin))
	}
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("no line %s after %s", strings.TrimSpace(end), strings.TrimSpace(begin))
	}
	return head + begin + r.markdown() + end + tail, nil
}

func (r *Run) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s with %d cores (%s) on %s: %d rounds of at least %g s of CPU time each. "+
		"The load average was %.1f before the run and %.1f after it.\n", r.Machine.CPU, r.Machine.Cores,
		r.Machine.OS, r.Date, r.Rounds, r.Seconds, r.Machine.Load[0], r.Machine.Load[1])
	b.WriteString("\n| column | client | runs on |\n|---|---|---|\n")
	for _, p := range r.Programs {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", p.Name, p.Version, p.Runtime)
	}
	for _, p := range r.Programs {
		if p.Note != "" {
			fmt.Fprintf(&b, "\n%s: %s\n", p.Name, p.Note)
		}
	}
	for _, c := range r.chapters() {
		fmt.Fprintf(&b, "\n**%s**\n\n![CPU time by client, %s](%s)\n\n| item | |", c.title(), c.title(), c.picture())
		for _, p := range c.Programs {
			fmt.Fprintf(&b, " %s |", p.Name)
		}
		b.WriteString("\n|---|---|" + strings.Repeat("---|", len(c.Programs)) + "\n")
		for _, size := range c.Sizes {
			for _, op := range ops {
				r.row(&b, c, Cell{c.Format, c.Suite, size, op})
			}
		}
	}
	return b.String()
}

// row writes the times of one cell, and how they compare with the first.
func (r *Run) row(b *strings.Builder, c chapter, cell Cell) {
	fmt.Fprintf(b, "| %d KB | %s |", cell.Size>>10, cell.Op)
	first, compare := r.best(cell, r.Programs[0].ID)
	for _, p := range c.Programs {
		each, ok := r.best(cell, p.ID)
		switch {
		case !ok:
			b.WriteString(" |")
		case compare && p.ID != r.Programs[0].ID:
			fmt.Fprintf(b, " %s (%s ×) |", duration(each), digits(each/first))
		default:
			fmt.Fprintf(b, " %s |", duration(each))
		}
	}
	b.WriteString("\n")
}

// duration writes nanoseconds with three digits.
func duration(nanoseconds float64) string {
	switch {
	case nanoseconds >= 999.5e6:
		return digits(nanoseconds/1e9) + " s"
	case nanoseconds >= 999.5e3:
		return digits(nanoseconds/1e6) + " ms"
	}
	return digits(nanoseconds/1e3) + " µs"
}

// digits writes a number with about three digits, and no more than two decimals.
func digits(x float64) string {
	switch {
	case x < 9.995:
		return fmt.Sprintf("%.2f", x)
	case x < 99.95:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}
