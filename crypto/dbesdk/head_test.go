package dbesdk_test

import (
	"encoding/binary"
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

// specimen is an item that was sealed, to be changed.
type specimen struct {
	reader  *dbesdk.Encryptor
	actions crypto.Actions
	sealed  crypto.Item
}

// refused makes sure that the item does not open if one of its attributes is
// replaced: as tampered with, or for a changed head as one whose key is
// nobody's.
func (s specimen) refused(t *testing.T, what, attribute string, value []byte) {
	t.Helper()
	changed := maps.Clone(s.sealed)
	changed[attribute] = binaryValue(value)
	s.refusedItem(t, what, changed, attribute == dbesdk.HeadAttribute)
}

func (s specimen) refusedItem(t *testing.T, what string, changed crypto.Item, head bool) {
	t.Helper()
	opened, err := s.reader.DecryptItem(t.Context(), itemtest.Table(), s.actions, changed)
	if opened != nil {
		t.Errorf("%s: %d attributes are returned, with %v", what, len(opened), err)
	}
	switch {
	case head && (errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNoUsableKey)):
	case !head && errors.Is(err, crypto.ErrTampered) && err.Error() == itemtest.Refusal:
	default:
		t.Errorf("%s: got %v, want ErrTampered", what, err)
	}
}

// specimens runs a test with an item of each kind that has one encrypted data
// key. For RSA, which is slow, that is one kind: nothing but the unwrapping of
// that key differs.
func specimens(t *testing.T, test func(*testing.T, dbesdk.Suite, specimen)) {
	for name, keys := range map[string]keyring.Keyring{"raw AES": rawAES(t, "aes"), "raw RSA": rawRSA(t, "rsa")} {
		for _, suite := range suites {
			for version := 1; version <= 2; version++ {
				if name == "raw RSA" && (suite != dbesdk.SuiteHMAC || version != 2) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%v/version %d", name, suite, version), func(t *testing.T) {
					t.Parallel()
					s := specimen{reader: newEncryptor(t, keys, dbesdk.WithSuite(suite)), actions: inVersion(version)}
					s.sealed = seal(t, s.reader, s.actions, itemtest.Account())
					if got := stored(t, s.sealed, dbesdk.HeadAttribute)[0]; int(got) != version {
						t.Fatalf("the header has version %d", got)
					}
					test(t, suite, s)
					opened, err := s.reader.DecryptItem(t.Context(), itemtest.Table(), s.actions, s.sealed)
					itemtest.Check(t, err)
					itemtest.EqualItems(t, opened, itemtest.Account())
				})
			}
		}
	}
}

func TestEveryBitOfHeadAndFootCounts(t *testing.T) {
	specimens(t, func(t *testing.T, _ dbesdk.Suite, s specimen) {
		for _, attribute := range []string{dbesdk.HeadAttribute, dbesdk.FootAttribute} {
			value := stored(t, s.sealed, attribute)
			var start, end int
			if attribute == dbesdk.HeadAttribute {
				start, end = wrappedByRSA(dissectHead(t, value))
			}
			for bit := range 8 * len(value) {
				// Each of these bits takes a private key operation and fails in
				// the same way, so one of each byte is enough.
				if at := bit / 8; start <= at && at < end && bit%8 != at%8 {
					continue
				}
				flipped := slices.Clone(value)
				flipped[bit/8] ^= 1 << (bit % 8)
				s.refused(t, fmt.Sprintf("%s with bit %d flipped", attribute, bit), attribute, flipped)
			}
		}
	})
}

// wrappedByRSA returns the start and end of the key that RSA wrapped, if there
// is one. It follows the wrapped data key of 48 bytes.
func wrappedByRSA(head anatomy) (start, end int) {
	at := 0
	for _, p := range head {
		if p.name == "ciphertext" && len(p.bytes) == 48+256 {
			return at + 48, at + len(p.bytes)
		}
		at += len(p.bytes)
	}
	return 0, 0
}

func TestHeadAndFootHaveOneLength(t *testing.T) {
	specimens(t, func(t *testing.T, _ dbesdk.Suite, s specimen) {
		for _, attribute := range []string{dbesdk.HeadAttribute, dbesdk.FootAttribute} {
			value := stored(t, s.sealed, attribute)
			for n := range value {
				s.refused(t, fmt.Sprintf("the first %d bytes of %s", n, attribute), attribute, value[:n])
				s.refused(t, fmt.Sprintf("%s without its first %d bytes", attribute, n+1), attribute, value[n+1:])
				s.refused(t, fmt.Sprintf("%s without byte %d", attribute, n), attribute, slices.Delete(slices.Clone(value), n, n+1))
			}
			for n := range len(value) + 1 {
				for _, b := range []byte{0, 1, 0xff} {
					s.refused(t, fmt.Sprintf("%s with a byte %d more at %d", attribute, b, n), attribute,
						slices.Insert(slices.Clone(value), n, b))
				}
			}
			s.refused(t, attribute+" twice", attribute, slices.Concat(value, value))
		}
	})
}

// Parts that are cut or extended along with their lengths are well-formed
// still, and refused because the commitment covers them.
func TestNoPartOfTheHeadCanBeCutOrExtended(t *testing.T) {
	specimens(t, func(t *testing.T, _ dbesdk.Suite, s specimen) {
		head := dissectHead(t, stored(t, s.sealed, dbesdk.HeadAttribute))
		for i, p := range head {
			try := func(what string, b []byte) {
				t.Helper()
				changed := head.with(i, b)
				if i > 0 && head[i-1].name == "length of "+p.name {
					changed = changed.with(i-1, binary.BigEndian.AppendUint16(nil, uint16(len(b))))
				}
				s.refused(t, p.name+" "+what, dbesdk.HeadAttribute, changed.join())
			}
			for n := range p.bytes {
				try(fmt.Sprintf("cut to %d bytes", n), p.bytes[:n])
				if n > 0 {
					try(fmt.Sprintf("without its first %d bytes", n), p.bytes[n:])
				}
			}
			for _, more := range []string{"\x00", "e", "s", "\xff", "more"} {
				try(fmt.Sprintf("with %q after it", more), append(slices.Clone(p.bytes), more...))
				try(fmt.Sprintf("with %q before it", more), append([]byte(more), p.bytes...))
			}
		}
	})
}

func TestEntriesOfTheHeadCanNotBeAddedRepeatedOrRemoved(t *testing.T) {
	specimens(t, func(t *testing.T, suite dbesdk.Suite, s specimen) {
		head := dissectHead(t, stored(t, s.sealed, dbesdk.HeadAttribute))
		context, keys := head.find(t, "count of stored context"), head.find(t, "count of data keys")
		entries := func(name, value string) []byte {
			var b []byte
			for _, s := range []string{name, value} {
				b = append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
			}
			return b
		}
		count := head[context].bytes[1]
		for _, name := range []string{"a", "aws-crypto-attr.more", "aws-crypto-legend", "aws-crypto-table-name",
			"aws-crypto-public-key-", "zzz"} {
			entry := entries(name, "value")
			s.refused(t, "stored context "+name+" before", dbesdk.HeadAttribute,
				head.with(context, append([]byte{0, count + 1}, entry...)).join())
			last := head.with(context, []byte{0, count + 1})
			s.refused(t, "stored context "+name+" after", dbesdk.HeadAttribute,
				last.with(keys, append(entry, head[keys].bytes...)).join())
		}
		if count > 0 {
			without := slices.Concat(head[:context], anatomy{{"count", []byte{0, 0}}}, head[keys:])
			s.refused(t, "without its stored context", dbesdk.HeadAttribute, without.join())
		}

		end := head.find(t, "commitment")
		one := head[keys+1 : end]
		s.refused(t, "the data key twice", dbesdk.HeadAttribute,
			slices.Concat(head[:keys], anatomy{{"two", []byte{2}}}, one, one, head[end:]).join())
		s.refused(t, "no data key", dbesdk.HeadAttribute,
			slices.Concat(head[:keys], anatomy{{"none", []byte{0}}}, head[end:]).join())
		other := anatomy{{"another's", slices.Concat(entries("another", "key"), []byte{0, 1, 7})}}
		s.refused(t, "another data key after it", dbesdk.HeadAttribute,
			slices.Concat(head[:keys], anatomy{{"two", []byte{2}}}, one, other, head[end:]).join())
		s.refused(t, "another data key before it", dbesdk.HeadAttribute,
			slices.Concat(head[:keys], anatomy{{"two", []byte{2}}}, other, one, head[end:]).join())
		s.refused(t, "another data key in its place", dbesdk.HeadAttribute,
			slices.Concat(head[:keys+1], other, head[end:]).join())
	})
}

func TestNoPartOfAnotherItemFits(t *testing.T) {
	specimens(t, func(t *testing.T, suite dbesdk.Suite, s specimen) {
		head, foot := dissectHead(t, stored(t, s.sealed, dbesdk.HeadAttribute)), dissectFoot(t, suite, 1,
			stored(t, s.sealed, dbesdk.FootAttribute))
		second := itemtest.Account()
		second["id"] = text("a-2")
		// The item sealed again, and another.
		for what, item := range map[string]crypto.Item{"the same": itemtest.Account(), "another": second} {
			sealed := seal(t, s.reader, s.actions, item)
			otherHead, otherFoot := dissectHead(t, stored(t, sealed, dbesdk.HeadAttribute)), dissectFoot(t, suite, 1,
				stored(t, sealed, dbesdk.FootAttribute))
			for i := range head {
				if !slices.Equal(head[i].bytes, otherHead[i].bytes) {
					s.refused(t, head[i].name+" of "+what, dbesdk.HeadAttribute, head.with(i, otherHead[i].bytes).join())
				}
			}
			for i := range foot {
				s.refused(t, foot[i].name+" of "+what, dbesdk.FootAttribute, foot.with(i, otherFoot[i].bytes).join())
			}
			for _, names := range [][]string{
				{dbesdk.HeadAttribute}, {dbesdk.FootAttribute}, {dbesdk.HeadAttribute, dbesdk.FootAttribute}, {"email"},
				{"secret"}, {"score"}, {"email", "secret", "score"},
				{dbesdk.HeadAttribute, "email", "secret", "score"}, {dbesdk.FootAttribute, "email", "secret", "score"},
			} {
				mixed := maps.Clone(s.sealed)
				for _, name := range names {
					mixed[name] = sealed[name]
				}
				s.refusedItem(t, fmt.Sprintf("%q of %s", names, what), mixed, slices.Contains(names, dbesdk.HeadAttribute))
			}
		}
	})
}

// Who can write to a table must not be able to choose what an item is verified
// with.
func TestNoItemCanBeMovedToAnotherSuiteOrVersion(t *testing.T) {
	specimens(t, func(t *testing.T, suite dbesdk.Suite, s specimen) {
		head, foot := dissectHead(t, stored(t, s.sealed, dbesdk.HeadAttribute)), stored(t, s.sealed, dbesdk.FootAttribute)
		version, flavor := head.find(t, "version"), head.find(t, "flavor")
		for v := range 256 {
			if byte(v) != head[version].bytes[0] {
				s.refused(t, fmt.Sprintf("version %d", v), dbesdk.HeadAttribute, head.with(version, []byte{byte(v)}).join())
			}
			if byte(v) != head[flavor].bytes[0] {
				s.refused(t, fmt.Sprintf("flavor %d", v), dbesdk.HeadAttribute, head.with(flavor, []byte{byte(v)}).join())
			}
		}
		legend := head.find(t, "legend")
		for _, letters := range []string{"s", "e", "c"} {
			for i := range head[legend].bytes {
				if changed := slices.Replace(slices.Clone(head[legend].bytes), i, i+1, letters[0]); !slices.Equal(changed,
					head[legend].bytes) {
					s.refused(t, fmt.Sprintf("legend %s", changed), dbesdk.HeadAttribute, head.with(legend, changed).join())
				}
			}
		}
		if suite != dbesdk.SuiteECDSA {
			return
		}
		// Without the signature, and all that tells of one.
		context, keys := head.find(t, "count of stored context"), head.find(t, "count of data keys")
		without := slices.Concat(head[:context], anatomy{{"none", []byte{0, 0}}}, head[keys:]).with(flavor, []byte{0})
		changed := maps.Clone(s.sealed)
		changed[dbesdk.HeadAttribute], changed[dbesdk.FootAttribute] = binaryValue(without.join()), binaryValue(foot[:48])
		s.refusedItem(t, "without its signature", changed, true)
	})
}
