package mappertest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// The contract tests say what the in-memory DynamoDB and a real one agree on.
// They run against the first always, and against a real one too if
// DDBENC_DYNAMODB_ENDPOINT names it, such as a DynamoDB Local.
//
// Of messages they assert no more than both say. Where DynamoDB Local is known
// to depart from the service, a test says so and does not hold it to it.

type item = crypto.Item

// database is one of the databases that a contract test runs against.
type database struct {
	dynamodbiface.DynamoDBAPI
	local bool // DynamoDB Local, with its own peculiarities
}

// each runs a contract test against all databases.
func each(t *testing.T, test func(t *testing.T, db *database)) {
	t.Helper()
	t.Run("in memory", func(t *testing.T) {
		t.Parallel()
		test(t, &database{mappertest.New(), false})
	})
	endpoint := os.Getenv("DDBENC_DYNAMODB_ENDPOINT")
	if endpoint == "" {
		return
	}
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		test(t, &database{connect(endpoint), true})
	})
}

func connect(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:           "us-east-1",
		BaseEndpoint:     aws.String(endpoint),
		RetryMaxAttempts: 1,
		HTTPClient:       &http.Client{Timeout: time.Minute},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}

// create creates a table under a name of its own and returns that.
func (db *database) create(t *testing.T, in *dynamodb.CreateTableInput) string {
	t.Helper()
	return db.createWith(t, types.BillingModePayPerRequest, in)
}

func (db *database) createWith(t *testing.T, mode types.BillingMode, in *dynamodb.CreateTableInput) string {
	t.Helper()
	name := unusedName()
	in.TableName = &name
	in.BillingMode = mode
	_, err := db.CreateTable(t.Context(), in)
	check(t, err)
	db.settled(t, name)
	t.Cleanup(func() {
		_, err := db.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
		var gone *types.ResourceNotFoundException
		if err != nil && !errors.As(err, &gone) {
			t.Error(err)
		}
	})
	return name
}

func unusedName() string { return "contract-" + rand.Text() }

// simple creates a table with the key id (S).
func (db *database) simple(t *testing.T) string {
	t.Helper()
	return db.create(t, &dynamodb.CreateTableInput{
		AttributeDefinitions: attributes("id S"),
		KeySchema:            keys("id"),
	})
}

// indexed creates a table with the key pk (S), sk (N) and these indexes:
//
//	all   global  g (S), gr (N)  everything
//	keys  global  g (S)          keys only
//	some  global  g (S)          x
//	local local   pk, l (S)      keys only
func (db *database) indexed(t *testing.T) string {
	t.Helper()
	return db.create(t, &dynamodb.CreateTableInput{
		AttributeDefinitions: attributes("pk S", "sk N", "g S", "gr N", "l S"),
		KeySchema:            keys("pk", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("all"), KeySchema: keys("g", "gr"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}},
			{IndexName: aws.String("keys"), KeySchema: keys("g"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}},
			{IndexName: aws.String("some"), KeySchema: keys("g"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"x"}}},
		},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: aws.String("local"), KeySchema: keys("pk", "l"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}},
		},
	})
}

// attributes makes definitions of "name type".
func attributes(definitions ...string) []types.AttributeDefinition {
	var all []types.AttributeDefinition
	for _, d := range definitions {
		name, kind, _ := strings.Cut(d, " ")
		all = append(all, types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeType(kind)})
	}
	return all
}

// keys makes the schema of a hash key and, if there are two, a range key.
func keys(names ...string) []types.KeySchemaElement {
	all := []types.KeySchemaElement{{AttributeName: &names[0], KeyType: types.KeyTypeHash}}
	if len(names) > 1 {
		all = append(all, types.KeySchemaElement{AttributeName: &names[1], KeyType: types.KeyTypeRange})
	}
	return all
}

func (db *database) put(t *testing.T, table string, items ...item) {
	t.Helper()
	for _, i := range items {
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: i})
		check(t, err)
	}
}

func (db *database) get(t *testing.T, table string, key item) item {
	t.Helper()
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key,
		ConsistentRead: aws.Bool(true)})
	check(t, err)
	return out.Item
}

func str(v string) types.AttributeValue     { return &types.AttributeValueMemberS{Value: v} }
func num(v string) types.AttributeValue     { return &types.AttributeValueMemberN{Value: v} }
func bin(v string) types.AttributeValue     { return &types.AttributeValueMemberB{Value: []byte(v)} }
func strs(v ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: v} }
func nums(v ...string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: v} }
func bins(v ...[]byte) types.AttributeValue { return &types.AttributeValueMemberBS{Value: v} }
func list(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}
func dict(v item) types.AttributeValue { return &types.AttributeValueMemberM{Value: v} }

// nested returns v inside so many lists.
func nested(lists int, v types.AttributeValue) types.AttributeValue {
	for range lists {
		v = list(v)
	}
	return v
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused wants an API error with a code, and in its message some words.
func refused(t *testing.T, err error, code string, words ...string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Errorf("got %v, want %s", err, code)
		return
	}
	if api.ErrorCode() != code {
		t.Errorf("got code %s (%s), want %s", api.ErrorCode(), api.ErrorMessage(), code)
	}
	for _, w := range words {
		if !strings.Contains(api.ErrorMessage(), w) {
			t.Errorf("the message does not say %q: %s", w, api.ErrorMessage())
		}
	}
	var operation *smithy.OperationError
	if !errors.As(err, &operation) || operation.ServiceID != "DynamoDB" {
		t.Errorf("the error is not the SDK's error of an operation: %v", err)
	}
}

const validation = "ValidationException"

// sameItem wants two items to be equal as DynamoDB sees it: sets in any order,
// numbers in any spelling (DynamoDB Local returns some as they were sent). Nil
// and empty differ.
func sameItem(t *testing.T, got, want item) {
	t.Helper()
	if (got == nil) != (want == nil) || !maps.EqualFunc(got, want, expr.Equal) {
		t.Errorf("got %s, want %s", show(got), show(want))
	}
}

func sameItems(t *testing.T, got, want []item) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %d items, want %d", len(got), len(want))
		return
	}
	for i := range got {
		sameItem(t, got[i], want[i])
	}
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
