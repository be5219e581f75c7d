package beacon_test

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func all(string) bool  { return true }
func none(string) bool { return false }

// with returns an item with one attribute changed, or removed if v is nil.
func with(item crypto.Item, name string, v types.AttributeValue) crypto.Item {
	item = maps.Clone(item)
	if item[name] = v; v == nil {
		delete(item, name)
	}
	return item
}

func TestStored_LeavesOutWhatAnItemDoesNotHave(t *testing.T) {
	s := newSearch(t, people())
	for name, want := range map[string]string{
		"email":   "aws_dbe_b_backup aws_dbe_b_contact aws_dbe_b_initials aws_dbe_b_tags aws_dbe_b_zip",
		"address": "aws_dbe_b_backup aws_dbe_b_contact aws_dbe_b_email aws_dbe_b_initials aws_dbe_b_tags",
		"last":    "aws_dbe_b_backup aws_dbe_b_contact aws_dbe_b_email aws_dbe_b_tags aws_dbe_b_zip",
		"day":     "aws_dbe_b_backup aws_dbe_b_email aws_dbe_b_initials aws_dbe_b_tags aws_dbe_b_zip",
	} {
		if got := names(stored(t, s, with(ada(), name, nil))); got != want {
			t.Errorf("without %s: got %s, want %s", name, got, want)
		}
	}
	for name, v := range map[string]types.AttributeValue{
		"another map":  &types.AttributeValueMemberM{Value: crypto.Item{"city": text("x")}},
		"a list":       &types.AttributeValueMemberL{Value: []types.AttributeValue{text("x")}},
		"a text":       text("x"),
		"a nil map":    (*types.AttributeValueMemberM)(nil),
		"a nil list":   (*types.AttributeValueMemberL)(nil),
		"an empty map": &types.AttributeValueMemberM{},
	} {
		if got := stored(t, s, with(ada(), "address", v))["aws_dbe_b_zip"]; got != nil {
			t.Errorf("%s has the beacon %v", name, got)
		}
	}
}

func TestStored_UsesTheFirstConstructorThatSucceeds(t *testing.T) {
	s := newSearch(t, people())
	phone, zip := "P-"+hashOf(t, "phone", 20, "555"), "Z-"+hashOf(t, "zip", 10, "12345")
	for without, want := range map[string]string{
		"":        "D-2026-11-25." + phone + "." + zip,
		"address": "D-2026-11-25." + phone,
		"phone":   "D-2026-11-25." + zip,
	} {
		if got := textOf(t, stored(t, s, with(ada(), without, nil))["aws_dbe_b_contact"]); got != want {
			t.Errorf("without %q: got %q, want %q", without, got, want)
		}
	}
}

func TestStored_TakesTheTextOfAPart(t *testing.T) {
	s := newSearch(t, people())
	for want, v := range map[string]types.AttributeValue{
		"":      text(""),
		"15":    number("+1.50e1"), // the official clients hash it as it was written
		"true":  &types.AttributeValueMemberBOOL{Value: true},
		"false": &types.AttributeValueMemberBOOL{},
		"null":  &types.AttributeValueMemberNULL{Value: true},
	} {
		got := textOf(t, stored(t, s, with(with(ada(), "phone", v), "address", nil))["aws_dbe_b_contact"])
		if got != "D-2026-11-25.P-"+hashOf(t, "phone", 20, want) {
			t.Errorf("%#v has the beacon %q, want that of %q", v, got, want)
		}
	}
}

// refused are values of attributes that have no beacons.
var refused = map[string]struct {
	attribute string
	value     types.AttributeValue
	want      string
}{
	"split character in an encrypted part": {"phone", text("555.secret"), `beacon "contact"`},
	"split character in a signed part":     {"day", text("secret.1"), `beacon "contact"`},
	"split character in a number":          {"phone", number("1.5"), `beacon "contact"`},
	"no set":                               {"tags", text("secret"), `beacon "tags"`},
	"binary part":                          {"phone", binary("secret"), `beacon "contact"`},
	"set part":                             {"phone", set("secret"), `beacon "contact"`},
	"list part":                            {"phone", &types.AttributeValueMemberL{}, `beacon "contact"`},
	"map part":                             {"day", &types.AttributeValueMemberM{}, `beacon "contact"`},
	"nil part":                             {"day", (*types.AttributeValueMemberS)(nil), `beacon "contact"`},
	"part that is not UTF-8":               {"day", text("secret\xff"), `beacon "contact"`},
	"part that is not a number":            {"day", number("secret"), `beacon "contact"`},
	"set in a virtual field":               {"last", set("secret"), `beacon "initials"`},
	"half a character":                     {"last", text("😀secret"), `beacon "initials"`},
	"value that is not UTF-8":              {"email", text("secret\xff"), `beacon "email"`},
	"empty set":                            {"tags", set(), `beacon "tags"`},
}

func TestStored_RefusesValuesThatHaveNoBeacon(t *testing.T) {
	s := newSearch(t, people())
	for name, c := range refused {
		_, err := s.Stored(t.Context(), with(ada(), c.attribute, c.value), nil)
		where, ok := errors.AsType[*crypto.ItemError](err)
		switch {
		case !ok || !errors.Is(err, crypto.ErrInvalidItem) || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: got %v, want an ItemError about %s", name, err, c.want)
		case where.Attribute != c.attribute && name != "half a character":
			t.Errorf("%s: the error is about attribute %q: %v", name, where.Attribute, err)
		case strings.Contains(err.Error(), "secret"):
			t.Errorf("%s: the error contains the value: %v", name, err)
		}
	}
}

func TestSameBeacons_RefusesValuesThatHaveNoBeacon(t *testing.T) {
	s := newSearch(t, people())
	_, err := s.SameBeacons(t.Context(), with(ada(), "day", text("1.2")), stored(t, s, ada()))
	if !errors.Is(err, crypto.ErrInvalidItem) {
		t.Errorf("got %v, want ErrInvalidItem", err)
	}
}

func TestStored_RefusesAPartitionThatDoesNotExist(t *testing.T) {
	config := people()
	config.MaxPartitions = 3
	for _, partition := range []int{-1, 3} {
		s := newSearch(t, config, beacon.WithPartitionOf(func(crypto.Item, int) int { return partition }))
		if _, err := s.Stored(t.Context(), ada(), nil); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("partition %d: got %v, want ErrPolicy", partition, err)
		}
	}
}

func TestStored_ChoosesEveryPartitionByDefault(t *testing.T) {
	s := newSearch(t, beacon.Config{MaxPartitions: 3, Standard: []beacon.Standard{{Name: "email", Length: 63}}})
	seen := make(map[string]bool)
	for range 200 {
		seen[textOf(t, stored(t, s, ada())["aws_dbe_b_email"])] = true
	}
	if len(seen) != 3 {
		t.Errorf("200 equal values have %d beacons, want 3", len(seen))
	}
}

func TestPrepare_AddsSignedBeacons(t *testing.T) {
	s := newSearch(t, people())
	item := ada()
	prepared, err := s.Prepare(item, all)
	check(t, err)
	if want := with(ada(), "period", text("Y-2026#S-open")); !reflect.DeepEqual(prepared, want) {
		t.Errorf("got %v, want %v", prepared, want)
	}
	if !reflect.DeepEqual(item, ada()) {
		t.Errorf("the item was modified: %v", item)
	}
	if again, err := s.Prepare(prepared, all); err != nil || !reflect.DeepEqual(again, prepared) {
		t.Errorf("the same value, supplied: got %v, %v", again, err)
	}
	kept := with(with(ada(), "period", text("mine")), "year", nil)
	if prepared, err := s.Prepare(kept, all); err != nil || !reflect.DeepEqual(prepared, kept) {
		t.Errorf("a value that cannot be built: got %v, %v", prepared, err)
	}
	if got := s.SignedNames(); !reflect.DeepEqual(got, []string{"period"}) {
		t.Errorf("the signed beacons are %q", got)
	}
}

func TestPrepare_RefusesWhatDiffersFromABeacon(t *testing.T) {
	s := newSearch(t, people())
	for attribute, v := range map[string]types.AttributeValue{
		"period":   text("secret"),
		"contact":  text("secret"),
		"initials": text("AL"),
		"zip":      number("12345"),
		"year":     text("secret#"),
	} {
		_, err := s.Prepare(with(ada(), attribute, v), all)
		where, ok := errors.AsType[*crypto.ItemError](err)
		if !ok || where.Attribute != attribute || !errors.Is(err, crypto.ErrInvalidItem) ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want ErrInvalidItem", attribute, err)
		}
	}
	for name, v := range map[string]types.AttributeValue{"another type": number("1"),
		"nil": (*types.AttributeValueMemberS)(nil)} {
		if _, err := s.Prepare(with(ada(), "period", v), all); !errors.Is(err, crypto.ErrInvalidItem) {
			t.Errorf("%s: got %v, want ErrInvalidItem", name, err)
		}
	}
}

func TestRefresh_ComputesSignedBeaconsThatAChangeLeftBehind(t *testing.T) {
	s := newSearch(t, people())
	before, err := s.Prepare(ada(), all)
	check(t, err)
	changed := with(before, "year", text("1999"))
	want, err := s.Prepare(with(ada(), "year", text("1999")), all)
	check(t, err)
	mine := with(ada(), "period", text("mine"))
	for name, c := range map[string]struct{ changed, before, want crypto.Item }{
		"no change":         {before, before, before},
		"a part":            {changed, before, want},
		"a part is gone":    {with(before, "year", nil), before, with(with(before, "year", nil), "period", nil)},
		"set by the change": {with(changed, "period", text("mine")), before, with(changed, "period", text("mine"))},
		"supplied before":   {mine, with(mine, "year", nil), mine},
		"another prefix":    {with(before, "period", text("old")), with(before, "period", text("old")), before},
		"no item":           {changed, nil, changed},
	} {
		if got := s.Refresh(c.changed, c.before); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if before["year"] == nil || before["period"] == nil || changed["period"] == nil {
		t.Error("an item was modified")
	}
}

func TestPrepare_DropsAKeyFieldThatIsNotSigned(t *testing.T) {
	keys, err := beacon.MultiKeyStore(secretKey, "tenant", time.Minute)
	check(t, err)
	s, err := beacon.New(keys, beacon.Config{Standard: []beacon.Standard{{Name: "email", Length: 16}}})
	check(t, err)
	item := crypto.Item{"id": text("a-1"), "tenant": text("tenant-1")}
	if got, err := s.Prepare(item, none); err != nil || names(got) != "id" || names(item) != "id tenant" {
		t.Errorf("got %v from %v, %v", got, item, err)
	}
	if got, err := s.Prepare(item, all); err != nil || names(got) != "id tenant" {
		t.Errorf("signed: got %v, %v", got, err)
	}
}

func TestSameBeacons_NoticesEveryDifference(t *testing.T) {
	s := newSearch(t, people())
	beacons := stored(t, s, ada())
	same := func(stored crypto.Item) bool {
		t.Helper()
		got, err := s.SameBeacons(t.Context(), ada(), stored)
		check(t, err)
		return got
	}
	if !same(beacons) || !same(with(beacons, "visits", number("1"))) || !same(with(beacons, "aws_dbe_v_1", text(" "))) {
		t.Error("the item does not have its own beacons")
	}
	for name := range beacons {
		for _, v := range []types.AttributeValue{nil, text("x"), number("1"), set("x"), (*types.AttributeValueMemberS)(nil),
			(*types.AttributeValueMemberSS)(nil)} {
			if same(with(beacons, name, v)) {
				t.Errorf("%s as %#v is not noticed", name, v)
			}
		}
	}
	if same(with(beacons, "aws_dbe_b_other", text("x"))) {
		t.Error("another beacon is not noticed")
	}
	reversed := beacons["aws_dbe_b_tags"].(*types.AttributeValueMemberSS).Value
	if !same(with(beacons, "aws_dbe_b_tags", set(reversed[1], reversed[0]))) {
		t.Error("the order of a set matters")
	}
}

func TestDerive_ReturnsWhatItemsDoNotContain(t *testing.T) {
	store := providertest.NewKeyStore("tenant-1")
	keys, err := beacon.MultiKeyStore(store, "tenant", time.Minute)
	check(t, err)
	s, err := beacon.New(keys, people())
	check(t, err)
	sealed := sealedBy(t, store, ada(), "tenant-1")
	want := crypto.Item{
		"backup":   text("ada@example.com"),
		"zip":      number("12345"),
		"initials": text("AL"),
		"contact":  text("D-2026-11-25.P-555.Z-12345"),
		"tenant":   text("tenant-1"),
	}
	if got := s.Derive(ada(), sealed); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := s.Derive(with(ada(), "tenant", text("t")), sealed); got["tenant"] != nil {
		t.Errorf("an item that has the key field: got %v", got)
	}
	if got := s.Derive(crypto.Item{}, nil); len(got) != 0 {
		t.Errorf("an empty item: got %v", got)
	}
	bad := with(with(with(ada(), "day", text("2026.11")), "first", text("😀")), "address", text("x"))
	if got := s.Derive(bad, nil); names(got) != "backup" {
		t.Errorf("values that cannot be computed: got %v", got)
	}
	if got := newSearch(t, people()).Derive(crypto.Item{}, nil); len(got) != 0 {
		t.Errorf("an empty item in a table with a single key: got %v", got)
	}
}
