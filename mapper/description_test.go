package mapper_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

func schema(names ...string) []types.KeySchemaElement {
	elements := make([]types.KeySchemaElement, len(names))
	for i, name := range names {
		elements[i] = types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeHash}
	}
	return elements
}

// descriptions are what a server may say about the table, and whether it is
// believed.
var descriptions = map[string]struct {
	description types.TableDescription
	believed    bool
}{
	"the key":             {types.TableDescription{KeySchema: schema("person", "num")}, true},
	"no key":              {types.TableDescription{}, true},
	"an encrypted key":    {types.TableDescription{KeySchema: schema("person", "body")}, false},
	"a key more":          {types.TableDescription{KeySchema: schema("person", "num", "body")}, false},
	"a part of the key":   {types.TableDescription{KeySchema: schema("person")}, false},
	"an index":            {types.TableDescription{GlobalSecondaryIndexes: []types.GlobalSecondaryIndexDescription{{IndexName: aws.String("i"), KeySchema: schema("subject", "score", "new-signed")}}}, false},
	"an index, signed":    {types.TableDescription{GlobalSecondaryIndexes: []types.GlobalSecondaryIndexDescription{{IndexName: aws.String("i"), KeySchema: schema("subject", "score", "num")}}}, true},
	"an index, encrypted": {types.TableDescription{GlobalSecondaryIndexes: []types.GlobalSecondaryIndexDescription{{IndexName: aws.String("i"), KeySchema: schema("body")}}}, false},
	"a local index":       {types.TableDescription{LocalSecondaryIndexes: []types.LocalSecondaryIndexDescription{{IndexName: aws.String("i"), KeySchema: schema("person", "score")}}}, true},
	"a local index, encrypted": {types.TableDescription{LocalSecondaryIndexes: []types.LocalSecondaryIndexDescription{{
		IndexName: aws.String("i"), KeySchema: schema("person", "labels")}}}, false},
}

func TestDescription_OfKeysThatAreNotThoseOfTheTagsIsRefused(t *testing.T) {
	for name, c := range descriptions {
		t.Run(name, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				w := newWorld(t, f)
				w.lie = func(op string, _, _ any, _ error) (any, error) {
					switch op {
					case "CreateTable":
						return &dynamodb.CreateTableOutput{TableDescription: &c.description}, nil
					case "UpdateTable":
						return &dynamodb.UpdateTableOutput{TableDescription: &c.description}, nil
					}
					return &dynamodb.DescribeTableOutput{Table: &c.description}, nil
				}
				for op, request := range tableRequests {
					out, err := request(t.Context(), w.client)
					if c.believed {
						check(t, err)
						continue
					}
					wantItemError(t, err, op, crypto.ErrTampered)
					if !reflect.ValueOf(out).IsNil() {
						t.Errorf("%s: a description is returned", op)
					}
					if errors.Is(err, mapper.ErrCarriedOut) != (op != "DescribeTable") {
						t.Errorf("%s: the error does not say whether it was carried out: %v", op, err)
					}
				}
			})
		})
	}
}

func TestTableRequests_ErrorsOfTheServerPass(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		missing := &types.ResourceNotFoundException{}
		w.lie = func(string, any, any, error) (any, error) { return nil, missing }
		for op, request := range tableRequests {
			if _, err := request(t.Context(), w.client); !errors.Is(err, missing) {
				t.Errorf("%s: got %v", op, err)
			}
		}
	})
}

// guregu/dynamo takes the names in a page token from the server, and the
// values from opened items.
func TestPageToken_NeverHoldsAPlaintext(t *testing.T) {
	query := func(table dynamo.Table) *dynamo.Query { return table.Get("person", "ada").Filter("score > ?", 0) }
	byTopic := func(table dynamo.Table) *dynamo.Query {
		return table.Get("subject", "engines").Index("by-topic").Filter("attribute_exists(seen)")
	}
	for name, c := range map[string]struct {
		read   func(ctx context.Context, table dynamo.Table, out *[]crypto.Item) (dynamo.PagingKey, error)
		lie    func(op string, out any)
		honest bool
	}{
		"query": {
			func(ctx context.Context, table dynamo.Table, out *[]crypto.Item) (dynamo.PagingKey, error) {
				return query(table).Limit(1).AllWithLastEvaluatedKey(ctx, out)
			}, lastKey("body"), false,
		},
		"query an index": {
			func(ctx context.Context, table dynamo.Table, out *[]crypto.Item) (dynamo.PagingKey, error) {
				return byTopic(table).Limit(1).AllWithLastEvaluatedKey(ctx, out)
			}, lastKey("subject", "labels"), false,
		},
		"scan": {
			func(ctx context.Context, table dynamo.Table, out *[]crypto.Item) (dynamo.PagingKey, error) {
				return table.Scan().Filter("score > ?", 0).Limit(1).AllWithLastEvaluatedKey(ctx, out)
			}, lastKey("body"), false,
		},
		"query, by description": {
			func(ctx context.Context, table dynamo.Table, out *[]crypto.Item) (dynamo.PagingKey, error) {
				return query(table).Limit(1).AllWithLastEvaluatedKey(ctx, out)
			}, describe("person", "num", "body"), false,
		},
		"scan, by description": {
			func(ctx context.Context, table dynamo.Table, out *[]crypto.Item) (dynamo.PagingKey, error) {
				return table.Scan().Filter("score > ?", 0).Limit(1).AllWithLastEvaluatedKey(ctx, out)
			}, describe("person", "num", "body"), false,
		},
		"honest": {
			func(ctx context.Context, table dynamo.Table, out *[]crypto.Item) (dynamo.PagingKey, error) {
				return query(table).Limit(1).AllWithLastEvaluatedKey(ctx, out)
			}, func(string, any) {}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				w := newWorld(t, f)
				w.put(t, note(1), note(2), note(3))
				w.lie = func(op string, _, out any, err error) (any, error) {
					c.lie(op, out)
					return out, err
				}
				var got []crypto.Item
				next, err := c.read(t.Context(), w.table(), &got)
				if text := valueString(m(crypto.Item(next))); containsAny(text, "secret") {
					t.Errorf("the token holds a plaintext: %s", text)
				}
				if c.honest {
					check(t, err)
					equal(t, crypto.Item(next), key("1"))
				} else {
					wantError(t, err, crypto.ErrTampered)
				}
			})
		})
	}
}

// lastKey is the lie that a page ended at a key with more attributes.
func lastKey(more ...string) func(op string, out any) {
	last := key("1")
	for _, name := range more {
		last[name] = str("engines")
	}
	return func(_ string, out any) {
		switch out := out.(type) {
		case *dynamodb.QueryOutput:
			out.LastEvaluatedKey = last
		case *dynamodb.ScanOutput:
			out.LastEvaluatedKey = last
		}
	}
}

// describe is the lie that the table's key is another.
func describe(names ...string) func(op string, out any) {
	return func(_ string, out any) {
		if out, ok := out.(*dynamodb.DescribeTableOutput); ok {
			out.Table.KeySchema = schema(names...)
		}
	}
}
