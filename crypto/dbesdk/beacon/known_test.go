package beacon_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

// hashOf computes a beacon from the specification alone.
func hashOf(t testing.TB, name string, bits int, data string) string {
	t.Helper()
	key, err := hkdf.Key(sha512.New, secretKey.key, nil, "AWS_DBE_SCAN_BEACON"+name, 64)
	check(t, err)
	mac := hmac.New(sha512.New384, key)
	mac.Write([]byte(data))
	n := new(big.Int).SetBytes(mac.Sum(nil)[:8])
	n.Mod(n, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	hex := n.Text(16)
	return strings.Repeat("0", (bits+3)/4-len(hex)) + hex
}

func TestHash_IsAsSpecifiedForEachLength(t *testing.T) {
	for bits, digits := range map[int]int{1: 1, 4: 1, 5: 2, 7: 2, 8: 2, 16: 4, 62: 16, 63: 16} {
		s := newSearch(t, beacon.Config{Standard: []beacon.Standard{{Name: "email", Length: bits}}})
		for i := range 20 {
			v := fmt.Sprintf("%d@example.com", i)
			got := textOf(t, stored(t, s, crypto.Item{"email": text(v)})["aws_dbe_b_email"])
			if want := hashOf(t, "email", bits, v); got != want || len(got) != digits {
				t.Errorf("length %d: %q has the beacon %q, want %q of %d digits", bits, v, got, want, digits)
			}
		}
	}
}

// The literals were computed with another implementation of HKDF and HMAC.
func TestHash_HasKnownValues(t *testing.T) {
	for bits, want := range map[int]string{1: "0", 4: "2", 7: "32", 8: "b2", 16: "7cb2", 63: "7556ac28ceb57cb2"} {
		s := newSearch(t, beacon.Config{Standard: []beacon.Standard{{Name: "email", Length: bits}}})
		got := textOf(t, stored(t, s, crypto.Item{"email": text("ada@example.com")})["aws_dbe_b_email"])
		if got != want {
			t.Errorf("length %d: got %q, want %q", bits, got, want)
		}
	}
}

func TestHash_IsOfTheValueWithoutItsType(t *testing.T) {
	s := newSearch(t, beacon.Config{Standard: []beacon.Standard{{Name: "a", Length: 63}}})
	for data, values := range map[string][]types.AttributeValue{
		"1":    {text("1"), number("1"), number("1.0"), number("10e-1"), &types.AttributeValueMemberB{Value: []byte("1")}},
		"1.5":  {number("1.50"), text("1.5")},
		"":     {text(""), &types.AttributeValueMemberNULL{Value: true}, &types.AttributeValueMemberB{}},
		"\x01": {&types.AttributeValueMemberBOOL{Value: true}},
		"\x00\x00\x00\x02\x00\x00\x00\x01a\x00\x00\x00\x01b": {set("a", "b"), set("b", "a")},
		"\x00\x00\x00\x01\x00\x02\x00\x00\x00\x017": {
			&types.AttributeValueMemberL{Value: []types.AttributeValue{number("7.0")}}},
		"\x00\x00\x00\x01\x00\x01\x00\x00\x00\x01k\x00\x01\x00\x00\x00\x01v": {
			&types.AttributeValueMemberM{Value: crypto.Item{"k": text("v")}}},
	} {
		for _, v := range values {
			if got, want := textOf(t, stored(t, s, crypto.Item{"a": v})["aws_dbe_b_a"]), hashOf(t, "a", 63, data); got != want {
				t.Errorf("%#v has the beacon %q, want that of %q, %q", v, got, data, want)
			}
		}
	}
}

func TestStored_IsAsSpecifiedForEveryKindOfBeacon(t *testing.T) {
	s := newSearch(t, people())
	item, err := s.Prepare(ada(), func(string) bool { return true })
	check(t, err)
	if got := textOf(t, item["period"]); got != "Y-2026#S-open" {
		t.Errorf("the signed beacon is %q", got)
	}
	tags := []string{hashOf(t, "tags", 12, "vip"), hashOf(t, "tags", 12, "new")}
	slices.Sort(tags)
	want := crypto.Item{
		"aws_dbe_b_email":    text(hashOf(t, "email", 16, "ada@example.com")),
		"aws_dbe_b_backup":   text(hashOf(t, "email", 16, "ada@example.com")),
		"aws_dbe_b_zip":      text(hashOf(t, "zip", 10, "12345")),
		"aws_dbe_b_tags":     set(tags...),
		"aws_dbe_b_initials": text(hashOf(t, "initials", 8, "AL")),
		"aws_dbe_b_contact":  text("D-2026-11-25.P-" + hashOf(t, "phone", 20, "555") + ".Z-" + hashOf(t, "zip", 10, "12345")),
	}
	if got := stored(t, s, item); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestStored_AppendsThePartitionToTheBytes(t *testing.T) {
	config := beacon.Config{
		MaxPartitions: 7, DefaultPartitions: 5,
		Standard: []beacon.Standard{{Name: "a", Length: 30}, {Name: "b", Length: 30, Partitions: 3}, {Name: "c", Length: 30,
			Partitions: 1}},
		Compound: []beacon.Compound{{Name: "ab", Split: "/",
			Encrypted: []beacon.EncryptedPart{{Name: "a", Prefix: "A"}, {Name: "b", Prefix: "B"}}}},
	}
	item := crypto.Item{"a": text("x"), "b": text("y"), "c": text("z")}
	suffix := func(p int) string { return strings.Trim(string(rune(p)), "\x00") }
	for partition := range 7 {
		s := newSearch(t, config, beacon.WithPartitionOf(func(got crypto.Item, n int) int {
			if n != 7 || names(got) != "a b c" {
				t.Errorf("the partition is chosen for %v out of %d", got, n)
			}
			return partition
		}))
		a, b := hashOf(t, "a", 30, "x"+suffix(partition%5)), hashOf(t, "b", 30, "y"+suffix(partition%3))
		want := crypto.Item{"aws_dbe_b_a": text(a), "aws_dbe_b_b": text(b), "aws_dbe_b_c": text(hashOf(t, "c", 30, "z")),
			"aws_dbe_b_ab": text("A" + a + "/B" + b)}
		got := stored(t, s, item)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("partition %d: got %v, want %v", partition, got, want)
		}
		if same, err := s.SameBeacons(t.Context(), item, got); err != nil || !same {
			t.Errorf("partition %d: SameBeacons returns %v, %v", partition, same, err)
		}
	}
	s := newSearch(t, config)
	for path, want := range map[string]int{"a": 5, "b": 3, "c": 1, "ab": 7} {
		if got := s.Beacon(path).Partitions(); got != want {
			t.Errorf("%s has %d partitions, want %d", path, got, want)
		}
	}
	if s.Partitions() != 7 {
		t.Errorf("the table has %d partitions, want 7", s.Partitions())
	}
}
