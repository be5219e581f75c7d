package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

func TestEveryReadOpensWhatWasPut(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1), note(2), note(3))

		var one Note
		check(t, w.table().Get("person", "ada").Range("num", dynamo.Equal, 2).One(ctx, &one))
		equal(t, one, note(2))

		for name, read := range map[string]func(out *[]Note) error{
			"query":       func(out *[]Note) error { return w.table().Get("person", "ada").All(ctx, out) },
			"query index": func(out *[]Note) error { return w.table().Get("subject", "engines").Index("by-topic").All(ctx, out) },
			"query pages": func(out *[]Note) error { return pages(ctx, w.table(), out) },
			"scan":        func(out *[]Note) error { return w.table().Scan().All(ctx, out) },
			"scan index":  func(out *[]Note) error { return w.table().Scan().Index("by-topic").All(ctx, out) },
			"scan in parts": func(out *[]Note) error {
				items := w.table().Scan().IterParallel(ctx, 3)
				for {
					var n Note
					if !items.Next(ctx, &n) {
						return items.Err()
					}
					*out = append(*out, n)
				}
			},
			"batch": func(out *[]Note) error {
				return w.table().Batch("person", "num").Get(dynamo.Keys{"ada", 1}, dynamo.Keys{"ada", 2}, dynamo.Keys{"ada", 3}).All(ctx, out)
			},
			"transaction": func(out *[]Note) error {
				tx := w.db.GetTx()
				for n := 1; n <= 3; n++ {
					tx.Get(w.table().Get("person", "ada").Range("num", dynamo.Equal, n))
				}
				return tx.All(ctx, out)
			},
		} {
			t.Run(name, func(t *testing.T) {
				var got []Note
				check(t, read(&got))
				byNumber := make(map[int]Note)
				for _, n := range got {
					byNumber[n.Number] = n
				}
				equal(t, byNumber, map[int]Note{1: note(1), 2: note(2), 3: note(3)})
			})
		}

		t.Run("query keeps its order", func(t *testing.T) {
			var got []Note
			check(t, w.table().Get("person", "ada").Order(dynamo.Descending).All(ctx, &got))
			equal(t, got, []Note{note(3), note(2), note(1)})
		})
		t.Run("counting", func(t *testing.T) {
			n, err := w.table().Get("person", "ada").Filter("score > ?", 7).Count(ctx)
			check(t, err)
			m, err := w.table().Scan().Count(ctx)
			check(t, err)
			equal(t, []int64{int64(n), int64(m)}, []int64{2, 3})
		})
		t.Run("nothing there", func(t *testing.T) {
			_, err := w.get(t, 9)
			wantError(t, err, dynamo.ErrNotFound)
		})
	})
}

// pages reads one item a page, going on from a paging key each time.
func pages(ctx context.Context, table dynamo.Table, out *[]Note) error {
	var start dynamo.PagingKey
	for {
		q := table.Get("person", "ada").SearchLimit(1)
		if start != nil {
			q = q.StartFrom(start)
		}
		var err error
		if start, err = q.AllWithLastEvaluatedKey(ctx, out); err != nil || start == nil {
			return err
		}
	}
}

func TestProjectionsReturnTheirPartOfTheVerifiedItem(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1))
		want := crypto.Item{
			"body":   str("secret text"),
			"labels": &types.AttributeValueMemberM{Value: crypto.Item{"colour": str("secret blue")}},
			"info":   &types.AttributeValueMemberM{Value: crypto.Item{"lang": str("en")}},
		}
		paths := []string{"body", "labels.colour", "info.lang", "absent"}
		get := w.table().Get("person", "ada").Range("num", dynamo.Equal, 1)

		for name, read := range map[string]func(out *crypto.Item) error{
			"get": func(out *crypto.Item) error { return get.Project(paths...).One(ctx, out) },
			"query": func(out *crypto.Item) error {
				return w.table().Get("person", "ada").Project(paths...).Limit(1).One(ctx, out)
			},
			"filter": func(out *crypto.Item) error {
				return w.table().Get("person", "ada").Filter("info.lang = ?", "en").Project(paths...).One(ctx, out)
			},
			"index": func(out *crypto.Item) error {
				return w.table().Get("subject", "engines").Index("by-topic").Project(paths...).One(ctx, out)
			},
			"batch": func(out *crypto.Item) error {
				var items []crypto.Item
				err := w.table().Batch("person", "num").Get(dynamo.Keys{"ada", 1}).Project(paths...).All(ctx, &items)
				*out = items[0]
				return err
			},
			"transaction": func(out *crypto.Item) error { return w.db.GetTx().GetOne(get.Project(paths...), out).Run(ctx) },
			"scan": func(out *crypto.Item) error {
				var items []crypto.Item
				err := w.table().Scan().Project(paths...).All(ctx, &items)
				*out = items[0]
				return err
			},
			"the SDK, specific attributes": func(out *crypto.Item) error {
				reply, err := w.client.Query(ctx, &dynamodb.QueryInput{
					TableName: table, Select: types.SelectSpecificAttributes,
					KeyConditionExpression: aws.String("#o = :o"), ProjectionExpression: aws.String("#t, labels.colour, info.lang"),
					ExpressionAttributeNames:  map[string]string{"#o": "person", "#t": "body"},
					ExpressionAttributeValues: crypto.Item{":o": str("ada")},
				})
				if err == nil {
					*out = reply.Items[0]
				}
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				var got crypto.Item
				check(t, read(&got))
				equal(t, got, want)
			})
		}

		t.Run("legacy", func(t *testing.T) {
			out, err := w.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("1"), AttributesToGet: []string{"body"}})
			check(t, err)
			equal(t, out.Item, crypto.Item{"body": str("secret text")})
		})
		t.Run("of a damaged item is nothing", func(t *testing.T) {
			item := w.stored(t, 1)
			item["subject"] = str("forged")
			w.store(t, item)
			var got crypto.Item
			wantError(t, get.Project("score").One(ctx, &got), crypto.ErrTampered)
		})
		t.Run("that does not parse is refused", func(t *testing.T) {
			_, err := w.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("1"), ProjectionExpression: aws.String("a..b")})
			wantError(t, err, mapper.ErrExpression)
		})
	})
}

func TestUnprocessedKeysComeBackWithTheCallersProjection(t *testing.T) {
	inStillTime(t, func(t *testing.T, w *world) {
		w.put(t, note(1), note(2))
		rounds := 0
		w.batchGet = func(in *dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
			rounds++
			asked := in.RequestItems[tableName]
			first := *in
			now := asked
			now.Keys = asked.Keys[:1]
			first.RequestItems = map[string]types.KeysAndAttributes{tableName: now}
			out, err := w.DynamoDBAPI.BatchGetItem(t.Context(), &first)
			if err == nil && len(asked.Keys) > 1 {
				later := asked
				later.Keys = asked.Keys[1:]
				out.UnprocessedKeys = map[string]types.KeysAndAttributes{tableName: later}
			}
			return out, err
		}
		var got []crypto.Item
		check(t, w.table().Batch("person", "num").Get(dynamo.Keys{"ada", 1}, dynamo.Keys{"ada", 2}).Project("body").All(t.Context(), &got))
		equal(t, got, []crypto.Item{{"body": str("secret text")}, {"body": str("secret text")}})
		equal(t, rounds, 2)
	})
}

func TestAReplyWithAnotherItemThanTheOneAskedForIsAnError(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1), note(2))
		other := w.stored(t, 2)
		w.getItem = func(*dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
			return &dynamodb.GetItemOutput{Item: other}, nil
		}
		w.batchGet = func(*dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
			return &dynamodb.BatchGetItemOutput{Responses: map[string][]crypto.Item{tableName: {other}}}, nil
		}
		_, err := w.get(t, 1)
		wantError(t, err, crypto.ErrTampered)
		var notes []Note
		wantError(t, w.table().Batch("person", "num").Get(dynamo.Keys{"ada", 1}).All(ctx, &notes), crypto.ErrTampered)
		repo, err := mapper.NewRepository[Note](w.db, tableName)
		check(t, err)
		_, err = repo.Modify(ctx, dynamo.Keys{"ada", 1}, func(*Note) error { return nil })
		wantError(t, err, crypto.ErrTampered)
	})
}

func TestAnIndexThatHoldsAPartOfAnItemIsNamedInTheError(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		check(t, w.raw.CreateTable("partial", Note{}).OnDemand(true).
			Project("by-topic", dynamo.KeysOnlyProjection).
			Project("by-rank", dynamo.KeysOnlyProjection).Run(ctx))
		check(t, w.raw.CreateTable("included", Note{}).OnDemand(true).
			Project("by-topic", dynamo.IncludeProjection, f.signature, f.header).Run(ctx))
		db, err := mapper.New(w.spy, mapper.TableOf[Note]("partial", f.encryptor(t, 1), mapper.WithoutIndexFetches()), mapper.TableOf[Note]("included", f.encryptor(t, 1), mapper.WithoutIndexFetches()))
		check(t, err)
		for name, kind := range map[string]error{"partial": crypto.ErrNotProtected, "included": crypto.ErrTampered} {
			check(t, db.Table(name).Put(note(1)).Run(ctx))
			var notes []Note
			err := db.Table(name).Get("subject", "engines").Index("by-topic").All(ctx, &notes)
			wantError(t, err, kind)
			if err == nil || !strings.Contains(err.Error(), `index "by-topic"`) || !strings.Contains(err.Error(), "ALL") {
				t.Errorf("the error does not say which index and what to do: %v", err)
			}
			n, err := db.Table(name).Get("subject", "engines").Index("by-topic").Count(ctx)
			check(t, err)
			equal(t, n, 1)
		}
	})
}

func TestIndex_ReturnsItsProjectionOfTheVerifiedItem(t *testing.T) {
	notOnMoto(t, "does not fetch from the table what a local index lacks")
	forEachFormat(t, func(t *testing.T, f format) {
		for name, project := range map[string]struct {
			projection dynamo.IndexProjection
			attributes []string
			want       Note
		}{
			"keys only":                   {dynamo.KeysOnlyProjection, nil, Note{}},
			"some attributes":             {dynamo.IncludeProjection, []string{"body", "seen"}, Note{Text: "secret text", Reads: 1}},
			"the format's own attributes": {dynamo.IncludeProjection, []string{f.signature, f.header}, Note{}},
			"all":                         {dynamo.AllProjection, nil, note(1)},
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, f)
				ctx := t.Context()
				check(t, w.raw.CreateTable("partial", Note{}).OnDemand(true).
					Project("by-topic", project.projection, project.attributes...).
					Project("by-rank", project.projection, project.attributes...).Run(ctx))
				options := []mapper.TableOption{}
				if name != "all" {
					options = append(options, mapper.WithIndexProjection("by-topic", project.attributes...), mapper.WithIndexProjection("by-rank", project.attributes...))
				}
				db, err := mapper.New(w.spy, mapper.TableOf[Note]("partial", f.encryptor(t, 1), options...))
				check(t, err)
				table := db.Table("partial")
				check(t, table.Put(note(1)).Run(ctx))

				want := project.want
				want.Owner, want.Number, want.Topic = "ada", 1, "engines"
				if name != "all" {
					want.Rank = 0
				}
				var notes []Note
				check(t, table.Get("subject", "engines").Index("by-topic").All(ctx, &notes))
				equal(t, notes, []Note{want})

				want = project.want
				want.Owner, want.Number, want.Rank = "ada", 1, 9
				notes = nil
				check(t, table.Get("person", "ada").Range("score", dynamo.Greater, 0).Index("by-rank").All(ctx, &notes))
				equal(t, notes, []Note{want})
				notes = nil
				check(t, table.Get("person", "ada").Range("score", dynamo.Greater, 0).Index("by-rank").Project("body").All(ctx, &notes))
				equal(t, notes, []Note{{Text: "secret text"}}) // a local index fetches what is asked for
				n, err := table.Get("subject", "engines").Index("by-topic").Count(ctx)
				check(t, err)
				equal(t, n, 1)
			})
		}
	})
}

func TestIndex_ItemsComeBackWholeWhateverItsEntriesLack(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		read := map[string]func(out *[]Note) error{
			"Query": func(out *[]Note) error {
				return w.table().Get("subject", "engines").Index("by-topic").All(t.Context(), out)
			},
			"Scan": func(out *[]Note) error { return w.table().Scan().Index("by-topic").All(t.Context(), out) },
		}
		for op, read := range read {
			// The server leaves attributes out, as if the index had only its keys.
			w.lie = func(called string, _, reply any, err error) (any, error) {
				keep := func(items []map[string]types.AttributeValue) {
					for _, item := range items {
						maps.DeleteFunc(item, func(name string, _ types.AttributeValue) bool { return name == "body" || name == f.signature })
					}
				}
				switch reply := reply.(type) {
				case *dynamodb.QueryOutput:
					keep(reply.Items)
				case *dynamodb.ScanOutput:
					keep(reply.Items)
				}
				return reply, err
			}
			var got []Note
			check(t, read(&got))
			w.lie = nil
			if len(got) != 1 || got[0].Text != note(1).Text {
				t.Errorf("%s: an attribute was left out: %+v", op, got)
			}
		}
	})
}

func TestADamagedItemFailsItsPageUnlessItIsToBeReported(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1), note(2), note(3))
		forged := w.stored(t, 2)
		forged["subject"] = str("engines2")
		w.store(t, forged)
		var notes []Note
		wantError(t, w.table().Get("person", "ada").All(ctx, &notes), crypto.ErrTampered)
		if len(notes) > 0 {
			t.Error("a page with a damaged item returned items")
		}

		plain := crypto.Item{"person": str("ada"), "num": num("4")}
		w.store(t, plain)
		var reported []mapper.DamagedItem
		client, err := mapper.NewClient(w.spy, mapper.TableOf[Note](tableName, f.encryptor(t, 1)),
			mapper.WithDamagedItems(func(_ context.Context, d mapper.DamagedItem) { reported = append(reported, d) }))
		check(t, err)
		out, err := client.Query(ctx, &dynamodb.QueryInput{TableName: table, KeyConditionExpression: aws.String("#o = :o"),
			ExpressionAttributeNames: map[string]string{"#o": "person"}, ExpressionAttributeValues: crypto.Item{":o": str("ada")}})
		check(t, err)
		if len(out.Items) != 2 || out.Count != 2 || out.ScannedCount != 4 {
			t.Errorf("%d items, count %d, scanned %d; want 2, 2, 4", len(out.Items), out.Count, out.ScannedCount)
		}
		if len(reported) != 2 {
			t.Fatalf("%d reports, want 2", len(reported))
		}
		equal(t, reported[0].Key, key("2"))
		wantError(t, reported[0].Err, crypto.ErrTampered)
		equal(t, reported[1].Key, key("4"))
		wantError(t, reported[1].Err, crypto.ErrNotProtected)

		_, err = client.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("2")})
		wantError(t, err, crypto.ErrTampered)
	})
}

// gate is an encryptor that takes a while and counts how many items it opens
// at once.
type gate struct {
	crypto.ItemEncryptor
	now, most, total atomic.Int64
	fail             func(n int64) error
}

func (g *gate) DecryptItem(ctx context.Context, table crypto.TableInfo, actions crypto.Actions, item crypto.Item) (crypto.Item, error) {
	n := g.now.Add(1)
	defer g.now.Add(-1)
	for most := g.most.Load(); n > most && !g.most.CompareAndSwap(most, n); most = g.most.Load() {
	}
	total := g.total.Add(1)
	if g.fail != nil {
		if err := g.fail(total); err != nil {
			return nil, err
		}
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(5 * time.Millisecond):
	}
	return g.ItemEncryptor.DecryptItem(ctx, table, actions, item)
}

func TestPagesAreOpenedInParallelUpToABoundAndInOrder(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		var want []Note
		for n := range 40 {
			want = append(want, note(n))
		}
		w.put(t, want...)
		g := &gate{ItemEncryptor: f.encryptor(t, 1)}
		db, err := mapper.New(w.spy, mapper.TableOf[Note](tableName, g), mapper.WithParallelism(5))
		check(t, err)
		var got []Note
		check(t, db.Table(tableName).Get("person", "ada").All(t.Context(), &got))
		equal(t, got, want)
		if most := g.most.Load(); most < 2 || most > 5 {
			t.Errorf("%d items were opened at once; want 2 to 5", most)
		}
	})
}

func TestOpeningAPageStopsWithTheContextAndWithTheFirstError(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		for n := range 60 {
			w.put(t, note(n))
		}
		for name, cause := range map[string]error{"context": context.Canceled, "error": errors.New("no")} {
			t.Run(name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				g := &gate{ItemEncryptor: f.encryptor(t, 1)}
				g.fail = func(n int64) error {
					if n < 5 {
						return nil
					}
					if name == "context" {
						cancel()
						return nil
					}
					return fmt.Errorf("wrapped: %w", cause)
				}
				db, err := mapper.New(w.spy, mapper.TableOf[Note](tableName, g), mapper.WithParallelism(4))
				check(t, err)
				var got []Note
				wantError(t, db.Table(tableName).Get("person", "ada").All(ctx, &got), cause)
				if total := g.total.Load(); total > 20 {
					t.Errorf("%d items were still opened", total)
				}
			})
		}
	})
}

func TestSealAndOpenServeItemsThatTravelOutsideACall(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		plain, err := dynamo.MarshalItem(note(1))
		check(t, err)
		sealed, err := w.client.Seal(ctx, tableName, plain)
		check(t, err)
		w.store(t, sealed)
		got, err := w.get(t, 1)
		check(t, err)
		equal(t, got, note(1))

		opened, err := w.client.Open(ctx, tableName, w.stored(t, 1))
		check(t, err)
		equal(t, opened, plain)

		_, err = w.client.Seal(ctx, tableName, sealed)
		wantError(t, err, crypto.ErrInvalidItem)
		_, err = w.client.Open(ctx, tableName, plain)
		wantError(t, err, crypto.ErrNotProtected)
		_, err = w.client.Open(ctx, tableName, nil)
		wantError(t, err, crypto.ErrInvalidItem)
		_, err = w.client.Open(ctx, "other", sealed)
		wantError(t, err, mapper.ErrNotDeclared)
		_, err = w.client.Seal(ctx, "other", plain)
		wantError(t, err, mapper.ErrNotDeclared)
	})
}
