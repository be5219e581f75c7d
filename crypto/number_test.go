package crypto_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
)

func TestNumbersAreWrittenInNormalForm(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "+0e5": "0", "000": "0",
		"1": "1", "+1": "1", "-1": "-1", "001.500": "1.5", "55.00": "55", "1.0": "1",
		"100": "100", "1e2": "100", "1E+2": "100", "1.23e1": "12.3", "12300e-2": "123",
		".5": "0.5", "5.": "5", "-0.05": "-0.05", "5e-3": "0.005",
		nines:          nines,
		nines + "e87":  nines + strings.Repeat("0", 87),
		"1e125":        "1" + strings.Repeat("0", 125),
		"1e-130":       "0." + strings.Repeat("0", 129) + "1",
		"0.0001e-126":  "0." + strings.Repeat("0", 129) + "1",
		"-" + nines:    "-" + nines,
		nines + "0000": nines + "0000",
	} {
		if got, err := crypto.NormalizeNumber(in); err != nil || got != want {
			t.Errorf("NormalizeNumber(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestNumbersThatDynamoDBRefusesAreErrors(t *testing.T) {
	for _, in := range []string{
		"", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e1.5", "0x10", "1_000", " 1", "1 ", "NaN", "Infinity", "-Inf",
		"1,5", "--1", "1.2.3", "١", strings.Repeat("9", 39), "1e126", "1e-131", "1e99999999999999999999",
	} {
		if got, err := crypto.NormalizeNumber(in); !errors.Is(err, crypto.ErrInvalidItem) {
			t.Errorf("NormalizeNumber(%q) = %q, %v; want ErrInvalidItem", in, got, err)
		} else if len(in) > 3 && strings.Contains(err.Error(), in) {
			t.Errorf("the error for %q repeats it: %v", in, err)
		}
	}
}

func TestNormalFormKeepsTheValueAndIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[-+]?[0-9]{1,20}(\.[0-9]{0,18})?([eE][-+]?[0-9]{1,2})?`).Draw(t, "number")
		got, err := crypto.NormalizeNumber(in)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := new(big.Rat).SetString(in)
		have, ok := new(big.Rat).SetString(got)
		if !ok || have.Cmp(want) != 0 {
			t.Fatalf("NormalizeNumber(%q) = %q, another value", in, got)
		}
		if again, err := crypto.NormalizeNumber(got); err != nil || again != got {
			t.Fatalf("normal form %q becomes %q, %v", got, again, err)
		}
	})
}
