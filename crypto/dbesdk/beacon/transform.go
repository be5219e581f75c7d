package beacon

// Transform changes the text of a value in a virtual field. Lengths and positions
// count UTF-16 code units. A position below 0 counts from the end: -1 is the last
// element. [Upper] and the other functions return Transforms.
type Transform struct {
	kind      kind
	text      string
	low, high int
}

type kind uint8

const (
	upper kind = iota + 1
	lower
	insert
	prefix
	suffix
	substring
	segment
	segments
)

// Upper returns a Transform that changes the ASCII letters to upper case.
func Upper() Transform { return Transform{kind: upper} }

// Lower returns a Transform that changes the ASCII letters to lower case.
func Lower() Transform { return Transform{kind: lower} }

// Insert returns a Transform that appends a text.
func Insert(text string) Transform { return Transform{kind: insert, text: text} }

// Prefix returns a Transform that keeps the first n characters, or if n is below
// 0, all but the last -n.
func Prefix(n int) Transform { return Transform{kind: prefix, low: n} }

// Suffix returns a Transform that keeps the last n characters, or if n is below
// 0, all but the first -n.
func Suffix(n int) Transform { return Transform{kind: suffix, low: n} }

// Substring returns a Transform that keeps the characters from position low up to
// but not including position high. As in the official clients, a position beyond
// the end is that of the last character, so that character can be kept only with
// [Suffix].
func Substring(low, high int) Transform { return Transform{kind: substring, low: low, high: high} }

// Segment returns a Transform that splits the text at each occurrence of a
// character and keeps one of the pieces. If there is no such piece, the result is
// empty.
func Segment(split string, index int) Transform {
	return Transform{kind: segment, text: split, low: index}
}

// Segments returns a Transform that splits the text at each occurrence of a
// character and keeps the pieces from position low up to but not including
// position high, joined by the character. As in the official clients, a position
// beyond the end is that of the last piece.
func Segments(split string, low, high int) Transform {
	return Transform{kind: segments, text: split, low: low, high: high}
}
