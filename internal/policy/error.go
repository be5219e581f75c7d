package policy

import "fmt"

// Error is a mistake in the tags of a struct type: a tags.Error, and where it
// is.
type Error struct {
	Type   string // as reflect writes it
	Field  string // the path; empty if the type as a whole is at fault
	Tag    string // the field's whole struct tag
	Reason string
	Rule   Rule
	At     Place // of the field; its zero value if Field is empty
}

// Rule tells apart the mistakes that tools can do something about.
type Rule uint8

const (
	// RuleOther is any other mistake.
	RuleOther Rule = iota
	// RuleMisspelled is a tag key that is nearly one of ours: see [IntendedKey].
	RuleMisspelled
	// RuleUnwritten is a ddbenc tag on a field that is not written.
	RuleUnwritten
	// RuleKeyEncrypted is a key of the table with the action encrypt.
	RuleKeyEncrypted
	// RuleIncomplete is a key of the table or of an index of which a part is
	// missing, which may be in another struct.
	RuleIncomplete
)

// by returns the error as one against a rule.
func (e *Error) by(rule Rule) *Error {
	e.Rule = rule
	return e
}

// Place is where a field is declared: it is Struct.Field(Index).
type Place struct {
	Struct Type
	Index  int
}

func wrongType(t Type, reason string) *Error {
	return &Error{Type: t.String(), Reason: reason}
}

// wrong builds an Error about a field of type t.
func wrong(t Type, path, tag string, at Place, format string, args ...any) *Error {
	return &Error{Type: t.String(), Field: path, Tag: tag, Reason: fmt.Sprintf(format, args...), At: at}
}
