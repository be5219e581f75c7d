package mapper_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

func TestIndex_PartsOfSealedItemsAreNotTakenForPlaintextDuringAMigration(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorldOn(t, f, mappertest.New())
		ctx := t.Context()
		check(t, w.raw.CreateTable("partial", Note{}).OnDemand(true).
			Project("by-topic", dynamo.IncludeProjection, "body").Run(ctx))
		open := func(options ...mapper.TableOption) dynamo.Table {
			options = append(options, mapper.WithPlaintextReads())
			db, err := mapper.New(w.spy, mapper.TableOf[Note]("partial", f.encryptor(t, 1), options...))
			check(t, err)
			return db.Table("partial")
		}
		check(t, open().Put(note(1)).Run(ctx))
		plain, err := dynamo.MarshalItem(note(2))
		check(t, err)
		check(t, w.raw.Table("partial").Put(plain).Run(ctx))

		var notes []Note
		check(t, open().Scan().Index("by-topic").Filter("body = ?", "secret text").All(ctx, &notes))
		equal(t, len(notes), 2)
		for _, n := range notes {
			equal(t, n, note(n.Number))
		}
		err = open(mapper.WithoutIndexFetches()).Scan().Index("by-topic").All(ctx, &notes)
		wantItemError(t, err, "Scan", crypto.ErrNotProtected)
	})
}

func TestFetch_ReturnsAnItemOnceHoweverOftenTheIndexNamesIt(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		w.lie = func(_ string, _, out any, err error) (any, error) {
			if q, ok := out.(*dynamodb.QueryOutput); ok {
				q.Items = nil
				for i := range 3 {
					q.Items = append(q.Items, edited(key("1"), "", "score", num(fmt.Sprint(i))))
				}
				q.Count, q.ScannedCount = 3, 3
			}
			return out, err
		}
		var notes []Note
		check(t, w.table().Get("person", "ada").Range("score", dynamo.Greater, -1).Index("by-rank").All(t.Context(), &notes))
		equal(t, notes, []Note{note(1)})
	})
}

func TestTransaction_OpensOnlyWhatItDependsOn(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		w.store(t, edited(key("2"), "", "body", str("never sealed")))
		w.store(t, edited(key("3"), "", "body", str("never sealed")))
		check(t, w.db.WriteTx().Update(update(w).Set("body", "changed")).Put(w.table().Put(note(2))).
			Delete(w.table().Delete("person", "ada").Range("num", 3)).Run(t.Context()))
		w.sealed(t, 2)
		equal(t, w.stored(t, 3), crypto.Item(nil))
	})
}

func TestRewrite_RefusesMoreUnsignedAttributesThanAConditionCanCompare(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f, mapper.WithPlaintextReads())
		for _, n := range []int{100, 200} {
			wide, err := dynamo.MarshalItem(note(n))
			check(t, err)
			for i := range n {
				wide[fmt.Sprintf("attribute %d", i)] = num("1")
			}
			w.store(t, wide)
			err = w.table().Update("person", "ada").Range("num", n).Set("body", "changed").Run(t.Context())
			if n == 100 {
				check(t, err)
				continue
			}
			wantItemError(t, err, "UpdateItem", crypto.ErrUnsupported)
		}
	})
}

// TestToken_UsedByTwoCallsAtOnceIsAppliedOnce changes the item under the first
// call, so that it seals anew and succeeds while the second still holds what was
// sealed before.
func TestToken_UsedByTwoCallsAtOnceIsAppliedOnce(t *testing.T) {
	notOnMoto(t, "carries a transaction out again that has the same token")
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		other, _ := w.open(t, f.encryptor(t, 1))
		change := func() error {
			_, err := w.client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
				ClientRequestToken: aws.String("token"),
				TransactItems: []types.TransactWriteItem{{Update: &types.Update{TableName: table, Key: key("1"),
					UpdateExpression:          aws.String("SET score = score + :one"),
					ConditionExpression:       aws.String("score < :limit"),
					ExpressionAttributeValues: crypto.Item{":one": num("1"), ":limit": num("20")}}}},
			})
			return err
		}
		second, inside, firstDone := make(chan error), make(chan struct{}), make(chan struct{})
		var calls atomic.Int64
		w.transact = func(*dynamodb.TransactWriteItemsInput) {
			switch calls.Add(1) {
			case 1:
				check(t, other.Table(tableName).Update("person", "ada").Range("num", 1).Add("score", 10).Run(t.Context()))
				go func() { second <- change() }()
				<-inside
			case 2:
				close(inside)
				<-firstDone
			}
		}
		check(t, change())
		close(firstDone)
		check(t, <-second)
		w.transact = nil
		got, err := w.get(t, 1)
		check(t, err)
		equal(t, got.Rank, note(1).Rank+10+1)
	})
}

// fragile is an encryptor that panics when it is told to.
type fragile struct {
	crypto.ItemEncryptor
	panics *bool
}

func (e fragile) EncryptItem(ctx context.Context, table crypto.TableInfo, actions crypto.Actions,
	item crypto.Item) (crypto.Item, error) {
	if *e.panics {
		panic("fragile")
	}
	return e.ItemEncryptor.EncryptItem(ctx, table, actions, item)
}

func TestToken_IsNotClaimedForEverByACallThatPanicked(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		panics := true
		db, _ := w.open(t, fragile{f.encryptor(t, 1), &panics})
		tx := db.WriteTx().Put(db.Table(tableName).Put(note(1))).IdempotentWithToken("token")
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "fragile") {
					t.Errorf("recovered %v", r)
				}
			}()
			_ = tx.Run(t.Context())
		}()
		panics = false
		check(t, tx.Run(t.Context()))
		w.sealed(t, 1)
	})
}
