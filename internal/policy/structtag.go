package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// The keys of the struct tags that matter here.
const (
	keyAction     = "ddbenc"
	keyName       = "dynamo"
	keyIndex      = "index"
	keyLocalIndex = "localIndex"
)

// pair is one key:"value" of a struct tag.
type pair struct{ key, value string }

// scanTag splits a struct tag into its pairs. Unlike reflect.StructTag it
// finds every pair of a repeated key, and instead of ignoring all that comes
// after a mistake it reports false.
func scanTag(tag string) (pairs []pair, ok bool) {
	for {
		tag = strings.TrimLeft(tag, " ")
		if tag == "" {
			return pairs, true
		}
		key, rest, found := strings.Cut(tag, `:"`)
		if !found || key == "" || strings.ContainsFunc(key, notInKey) {
			return pairs, false
		}
		quoted, err := strconv.QuotedPrefix(`"` + rest)
		if err != nil {
			return pairs, false
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			return pairs, false
		}
		pairs = append(pairs, pair{key, value})
		tag = rest[len(quoted)-1:]
	}
}

func notInKey(r rune) bool { return r <= ' ' || r == ':' || r == '"' || r == 0x7f }

// MentionsAction reports whether a struct tag has a ddbenc pair or was
// probably meant to have one.
func MentionsAction(tag string) bool {
	pairs, ok := scanTag(tag)
	for _, p := range pairs {
		if p.key == keyAction || looksLikeAction(p.key) {
			return true
		}
	}
	return !ok && strings.Contains(strings.ToLower(tag), "dbenc")
}

// misspelled returns what is wrong with a tag key that is close to one of
// ours, and "" for any other key. reflect tells the cases of letters apart and
// would pass over such a key without a word.
func misspelled(key string) string {
	want := ""
	switch {
	case key == keyAction || key == keyName || key == keyIndex || key == keyLocalIndex:
	case looksLikeAction(key):
		want = keyAction
	case strings.EqualFold(key, keyName):
		want = keyName
	case strings.EqualFold(key, keyIndex):
		want = keyIndex
	case strings.EqualFold(key, keyLocalIndex):
		want = keyLocalIndex
	}
	if want == "" {
		return ""
	}
	return fmt.Sprintf("tag key %q has no effect: write %q", key, want)
}

// looksLikeAction reports whether key is nearly, but not exactly, ddbenc.
func looksLikeAction(key string) bool {
	if key == keyAction {
		return false
	}
	plain := strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(key))
	return strings.Contains(plain, "dbenc") || oneEditApart(plain, keyAction)
}

// oneEditApart reports whether one added, left out or changed letter, or two
// neighbours swapped, turns a into b.
func oneEditApart(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	a, b = a[i:], b[i:]
	switch {
	case len(a) < len(b):
		return a == b[1:]
	case a == "":
		return true
	case a[1:] == b[1:]:
		return true
	}
	return a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
}
