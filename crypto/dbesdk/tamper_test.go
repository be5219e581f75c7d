package dbesdk_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// refusal is what this format says to a change. Where another encryption
// context is the reason, the keyring says it; where it is another number of
// attributes, a LegendError does.
func refusal(change itemtest.Change, err error) error {
	var legend *dbesdk.LegendError
	switch {
	case change == itemtest.ChangedHead:
		if !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
			return errors.New("it is neither ErrTampered nor ErrNoUsableKey")
		}
		return nil
	case change == itemtest.ChangedCount:
		if !errors.Is(err, crypto.ErrTampered) || !errors.As(err, &legend) || legend.Sealed == legend.Found {
			return errors.New("it is no LegendError")
		}
		return nil
	case errors.As(err, &legend):
		return errors.New("it is a LegendError")
	case change == itemtest.ChangedContext:
		if !errors.Is(err, crypto.ErrTampered) {
			return errors.New("it is not ErrTampered")
		}
		return nil
	}
	return itemtest.Same(change, err)
}

// The bits of head and foot have a test of their own,
// TestEveryBitOfHeadAndFootCounts.
func TestNoChangeGoesUnnoticed(t *testing.T) {
	for name, keys := range map[string]keyring.Keyring{
		"raw AES": rawAES(t, "key"),
		"raw RSA": rawRSA(t, "key"),
		"multi":   several(t, rawAES(t, "first"), rawRSA(t, "second")),
	} {
		for _, suite := range suites {
			t.Run(fmt.Sprintf("%s/%v", name, suite), func(t *testing.T) {
				s := itemtest.Subject{Encryptor: newEncryptor(t, keys, dbesdk.WithSuite(suite)), InContext: true,
					BitsElsewhere: true, Refused: refusal}
				if name == "multi" {
					// A tag that is not of the key that is read with is not
					// checked; see TestEachReaderChecksItsOwnTagAndAllElse.
					s.Others = [2]int{48, 96}
				}
				itemtest.Run(t, s)
			})
		}
	}
}
