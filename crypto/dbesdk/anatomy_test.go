package dbesdk_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
)

// anatomy is a head or foot, cut into its parts.
type anatomy []part

type part struct {
	name  string
	bytes []byte
}

// dissectHead cuts a head as the specification of the format draws it, so
// that tests need not believe the package's own parser.
func dissectHead(t testing.TB, head []byte) anatomy {
	t.Helper()
	var all anatomy
	rest := head
	take := func(name string, n int) []byte {
		t.Helper()
		if n > len(rest) {
			t.Fatalf("the head ends within %s", name)
		}
		all = append(all, part{name, rest[:n:n]})
		rest = rest[n:]
		return all[len(all)-1].bytes
	}
	text := func(name string) {
		t.Helper()
		take(name, int(binary.BigEndian.Uint16(take("length of "+name, 2))))
	}
	take("version", 1)
	take("flavor", 1)
	take("message ID", 32)
	text("legend")
	for range binary.BigEndian.Uint16(take("count of stored context", 2)) {
		text("stored context name")
		text("stored context value")
	}
	for range take("count of data keys", 1)[0] {
		text("provider ID")
		text("provider info")
		text("ciphertext")
	}
	take("commitment", 32)
	if len(rest) != 0 {
		t.Fatalf("%d bytes are left", len(rest))
	}
	return all
}

// dissectFoot cuts the foot of an item with n encrypted data keys.
func dissectFoot(t testing.TB, suite dbesdk.Suite, n int, foot []byte) anatomy {
	t.Helper()
	var all anatomy
	for range n {
		all = append(all, part{"tag", foot[:48:48]})
		foot = foot[48:]
	}
	want := 0
	if suite == dbesdk.SuiteECDSA {
		want = 103
		all = append(all, part{"signature", foot})
	}
	if len(foot) != want {
		t.Fatalf("%d bytes come after the tags, not %d", len(foot), want)
	}
	return all
}

func (a anatomy) join() []byte {
	var all []byte
	for _, p := range a {
		all = append(all, p.bytes...)
	}
	return all
}

// with returns the whole with part i replaced.
func (a anatomy) with(i int, b []byte) anatomy {
	changed := slices.Clone(a)
	changed[i] = part{a[i].name, b}
	return changed
}

// find returns the index of the first part of that name.
func (a anatomy) find(t testing.TB, name string) int {
	t.Helper()
	i := slices.IndexFunc(a, func(p part) bool { return p.name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return i
}
