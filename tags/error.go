package tags

import (
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/policy"
)

// Error is an error in the tags of a struct type. It unwraps to
// [crypto.ErrPolicy]. It contains names from the program's source code but no
// values.
type Error struct {
	// Type is the struct type in Go syntax, such as "main.Account".
	Type string
	// Field is the path of the field in it, such as "Email", "Base.ID" or
	// "Orders[].Card". It is empty if the error is about the type as a whole.
	Field string
	// Tag is the field's complete struct tag without the quotes around it.
	Tag string
	// Reason describes the error and, where possible, how to fix it.
	Reason string
}

// Error returns a single line, such as
//
//	ddbenc: type main.Account: field Email, tag `ddbenc:"secret"`: unknown action "secret" (…)
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("ddbenc: type " + e.Type + ": ")
	if e.Field != "" {
		b.WriteString("field " + e.Field)
		if e.Tag != "" {
			b.WriteString(", tag " + quoteTag(e.Tag))
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Reason)
	return b.String()
}

// Unwrap returns [crypto.ErrPolicy].
func (e *Error) Unwrap() error { return crypto.ErrPolicy }

// quoteTag quotes a struct tag as Go source code usually does.
func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

func newError(err *policy.Error) *Error {
	return &Error{Type: err.Type, Field: err.Field, Tag: err.Tag, Reason: err.Reason}
}
