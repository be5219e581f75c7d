package crypto

import "fmt"

// Action says what to do with one attribute of an item.
//
// The zero value is [Encrypt]: an attribute that nobody decided about is
// encrypted and signed.
type Action uint8

const (
	// Encrypt encrypts the value and covers name, type and value with the
	// item's signature. Key attributes cannot be encrypted.
	Encrypt Action = iota

	// Sign leaves the value readable and covers name, type and value with the
	// item's signature.
	Sign

	// SignInContext is Sign, and also makes the value part of the encryption
	// context. Only the Database Encryption SDK format has it.
	SignInContext

	// None leaves the attribute alone: anyone who can write to the table can
	// change it, add it or remove it unnoticed. It may be updated in place.
	None
)

// actionWords are the words that struct tags use, by Action.
var actionWords = [...]string{Encrypt: "encrypt", Sign: "sign", SignInContext: "sign,context", None: "none"}

// String returns the action as a struct tag spells it.
func (a Action) String() string {
	if int(a) < len(actionWords) {
		return actionWords[a]
	}
	return fmt.Sprintf("Action(%d)", uint8(a))
}

// Signed reports whether the item's signature covers the attribute: true for
// all actions but [None].
func (a Action) Signed() bool { return a != None }

// ParseAction is the inverse of [Action.String]. It accepts those words only,
// in that spelling; an error wraps [ErrPolicy].
func ParseAction(s string) (Action, error) {
	for a, word := range actionWords {
		if s == word {
			return Action(a), nil
		}
	}
	return 0, fmt.Errorf("%w: unknown action %q (known: encrypt, sign, sign,context, none)", ErrPolicy, s)
}

// MarshalText makes actions readable in JSON and similar formats.
func (a Action) MarshalText() ([]byte, error) {
	if int(a) >= len(actionWords) {
		return nil, fmt.Errorf("%w: %v", ErrPolicy, a)
	}
	return []byte(actionWords[a]), nil
}

// UnmarshalText is [ParseAction].
func (a *Action) UnmarshalText(text []byte) error {
	parsed, err := ParseAction(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

// Actions says what to do with each attribute of a table's items. It is read,
// never changed, by everything that receives it, so one value may serve any
// number of goroutines.
type Actions struct {
	// Attributes holds the attributes that were decided about, by name.
	Attributes map[string]Action

	// Default is for every other attribute. Its zero value is [Encrypt].
	Default Action
}

// Of returns the action for the attribute called name.
func (a Actions) Of(name string) Action {
	if action, ok := a.Attributes[name]; ok {
		return action
	}
	return a.Default
}
