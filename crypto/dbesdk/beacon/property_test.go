package beacon_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/crypto/internal/itemgen"
)

// What a beacon is compared with must never exclude an item that meets the
// condition on plaintext. Lengths are short, so that collisions occur too.

// anyText draws texts of parts: short, with characters that sort before and after
// the split character and that occur in prefixes and hashes.
func anyText() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		one := rapid.SampledFrom([]string{"a", "A", "A-", "B", "-", "!", "~", "0", "f", "é", "😀", "S", "."})
		pieces := rapid.SliceOfN(one, 0, 3).Draw(t, "text")
		return strings.Join(pieces, "")
	})
}

// anyCompound draws a configuration with a compound beacon over the attributes s0
// to s2, which are signed, and e0 to e2, which are encrypted.
func anyCompound(t *rapid.T) beacon.Config {
	prefixes := rapid.SampledFrom([][]string{
		{"A-", "B-", "C-", "D-", "E-", "F-"},
		{"A", "S", "é", "😀", "!", "~"},
		{"A-A", "A-B", "S-", "B", "0", "f"},
	}).Draw(t, "prefixes")
	prefixes = rapid.Permutation(prefixes).Draw(t, "order")
	c := beacon.Config{MaxPartitions: rapid.SampledFrom([]int{0, 1, 2, 5, 6}).Draw(t, "partitions")}
	compound := beacon.Compound{Name: "c", Split: rapid.SampledFrom([]string{".", "#", "a", "|"}).Draw(t, "split")}
	var all []string
	for i := range 3 {
		name := fmt.Sprintf("e%d", i)
		standard := beacon.Standard{Name: name, Length: rapid.IntRange(1, 9).Draw(t, "length"), PartOnly: true}
		if c.MaxPartitions > 1 {
			standard.Partitions = rapid.IntRange(0, c.MaxPartitions-1).Draw(t, "constraint")
		}
		compound.Encrypted = append(compound.Encrypted, beacon.EncryptedPart{Name: name, Prefix: prefixes[i]})
		c.Standard = append(c.Standard, standard)
		signed := beacon.SignedPart{Name: fmt.Sprintf("s%d", i), Prefix: prefixes[3+i]}
		compound.Signed = append(compound.Signed, signed)
		all = append(all, name, signed.Name)
	}
	if rapid.Bool().Draw(t, "constructors") {
		for range rapid.IntRange(1, 3).Draw(t, "count") {
			var parts []beacon.ConstructorPart
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, 4, rapid.ID).Draw(t, "parts") {
				parts = append(parts, beacon.ConstructorPart{Name: name, Optional: rapid.Bool().Draw(t, "optional")})
			}
			compound.Constructors = append(compound.Constructors, parts)
		}
	}
	c.Compound = []beacon.Compound{compound}
	return c
}

// anyItem draws an item with some of the attributes.
func anyItem(t *rapid.T) crypto.Item {
	item := make(crypto.Item)
	for _, name := range []string{"e0", "e1", "e2", "s0", "s1", "s2"} {
		switch rapid.IntRange(0, 6).Draw(t, name) {
		case 0:
		case 1:
			item[name] = number(rapid.SampledFrom([]string{"1", "1.50", "-2"}).Draw(t, "N"))
		case 2:
			item[name] = &types.AttributeValueMemberBOOL{Value: true}
		default:
			item[name] = text(anyText().Draw(t, "S"))
		}
	}
	return item
}

// anyQuery draws a value that an application may compare with plaintext values:
// one of them, a part of one, or one that was changed.
func anyQuery(t *rapid.T, plaintexts []string) string {
	v := rapid.SampledFrom(plaintexts).Draw(t, "of")
	at := rapid.IntRange(0, len([]rune(v))).Draw(t, "at")
	head, tail := string([]rune(v)[:at]), string([]rune(v)[at:])
	switch rapid.IntRange(0, 4).Draw(t, "edit") {
	case 0:
		return v
	case 1:
		return head
	case 2:
		return head + anyText().Draw(t, "more")
	}
	return head + anyText().Draw(t, "inserted") + tail
}

func TestBeacon_NeverExcludesAnItemThatMeetsThePlaintextCondition(t *testing.T) {
	counts := make(map[string]int)
	rapid.Check(t, func(t *rapid.T) {
		config := anyCompound(t)
		partition := 0
		keys, err := beacon.SingleKeyStore(secretKey, "tenant-1", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		s, err := beacon.New(keys, config, beacon.WithPartitionOf(func(crypto.Item, int) int { return partition }))
		if err != nil {
			if !errors.Is(err, crypto.ErrPolicy) {
				t.Fatal(err)
			}
			t.Skip("the configuration is one that New refuses: ", err)
		}
		k, err := s.Key(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		b := s.Beacon("c")
		plain, hashed, partitions := []string{}, []string{}, []int{}
		for range 12 {
			item := anyItem(t)
			partition = rapid.IntRange(0, s.Partitions()-1).Draw(t, "partition")
			beacons, err := s.Stored(context.Background(), item, nil)
			derived := s.Derive(item, nil)
			if err != nil || beacons["aws_dbe_b_c"] == nil {
				if derived["c"] != nil {
					t.Fatalf("%v has a plaintext value, but no beacon: %v", item, err)
				}
				continue
			}
			plain, hashed = append(plain, textOf(t, derived["c"])), append(hashed, textOf(t, beacons["aws_dbe_b_c"]))
			partitions = append(partitions, partition%b.Partitions())
		}
		if len(plain) == 0 {
			t.Skip("no item has a value to compare")
		}
		for range 6 {
			low, high := anyQuery(t, plain), anyQuery(t, plain)
			if low > high {
				low, high = high, low
			}
			for i, p := range plain {
				at := partitions[i]
				verify := func(kind string, v types.AttributeValue, ok, plaintext bool, beacon func(v string) bool) {
					if !ok {
						return
					}
					counts[kind]++
					if plaintext {
						counts[kind+", met"]++
						if !beacon(textOf(t, v)) {
							t.Fatalf("%s excludes an item: plaintext %q, stored %q, query %q (and %q), compared with %q", kind, p, hashed[i],
								low, high, textOf(t, v))
						}
					}
				}
				h := hashed[i]
				v, ok := b.Equal(k, at, text(low))
				verify("equal", v, ok, p == low, func(v string) bool { return h == v })
				v, ok = b.Begins(k, at, text(low))
				verify("begins", v, ok, strings.HasPrefix(p, low), func(v string) bool {
					return v != "" && strings.HasPrefix(h, v)
				})
				for op, met := range map[string]bool{"<": p < low, "<=": p <= low, ">": p > low, ">=": p >= low} {
					v, ok := b.Compare(k, op, text(low))
					verify(op, v, ok, met, func(v string) bool {
						return map[string]bool{"<": h < v, "<=": h <= v, ">": h > v, ">=": h >= v}[op]
					})
				}
				from, to, ok := b.Between(k, at, text(low), text(high))
				if ok {
					bound := textOf(t, from)
					if bound > textOf(t, to) {
						t.Fatalf("DynamoDB refuses bounds such as %q and %q", bound, textOf(t, to))
					}
					verify("between", to, ok, low <= p && p <= high, func(v string) bool { return bound <= h && h <= v })
				}
			}
		}
	})
	for _, kind := range []string{"equal", "begins", "<", "<=", ">", ">=", "between"} {
		if counts[kind+", met"] == 0 && counts["equal"] > 300 {
			t.Errorf("%s was never tested with an item that meets it: %v", kind, counts)
		}
	}
	t.Log(counts)
}

func TestBeacon_OfAnyValueIsEqualForEqualValues(t *testing.T) {
	for _, isSet := range []bool{false, true} {
		rapid.Check(t, func(t *rapid.T) {
			keys, err := beacon.SingleKeyStore(secretKey, "tenant-1", time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			s, err := beacon.New(keys, beacon.Config{Standard: []beacon.Standard{{Name: "a", Length: 63, Set: isSet}}})
			if err != nil {
				t.Fatal(err)
			}
			v := itemgen.Value(2).Draw(t, "value")
			beacons, err := s.Stored(context.Background(), crypto.Item{"a": v}, nil)
			k, _ := s.Key(context.Background(), "")
			want, ok := s.Beacon("a").Equal(k, 0, reordered(v))
			if ok != (err == nil) || ok && !reflect.DeepEqual(beacons["aws_dbe_b_a"], want) {
				t.Fatalf("%#v has the beacon %v, %v, and Equal returns %v", v, beacons, err, want)
			}
			if members, ok := v.(*types.AttributeValueMemberBS); ok && isSet {
				for _, member := range members.Value {
					one, ok := s.Beacon("a").Contains(k, 0, &types.AttributeValueMemberB{Value: member})
					if !ok || !slices.Contains(want.(*types.AttributeValueMemberSS).Value, textOf(t, one)) {
						t.Fatalf("%v does not contain %v", want, one)
					}
				}
			}
		})
	}
}

// reordered returns a value that DynamoDB considers equal.
func reordered(v types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberN:
		return number(v.Value + "e0")
	case *types.AttributeValueMemberSS:
		members := slices.Clone(v.Value)
		slices.Reverse(members)
		return set(members...)
	case *types.AttributeValueMemberBS:
		members := slices.Clone(v.Value)
		slices.Reverse(members)
		return &types.AttributeValueMemberBS{Value: members}
	}
	return v
}
