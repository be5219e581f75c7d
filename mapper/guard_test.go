package mapper_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

func TestRequestsThatCannotBeHonouredAreRefusedBeforeAnythingIsSent(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		var notes []Note
		for name, run := range map[string]func(ctx context.Context, w *world) error{
			"update sets a signed attribute":      func(ctx context.Context, w *world) error { return update(w).Set("subject", "x").Run(ctx) },
			"update sets an encrypted attribute":  func(ctx context.Context, w *world) error { return update(w).Set("body", "x").Run(ctx) },
			"update sets an undeclared attribute": func(ctx context.Context, w *world) error { return update(w).Set("new", "x").Run(ctx) },
			"update sets a part of a signed map":  func(ctx context.Context, w *world) error { return update(w).Set("info.lang", "x").Run(ctx) },
			"update removes a signed attribute":   func(ctx context.Context, w *world) error { return update(w).Remove("subject").Run(ctx) },
			"update adds to a signed attribute":   func(ctx context.Context, w *world) error { return update(w).Add("score", 1).Run(ctx) },
			"update deletes from a signed one": func(ctx context.Context, w *world) error {
				return update(w).DeleteStringsFromSet("subject", "x").Run(ctx)
			},
			"update sets the signature": func(ctx context.Context, w *world) error {
				return update(w).Set("'"+f.signature+"'", []byte("x")).Run(ctx)
			},
			"update removes the description":      func(ctx context.Context, w *world) error { return update(w).Remove("'" + f.header + "'").Run(ctx) },
			"update copies from an encrypted one": func(ctx context.Context, w *world) error { return update(w).SetExpr("seen = body").Run(ctx) },
			"update on condition of an encrypted": func(ctx context.Context, w *world) error {
				return update(w).Add("seen", 1).If("body = ?", "x").Run(ctx)
			},
			"update returns old, names signed": func(ctx context.Context, w *world) error {
				return update(w).Set("subject", "x").OnlyUpdatedOldValue(ctx, &Note{})
			},
			"put on condition of an encrypted": func(ctx context.Context, w *world) error { return w.table().Put(note(1)).If("body = ?", "x").Run(ctx) },
			"put on condition inside an encrypted": func(ctx context.Context, w *world) error {
				return w.table().Put(note(1)).If("attribute_exists(labels.colour)").Run(ctx)
			},
			"put on size of an encrypted": func(ctx context.Context, w *world) error {
				return w.table().Put(note(1)).If("size(body) > ?", 3).Run(ctx)
			},
			"put on type of an encrypted": func(ctx context.Context, w *world) error {
				return w.table().Put(note(1)).If("attribute_type(body, ?)", "S").Run(ctx)
			},
			"delete on condition of an encrypted": func(ctx context.Context, w *world) error { return del(w).If("contains(body, ?)", "x").Run(ctx) },
			"query by an encrypted key": func(ctx context.Context, w *world) error {
				return w.table().Get("body", "x").Index("by-text").All(ctx, &notes)
			},
			"query by an undeclared key": func(ctx context.Context, w *world) error {
				return w.table().Get("other", "x").Index("by-other").All(ctx, &notes)
			},
			"transaction updates a signed": func(ctx context.Context, w *world) error {
				return w.db.WriteTx().Update(update(w).Set("subject", "x")).Run(ctx)
			},
			"transaction puts on condition of an encrypted": func(ctx context.Context, w *world) error {
				return w.db.WriteTx().Put(w.table().Put(note(1)).If("body = ?", "x")).Run(ctx)
			},
			"transaction deletes on condition of an encrypted": func(ctx context.Context, w *world) error {
				return w.db.WriteTx().Delete(del(w).If("body = ?", "x")).Run(ctx)
			},
			"transaction checks an encrypted": func(ctx context.Context, w *world) error {
				return w.db.WriteTx().Check(w.table().Check("person", "ada").Range("num", 1).If("body = ?", "x")).Run(ctx)
			},
			"key condition expression on an encrypted": func(ctx context.Context, w *world) error {
				_, err := w.client.Query(ctx, &dynamodb.QueryInput{TableName: table, IndexName: aws.String("by-text"),
					KeyConditionExpression: aws.String("#t = :t"), ExpressionAttributeNames: map[string]string{"#t": "body"}, ExpressionAttributeValues: crypto.Item{":t": str("x")}})
				return err
			},
			"legacy update": func(ctx context.Context, w *world) error {
				_, err := w.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"), AttributeUpdates: map[string]types.AttributeValueUpdate{"subject": {Value: str("x")}}})
				return err
			},
			"legacy expectation on put": func(ctx context.Context, w *world) error {
				_, err := w.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"), Expected: map[string]types.ExpectedAttributeValue{"body": {Value: str("x")}}})
				return err
			},
			"legacy expectation on delete": func(ctx context.Context, w *world) error {
				_, err := w.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"), Expected: map[string]types.ExpectedAttributeValue{"body": {Value: str("x")}}})
				return err
			},
			"table named by its ARN": func(ctx context.Context, w *world) error {
				return w.db.Table("arn:aws:dynamodb:eu-west-1:123456789012:table/"+tableName).Update("person", "ada").Range("num", 1).Set("subject", "x").Run(ctx)
			},
			"create table with an encrypted key": func(ctx context.Context, w *world) error {
				_, err := w.client.CreateTable(ctx, &dynamodb.CreateTableInput{TableName: table, AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("body")}}})
				return err
			},
			"index on an encrypted attribute": func(ctx context.Context, w *world) error {
				_, err := w.client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: table, AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("body")}}})
				return err
			},
			"time to live in an encrypted attribute": func(ctx context.Context, w *world) error { return w.table().UpdateTTL("body", true).Run(ctx) },
			"PartiQL on a declared table": func(ctx context.Context, w *world) error {
				_, err := w.client.ExecuteStatement(ctx, &dynamodb.ExecuteStatementInput{Statement: aws.String(`SELECT * FROM "notes"."by-topic"`)})
				return err
			},
			"PartiQL batch on a declared table": func(ctx context.Context, w *world) error {
				_, err := w.client.BatchExecuteStatement(ctx, &dynamodb.BatchExecuteStatementInput{Statements: []types.BatchStatementRequest{{Statement: aws.String(`update/**/Notes--x`)}}})
				return err
			},
			"PartiQL transaction on a declared table": func(ctx context.Context, w *world) error {
				_, err := w.client.ExecuteTransaction(ctx, &dynamodb.ExecuteTransactionInput{TransactStatements: []types.ParameterizedStatement{{Statement: aws.String(`INSERT INTO arn:aws:dynamodb:eu-west-1:1:table/notes VALUE {}`)}}})
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				for mode, options := range map[string][]mapper.TableOption{
					"sealed": nil, "migrating": {mapper.WithPlaintextReads()}, "before migration": {mapper.WithPlaintextWrites()},
				} {
					w := newWorld(t, f, append(options, mapper.WithoutRewrites())...)
					w.put(t, note(1))
					before, sent := w.stored(t, 1), w.requests.Load()
					err := run(t.Context(), w)
					wantError(t, err, crypto.ErrUnsupported)
					if w.requests.Load() != sent {
						t.Errorf("%s: the request was sent", mode)
					}
					equal(t, w.stored(t, 1), before)
					if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "ada")) {
						t.Errorf("%s: the error tells a value: %v", mode, err)
					}
				}
			})
		}
	})
}

func TestRequestsThatTheServerCanHonourGoThrough(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		var notes []Note
		for name, run := range map[string]func(ctx context.Context, w *world) error{
			"existence of an encrypted attribute": func(ctx context.Context, w *world) error {
				return w.table().Put(note(1)).If("attribute_exists(body)").Run(ctx)
			},
			"absence of an encrypted attribute": func(ctx context.Context, w *world) error {
				return w.table().Put(note(3)).If("attribute_not_exists(body) AND attribute_not_exists($)", "person").Run(ctx)
			},
			"condition on a signed attribute": func(ctx context.Context, w *world) error {
				return w.table().Put(note(1)).If("subject = ?", "engines").Run(ctx)
			},
			"condition inside a signed map": func(ctx context.Context, w *world) error {
				return w.table().Put(note(1)).If("info.lang = ?", "en").Run(ctx)
			},
			"condition on an unsigned attribute": func(ctx context.Context, w *world) error { return w.table().Put(note(1)).If("seen = ?", 1).Run(ctx) },
			"condition on the signature": func(ctx context.Context, w *world) error {
				return w.table().Put(note(1)).If("attribute_exists('" + f.signature + "')").Run(ctx)
			},
			"filter by a signed attribute": func(ctx context.Context, w *world) error {
				return w.table().Scan().Filter("subject = ?", "engines").All(ctx, &notes)
			},
			"update of an unsigned attribute":    func(ctx context.Context, w *world) error { return update(w).Add("seen", 1).Run(ctx) },
			"update reading a signed attribute":  func(ctx context.Context, w *world) error { return update(w).SetExpr("seen = score").Run(ctx) },
			"time to live in a signed attribute": func(ctx context.Context, w *world) error { return w.table().UpdateTTL("score", true).Run(ctx) },
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, f)
				w.put(t, note(1), note(2))
				check(t, run(t.Context(), w))
				if _, err := w.get(t, 1); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			})
		}
	})
}

func TestGuard_ExpressionsThatDoNotParseAreNotSent(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for name, run := range map[string]func(ctx context.Context, w *world) error{
			"condition": func(ctx context.Context, w *world) error { return w.table().Put(note(1)).If("subject = ").Run(ctx) },
			"update":    func(ctx context.Context, w *world) error { return update(w).SetExpr("seen = ").Run(ctx) },
			"filter": func(ctx context.Context, w *world) error {
				return w.table().Scan().Filter("body = ").All(ctx, &[]Note{})
			},
			"reserved word": func(ctx context.Context, w *world) error {
				_, err := w.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("1"), ConditionExpression: aws.String("attribute_exists(name)")})
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, f)
				err := run(t.Context(), w)
				wantError(t, err, mapper.ErrExpression)
				var api smithy.APIError
				if !errors.As(err, &api) || api.ErrorCode() != "ValidationException" {
					t.Errorf("it is not a ValidationException: %v", err)
				}
				if errors.Is(err, crypto.ErrUnsupported) || w.requests.Load() != 0 {
					t.Errorf("it was sent, or is said to be unsupported: %v", err)
				}
			})
		}
	})
}

func TestUndeclaredTablesPassThroughUntouched(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		type Plain struct {
			ID   string `dynamo:"id,hash"`
			Text string `dynamo:"body"`
		}
		check(t, w.db.CreateTable("plain", Plain{}).OnDemand(true).Run(ctx))
		check(t, w.db.Table("plain").Put(Plain{"1", "open"}).Run(ctx))
		check(t, w.db.Table("plain").Update("id", "1").Set("body", "changed").If("body = ?", "open").Run(ctx))
		var items []crypto.Item
		check(t, w.raw.Table("plain").Scan().All(ctx, &items))
		equal(t, items, []crypto.Item{{"id": str("1"), "body": str("changed")}})
	})
}

func update(w *world) *dynamo.Update { return w.table().Update("person", "ada").Range("num", 1) }

func del(w *world) *dynamo.Delete { return w.table().Delete("person", "ada").Range("num", 1) }

func TestNilInputsAreErrorsOfTheServer(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		_, get := w.client.GetItem(ctx, nil)
		_, put := w.client.PutItem(ctx, nil)
		_, update := w.client.UpdateItem(ctx, nil)
		_, del := w.client.DeleteItem(ctx, nil)
		_, query := w.client.Query(ctx, nil)
		_, scan := w.client.Scan(ctx, nil)
		_, batchGet := w.client.BatchGetItem(ctx, nil)
		_, batchWrite := w.client.BatchWriteItem(ctx, nil)
		_, transactGet := w.client.TransactGetItems(ctx, nil)
		_, transactWrite := w.client.TransactWriteItems(ctx, nil)
		_, create := w.client.CreateTable(ctx, nil)
		_, describe := w.client.DescribeTable(ctx, nil)
		_, ttl := w.client.UpdateTimeToLive(ctx, nil)
		_, partiql := w.client.ExecuteStatement(ctx, nil)
		for i, err := range []error{get, put, update, del, query, scan, batchGet, batchWrite, transactGet, transactWrite, create, describe, ttl, partiql} {
			if err == nil {
				t.Errorf("request %d: a nil input is accepted", i)
			}
		}
	})
}

func TestNilValuesAreErrors(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		// In memory only: the SDK's own client panics on the nil key that it gets.
		w := newWorldOn(t, f, mappertest.New(), mapper.WithSelection(func(crypto.Item) bool { return true }))
		ctx := t.Context()
		w.put(t, note(1))
		var (
			text   *types.AttributeValueMemberS
			number *types.AttributeValueMemberN
			list   *types.AttributeValueMemberL
		)
		noKey := crypto.Item{"person": str("ada"), "num": number}
		for name, run := range map[string]func() error{
			"put, value": func() error { i := key("2"); i["body"] = text; return w.table().Put(i).Run(ctx) },
			"put, nested": func() error {
				i := key("2")
				i["labels"] = &types.AttributeValueMemberL{Value: []types.AttributeValue{list}}
				return w.table().Put(i).Run(ctx)
			},
			"put, key": func() error { return w.table().Put(noKey).Run(ctx) },
			"batch":    func() error { _, err := w.table().Batch().Write().Put(noKey).Run(ctx); return err },
			"token":    func() error { return w.db.WriteTx().Put(w.table().Put(noKey)).Idempotent(true).Run(ctx) },
			"get": func() error {
				_, err := w.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: noKey})
				return err
			},
			"condition": func() error {
				_, err := w.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: key("2"), ConditionExpression: aws.String("score BETWEEN :n AND :n"), ExpressionAttributeValues: crypto.Item{":n": number}})
				return err
			},
		} {
			if err := run(); err == nil {
				t.Errorf("%s: a nil value is accepted", name)
			}
		}
	})
}
