package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// step is one use of guregu/dynamo. It returns all that the caller gets to see.
type step func(ctx context.Context, db *dynamo.DB) (any, error)

// genStep draws a use.
func genStep(t *rapid.T) step {
	number := rapid.IntRange(0, 3)
	n, m := number.Draw(t, "number"), number.Draw(t, "other")
	item := Note{
		Owner: "ada", Number: n,
		Text:  rapid.StringOfN(rapid.RuneFrom([]rune("ab😀")), 0, 4, -1).Draw(t, "text"),
		Topic: rapid.SampledFrom([]string{"engines", "looms"}).Draw(t, "topic"),
		Rank:  rapid.IntRange(-2, 2).Draw(t, "rank"),
		Reads: rapid.IntRange(0, 2).Draw(t, "reads"),
	}
	if rapid.Bool().Draw(t, "meta") {
		item.Meta = map[string]string{"lang": "en"}
		item.Tags = map[string]string{"colour": "blue"}
	}
	table := func(db *dynamo.DB) dynamo.Table { return db.Table(tableName) }
	get := func(db *dynamo.DB, n int) *dynamo.Query {
		return table(db).Get("person", "ada").Range("num", dynamo.Equal, n)
	}
	steps := map[string]step{
		"put": func(ctx context.Context, db *dynamo.DB) (any, error) { return nil, table(db).Put(item).Run(ctx) },
		"put, old value": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var old Note
			err := table(db).Put(item).OldValue(ctx, &old)
			return old, err
		},
		"put on condition": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var current Note
			wrote, err := table(db).Put(item).If("attribute_not_exists(body) OR score < ? OR info.lang = ?", item.Rank, "en").CurrentValue(ctx, &current)
			return fmt.Sprintf("%v %+v", wrote, current), err
		},
		"delete, old value": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var old Note
			err := table(db).Delete("person", "ada").Range("num", n).If("attribute_exists(subject)").OldValue(ctx, &old)
			return old, err
		},
		"update, value": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var now Note
			wrote, err := table(db).Update("person", "ada").Range("num", n).Add("seen", m).If("attribute_exists(subject)").CurrentValue(ctx, &now)
			return fmt.Sprintf("%v %+v", wrote, now), err
		},
		"update, creating": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var now Note
			err := table(db).Update("person", "ada").Range("num", n).Add("seen", m).Value(ctx, &now)
			return now, err
		},
		"update of an encrypted attribute": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var now Note
			err := table(db).Update("person", "ada").Range("num", n).Set("body", item.Text).SetExpr("score = if_not_exists(score, ?)", item.Rank).Value(ctx, &now)
			return now, err
		},
		"update inside an encrypted attribute": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var old Note
			err := table(db).Update("person", "ada").Range("num", n).Set("labels.colour", item.Text).OnlyUpdatedOldValue(ctx, &old)
			return old, err
		},
		"update on condition of an encrypted attribute": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var now Note
			wrote, err := table(db).Update("person", "ada").Range("num", n).Add("score", m).Remove("info").If("size(body) > ?", 1).CurrentValue(ctx, &now)
			return fmt.Sprintf("%v %+v", wrote, now), err
		},
		"update that does not fit": func(ctx context.Context, db *dynamo.DB) (any, error) {
			return nil, table(db).Update("person", "ada").Range("num", n).Add("body", m).Run(ctx)
		},
		"update, updated new value": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var now Note
			err := table(db).Update("person", "ada").Range("num", n).Set("subject", item.Topic).Add("score", 1).OnlyUpdatedValue(ctx, &now)
			return now, err
		},
		"put on condition of an encrypted attribute": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var old Note
			err := table(db).Put(item).If("attribute_not_exists(person) OR begins_with(body, ?)", "a").OldValue(ctx, &old)
			return old, err
		},
		"delete on condition of an encrypted attribute": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var current Note
			deleted, err := table(db).Delete("person", "ada").Range("num", n).If("labels.colour <> ?", "red").CurrentValue(ctx, &current)
			return fmt.Sprintf("%v %+v", deleted, current), err
		},
		"filter by an encrypted attribute": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			err := table(db).Get("person", "ada").Filter("contains(body, ?) AND score >= ?", "b", item.Rank).Filter("labels.colour = ?", "blue").All(ctx, &got)
			return got, err
		},
		"filter by an encrypted attribute, a page": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			next, err := table(db).Scan().Filter("body >= ? OR seen = ?", item.Text, m).SearchLimit(n+1).AllWithLastEvaluatedKey(ctx, &got)
			slices.SortFunc(got, func(a, b Note) int { return a.Number - b.Number })
			return fmt.Sprintf("%+v %d", got, len(next)), err
		},
		"count by an encrypted attribute": func(ctx context.Context, db *dynamo.DB) (any, error) {
			return table(db).Scan().Filter("NOT contains(body, ?)", "b").Count(ctx)
		},
		"index, filter by an encrypted attribute": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			err := table(db).Get("subject", item.Topic).Index("by-topic").Filter("body <> ?", item.Text).All(ctx, &got)
			slices.SortFunc(got, func(a, b Note) int { return a.Number - b.Number })
			return got, err
		},
		"transaction on encrypted attributes": func(ctx context.Context, db *dynamo.DB) (any, error) {
			err := db.WriteTx().
				Update(table(db).Update("person", "ada").Range("num", n).Set("body", item.Text).Add("seen", 1)).
				Check(table(db).Check("person", "ada").Range("num", n+1).If("attribute_not_exists(body) OR size(body) < ?", m)).
				Delete(table(db).Delete("person", "ada").Range("num", n+2).If("attribute_not_exists(subject) OR body <> ?", item.Text)).
				Put(table(db).Put(Note{Owner: "bob", Number: n, Text: item.Text}).If("attribute_not_exists(body) OR body <> ?", item.Text)).
				IncludeAllItemsInCondCheckFail(true).Run(ctx)
			return seenReasons(err), nil
		},
		"get": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got Note
			err := get(db, n).One(ctx, &got)
			return got, err
		},
		"get, projected": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got Note
			err := get(db, n).Project("body", "info.lang", "person").One(ctx, &got)
			return got, err
		},
		"query": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			err := table(db).Get("person", "ada").Range("num", dynamo.Greater, n).Order(dynamo.Descending).Filter("score >= ?", item.Rank).All(ctx, &got)
			return got, err
		},
		"query, a page": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			next, err := table(db).Get("person", "ada").Limit(n+1).AllWithLastEvaluatedKey(ctx, &got)
			return fmt.Sprintf("%+v %d", got, len(next)), err
		},
		"query a local index": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			err := table(db).Get("person", "ada").Range("score", dynamo.Between, item.Rank, item.Rank+2).Index("by-rank").All(ctx, &got)
			slices.SortFunc(got, func(a, b Note) int { return a.Number - b.Number })
			return got, err
		},
		"query a global index": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			err := table(db).Get("subject", item.Topic).Index("by-topic").Project("num", "body").All(ctx, &got)
			slices.SortFunc(got, func(a, b Note) int { return a.Number - b.Number })
			return got, err
		},
		"scan": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			err := table(db).Scan().Filter("seen = ?", item.Reads).All(ctx, &got)
			return got, err
		},
		"count": func(ctx context.Context, db *dynamo.DB) (any, error) {
			return table(db).Get("person", "ada").Filter("attribute_exists(body) AND contains(subject, ?)", "e").Count(ctx)
		},
		"batch write": func(ctx context.Context, db *dynamo.DB) (any, error) {
			other := item
			other.Number = n + 1
			return table(db).Batch("person", "num").Write().Put(item, other).Delete(dynamo.Keys{"ada", n + 2}).Run(ctx)
		},
		"batch get": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			err := table(db).Batch("person", "num").Get(dynamo.Keys{"ada", n}, dynamo.Keys{"ada", n + 1}).All(ctx, &got)
			slices.SortFunc(got, func(a, b Note) int { return a.Number - b.Number })
			return got, err
		},
		"transaction": func(ctx context.Context, db *dynamo.DB) (any, error) {
			err := db.WriteTx().
				Put(table(db).Put(item).If("attribute_not_exists(subject) OR subject = ?", "looms")).
				Delete(table(db).Delete("person", "ada").Range("num", n+1)).
				Check(table(db).Check("person", "ada").Range("num", n+2).If("attribute_not_exists(score) OR score < ?", 2)).
				IncludeAllItemsInCondCheckFail(true).Run(ctx)
			return seenReasons(err), nil
		},
		"transactional get": func(ctx context.Context, db *dynamo.DB) (any, error) {
			var got []Note
			err := db.GetTx().Get(get(db, n)).Get(get(db, n+1).Project("body")).All(ctx, &got)
			return got, err
		},
	}
	names := make([]string, 0, len(steps))
	for name := range steps {
		names = append(names, name)
	}
	slices.Sort(names)
	return steps[rapid.SampledFrom(names).Draw(t, "step")]
}

func TestClient_ASealedTableBehavesAsAPlainOne(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		ctx := t.Context()
		e := f.encryptor(t, 1)
		rapid.Check(t, func(t *rapid.T) {
			plain, sealedAPI := dynamo.NewFromIface(mappertest.New()), mappertest.New()
			sealed, err := mapper.New(sealedAPI, mapper.TableOf[Note](tableName, e))
			if err != nil {
				t.Fatal(err)
			}
			for _, db := range []*dynamo.DB{plain, sealed} {
				if err := db.CreateTable(tableName, Note{}).OnDemand(true).Run(ctx); err != nil {
					t.Fatal(err)
				}
			}
			for range rapid.IntRange(1, 25).Draw(t, "steps") {
				do := genStep(t)
				want, wantErr := do(ctx, plain)
				got, gotErr := do(ctx, sealed)
				if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || !sameKind(gotErr, wantErr) {
					t.Fatalf("sealed: %+v, %v\nplain:  %+v, %v", got, gotErr, want, wantErr)
				}
			}
		})
	})
}

// sameKind reports whether a caller would take two errors for the same.
func sameKind(a, b error) bool {
	return (a == nil) == (b == nil) &&
		errors.Is(a, dynamo.ErrNotFound) == errors.Is(b, dynamo.ErrNotFound) &&
		dynamo.IsCondCheckFailed(a) == dynamo.IsCondCheckFailed(b) &&
		apiError(a) == apiError(b)
}

// apiError returns the code and message of DynamoDB's error in err, if any.
func apiError(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return ""
	}
	return api.ErrorCode() + ": " + api.ErrorMessage()
}

// seenReasons returns what a caller sees of a transaction's error: the reasons,
// and the items in them.
func seenReasons(err error) string {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return fmt.Sprint(err)
	}
	seen := ""
	for _, reason := range cancelled.CancellationReasons {
		var item Note
		if reason.Item != nil {
			if err := dynamo.UnmarshalItem(reason.Item, &item); err != nil {
				return err.Error()
			}
		}
		seen += fmt.Sprintf("%s %s %+v\n", aws.ToString(reason.Code), aws.ToString(reason.Message), item)
	}
	return seen
}
