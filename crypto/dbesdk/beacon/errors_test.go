package beacon_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	errs := map[string]error{
		"SingleKeyStore: no store":        second(beacon.SingleKeyStore(nil, "a", time.Minute)),
		"SingleKeyStore: no branch key":   second(beacon.SingleKeyStore(secretKey, "", time.Minute)),
		"SingleKeyStore: no time to live": second(beacon.SingleKeyStore(secretKey, "a", 0)),
		"MultiKeyStore: no field":         second(beacon.MultiKeyStore(secretKey, "", time.Minute)),
		"New: no partition function":      second(beacon.New(single(t), emailOnly(), beacon.WithPartitionOf(nil))),
		"New: no keys":                    second(beacon.New(nil, emailOnly())),
	}

	store := providertest.NewKeyStore("tenant-1", "tenant-2")
	keys, err := beacon.MultiKeyStore(store, "tenant", time.Minute)
	check(t, err)
	for name, c := range invalid {
		if name == "long name" {
			continue // the text has the limit, not the name
		}
		config := people()
		c.change(&config)
		errs["New: "+name] = second(beacon.New(keys, config))
	}
	for name, c := range unchecked {
		errs["Check: "+name] = checkPeople(t, accounts, c.name, c.action)
	}
	errs["Check: key"] = checkPeople(t, crypto.TableInfo{Name: "accounts", PartitionKey: "email"}, "", 0)

	s := newSearch(t, people())
	for name, c := range refused {
		errs["Stored: "+name] = second(s.Stored(t.Context(), with(ada(), c.attribute, c.value), nil))
	}
	partitioned := people()
	partitioned.MaxPartitions = 3
	errs["Stored: partition"] = second(newSearch(t, partitioned,
		beacon.WithPartitionOf(func(crypto.Item, int) int { return 3 })).Stored(t.Context(), ada(), nil))
	errs["Prepare: signed beacon differs"] = second(s.Prepare(with(ada(), "period", text("x")), all))
	errs["Prepare: computed name"] = second(s.Prepare(with(ada(), "contact", text("x")), all))
	errs["Prepare: split character"] = second(s.Prepare(with(ada(), "year", text("#")), all))

	many, err := beacon.New(keys, emailOnly())
	check(t, err)
	errs["Stored: two keys"] = second(many.Stored(t.Context(), ada(), sealedBy(t, store, ada(), "tenant-1", "tenant-2")))
	errs["Stored: raw key"] = second(many.Stored(t.Context(), ada(), sealedByRawKey(t, ada())))
	errs["Stored: not sealed"] = second(many.Stored(t.Context(), ada(), ada()))
	errs["Key: no such key"] = second(many.Key(t.Context(), "tenant-3"))
	other, err := keystore.NewBeaconKey("tenant-2", secretKey.key)
	check(t, err)
	wrong, err := beacon.MultiKeyStore(wrongKey{other}, "tenant", time.Minute)
	check(t, err)
	confused, err := beacon.New(wrong, emailOnly())
	check(t, err)
	errs["Key: another key"] = second(confused.Key(t.Context(), "tenant-1"))
	store.Fail(errors.New("no route to host"))
	errs["Key: no answer"] = second(many.Key(t.Context(), "tenant-1"))

	errs["ParseConfig: unknown field"] = second(beacon.ParseConfig([]byte(`{"standard": [{"nme": "a"}]}`)))
	errs["ParseConfig: transform"] = second(beacon.ParseConfig([]byte(`{"virtual": [{"parts": [{"transforms": [{}]}]}]}`)))
	errtest.Golden(t, errs)
}
