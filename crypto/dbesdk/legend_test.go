package dbesdk_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
)

// with returns actions with that of one attribute changed.
func with(actions crypto.Actions, name string, action crypto.Action) crypto.Actions {
	changed := crypto.Actions{Attributes: maps.Clone(actions.Attributes), Default: actions.Default}
	changed.Attributes[name] = action
	return changed
}

func TestAttributesMayMoveBetweenTheActionsThatSign(t *testing.T) {
	signing := []crypto.Action{crypto.Encrypt, crypto.Sign, crypto.SignInContext}
	for _, suite := range suites {
		e := newEncryptor(t, rawAES(t, "key"), dbesdk.WithSuite(suite))
		for _, attribute := range []string{"email", "plan", "score", "tags", "places"} {
			for _, before := range signing {
				sealed := seal(t, e, with(itemtest.Actions(), attribute, before), itemtest.Account())
				for _, after := range signing {
					for _, actions := range []crypto.Actions{
						with(itemtest.Actions(), attribute, after),
						// All else moved too.
						{Attributes: map[string]crypto.Action{"id": crypto.Sign, "opened": crypto.SignInContext, "visits": crypto.None,
							attribute: after}, Default: crypto.Sign},
						{Attributes: map[string]crypto.Action{"id": crypto.SignInContext, "opened": crypto.Sign, "visits": crypto.None,
							attribute: after}, Default: crypto.Encrypt},
						{Attributes: map[string]crypto.Action{"visits": crypto.None, attribute: after, "id": crypto.Sign,
							"opened": crypto.Sign}, Default: crypto.SignInContext},
					} {
						opened, err := e.DecryptItem(t.Context(), itemtest.Table(), actions, sealed)
						if err != nil {
							t.Errorf("%v: %s from %q to %q: %v", suite, attribute, before, after, err)
							continue
						}
						itemtest.EqualItems(t, opened, itemtest.Account())
					}
				}
			}
		}
	}
}

func TestMovingAnAttributeToOrFromNoneIsALegendError(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	for _, before := range []crypto.Action{crypto.Encrypt, crypto.Sign, crypto.SignInContext, crypto.None} {
		sealed := seal(t, e, with(itemtest.Actions(), "plan", before), itemtest.Account())
		for _, after := range []crypto.Action{crypto.Encrypt, crypto.Sign, crypto.SignInContext, crypto.None} {
			opened, err := e.DecryptItem(t.Context(), itemtest.Table(), with(itemtest.Actions(), "plan", after), sealed)
			if before.Signed() == after.Signed() {
				if err != nil {
					t.Errorf("from %q to %q: %v", before, after, err)
				}
				continue
			}
			want := dbesdk.LegendError{Sealed: 8, Found: 7}
			if after.Signed() {
				want = dbesdk.LegendError{Sealed: 7, Found: 8}
			}
			var legend *dbesdk.LegendError
			if opened != nil || !errors.As(err, &legend) || *legend != want || !errors.Is(err, crypto.ErrTampered) {
				t.Errorf("from %q to %q: got %v, want %#v", before, after, err, want)
			}
		}
	}
}

// An attribute that becomes "none" while another ceases to be keeps their
// number, and still fails.
func TestExchangingWhatIsUnsignedIsNoticed(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	sealed := seal(t, e, itemtest.Actions(), itemtest.Account())
	actions := with(with(itemtest.Actions(), "visits", crypto.Sign), "plan", crypto.None)
	opened, err := e.DecryptItem(t.Context(), itemtest.Table(), actions, sealed)
	if opened != nil || !errors.Is(err, crypto.ErrTampered) || err.Error() != itemtest.Refusal {
		t.Errorf("got %v and %v, want %s", opened, err, itemtest.Refusal)
	}
}

func TestALegendErrorNamesWhatMayHaveHappened(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	sealed := seal(t, e, itemtest.Actions(), itemtest.Account())
	more := maps.Clone(sealed)
	more["more"] = &types.AttributeValueMemberBOOL{Value: true}
	fewer := maps.Clone(sealed)
	delete(fewer, "plan")
	texts := make(map[string]bool)
	for _, c := range []struct {
		item crypto.Item
		want []string
	}{
		{more, []string{"8 signed attributes and has 9", "added", "dbesdk.WithUnsigned", `"accounts"`}},
		{fewer, []string{"8 signed attributes and has 7", "removed", "projection", `"accounts"`}},
	} {
		_, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), c.item)
		var at *crypto.ItemError
		if !errors.As(err, &at) || at.Op != "decrypt" || at.Table != "accounts" {
			t.Errorf("got %v, want an ItemError", err)
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not say %q", err, want)
			}
		}
		texts[err.Error()] = true
	}
	if len(texts) != 2 {
		t.Error("more and fewer attributes have the same text")
	}
}

func TestAttributesThatAreNamedUnsignedStaySo(t *testing.T) {
	keys := rawAES(t, "key")
	before := newEncryptor(t, keys)
	sealed := seal(t, before, with(itemtest.Actions(), "score", crypto.None), itemtest.Account())
	// The tags of today know neither attribute.
	today := itemtest.Actions()
	delete(today.Attributes, "visits")

	for name, c := range map[string]struct {
		options []dbesdk.Option
		opens   bool
	}{
		"nothing is said":        {nil, false},
		"one of them":            {[]dbesdk.Option{dbesdk.WithUnsigned("score")}, false},
		"both":                   {[]dbesdk.Option{dbesdk.WithUnsigned("score", "visits")}, true},
		"both, one by one":       {[]dbesdk.Option{dbesdk.WithUnsigned("score"), dbesdk.WithUnsigned("visits")}, true},
		"one by its prefix":      {[]dbesdk.Option{dbesdk.WithUnsigned("score"), dbesdk.WithUnsignedPrefix("vis")}, true},
		"a prefix that is whole": {[]dbesdk.Option{dbesdk.WithUnsigned("score"), dbesdk.WithUnsignedPrefix("visits")}, true},
		"too short a prefix": {[]dbesdk.Option{dbesdk.WithUnsigned("score", "visits"), dbesdk.WithUnsignedPrefix("p")},
			false},
		"an empty prefix": {[]dbesdk.Option{dbesdk.WithUnsigned("score", "visits"), dbesdk.WithUnsignedPrefix("")},
			true},
		"names that are nowhere": {[]dbesdk.Option{dbesdk.WithUnsigned("score", "visits", "gone")}, true},
	} {
		e := newEncryptor(t, keys, c.options...)
		actions := today
		if name == "too short a prefix" { // "plan" and "places" are named
			delete(actions.Attributes, "plan")
			actions = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "opened": crypto.Sign}}
		}
		opened, err := e.DecryptItem(t.Context(), itemtest.Table(), actions, sealed)
		if !c.opens {
			var legend *dbesdk.LegendError
			if !errors.As(err, &legend) {
				t.Errorf("%s: got %v, want a LegendError", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		itemtest.EqualItems(t, opened, itemtest.Account())

		again := seal(t, e, actions, opened)
		for _, attribute := range []string{"score", "visits"} {
			if !reflect.DeepEqual(again[attribute], itemtest.Account()[attribute]) {
				t.Errorf("%s: %s is sealed as %#v", name, attribute, again[attribute])
			}
		}
	}
}

func TestActionsThatDoNotFitAreRefused(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"), dbesdk.WithUnsigned("gone", "score"), dbesdk.WithUnsignedPrefix(":"))
	sealed := seal(t, e, itemtest.Actions(), itemtest.Account())
	table, actions := itemtest.Table(), itemtest.Actions()
	keyless := crypto.Actions{Attributes: maps.Clone(actions.Attributes)}
	delete(keyless.Attributes, "opened")
	for name, c := range map[string]struct {
		table   crypto.TableInfo
		actions crypto.Actions
	}{
		"an encrypted key":        {table, with(actions, "id", crypto.Encrypt)},
		"a key left alone":        {table, with(actions, "opened", crypto.None)},
		"a key that nobody names": {table, keyless},
		"nothing signed":          {table, crypto.Actions{Default: crypto.None}},
		"no such action":          {table, with(actions, "plan", crypto.Action(9))},
		"no such key action":      {table, with(actions, "id", crypto.Action(9))},
		"no such default": {table, crypto.Actions{Attributes: actions.Attributes,
			Default: crypto.Action(200)}},
		"the head":                {table, with(actions, dbesdk.HeadAttribute, crypto.Sign)},
		"the foot":                {table, with(actions, dbesdk.FootAttribute, crypto.None)},
		"a beacon":                {table, with(actions, "aws_dbe_b_plan", crypto.Sign)},
		"a name of the context":   {table, with(actions, "aws-crypto-legend", crypto.None)},
		"a prefix of the context": {table, with(actions, "aws-crypto-", crypto.Encrypt)},
		"a key named as in the context": {crypto.TableInfo{Name: "t", PartitionKey: "aws-crypto-id"},
			crypto.Actions{Default: crypto.Sign}},
		"the prefix itself":                {table, with(actions, "aws_dbe_", crypto.Encrypt)},
		"no table name":                    {crypto.TableInfo{PartitionKey: "id"}, actions},
		"no partition key":                 {crypto.TableInfo{Name: "t"}, actions},
		"signed what must be unsigned":     {table, with(actions, "score", crypto.Sign)},
		"encrypted what must be unsigned":  {table, with(actions, "gone", crypto.Encrypt)},
		"in context what must be unsigned": {table, with(actions, "gone", crypto.SignInContext)},
		"signed what has a prefix":         {table, with(actions, ":free", crypto.Sign)},
		"a key that must be unsigned": {crypto.TableInfo{Name: "t", PartitionKey: "score"},
			crypto.Actions{Default: crypto.Sign}},
		"a key with a prefix": {crypto.TableInfo{Name: "t", PartitionKey: ":id"},
			crypto.Actions{Default: crypto.Sign}},
		"a key with a prefix, though named": {crypto.TableInfo{Name: "t", PartitionKey: ":id"},
			crypto.Actions{Attributes: map[string]crypto.Action{":id": crypto.Sign}}},
	} {
		err := e.Check(c.table, c.actions)
		if at, ok := errors.AsType[*crypto.ItemError](err); !ok || at.Op != "check" || at.Table != c.table.Name ||
			!errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s, Check: got %v, want an ItemError with ErrPolicy", name, err)
		}
		if _, err := e.EncryptItem(t.Context(), c.table, c.actions, itemtest.Account()); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s, EncryptItem: got %v, want ErrPolicy", name, err)
		}
		if _, err := e.DecryptItem(t.Context(), c.table, c.actions, sealed); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s, DecryptItem: got %v, want ErrPolicy", name, err)
		}
	}
	for name, fitting := range map[string]crypto.Actions{
		"fitting actions":       actions,
		"unsigned, and said so": with(actions, "score", crypto.None),
		"a prefix, and said so": with(actions, ":free", crypto.None),
		"a key in context":      with(actions, "id", crypto.SignInContext),
		"all in context": {Attributes: map[string]crypto.Action{"visits": crypto.None},
			Default: crypto.SignInContext},
		"all signed": {Default: crypto.Sign},
		"all but the keys left alone": {Attributes: map[string]crypto.Action{"id": crypto.Sign, "opened": crypto.Sign},
			Default: crypto.None},
		"a name with the prefix in it": with(actions, "my_aws_dbe_", crypto.Sign),
		"the other format's signature": with(actions, "*amzn-ddb-map-sig*", crypto.Sign),
	} {
		if err := e.Check(table, fitting); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheActionsChooseTheHeadersVersion(t *testing.T) {
	e := newEncryptor(t, rawAES(t, "key"))
	base := itemtest.Actions()
	for name, c := range map[string]struct {
		actions crypto.Actions
		version int
		legend  string // in canonical order: id, plan, tags, email, score, opened, places, secret
	}{
		"nothing in context":                  {base, 1, "sssee" + "s" + "se"},
		"an attribute in context":             {with(base, "plan", crypto.SignInContext), 2, "ccsee" + "c" + "se"},
		"an attribute that this item has not": {with(base, "absent", crypto.SignInContext), 2, "cssee" + "c" + "se"},
		"a key in context":                    {with(base, "id", crypto.SignInContext), 2, "cssee" + "c" + "se"},
		"the default in context": {crypto.Actions{Attributes: base.Attributes,
			Default: crypto.SignInContext}, 2, "csscc" + "c" + "sc"},
		"the default in context, and all is named": {crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign,
			"opened": crypto.Sign, "plan": crypto.Encrypt, "tags": crypto.Encrypt, "email": crypto.Encrypt,
			"score": crypto.Encrypt, "places": crypto.Encrypt, "secret": crypto.Encrypt, "visits": crypto.None},
			Default: crypto.SignInContext}, 2, "ceeee" + "c" + "ee"},
	} {
		sealed := seal(t, e, c.actions, itemtest.Account())
		head := dissectHead(t, stored(t, sealed, dbesdk.HeadAttribute))
		if version := head[head.find(t, "version")].bytes[0]; int(version) != c.version {
			t.Errorf("%s: version %d, want %d", name, version, c.version)
		}
		if legend := head[head.find(t, "legend")].bytes; string(legend) != c.legend {
			t.Errorf("%s: legend %s, want %s", name, legend, c.legend)
		}
		opened, err := e.DecryptItem(t.Context(), itemtest.Table(), c.actions, sealed)
		itemtest.Check(t, err)
		itemtest.EqualItems(t, opened, itemtest.Account())
	}
}

// What is required context is made of the item when it is opened, and would
// only take space.
func TestNothingOfTheItemIsStoredInTheHead(t *testing.T) {
	for _, suite := range suites {
		for version := 1; version <= 2; version++ {
			e := newEncryptor(t, rawAES(t, "key"), dbesdk.WithSuite(suite))
			head := dissectHead(t, stored(t, seal(t, e, inVersion(version), itemtest.Account()), dbesdk.HeadAttribute))
			var names []string
			for _, p := range head {
				if p.name == "stored context name" {
					names = append(names, string(p.bytes))
				}
			}
			want := map[dbesdk.Suite][]string{dbesdk.SuiteECDSA: {"aws-crypto-public-key"}}[suite]
			if !slices.Equal(names, want) {
				t.Errorf("%v, version %d: stored are %q, want %q", suite, version, names, want)
			}
		}
	}
}

// The context that keyrings get, by the letter.
func TestTheEncryptionContextIsOfTheItem(t *testing.T) {
	item := itemtest.Account()
	item["opened"] = number("2e1") // its normal form counts
	item["yes"], item["nothing"] = &types.AttributeValueMemberBOOL{Value: true}, &types.AttributeValueMemberNULL{Value: true}
	item["no"] = &types.AttributeValueMemberBOOL{}
	plain := map[string]string{
		"aws-crypto-table-name": "accounts", "aws-crypto-partition-name": "id", "aws-crypto-sort-name": "opened",
		"aws-crypto-attr.id":     base64.StdEncoding.EncodeToString([]byte("\x00\x01a-1")),
		"aws-crypto-attr.opened": base64.StdEncoding.EncodeToString([]byte("\x00\x0220")),
	}
	inContext := map[string]string{
		"aws-crypto-table-name": "accounts", "aws-crypto-partition-name": "id", "aws-crypto-sort-name": "opened",
		"aws-crypto-attr.id": "a-1", "aws-crypto-attr.no": "false", "aws-crypto-attr.nothing": "null",
		"aws-crypto-attr.opened": "20",
		"aws-crypto-attr.plan":   "gold", "aws-crypto-attr.score": "12.5",
		"aws-crypto-attr.secret": base64.StdEncoding.EncodeToString([]byte("\xff\xff0123456789abcdef")),
		"aws-crypto-attr.tags":   base64.StdEncoding.EncodeToString([]byte("\x01\x01\x00\x00\x00\x02\x00\x00\x00\x01x\x00\x00\x00\x01y")),
		"aws-crypto-attr.yes":    "true",
		"aws-crypto-legend":      "SLLNSNBBL",
	}
	actions := itemtest.Actions()
	for _, name := range []string{"yes", "no", "nothing", "plan", "score", "secret", "tags"} {
		actions.Attributes[name] = crypto.SignInContext
	}
	for _, suite := range suites {
		for want, actions := range map[*map[string]string]crypto.Actions{&plain: itemtest.Actions(), &inContext: actions} {
			keys := &asked{Keyring: rawAES(t, "key")}
			e := newEncryptor(t, keys, dbesdk.WithSuite(suite))
			sealed := seal(t, e, actions, item)
			// Opened under whatever actions there are today.
			_, err := e.DecryptItem(t.Context(), itemtest.Table(),
				with(with(actions, "plan", crypto.Encrypt), "email", crypto.Sign), sealed)
			itemtest.Check(t, err)
			for what, got := range map[string]map[string]string{"sealing": keys.sealing, "opening": keys.opening} {
				got = maps.Clone(got)
				if public, found := got["aws-crypto-public-key"]; found != (suite == dbesdk.SuiteECDSA) || found &&
					len(public) != 68 {
					t.Errorf("%v, %s: the public key is %q", suite, what, public)
				}
				delete(got, "aws-crypto-public-key")
				if !maps.Equal(got, *want) {
					t.Errorf("%v, %s: the context is\n%s\nwant\n%s", suite, what, lines(got), lines(*want))
				}
			}
		}
	}
}

func lines(m map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "%s: %s\n", name, m[name])
	}
	return b.String()
}
