package policy

import (
	"strconv"
	"strings"
)

// The relevant keys of struct tags.
const (
	// KeyAction is the key of the tag that holds an attribute's action.
	KeyAction = "ddbenc"
	// KeyBeacon is the key of the tag that declares a beacon.
	KeyBeacon = "beacon"

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

// MentionedKey returns KeyAction or KeyBeacon if a struct tag has such a pair or
// was probably intended to have one. Otherwise it returns an empty string.
func MentionedKey(tag string) string {
	pairs, ok := ScanTag(tag)
	found := ""
	for _, p := range pairs {
		switch {
		case p.Key == KeyAction || looksLikeAction(p.Key):
			return KeyAction
		case p.Key == KeyBeacon || looksLikeBeacon(p.Key):
			found = KeyBeacon
		}
	}
	switch lower := strings.ToLower(tag); {
	case ok || found != "":
		return found
	case strings.Contains(lower, "dbenc"):
		return KeyAction
	case strings.Contains(lower, KeyBeacon):
		return KeyBeacon
	}
	return ""
}

// IntendedKey returns the tag key that the author probably meant, or an empty
// string if key is correct or unrelated. Package reflect is case-sensitive and
// silently ignores such keys.
func IntendedKey(key string) string {
	switch {
	case key == KeyAction || key == KeyBeacon || key == keyName || key == keyIndex || key == keyLocalIndex:
	case looksLikeAction(key):
		return KeyAction
	case looksLikeBeacon(key):
		return KeyBeacon
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
	plain := plainKey(key)
	return strings.Contains(plain, "dbenc") || oneEditApart(plain, KeyAction)
}

// looksLikeBeacon reports whether key resembles "beacon" but differs from it.
func looksLikeBeacon(key string) bool {
	if key == KeyBeacon {
		return false
	}
	plain := plainKey(key)
	return plain == KeyBeacon || oneEditApart(plain, KeyBeacon)
}

// plainKey returns a key in lower case and without separators.
func plainKey(key string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(key))
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
