package dbesdk_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// An item that is for several keys has a tag for each in its foot. Whoever
// reads with one of them checks the tag of that one, cannot check the others,
// and does not notice changes to them. Everything else is checked whichever key
// it is, even with the suite that does not sign.
func TestEachReaderChecksItsOwnTagAndAllElse(t *testing.T) {
	first, second, third := rawAES(t, "first"), rawAES(t, "second"), rawAES(t, "third")
	for _, suite := range suites {
		writer := newEncryptor(t, several(t, first, second, third), dbesdk.WithSuite(suite))
		sealed := seal(t, writer, inVersion(2), itemtest.Account())
		head, foot := stored(t, sealed, dbesdk.HeadAttribute), stored(t, sealed, dbesdk.FootAttribute)
		dissectFoot(t, suite, 3, foot)
		for name, c := range map[string]struct {
			keys keyring.Keyring
			own  int // the tag that is checked
		}{
			"the first key": {first, 0}, "the second key": {second, 1}, "the third key": {third, 2},
			"all keys": {several(t, first, second, third), 0}, "all keys, the last first": {several(t, third, second, first), 2},
			"two keys, one of them another's": {several(t, rawAES(t, "first, but another key"), second), 1},
		} {
			if suite == dbesdk.SuiteECDSA && name != "the first key" && name != "all keys, the last first" {
				continue // verifying takes time, and the others show it
			}
			t.Run(fmt.Sprintf("%v/%s", suite, name), func(t *testing.T) {
				t.Parallel()
				s := specimen{reader: newEncryptor(t, c.keys, dbesdk.WithSuite(suite)), actions: inVersion(2), sealed: sealed}
				for bit := range 8 * len(foot) {
					tag := bit / 8 / 48
					if suite == dbesdk.SuiteECDSA && tag != c.own && bit%8 != 0 {
						continue // what has the right tag is verified to the end, which takes time
					}
					flipped := slices.Clone(foot)
					flipped[bit/8] ^= 1 << (bit % 8)
					if tag == c.own || tag > 2 {
						s.refused(t, fmt.Sprintf("foot with bit %d flipped", bit), dbesdk.FootAttribute, flipped)
						continue
					}
					changed := maps.Clone(sealed)
					changed[dbesdk.FootAttribute] = binaryValue(flipped)
					opened, err := s.reader.DecryptItem(t.Context(), itemtest.Table(), s.actions, changed)
					if err != nil {
						t.Fatalf("foot with bit %d flipped: %v", bit, err)
					}
					itemtest.EqualItems(t, opened, itemtest.Account())
				}
				for bit := range 8 * len(head) {
					if suite == dbesdk.SuiteECDSA && bit%8 != bit/8%8 {
						continue // one of each byte; TestEveryBitOfHeadAndFootCounts does all
					}
					flipped := slices.Clone(head)
					flipped[bit/8] ^= 1 << (bit % 8)
					s.refused(t, fmt.Sprintf("head with bit %d flipped", bit), dbesdk.HeadAttribute, flipped)
				}
				for n := range foot {
					s.refused(t, fmt.Sprintf("%d bytes of the foot", n), dbesdk.FootAttribute, foot[:n])
				}
				s.refused(t, "foot with a tag less", dbesdk.FootAttribute, foot[48:])
				s.refused(t, "foot with a tag more", dbesdk.FootAttribute, append(slices.Clone(foot[:48]), foot...))
			})
		}
	}
}

func TestDataKeysCannotBeAddedRemovedOrReordered(t *testing.T) {
	first, second := rawAES(t, "first"), rawAES(t, "second")
	for _, suite := range suites {
		writer := newEncryptor(t, several(t, first, second), dbesdk.WithSuite(suite))
		sealed := seal(t, writer, inVersion(1), itemtest.Account())
		again := seal(t, writer, inVersion(1), itemtest.Account())
		head, other := dissectHead(t, stored(t, sealed, dbesdk.HeadAttribute)), dissectHead(t,
			stored(t, again, dbesdk.HeadAttribute))
		foot := stored(t, sealed, dbesdk.FootAttribute)
		keys, end := head.find(t, "count of data keys"), head.find(t, "commitment")
		one, two := head[keys+1:keys+7], head[keys+7:end]
		elsewhere := other[keys+1 : keys+7]
		signature := foot[96:]
		for _, reader := range []keyring.Keyring{first, second, several(t, first, second), several(t, second, first)} {
			s := specimen{reader: newEncryptor(t, reader), actions: inVersion(1), sealed: sealed}
			for _, c := range []struct {
				what string
				keys []anatomy
				foot [][]byte
			}{
				{"reordered", []anatomy{two, one}, [][]byte{foot[:96]}},
				{"reordered with their tags", []anatomy{two, one}, [][]byte{foot[48:96], foot[:48]}},
				{"the first alone", []anatomy{one}, [][]byte{foot[:48]}},
				{"the second alone", []anatomy{two}, [][]byte{foot[48:96]}},
				{"the first twice", []anatomy{one, one}, [][]byte{foot[:48], foot[:48]}},
				{"one of another item more", []anatomy{one, two, elsewhere}, [][]byte{foot[:96], foot[:48]}},
				{"one of another item before them", []anatomy{elsewhere, one, two}, [][]byte{foot[:48], foot[:96]}},
				{"one of another item in place of the first", []anatomy{elsewhere, two}, [][]byte{foot[:96]}},
			} {
				h := slices.Concat(head[:keys], anatomy{{"count", []byte{byte(len(c.keys))}}}, slices.Concat(c.keys...), head[end:])
				changed := maps.Clone(sealed)
				changed[dbesdk.HeadAttribute] = binaryValue(h.join())
				changed[dbesdk.FootAttribute] = binaryValue(slices.Concat(slices.Concat(c.foot...), signature))
				s.refusedItem(t, fmt.Sprintf("%v: data keys %s", suite, c.what), changed, true)
			}
		}
	}
}

// The official clients take any tag for that of any key, and so do we: no
// client writes them in another order, and each is a MAC of the whole item.
func TestTagsInAnotherOrderThanTheKeysOpen(t *testing.T) {
	first, second := rawAES(t, "first"), rawAES(t, "second")
	for _, suite := range suites {
		sealed := seal(t, newEncryptor(t, several(t, first, second), dbesdk.WithSuite(suite)), inVersion(1),
			itemtest.Account())
		foot := stored(t, sealed, dbesdk.FootAttribute)
		sealed[dbesdk.FootAttribute] = binaryValue(slices.Concat(foot[48:96], foot[:48], foot[96:]))
		for _, reader := range []keyring.Keyring{first, second} {
			opened, err := newEncryptor(t, reader).DecryptItem(t.Context(), itemtest.Table(), inVersion(1), sealed)
			itemtest.Check(t, err)
			itemtest.EqualItems(t, opened, itemtest.Account())
		}
	}
}

func TestAnItemIsForItsKeysOnly(t *testing.T) {
	first, second := rawAES(t, "first"), rawRSA(t, "second")
	for _, suite := range suites {
		sealed := seal(t, newEncryptor(t, several(t, first, second), dbesdk.WithSuite(suite)), itemtest.Actions(),
			itemtest.Account())
		for name, c := range map[string]struct {
			keys keyring.Keyring
			want error
		}{
			"one of the keys":              {first, nil},
			"the other":                    {second, nil},
			"both, in the other order":     {several(t, second, first), nil},
			"one, after a stranger":        {several(t, rawAES(t, "stranger"), second), nil},
			"a stranger":                   {rawAES(t, "stranger"), crypto.ErrNoUsableKey},
			"another key of the same name": {rawAES(t, "first"), crypto.ErrTampered},
			"strangers":                    {several(t, rawAES(t, "stranger"), rawRSA(t, "stranger")), crypto.ErrNoUsableKey},
		} {
			opened, err := newEncryptor(t, c.keys).DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
			switch {
			case !errors.Is(err, c.want):
				t.Errorf("%v, %s: got %v, want %v", suite, name, err, c.want)
			case c.want == nil:
				itemtest.EqualItems(t, opened, itemtest.Account())
			}
		}
	}
}
