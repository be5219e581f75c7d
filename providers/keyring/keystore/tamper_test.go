package keystore_test

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// reads returns a function for each type of record, which reads it.
func (w *world) reads(t testing.TB, id, version string) map[string]func() error {
	return map[string]func() error{
		"branch:ACTIVE":             func() error { _, err := w.Active(t.Context(), id); return err },
		"branch:version:" + version: func() error { _, err := w.Version(t.Context(), id, version); return err },
		"beacon:ACTIVE":             func() error { _, err := w.BeaconKey(t.Context(), id); return err },
	}
}

const otherVersion = "00000000-0000-4000-8000-000000000000"

func TestEveryChangeOfARecordIsRefused(t *testing.T) {
	type change struct {
		name  string
		value types.AttributeValue // nil to remove
		kind  error
	}
	damaged := func(v types.AttributeValue, at int) types.AttributeValue {
		b := bytes.Clone(v.(*types.AttributeValueMemberB).Value)
		b[(at+len(b))%len(b)] ^= 1
		return binary(b)
	}
	changes := func(item crypto.Item) (all []change) {
		// Every attribute is removed, or given each other type.
		for _, name := range slices.Sorted(maps.Keys(item)) {
			if name == "branch-key-id" || name == "type" {
				continue // The primary key has tests of its own below.
			}
			kind := crypto.ErrNoUsableKey
			if strings.HasPrefix(name, "aws-crypto-ec:") {
				kind = crypto.ErrTampered
			}
			all = append(all, change{name, nil, kind})
			for _, v := range []types.AttributeValue{
				text("1"), number("1"), binary([]byte("1")), &types.AttributeValueMemberNULL{Value: true}, &types.AttributeValueMemberBOOL{Value: true},
				&types.AttributeValueMemberSS{Value: []string{"1"}}, &types.AttributeValueMemberL{Value: []types.AttributeValue{text("1")}},
			} {
				if sameType(v, item[name]) {
					continue
				}
				all = append(all, change{name, v, crypto.ErrNoUsableKey})
			}
		}
		return append(all,
			change{"enc", damaged(item["enc"], 0), crypto.ErrTampered},
			change{"enc", damaged(item["enc"], -1), crypto.ErrTampered},
			change{"enc", binary([]byte{}), crypto.ErrNoUsableKey},
			change{"enc", binary(make([]byte, 6145)), crypto.ErrNoUsableKey},
			change{"kms-arn", text(otherARN), crypto.ErrNoUsableKey},
			change{"kms-arn", text(providertest.KeyARN + " "), crypto.ErrNoUsableKey},
			change{"kms-arn", text("arn:aws:kms:eu-west-1:111122223333:alias/branch-keys"), crypto.ErrNoUsableKey},
			change{"kms-arn", text(""), crypto.ErrNoUsableKey},
			change{"create-time", text("2023-06-03T19:03:29.358000Z"), crypto.ErrTampered},
			change{"create-time", text(""), crypto.ErrNoUsableKey},
			change{"hierarchy-version", number("2"), crypto.ErrNoUsableKey},
			change{"aws-crypto-ec:tenant", text("2"), crypto.ErrTampered},
			change{"aws-crypto-ec:tenant", text(""), crypto.ErrTampered},
			change{"aws-crypto-ec:more", text("x"), crypto.ErrTampered},
			change{"aws-crypto-ec:", text("x"), crypto.ErrTampered},
			change{"more", text("x"), crypto.ErrTampered},
			change{"more", number("1"), crypto.ErrNoUsableKey},
			change{"tablename", text(table), crypto.ErrNoUsableKey},
			change{"version", text("branch:version:" + otherVersion), nil}, // See below.
			change{"version", text(otherVersion), crypto.ErrNoUsableKey},
			change{"version", text("branch:version:"), crypto.ErrNoUsableKey},
			change{"version", text("beacon:ACTIVE"), crypto.ErrNoUsableKey},
			change{"version", text("branch:version:" + strings.ToUpper("abcdefab-0000-4000-8000-000000000000")), crypto.ErrNoUsableKey},
		)
	}

	w := newWorld(t)
	id, err := w.Create(t.Context(), "tenant-1", map[string]string{"tenant": "1"})
	check(t, err)
	version := w.active(t, id).Version
	tried := 0
	for kind, read := range w.reads(t, id, version) {
		item := w.items(t, id)[kind]
		for _, c := range changes(item) {
			if c.kind == nil {
				// Only the active item may name any version; other records
				// are malformed.
				if c.kind = crypto.ErrNoUsableKey; kind == "branch:ACTIVE" {
					c.kind = crypto.ErrTampered
				}
			}
			altered := maps.Clone(item)
			if altered[c.name] = c.value; c.value == nil {
				delete(altered, c.name)
			}
			w.put(t, altered)
			tried++
			what := kind + " with another " + c.name
			refused(t, what, read(), c.kind, id)
			if kind != "branch:ACTIVE" {
				continue
			}
			refused(t, what+", rotated", w.Rotate(t.Context(), id), c.kind, id)
		}
		w.put(t, item)
		check(t, read())
	}
	if n := len(w.items(t, id)); n != 3 || tried < 150 {
		t.Errorf("%d items after %d changes", n, tried)
	}
}

func sameType(a, b types.AttributeValue) bool {
	switch a.(type) {
	case *types.AttributeValueMemberS:
		_, ok := b.(*types.AttributeValueMemberS)
		return ok
	case *types.AttributeValueMemberN:
		_, ok := b.(*types.AttributeValueMemberN)
		return ok
	case *types.AttributeValueMemberB:
		_, ok := b.(*types.AttributeValueMemberB)
		return ok
	}
	return false
}

// Each record, and each wrapped key alone, replaces each record of another type,
// version or branch key.
func TestARecordInThePlaceOfAnotherIsRefused(t *testing.T) {
	w := newWorld(t)
	id, neighbour := w.create(t), w.create(t)
	check(t, w.Rotate(t.Context(), id))
	version := w.active(t, id).Version
	reads := w.reads(t, id, version)
	tried := 0
	for kind, read := range reads {
		item := w.items(t, id)[kind]
		for _, of := range []string{id, neighbour} {
			for otherKind, other := range w.items(t, of) {
				if of == id && otherKind == kind {
					continue
				}
				tried++
				what := otherKind + " of " + of + " as " + kind
				moved := maps.Clone(other)
				moved["branch-key-id"], moved["type"] = item["branch-key-id"], item["type"]
				w.put(t, moved)
				if err := read(); !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
					t.Errorf("%s: %v", what, err)
				}
				withKey := maps.Clone(item)
				withKey["enc"] = other["enc"]
				w.put(t, withKey)
				refused(t, what+", the key alone", read(), crypto.ErrTampered, id)
			}
		}
		w.put(t, item)
		check(t, read())
	}
	if tried != 3*6 {
		t.Errorf("tried %d", tried)
	}
}

// The table returns another item than the requested one.
func TestAnotherItemThanTheOneAskedForIsRefused(t *testing.T) {
	w := newWorld(t)
	id, neighbour := w.create(t), w.create(t)
	version := w.active(t, id).Version
	items := w.items(t, id)
	answers := []crypto.Item{w.items(t, neighbour)["branch:ACTIVE"], w.items(t, neighbour)["beacon:ACTIVE"], {"branch-key-id": text(id)}}
	for _, item := range items {
		answers = append(answers, item)
	}
	liar := &answering{Client: w.db}
	s := w.over(t, liar, w.kms)
	for kind, read := range s.reads(t, id, version) {
		for _, answer := range answers {
			liar.item = answer
			err := read()
			if got, ok := answer["type"].(*types.AttributeValueMemberS); ok && got.Value == kind && answer["branch-key-id"].(*types.AttributeValueMemberS).Value == id {
				check(t, err)
				continue
			}
			want := crypto.ErrTampered
			if len(answer) == 1 {
				want = crypto.ErrNoUsableKey // not a record at all
			}
			refused(t, kind, err, want, id)
		}
	}
}

// Nothing authenticates the order in which versions were active, so an older
// active item is accepted. The package documentation says so.
func TestAnOlderActiveItemIsAccepted(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	old := w.items(t, id)["branch:ACTIVE"]
	version := w.active(t, id).Version
	check(t, w.Rotate(t.Context(), id))
	w.put(t, old)
	if now := w.active(t, id); now.Version != version {
		t.Errorf("version %s", now.Version)
	}
}

func TestABranchKeyIsBoundToTheStoresLogicalName(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	for _, name := range []string{"another", strings.ToUpper(table), table + "\x00"} {
		s := w.store(t, providertest.KeyARN, withLogicalName(name))
		_, err := s.Active(t.Context(), id)
		refused(t, name, err, crypto.ErrTampered, id)
		refused(t, name, s.Rotate(t.Context(), id), crypto.ErrTampered, id)
	}

	// A copy of the table opens under another name if it keeps the first's logical
	// name.
	copied := newStore(t, w.db, "restored", w.kms, providertest.KeyARN, withLogicalName(table))
	check(t, copied.CreateTable(t.Context()))
	for _, item := range w.items(t, id) {
		_, err := w.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("restored"), Item: item})
		check(t, err)
	}
	got, err := copied.Active(t.Context(), id)
	check(t, err)
	if !bytes.Equal(got.Key(), w.active(t, id).Key()) || copied.LogicalName() != table {
		t.Error("the copy has another key, or name")
	}
}
