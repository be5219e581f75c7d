package policy

import "fmt"

// Error is an error in the tags of a struct type: a tags.Error with its
// location.
type Error struct {
	Type   string // as package reflect formats it
	Field  string // the path; empty if the error is about the type as a whole
	Tag    string // the field's complete struct tag
	Reason string
	Rule   Rule
	At     Place // where the field is declared; zero if Field is empty
}

// Rule distinguishes the errors that tools treat specially.
type Rule uint8

const (
	// RuleOther is any other error.
	RuleOther Rule = iota
	// RuleMisspelled is a tag key that resembles one of ours: see
	// [IntendedKey].
	RuleMisspelled
	// RuleUnwritten is a ddbenc tag on a field that is not written.
	RuleUnwritten
	// RuleKeyEncrypted is a key of the table with the action encrypt.
	RuleKeyEncrypted
	// RuleIncomplete is an incomplete key of the table or of an index, or a
	// beacon that shares the values of an unknown one. Another struct may have
	// the missing part.
	RuleIncomplete
)

// by sets the rule of the error.
func (e *Error) by(rule Rule) *Error {
	e.Rule = rule
	return e
}

// Place is the location of a field declaration: Struct.Field(Index).
type Place struct {
	Struct Type
	Index  int
}

func wrongType(t Type, reason string) *Error {
	return &Error{Type: t.String(), Reason: reason}
}

// wrong returns an Error about a field of type t.
func wrong(t Type, path, tag string, at Place, format string, args ...any) *Error {
	return &Error{Type: t.String(), Field: path, Tag: tag, Reason: fmt.Sprintf(format, args...), At: at}
}
