package policy

import (
	"strconv"
	"strings"
)

// The relevant keys of struct tags.
const (
	// KeyAction is the key of the tag that holds an attribute's action.
	KeyAction = "ddbenc"

	keyName       = "dynamo"
	keyIndex      = "index"
	keyLocalIndex = "localIndex"
)

// Pair is one key:"value" pair of a struct tag, with its location in the tag.
type Pair struct {
	Key, Value string
	Start, End int
}

// ScanTag splits a struct tag into its pairs. Unlike reflect.StructTag, it
// returns every pair of a repeated key. It reports false for a malformed tag,
// where package reflect ignores the rest of the tag.
func ScanTag(tag string) (pairs []Pair, ok bool) {
	at := 0
	for {
		at = len(tag) - len(strings.TrimLeft(tag[at:], " "))
		if at == len(tag) {
			return pairs, true
		}
		key, rest, found := strings.Cut(tag[at:], `:"`)
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
		end := at + len(key) + 1 + len(quoted)
		pairs = append(pairs, Pair{key, value, at, end})
		at = end
	}
}

func notInKey(r rune) bool { return r <= ' ' || r == ':' || r == '"' || r == 0x7f }

// MentionsAction reports whether a struct tag has a ddbenc pair or was probably
// intended to have one.
func MentionsAction(tag string) bool {
	pairs, ok := ScanTag(tag)
	for _, p := range pairs {
		if p.Key == KeyAction || looksLikeAction(p.Key) {
			return true
		}
	}
	return !ok && strings.Contains(strings.ToLower(tag), "dbenc")
}

// IntendedKey returns the tag key that the author probably meant, or an empty
// string if key is correct or unrelated. Package reflect is case-sensitive and
// silently ignores such keys.
func IntendedKey(key string) string {
	switch {
	case key == KeyAction || key == keyName || key == keyIndex || key == keyLocalIndex:
	case looksLikeAction(key):
		return KeyAction
	case strings.EqualFold(key, keyName):
		return keyName
	case strings.EqualFold(key, keyIndex):
		return keyIndex
	case strings.EqualFold(key, keyLocalIndex):
		return keyLocalIndex
	}
	return ""
}

// looksLikeAction reports whether key resembles "ddbenc" but differs from it.
func looksLikeAction(key string) bool {
	if key == KeyAction {
		return false
	}
	plain := strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(key))
	return strings.Contains(plain, "dbenc") || oneEditApart(plain, KeyAction)
}

// oneEditApart reports whether a becomes b by adding, removing or changing one
// letter, or by swapping two adjacent ones.
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
