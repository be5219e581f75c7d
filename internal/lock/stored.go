package lock

import (
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
)

// same is the result for changes that do not affect stored items.
func same(why string) Stored {
	return Stored{Reading{StillReadable, why}, Reading{StillReadable, why}}
}

// unreadable is the result for changes after which stored items cannot be read
// in any format.
func unreadable(why string) Stored {
	return Stored{Reading{Unreadable, why}, Reading{Unreadable, why}}
}

// acted returns the consequences of a changed action for stored items that have
// the attribute. In the format ddbec, the signature covers the actions. In
// dbesdk, an item's legend has a letter for each signed attribute but does not
// record which attributes are signed.
func acted(from, to crypto.Action) Stored {
	if from == to {
		return same("The action is the same.")
	}
	return Stored{ddbecActed(from, to), dbesdkActed(from, to)}
}

func ddbecActed(from, to crypto.Action) Reading {
	switch {
	case to == crypto.SignInContext:
		return Reading{Unreadable, "The format does not support sign,context, so mapper.New fails."}
	case from == crypto.SignInContext:
		return Reading{StillReadable, "The format does not support sign,context, so there are no stored items in it."}
	}
	return Reading{Unreadable, "The signature covers the actions: no stored item that has the attribute verifies."}
}

func dbesdkActed(from, to crypto.Action) Reading {
	switch {
	case from == crypto.None:
		return Reading{Unreadable,
			"Items do not record which attributes are signed: an item in which this attribute is unsigned now has more " +
				"signed attributes than when it was sealed."}
	case to == crypto.None:
		return Reading{Unreadable,
			"Items do not record which attributes are signed: an item in which this attribute is signed now has fewer signed " +
				"attributes than when it was sealed."}
	}
	return Reading{ThroughLegend, fmt.Sprintf("The item records that the attribute is %s.", legendWord(from))}
}

// legendWord describes what an item's legend records for an attribute.
func legendWord(action crypto.Action) string {
	switch action {
	case crypto.Encrypt:
		return "encrypted"
	case crypto.SignInContext:
		return "signed and in the encryption context"
	}
	return "signed and not encrypted"
}

// removed returns the consequences for stored items that have an attribute that
// is no longer declared: undeclared attributes are encrypted.
func removed(from crypto.Action) Stored {
	switch from {
	case crypto.Encrypt:
		return same("Attributes that no struct declares are encrypted, as this one was.")
	case crypto.None:
		return unreadable("Attributes that no struct declares are signed, but this one is not: no stored item that has it " +
			"verifies.")
	case crypto.SignInContext:
		return Stored{ddbecActed(from, crypto.Encrypt), dbesdkActed(from, crypto.Encrypt)}
	}
	return Stored{
		Reading{Unreadable,
			"Attributes that no struct declares count as encrypted, but this one is not: no stored item that has it verifies."},
		dbesdkActed(from, crypto.Encrypt),
	}
}

// added returns the consequences for stored items if a new attribute is
// declared. Most items do not have it. If an item has it, it is encrypted.
func added(to crypto.Action) Stored {
	const harmless = "Stored items without the attribute are read as before."
	stored := same(harmless + " If an item has it, it is encrypted, like all attributes that no struct declares.")
	switch to {
	case crypto.Encrypt:
		return stored
	case crypto.None:
		return same(harmless +
			" If an item has it, it is signed, like all attributes that no struct declares, and the item does not verify.")
	case crypto.SignInContext:
		stored.DDBEC.Why = "The format does not support sign,context, so mapper.New fails and there are no stored items " +
			"in it."
	default:
		stored.DDBEC.Why = harmless +
			" If an item has it, it is encrypted, like all attributes that no struct declares, and the item does not verify."
	}
	stored.DBESDK.Why += " The item records that."
	return stored
}
