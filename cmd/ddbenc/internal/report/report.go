// Package report writes policies, and changes of policies, for people: for a
// terminal, a pull request, a security review, and for other programs.
//
// What it writes depends on what it is given and nothing else: no time, no
// machine. It shows what source code says, and no item.
package report

import (
	"fmt"
	"go/token"
	"io"
	"path/filepath"
	"strings"

	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
)

// Format is a way to write a report.
type Format string

const (
	// Table is text for a terminal.
	Table Format = "table"
	// Markdown is GitHub's, for a comment or a job's summary.
	Markdown Format = "markdown"
	// JSON is for programs.
	JSON Format = "json"
	// HTML is a file that is complete in itself, for reading and printing. Only
	// policies have it.
	HTML Format = "html"
	// GitHub is GitHub's workflow commands, which it shows as annotations of
	// the source code. Only changes have it.
	GitHub Format = "github"
)

// Option configures a report.
type Option func(*options)

type options struct{ root string }

// Root makes the paths of files relative to a directory, if they are below it.
// Annotations on GitHub need the root of the repository.
func Root(dir string) Option {
	return func(o *options) { o.root = dir }
}

func newOptions(given []Option) options {
	var o options
	for _, option := range given {
		option(&o)
	}
	return o
}

// Policies writes what is done with each attribute of structs. The error is
// w's, or says that policies do not have the format.
func Policies(w io.Writer, format Format, structs []source.Struct, given ...Option) error {
	o := newOptions(given)
	switch p := newPolicies(structs, o); format {
	case Table:
		return p.table(w)
	case Markdown:
		return p.markdown(w)
	case JSON:
		return writeJSON(w, p)
	case HTML:
		return p.html(w)
	}
	return fmt.Errorf("report policies: no format %q (known: table, markdown, json, html)", format)
}

// Changes writes what has changed, and what that means. The error is w's, or
// says that changes do not have the format.
func Changes(w io.Writer, format Format, changed []lock.Change, given ...Option) error {
	o := newOptions(given)
	switch c := newChanges(changed, o); format {
	case Table:
		return c.table(w)
	case Markdown:
		return c.markdown(w)
	case JSON:
		return writeJSON(w, c)
	case GitHub:
		return c.github(w)
	}
	return fmt.Errorf("report changes: no format %q (known: table, markdown, json, github)", format)
}

// position is a place in source code.
type position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"`
}

// at returns a position for the report; nil if there is none.
func (o options) at(pos token.Position) *position {
	if !pos.IsValid() {
		return nil
	}
	file := pos.Filename
	if o.root != "" {
		relative, err := filepath.Rel(o.root, file)
		if err == nil && filepath.IsLocal(relative) {
			file = relative
		}
	}
	return &position{filepath.ToSlash(file), pos.Line, pos.Column}
}

// String returns "store/account.go:12".
func (p *position) String() string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", printable(p.File), p.Line)
}

// full is String with the column, where it is known.
func (p *position) full() string {
	if p == nil || p.Column == 0 {
		return p.String()
	}
	return fmt.Sprintf("%v:%d", p, p.Column)
}

// writeAll writes text that was made in memory.
func writeAll(w io.Writer, b *strings.Builder) error {
	_, err := io.WriteString(w, b.String())
	return err
}
