package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/ddbenc/ddbenc/internal/policy"
	"github.com/ddbenc/ddbenc/internal/source"
)

// fix suggests a correction of a tag if there is only one.
func (c *checker) fix(err *source.TypeError) []analysis.SuggestedFix {
	f := c.field(err.Field)
	if f == nil || f.Tag == nil {
		return nil
	}
	pairs, ok := policy.ScanTag(err.Tag)
	if !ok {
		return nil
	}
	switch err.Rule {
	case policy.RuleMisspelled:
		return c.renameKey(f, err.Tag, pairs)
	case policy.RuleUnwritten, policy.RuleKeyEncrypted:
		// A key of an index could also stop being one, so only the table's key
		// has a unique correction.
	default:
		return nil
	}
	if len(f.Names) > 1 {
		return nil // other fields have the same tag
	}
	return c.removeTags(f, err.Tag, pairs)
}

// removeTags removes the ddbenc and beacon pairs from a field's tag.
func (c *checker) removeTags(f *ast.Field, tag string, pairs []policy.Pair) []analysis.SuggestedFix {
	var removed []string
	for _, p := range slices.Backward(pairs) {
		if p.Key == policy.KeyAction || p.Key == policy.KeyBeacon {
			tag = remove(tag, p)
			removed = append(removed, p.Key)
		}
	}
	switch len(removed) {
	case 0:
		return nil
	case 1:
		return c.replaceTag(f, tag, fmt.Sprintf("Remove the %s tag", removed[0]))
	}
	slices.Sort(removed)
	return c.replaceTag(f, tag, fmt.Sprintf("Remove the %s tags", strings.Join(removed, " and ")))
}

func (c *checker) renameKey(f *ast.Field, tag string, pairs []policy.Pair) []analysis.SuggestedFix {
	i := slices.IndexFunc(pairs, func(p policy.Pair) bool { return policy.IntendedKey(p.Key) != "" })
	if i < 0 {
		return nil
	}
	want := policy.IntendedKey(pairs[i].Key)
	if slices.ContainsFunc(pairs, func(p policy.Pair) bool { return p.Key == want }) {
		return nil
	}
	at := pairs[i].Start
	return c.replaceTag(f, tag[:at]+want+tag[at+len(pairs[i].Key):], fmt.Sprintf("Write %q", want))
}

// remove removes a pair from a tag, with the space that separates it.
func remove(tag string, p policy.Pair) string {
	before, after := tag[:p.Start], tag[p.End:]
	if after == "" || before == "" {
		return strings.Trim(before+after, " ")
	}
	return before + strings.TrimLeft(after, " ")
}

// addTag suggests a tag that states the default explicitly.
func (c *checker) addTag(v *types.Var) []analysis.SuggestedFix {
	f := c.field(v)
	if f == nil || len(f.Names) > 1 {
		return nil
	}
	const message, added = "Add the tag", policy.KeyAction + `:"encrypt"`
	if f.Tag == nil {
		insert := edit(f.Type.End(), f.Type.End(), " `"+added+"`")
		return []analysis.SuggestedFix{{Message: message, TextEdits: []analysis.TextEdit{insert}}}
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

// replaceTag suggests another tag for a field, with the same kind of quotes.
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
