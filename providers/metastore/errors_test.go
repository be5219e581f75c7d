package metastore_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/static"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	inner, err := static.New(make([]byte, 32), hmac, hmac)
	if err != nil {
		t.Fatal(err)
	}
	db := mappertest.New()
	store, err := metastore.New(db, "keys", inner)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	signed := func(names ...string) error {
		return second(metastore.New(db, "keys", inner, metastore.WithSignedAttributes(names, nil)))
	}
	named := func(id string) error {
		return second(store.VersionOf("k", providers.MaterialDescription{metastore.EntryID: id}))
	}
	errtest.Golden(t, map[string]error{
		"ErrNoVersion":           metastore.ErrNoVersion,
		"no client":              second(metastore.New(nil, "keys", inner)),
		"no provider":            second(metastore.New(db, "keys", nil)),
		"signed key":             signed("enc"),
		"material name":          second(store.GetOrCreate(t.Context(), "a#b", 0)),
		"version: missing":       second(store.Provider(t.Context(), "k", 7)),
		"versions: none":         second(store.MaxVersion(t.Context(), "k")),
		"description: no entry":  second(store.VersionOf("k", nil)),
		"description: other key": named("j#1"),
	})
}
