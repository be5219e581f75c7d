package crypto

import "fmt"

// Action is what is done with one attribute of an item.
//
// The zero value is [Encrypt], so an attribute without a decision is encrypted
// and signed.
type Action uint8

const (
	// Encrypt encrypts the value, and signs the attribute's name, type and
	// value. Key attributes cannot be encrypted.
	Encrypt Action = iota

	// Sign leaves the value readable, and signs the attribute's name, type and
	// value.
	Sign

	// SignInContext is like [Sign] and also adds the value to the encryption
	// context. Only the Database Encryption SDK format supports it.
	SignInContext

	// None leaves the attribute unprotected. Anyone who can write to the table
	// can change, add or remove it without detection. It can be updated in
	// place.
	None
)

// actionWords holds the words that struct tags use.
var actionWords = [...]string{Encrypt: "encrypt", Sign: "sign", SignInContext: "sign,context", None: "none"}

// String returns the action as it is spelled in a struct tag.
func (a Action) String() string {
	if int(a) < len(actionWords) {
		return actionWords[a]
	}
	return fmt.Sprintf("Action(%d)", uint8(a))
}

// Signed reports whether the item's signature covers the attribute. It is true
// for all actions except [None].
func (a Action) Signed() bool { return a != None }

// ParseAction returns the action with the given name, as [Action.String] spells
// it. The error wraps [ErrPolicy].
func ParseAction(s string) (Action, error) {
	for a, word := range actionWords {
		if s == word {
			return Action(a), nil
		}
	}
	return 0, fmt.Errorf("%w: unknown action %q (known: encrypt, sign, sign,context, none)", ErrPolicy, s)
}

// MarshalText returns the action's name. The error, for an unknown action,
// wraps [ErrPolicy].
func (a Action) MarshalText() ([]byte, error) {
	if int(a) >= len(actionWords) {
		return nil, fmt.Errorf("%w: %v", ErrPolicy, a)
	}
	return []byte(actionWords[a]), nil
}

// UnmarshalText sets a to the action with the given name. See [ParseAction].
func (a *Action) UnmarshalText(text []byte) error {
	parsed, err := ParseAction(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// Actions holds the action for each attribute of a table's items. Nothing that
// receives an Actions modifies it, so it can be shared between goroutines.
type Actions struct {
	// Attributes holds actions by attribute name.
	Attributes map[string]Action

	// Default is the action for all other attributes. Its zero value is
	// [Encrypt].
	Default Action
}

// Of returns the action for the attribute called name.
func (a Actions) Of(name string) Action {
	if action, ok := a.Attributes[name]; ok {
		return action
	}
	return a.Default
}
