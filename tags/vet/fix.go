package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/ddbenc/ddbenc/tags/source"
)

// fix suggests how to correct a tag, if there is one right answer.
func (c *checker) fix(err *source.TypeError) []analysis.SuggestedFix {
	f := c.field(err.Field)
	if f == nil || f.Tag == nil {
		return nil
	}
	pairs, ok := scanTag(err.Tag)
	if !ok {
		return nil
	}
	var got, want string
	switch {
	case scan(err.Reason, "tag key %q has no effect: write %q", &got, &want):
		return c.renameKey(f, err.Tag, pairs, got, want)
	case strings.HasPrefix(err.Reason, noEffect):
	case strings.HasPrefix(err.Reason, "a key of the table or an index cannot be encrypted") && isTableKey(err.Tag):
		// A key of an index can also stop to be one, so only the table's has
		// one right answer.
	default:
		return nil
	}
	if len(f.Names) > 1 {
		return nil // the tag is that of other fields, too
	}
	i := slices.IndexFunc(pairs, func(p pair) bool { return p.key == keyAction })
	if i < 0 {
		return nil
	}
	return c.replaceTag(f, remove(err.Tag, pairs[i]), "Remove the ddbenc tag")
}

// scan is fmt.Sscanf, which has to fill all its arguments.
func scan(s, format string, args ...any) bool {
	n, err := fmt.Sscanf(s, format, args...)
	return err == nil && n == len(args)
}

func (c *checker) renameKey(f *ast.Field, tag string, pairs []pair, got, want string) []analysis.SuggestedFix {
	i := slices.IndexFunc(pairs, func(p pair) bool { return p.key == got })
	if i < 0 || slices.ContainsFunc(pairs, func(p pair) bool { return p.key == want }) {
		return nil
	}
	at := pairs[i].start
	return c.replaceTag(f, tag[:at]+want+tag[at+len(got):], fmt.Sprintf("Write %q", want))
}

// isTableKey reports whether a tag makes its field a key of the table.
func isTableKey(tag string) bool {
	_, options, _ := strings.Cut(reflect.StructTag(tag).Get("dynamo"), ",")
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "hash", "partition", "range", "sort":
			return true
		}
	}
	return false
}

// remove takes a pair out of a tag, with the space that set it off.
func remove(tag string, p pair) string {
	before, after := tag[:p.start], tag[p.end:]
	if after == "" || before == "" {
		return strings.Trim(before+after, " ")
	}
	return before + strings.TrimLeft(after, " ")
}

// addTag suggests to say what happens to a field anyway.
func (c *checker) addTag(v *types.Var) []analysis.SuggestedFix {
	f := c.field(v)
	if f == nil || len(f.Names) > 1 {
		return nil
	}
	const message, added = "Add the tag", keyAction + `:"encrypt"`
	if f.Tag == nil {
		return []analysis.SuggestedFix{{Message: message, TextEdits: []analysis.TextEdit{edit(f.Type.End(), f.Type.End(), " `"+added+"`")}}}
	}
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return nil
	}
	if strings.TrimSpace(tag) == "" {
		tag = ""
	} else {
		tag += " "
	}
	return c.replaceTag(f, tag+added, message)
}

// replaceTag suggests another tag for a field, in the quotes that it has.
func (c *checker) replaceTag(f *ast.Field, tag, message string) []analysis.SuggestedFix {
	var e analysis.TextEdit
	switch {
	case tag == "":
		e = edit(f.Type.End(), f.Tag.End(), "")
	case strings.HasPrefix(f.Tag.Value, "`"):
		e = edit(f.Tag.Pos(), f.Tag.End(), "`"+tag+"`")
	default:
		e = edit(f.Tag.Pos(), f.Tag.End(), strconv.Quote(tag))
	}
	return []analysis.SuggestedFix{{Message: message, TextEdits: []analysis.TextEdit{e}}}
}

func edit(from, to token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: from, End: to, NewText: []byte(text)}
}
