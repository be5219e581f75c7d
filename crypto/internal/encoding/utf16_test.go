package encoding_test

import (
	"cmp"
	"slices"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto/internal/encoding"
)

func TestStringsAreOrderedAsTheirCodeUnitsAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runes := rapid.SliceOfN(rapid.SampledFrom([]rune{'a', 'b', 0xD7FF, 0xE000, 0xFFEE, 0x10000, 0x1F600, 0x10FFFF}), 0, 4)
		a, b := runes.Draw(t, "a"), runes.Draw(t, "b")
		want := slices.Compare(utf16.Encode(a), utf16.Encode(b))
		if got := encoding.LenUTF16(string(a)); got != len(utf16.Encode(a)) {
			t.Fatalf("%q has %d code units, not %d", string(a), len(utf16.Encode(a)), got)
		}
		if got := encoding.CompareUTF16(string(a), string(b)); cmp.Compare(got, 0) != want {
			t.Fatalf("%q and %q: %d, want %d", string(a), string(b), got, want)
		}
	})
}
