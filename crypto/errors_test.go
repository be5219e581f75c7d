package crypto_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/errtest"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	errtest.Golden(t, map[string]error{
		"ErrNotProtected":   crypto.ErrNotProtected,
		"ErrTampered":       crypto.ErrTampered,
		"ErrNoUsableKey":    crypto.ErrNoUsableKey,
		"ErrKeyUnavailable": crypto.ErrKeyUnavailable,
		"ErrPolicy":         crypto.ErrPolicy,
		"ErrInvalidItem":    crypto.ErrInvalidItem,
		"ErrInvalidKey":     crypto.ErrInvalidKey,
		"ErrUnsupported":    crypto.ErrUnsupported,

		"ItemError": &crypto.ItemError{
			Op: "decrypt", Table: "accounts", Keys: []string{"id", "opened"}, Attribute: "email", Err: crypto.ErrTampered,
		},
		"ItemError without attribute": &crypto.ItemError{
			Op: "decrypt", Table: "accounts", Keys: []string{"id"}, Err: crypto.ErrNotProtected,
		},
		"ItemError without table": &crypto.ItemError{Op: "inspect", Err: crypto.ErrNotProtected},

		"unknown action":           second(crypto.ParseAction("secret")),
		"unknown action, as text":  second(crypto.Action(9).MarshalText()),
		"number: not decimal":      second(crypto.NormalizeNumber("x")),
		"number: digits":           second(crypto.NormalizeNumber("123456789012345678901234567890123456789")),
		"number: range":            second(crypto.NormalizeNumber("1e126")),
		"number: exponent's range": second(crypto.NormalizeNumber("1e9999999999999999999")),
	})
}
