package interop_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

// goSearcher is this project with a table of a case.
type goSearcher struct {
	db      *dynamodb.Client
	sealing *dbesdk.Encryptor
	search  *beacon.Search
	table   crypto.TableInfo
	actions crypto.Actions
}

func (w *live) newGoSearcher(t *testing.T, keys keyringSpec, record *beaconRecord) *goSearcher {
	t.Helper()
	keys = keysFor(keys, record.KeyField)
	keyring, err := (&sdkGo{kms: w.recorder, store: w.db}).keyring(&keys)
	check(t, err)
	sealing, err := dbesdk.New(keyring)
	check(t, err)
	g := &goSearcher{w.db, sealing, record.search(t), record.Table,
		crypto.Actions{Default: crypto.None, Attributes: maps.Clone(record.Actions)}}
	for _, name := range g.search.SignedNames() {
		g.actions.Attributes[name] = crypto.Sign
	}
	return g
}

// put stores an item and returns it as it is stored.
func (g *goSearcher) put(t *testing.T, item crypto.Item) (crypto.Item, error) {
	t.Helper()
	prepared, err := g.search.Prepare(item, func(name string) bool { return g.actions.Of(name).Signed() })
	if err != nil {
		return nil, err
	}
	sealed, err := g.sealing.EncryptItem(t.Context(), g.table, g.actions, prepared)
	if err != nil {
		return nil, err
	}
	beacons, err := g.search.Stored(t.Context(), prepared, sealed)
	if err != nil {
		return nil, err
	}
	maps.Copy(sealed, beacons)
	_, err = g.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(g.table.Name), Item: sealed})
	check(t, err)
	out, err := g.db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(g.table.Name),
		Key: g.table.Key(sealed)})
	check(t, err)
	return out.Item, nil
}

// open opens a stored item and checks its beacons.
func (g *goSearcher) open(t *testing.T, stored crypto.Item) crypto.Item {
	t.Helper()
	sealed := maps.Clone(stored)
	for name := range sealed {
		if strings.HasPrefix(name, beaconPrefix) {
			delete(sealed, name)
		}
	}
	opened, err := g.sealing.DecryptItem(t.Context(), g.table, g.actions, sealed)
	check(t, err)
	same, err := g.search.SameBeacons(t.Context(), opened, stored)
	check(t, err)
	if !same {
		t.Errorf("Go finds wrong beacons in the item with the key %v", render(g.table.Key(stored)))
	}
	return opened
}

// query returns the opened items that a query finds: nothing yet, since the mapper
// does not query by beacons.
func (g *goSearcher) query(*testing.T, *beaconQuery) ([]crypto.Item, error) {
	return nil, errors.ErrUnsupported
}
