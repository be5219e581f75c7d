package lock

import (
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

// rewrite explains how to change the protection of stored items.
const rewrite = "rewrite stored items first: read them with the old tags and write them with the new ones"

// inContext explains the consequences of sign,context.
const inContext = "The value and the item's primary key become part of the encryption context, as text. If AWS KMS " +
	"wraps the key of each item, it logs both. Only the format dbesdk supports this."

// notYetInContext explains the consequences for items that are already stored.
const notYetInContext = "Stored items do not have the value in their encryption context until they are rewritten: " +
	"a branch key supplier or key policy that depends on it does not find it."

// adviseAction returns the advice for a changed action.
func adviseAction(from, to crypto.Action) string {
	switch {
	case from == crypto.None:
		return "If stored items have the attribute, leave it at none and name it in dbesdk.WithUnsigned so that it stays " +
			"unsigned; otherwise " + rewrite + "."
	case to == crypto.None:
		return "Check that anyone who can write to the table may change the value without detection. If so, " + rewrite + "."
	case to == crypto.SignInContext:
		do := inContext + " " + notYetInContext
		if from == crypto.Encrypt {
			do = "Check that everyone who can read the table may read the value. " + do
		}
		return do
	case from == crypto.SignInContext:
		do := "Check that nothing selects keys by the value: new items do not have it in their encryption context."
		if to == crypto.Encrypt {
			do += " Also check that nothing filters by it."
		}
		return do
	case to == crypto.Encrypt:
		return "Check that nothing filters by the value, or expires items by it. In the format ddbec, " + rewrite + "."
	}
	return "Check that everyone who can read the table may read the value. In the format ddbec, " + rewrite + "."
}

// adviseRemoved returns the advice for an attribute that is no longer declared.
// successor is a new attribute that may be the same field with another name.
func adviseRemoved(a tags.Attribute, successor string) string {
	var do string
	switch a.Action {
	case crypto.Encrypt:
		do = "Nothing, if the value is no longer needed. Items keep it until they are written without it."
	case crypto.None:
		do = fmt.Sprintf("Keep a field for it, or a struct with one in mapper.WithType, as long as items have it. "+
			"With dbesdk, dbesdk.WithUnsigned(%q) suffices.", a.Name)
	case crypto.SignInContext:
		do = "Check that nothing selects keys by the value: new items do not have it in their encryption context."
	default:
		do = "In the format ddbec, keep a field for it, or a struct with one in mapper.WithType, as long as items have it."
	}
	if successor != "" {
		do += fmt.Sprintf(" If the field was renamed to %s, tag it `dynamo:%q` to keep the attribute.", successor, a.Name)
	}
	return do
}

// adviseRenamed returns the advice for a field whose attribute name changed.
func adviseRenamed(before tags.Attribute) string {
	return fmt.Sprintf("Stored items have the value under the name %s, where the field does not find it. Tag the field "+
		"`dynamo:%q`, or %s.", quote(before.Name), before.Name, rewrite)
}

func adviseAdded(to crypto.Action) string {
	switch to {
	case crypto.Encrypt:
		return "Nothing. If you need to filter by the value, tag the field before items have it."
	case crypto.None:
		return "Check that anyone who can write to the table may change the value without detection. The tag is hard to " +
			"change once items have the attribute."
	case crypto.SignInContext:
		return inContext
	}
	return "Check that everyone who can read the table may read the value."
}
