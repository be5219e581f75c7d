package mapper_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

func TestScanStored_ReturnsItemsAsTheyAreStored(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1), note(2), note(3))
		seen := 0
		in := &dynamodb.ScanInput{TableName: aws.String(tableName), ConsistentRead: aws.Bool(true), Limit: aws.Int32(2)}
		for {
			page, err := w.client.ScanStored(t.Context(), in)
			check(t, err)
			for _, item := range page.Items {
				seen++
				if item[f.signature] == nil {
					t.Error("an item is not as it is stored")
				}
				check(t, w.client.VerifyStored(t.Context(), tableName, item))
			}
			if in.ExclusiveStartKey = page.LastEvaluatedKey; in.ExclusiveStartKey == nil {
				break
			}
		}
		if seen != 3 {
			t.Errorf("%d items", seen)
		}
	})
}

func TestScanStored_RefusesWhatIsNotAWholeItemOfADeclaredTable(t *testing.T) {
	w := newWorld(t, dbesdkFormat)
	for what, change := range map[string]func(*dynamodb.ScanInput){
		"index":      func(in *dynamodb.ScanInput) { in.IndexName = aws.String("by-topic") },
		"filter":     func(in *dynamodb.ScanInput) { in.FilterExpression = aws.String("attribute_exists(body)") },
		"projection": func(in *dynamodb.ScanInput) { in.ProjectionExpression = aws.String("body") },
		"legacy":     func(in *dynamodb.ScanInput) { in.AttributesToGet = []string{"body"} },
		"count":      func(in *dynamodb.ScanInput) { in.Select = types.SelectCount },
	} {
		in := &dynamodb.ScanInput{TableName: aws.String(tableName)}
		change(in)
		if _, err := w.client.ScanStored(t.Context(), in); !errors.Is(err, crypto.ErrUnsupported) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range []*string{nil, aws.String("plain")} {
		if _, err := w.client.ScanStored(t.Context(), &dynamodb.ScanInput{TableName: name}); !errors.Is(err, mapper.ErrNotDeclared) {
			t.Errorf("%v", err)
		}
	}
	if n := w.requests.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// A page is closed here as in every other reply.
func TestScanStored_RefusesPagesThatWereNotAskedFor(t *testing.T) {
	w := newWorld(t, dbesdkFormat)
	w.put(t, note(1))
	for what, change := range map[string]func(*dynamodb.ScanOutput){
		"an item twice": func(out *dynamodb.ScanOutput) {
			out.Items = append(out.Items, out.Items[0])
			out.Count++
			out.ScannedCount++
		},
		"a wrong count": func(out *dynamodb.ScanOutput) { out.Count++; out.ScannedCount++ },
		"a null item":   func(out *dynamodb.ScanOutput) { out.Items[0] = nil },
		"an end that is no key": func(out *dynamodb.ScanOutput) {
			out.LastEvaluatedKey = crypto.Item{"body": &types.AttributeValueMemberS{Value: "x"}}
		},
		"another table's capacity": func(out *dynamodb.ScanOutput) {
			out.ConsumedCapacity = &types.ConsumedCapacity{TableName: aws.String("plain")}
		},
	} {
		w.lie = func(_ string, _, out any, err error) (any, error) {
			if page, ok := out.(*dynamodb.ScanOutput); ok {
				change(page)
			}
			return out, err
		}
		_, err := w.client.ScanStored(t.Context(), &dynamodb.ScanInput{TableName: aws.String(tableName), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
		if !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestSealStored_ReturnsWhatResealStoredWouldWriteAndWritesNothing(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		_, client := w.open(t, f.encryptor(t, 2), mapper.WithReaders(f.encryptor(t, 1)))
		w.put(t, note(1))
		stored := w.stored(t, 1)
		sealed, changed, err := client.SealStored(t.Context(), tableName, stored)
		check(t, err)
		if !changed {
			t.Error("an item of another key is as declared")
		}
		equal(t, w.stored(t, 1), stored)
		again, changed, err := client.SealStored(t.Context(), tableName, sealed)
		if err != nil || changed {
			t.Errorf("changed is %v, %v", changed, err)
		}
		equal(t, again, sealed)
		opened, err := client.Open(t.Context(), tableName, sealed)
		check(t, err)
		want, err := w.client.Open(t.Context(), tableName, stored)
		check(t, err)
		equal(t, opened, want)
		stored["person"] = &types.AttributeValueMemberS{Value: "grace"}
		if item, _, err := client.SealStored(t.Context(), tableName, stored); err == nil || item != nil {
			t.Errorf("an item that does not verify is returned: %v", err)
		}
	})
}

func TestResealStored_WritesOnlyWhatIsNotAsDeclared(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		_, client := w.open(t, f.encryptor(t, 2), mapper.WithReaders(f.encryptor(t, 1)))
		w.put(t, note(1), note(2), note(3))
		old, gone, moved := w.stored(t, 1), w.stored(t, 2), w.stored(t, 3)
		check(t, w.table().Delete("person", "ada").Range("num", 2).Run(t.Context()))
		changed := note(3)
		changed.Text = "changed meanwhile"
		w.put(t, changed)

		for i, want := range []bool{true, false} {
			needed, err := client.NeedsReseal(t.Context(), tableName, w.stored(t, 1))
			check(t, err)
			result, err := client.ResealStored(t.Context(), tableName, w.stored(t, 1))
			if err != nil || result.Written != want || needed != want {
				t.Errorf("time %d: %+v, %v, %v", i, result, needed, err)
			}
		}
		// The write of an old copy conflicts, and the item that is there is fine.
		if result, err := client.ResealStored(t.Context(), tableName, old); err != nil || result.Written {
			t.Errorf("%+v, %v", result, err)
		}
		if _, err := client.ResealStored(t.Context(), tableName, gone); !errors.Is(err, dynamo.ErrNotFound) {
			t.Errorf("%v", err)
		}
		if result, err := client.ResealStored(t.Context(), tableName, moved); err != nil || !result.Written {
			t.Errorf("%+v, %v", result, err)
		}
		got, err := w.get(t, 3)
		if err == nil || got.Text != "" {
			t.Errorf("the first key still opens it: %+v", got)
		}
		var now Note
		check(t, dynamo.NewFromIface(client).Table(tableName).Get("person", "ada").Range("num", dynamo.Equal, 3).One(t.Context(), &now))
		if !reflect.DeepEqual(now, changed) {
			t.Errorf("got %+v, want %+v", now, changed)
		}
	})
}

func TestResealStored_LeavesItemsThatAreNotSelected(t *testing.T) {
	w := newWorld(t, dbesdkFormat, mapper.WithSelection(func(key crypto.Item) bool {
		return key["num"].(*types.AttributeValueMemberN).Value != "1"
	}))
	w.put(t, note(1), note(2))
	check(t, w.client.VerifyStored(t.Context(), tableName, w.stored(t, 1)))
	if result, err := w.client.ResealStored(t.Context(), tableName, w.stored(t, 1)); err != nil || result.Written {
		t.Errorf("%+v, %v", result, err)
	}
	plain, err := dynamo.MarshalItem(note(2))
	check(t, err)
	if err := w.client.VerifyStored(t.Context(), tableName, plain); !errors.Is(err, crypto.ErrNotProtected) {
		t.Errorf("%v", err)
	}
}

// A table that is declared by its schema is the same table.
func TestTableOfSchema_ReadsAndWritesWhatTableOfDoes(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		schema := mapper.Schema{PartitionKey: "person", SortKey: "num", Actions: crypto.Actions{Attributes: map[string]crypto.Action{
			"person": crypto.Sign, "num": crypto.Sign, "subject": crypto.Sign, "score": crypto.Sign, "info": crypto.Sign, "seen": crypto.None}}}
		client, err := mapper.NewClient(w.spy, mapper.TableOfSchema(tableName, schema, f.encryptor(t, 1)))
		check(t, err)
		w.put(t, note(1))
		plain, err := dynamo.MarshalItem(note(1))
		check(t, err)
		opened, err := client.Open(t.Context(), tableName, w.stored(t, 1))
		check(t, err)
		if !reflect.DeepEqual(opened, plain) {
			t.Errorf("got %v, want %v", opened, plain)
		}
		if result, err := client.ResealStored(t.Context(), tableName, w.stored(t, 1)); err != nil || result.Written {
			t.Errorf("%+v, %v", result, err)
		}
		check(t, dynamo.NewFromIface(client).Table(tableName).Put(note(4)).Run(t.Context()))
		if got, err := w.get(t, 4); err != nil || !reflect.DeepEqual(got, note(4)) {
			t.Errorf("%+v, %v", got, err)
		}
		if info, ok := client.TableInfo(tableName); !ok || info != (crypto.TableInfo{Name: tableName, PartitionKey: "person", SortKey: "num"}) {
			t.Errorf("%+v, %v", info, ok)
		}
	})
}

func TestTableOfSchema_RefusesWhatMakesNoSense(t *testing.T) {
	e := dbesdkFormat.encryptor(t, 1)
	signed := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	for want, option := range map[string]mapper.Option{
		"partition key":            mapper.TableOfSchema("t", mapper.Schema{Actions: signed}, e),
		"keys must be signed":      mapper.TableOfSchema("t", mapper.Schema{PartitionKey: "id"}, e),
		"cannot have struct types": mapper.TableOfSchema("t", mapper.Schema{PartitionKey: "id", Actions: signed}, e, mapper.WithType[Note]()),
		"no encryptor":             mapper.TableOfSchema("t", mapper.Schema{PartitionKey: "id", Actions: signed}, nil),
		"empty table name":         mapper.TableOfSchema("", mapper.Schema{PartitionKey: "id", Actions: signed}, e),
		"empty logical table":      mapper.TableOfSchema("t", mapper.Schema{PartitionKey: "id", Actions: signed}, e, mapper.WithLogicalName("")),
	} {
		_, err := mapper.NewClient(database(t), option)
		if !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestStored_RefusesOtherTablesAndItemsWithoutAKey(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		noKey := w.stored(t, 1)
		delete(noKey, "num")
		scan := func(name string, item crypto.Item) error {
			in := &dynamodb.ScanInput{TableName: &name}
			if item != nil {
				in.ExclusiveStartKey = crypto.Item{"person": item["person"]}
			}
			_, err := w.client.ScanStored(t.Context(), in)
			return err
		}
		for op, call := range map[string]func(name string, item crypto.Item) error{
			"ScanStored": scan,
			"VerifyStored": func(name string, item crypto.Item) error {
				return w.client.VerifyStored(t.Context(), name, item)
			},
			"NeedsReseal": func(name string, item crypto.Item) error {
				_, err := w.client.NeedsReseal(t.Context(), name, item)
				return err
			},
			"SealStored": func(name string, item crypto.Item) error {
				_, _, err := w.client.SealStored(t.Context(), name, item)
				return err
			},
			"ResealStored": func(name string, item crypto.Item) error {
				_, err := w.client.ResealStored(t.Context(), name, item)
				return err
			},
		} {
			wantItemError(t, call("undeclared", nil), op, mapper.ErrNotDeclared)
			wantItemError(t, call(tableName, noKey), op, crypto.ErrInvalidKey)
		}
	})
}
