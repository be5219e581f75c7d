package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// picky is an encryptor that fails to open the note 2.
type picky struct {
	crypto.ItemEncryptor
	err error
}

func (p picky) DecryptItem(ctx context.Context, table crypto.TableInfo, actions crypto.Actions,
	item crypto.Item) (crypto.Item, error) {
	if valueString(item["num"]) == valueString(num("2")) {
		return nil, &crypto.ItemError{Op: "decrypt", Table: table.Name, Err: p.err}
	}
	return p.ItemEncryptor.DecryptItem(ctx, table, actions, item)
}

func TestDamagedItems_AreReportedUnlessTheKeyServiceIsAway(t *testing.T) {
	wrapped := func(err error) error { return fmt.Errorf("keyring: %w: more", err) }
	for name, c := range map[string]struct {
		err    error
		report bool
	}{
		"changed":               {wrapped(crypto.ErrTampered), true},
		"not sealed":            {wrapped(crypto.ErrNotProtected), true},
		"no key of ours":        {wrapped(crypto.ErrNoUsableKey), true},
		"the service is away":   {wrapped(crypto.ErrKeyUnavailable), false},
		"the policy is wrong":   {wrapped(crypto.ErrPolicy), false},
		"cancelled by somebody": {context.Canceled, false},
	} {
		t.Run(name, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				w := newWorld(t, f)
				w.put(t, note(1), note(2), note(3))
				var reports []mapper.DamagedItem
				client, err := mapper.NewClient(w.spy,
					mapper.TableOf[Note](tableName, picky{f.encryptor(t, 1), c.err}),
					mapper.WithDamagedItems(func(_ context.Context,
						d mapper.DamagedItem) {
						reports = append(reports, d)
					}))
				check(t, err)
				table := dynamo.NewFromIface(client).Table(tableName)
				for op, read := range map[string]func(out *[]Note) error{
					"Query": func(out *[]Note) error { return table.Get("person", "ada").All(t.Context(), out) },
					"Scan":  func(out *[]Note) error { return table.Scan().Index("by-topic").All(t.Context(), out) },
					"BatchGetItem": func(out *[]Note) error {
						return table.Batch("person", "num").Get(dynamo.Keys{"ada", 1}, dynamo.Keys{"ada", 2},
							dynamo.Keys{"ada", 3}).All(t.Context(), out)
					},
				} {
					reports = nil
					var got []Note
					err := read(&got)
					if !c.report {
						wantItemError(t, err, op, c.err)
						equal(t, []int{len(reports), len(got)}, []int{0, 0})
						continue
					}
					check(t, err)
					equal(t, len(got), 2)
					if len(reports) != 1 {
						t.Fatalf("%s: %d reports", op, len(reports))
					}
					index := map[string]string{"Scan": "by-topic"}[op]
					equal(t, []any{reports[0].Table, reports[0].Index, reports[0].Key},
						[]any{tableName, index, key("2")})
					wantItemError(t, reports[0].Err, op, errors.Unwrap(c.err))
				}
				_, err = client.GetItem(t.Context(),
					&dynamodb.GetItemInput{TableName: aws.String(tableName), Key: key("2")})
				wantItemError(t, err, "GetItem", c.err)
			})
		})
	}
}

func TestReaders_ErrorOfAnOutageComesBeforeAnother(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for name, c := range map[string]struct {
			first, second, want error
		}{
			"the first error":         {crypto.ErrNoUsableKey, crypto.ErrTampered, crypto.ErrNoUsableKey},
			"an outage of the second": {crypto.ErrNoUsableKey, crypto.ErrKeyUnavailable, crypto.ErrKeyUnavailable},
			"an outage of the first":  {crypto.ErrKeyUnavailable, crypto.ErrTampered, crypto.ErrKeyUnavailable},
		} {
			w := newWorld(t, f)
			w.put(t, note(2))
			db, _ := w.open(t, picky{f.encryptor(t, 1), c.first},
				mapper.WithReaders(picky{f.encryptor(t, 1), c.second}))
			var got Note
			err := db.Table(tableName).Get("person", "ada").Range("num", dynamo.Equal, 2).One(t.Context(), &got)
			wantError(t, err, c.want)
			if name == "the first error" && errors.Is(err, c.second) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

func TestSelection_DoesNotReleaseAnItemWithoutAWholeKey(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		client, err := mapper.NewClient(w.spy, mapper.TableOf[Note](tableName, f.encryptor(t, 1),
			mapper.WithSelection(func(crypto.Item) bool { return false })))
		check(t, err)
		for name, item := range map[string]crypto.Item{
			"no sort key":      {"person": str("ada"), "body": str("forged")},
			"no partition key": {"num": num("1"), "body": str("forged")},
			"a null key": {"person": str("ada"), "num": &types.AttributeValueMemberNULL{Value: true},
				"body": str("forged")},
			"a typed nil": {"person": str("ada"), "num": (*types.AttributeValueMemberN)(nil),
				"body": str("forged")},
		} {
			w.lie = func(_ string, _, out any, err error) (any, error) {
				out.(*dynamodb.ScanOutput).Items = []crypto.Item{item}
				return out, err
			}
			_, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: table})
			if where := wantItemError(t, err, "Scan", crypto.ErrNotProtected); where.Err == nil {
				t.Errorf("%s: the item is returned", name)
			}
		}
		w.lie = nil
		_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table,
			Item: crypto.Item{"person": str("ada"), "body": str("secret")}})
		wantItemError(t, err, "PutItem", crypto.ErrInvalidItem)
	})
}

func TestSelection_SeesNumbersAsTheyAreStored(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		var seen []string
		client, err := mapper.NewClient(w.spy, mapper.TableOf[Note](tableName, f.encryptor(t, 1),
			mapper.WithSelection(func(key crypto.Item) bool {
				seen = append(seen, valueString(key["num"]))
				return true
			})))
		check(t, err)
		_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table,
			Item: edited(key("1.0"), "", "subject", str("x"))})
		check(t, err)
		_, err = client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: key("0.1e1")})
		check(t, err)
		for _, n := range seen {
			equal(t, n, valueString(num("1")))
		}
	})
}
