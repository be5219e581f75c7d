// Package report writes policies, changes of policies and figures about beacons
// for terminals, pull requests, security reviews and programs.
//
// The output depends only on the input, not on the time or the machine. It
// contains source code but no items.
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

// Format is the format of a report.
type Format string

const (
	// Table is text for a terminal.
	Table Format = "table"
	// Markdown is GitHub's markdown, for a comment or a job summary.
	Markdown Format = "markdown"
	// JSON is for programs.
	JSON Format = "json"
	// HTML is a self-contained file for reading and printing, for policies and
	// beacons only.
	HTML Format = "html"
	// GitHub consists of GitHub's workflow commands, which are shown as
	// annotations of the source code, for changes only.
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

// Policies writes how each attribute of structs is protected. It fails if the
// format is not one for policies. Other errors come from w.
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
	return fmt.Errorf("report policies: unknown format %q (known: table, markdown, json, html)", format)
}

// Changes writes the differences and their consequences. It fails if the format
// is not one for changes. Other errors come from w.
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
	return fmt.Errorf("report changes: unknown format %q (known: table, markdown, json, github)", format)
}

// position is a position in source code.
type position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"`
}

// at returns a position for the report, or nil if there is none.
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

// String returns text such as "store/account.go:12".
func (p *position) String() string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", printable(p.File), p.Line)
}

// full is like String with the column, if it is known.
func (p *position) full() string {
	if p == nil || p.Column == 0 {
		return p.String()
	}
	return fmt.Sprintf("%v:%d", p, p.Column)
}

// writeAll writes text from memory.
func writeAll(w io.Writer, b *strings.Builder) error {
	_, err := io.WriteString(w, b.String())
	return err
}
