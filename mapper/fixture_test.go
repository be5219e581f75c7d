package mapper_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

const tableName = "notes"

// Note has one attribute of each action, a hash and range key, and an index.
type Note struct {
	Owner  string            `dynamo:"person,hash"`
	Number int               `dynamo:"num,range"`
	Text   string            `dynamo:"body" ddbenc:"encrypt"`
	Tags   map[string]string `dynamo:"labels,omitempty"`
	Topic  string            `dynamo:"subject" ddbenc:"sign" index:"by-topic,hash"`
	Rank   int               `dynamo:"score" localIndex:"by-rank,range"`
	Meta   map[string]string `dynamo:"info,omitempty" ddbenc:"sign"`
	Reads  int               `dynamo:"seen,omitempty" ddbenc:"none"`
}

func note(number int) Note {
	return Note{Owner: "ada", Number: number, Text: "secret text", Tags: map[string]string{"colour": "secret blue"},
		Topic: "engines", Rank: 10 - number, Meta: map[string]string{"lang": "en", "mood": "fine"}, Reads: 1}
}

// world is a table in an in-memory database, seen through the mapper (db,
// client) and past it (raw).
type world struct {
	*spy
	format format
	db     *dynamo.DB
	client *mapper.Client
	raw    *dynamo.DB
}

func newWorld(t testing.TB, f format, options ...mapper.TableOption) *world {
	t.Helper()
	return newWorldOn(t, f, database(t), options...)
}

// database returns a database without the tables of these tests: in memory, or
// the real one that DDBENC_DYNAMODB_ENDPOINT names, whose other tables stay.
func database(t testing.TB) dynamodbiface.DynamoDBAPI {
	t.Helper()
	endpoint := os.Getenv("DDBENC_DYNAMODB_ENDPOINT")
	if endpoint == "" {
		return mappertest.New()
	}
	client := dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &endpoint,
		Credentials: aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
			})})
	for _, name := range []string{tableName, "plain", "partial", "included", "restored", "keys", "patients",
		"plain-patients", "members"} {
		_, err := client.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name})
		var missing *types.ResourceNotFoundException
		if !errors.As(err, &missing) {
			check(t, err)
		}
	}
	if os.Getenv("DDBENC_MOTO") != "" {
		return withARNs{client}
	}
	return client
}

func newWorldOn(t testing.TB, f format, api dynamodbiface.DynamoDBAPI, options ...mapper.TableOption) *world {
	t.Helper()
	s := &spy{DynamoDBAPI: api}
	w := &world{spy: s, format: f, raw: dynamo.NewFromIface(s.DynamoDBAPI)}
	w.db, w.client = w.open(t, f.encryptor(t, 1), options...)
	err := w.raw.CreateTable(tableName, Note{}).OnDemand(true).Run(t.Context())
	var exists *types.ResourceInUseException
	if !errors.As(err, &exists) { // the SDK repeated a request whose reply was lost
		check(t, err)
	}
	return w
}

// open is a second process on the same table.
func (w *world) open(t testing.TB, e crypto.ItemEncryptor, options ...mapper.TableOption) (*dynamo.DB,
	*mapper.Client) {
	t.Helper()
	client, err := mapper.NewClient(w.spy, mapper.TableOf[Note](tableName, e, options...))
	check(t, err)
	return dynamo.NewFromIface(client), client
}

func (w *world) table() dynamo.Table { return w.db.Table(tableName) }

func (w *world) put(t testing.TB, notes ...Note) {
	t.Helper()
	for _, n := range notes {
		check(t, w.table().Put(n).Run(t.Context()))
	}
}

// stored reads an item past the mapper; nil if there is none.
func (w *world) stored(t testing.TB, number int) crypto.Item {
	t.Helper()
	var item crypto.Item
	err := w.raw.Table(tableName).Get("person", "ada").Range("num", dynamo.Equal, number).One(t.Context(), &item)
	if !errors.Is(err, dynamo.ErrNotFound) {
		check(t, err)
	}
	return item
}

// store writes an item past the mapper.
func (w *world) store(t testing.TB, item crypto.Item) {
	t.Helper()
	check(t, w.raw.Table(tableName).Put(item).Run(t.Context()))
}

func (w *world) get(t testing.TB, number int) (Note, error) {
	t.Helper()
	var n Note
	err := w.table().Get("person", "ada").Range("num", dynamo.Equal, number).One(t.Context(), &n)
	return n, err
}

// spy counts the requests that carry items or expressions, and lets a test
// stand in for the server.
type spy struct {
	dynamodbiface.DynamoDBAPI
	requests   atomic.Int64
	getItem    func(*dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error)
	batchGet   func(*dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error)
	batchWrite func(*dynamodb.BatchWriteItemInput) (*dynamodb.BatchWriteItemOutput, error)
	putItem    func(*dynamodb.PutItemInput) error
	transact   func(*dynamodb.TransactWriteItemsInput)

	// lie, if set, is given each request with a copy of the reply to it, and
	// returns what the client gets to see.
	lie func(op string, in, out any, err error) (any, error)
	// sent has the inputs of the requests, in order, if lie is set.
	sent []any
	mu   sync.Mutex // of sent
}

// tell returns the reply of call, or the spy's lie.
func tell[In, Out any](s *spy, op string, in *In, call func() (*Out, error)) (*Out, error) {
	if s.lie == nil {
		return call()
	}
	s.mu.Lock()
	s.sent = append(s.sent, in)
	s.mu.Unlock()
	out, err := call()
	if out != nil {
		out = copyOf(reflect.ValueOf(out)).Interface().(*Out)
	}
	lie, err := s.lie(op, in, out, err)
	out, _ = lie.(*Out)
	return out, err
}

func (s *spy) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	s.requests.Add(1)
	if s.getItem != nil {
		return s.getItem(in)
	}
	return tell(s, "GetItem", in, func() (*dynamodb.GetItemOutput,
		error) {
		return s.DynamoDBAPI.GetItem(ctx, in, o...)
	})
}

func (s *spy) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	s.requests.Add(1)
	if s.putItem != nil {
		if err := s.putItem(in); err != nil {
			return nil, err
		}
	}
	return tell(s, "PutItem", in, func() (*dynamodb.PutItemOutput,
		error) {
		return s.DynamoDBAPI.PutItem(ctx, in, o...)
	})
}

func (s *spy) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	s.requests.Add(1)
	return tell(s, "UpdateItem", in, func() (*dynamodb.UpdateItemOutput,
		error) {
		return s.DynamoDBAPI.UpdateItem(ctx, in, o...)
	})
}

func (s *spy) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	s.requests.Add(1)
	return tell(s, "DeleteItem", in, func() (*dynamodb.DeleteItemOutput,
		error) {
		return s.DynamoDBAPI.DeleteItem(ctx, in, o...)
	})
}

func (s *spy) Query(ctx context.Context, in *dynamodb.QueryInput,
	o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	s.requests.Add(1)
	return tell(s, "Query", in, func() (*dynamodb.QueryOutput, error) { return s.DynamoDBAPI.Query(ctx, in, o...) })
}

func (s *spy) Scan(ctx context.Context, in *dynamodb.ScanInput, o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput,
	error) {
	s.requests.Add(1)
	return tell(s, "Scan", in, func() (*dynamodb.ScanOutput, error) { return s.DynamoDBAPI.Scan(ctx, in, o...) })
}

func (s *spy) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	s.requests.Add(1)
	if s.batchGet != nil {
		return s.batchGet(in)
	}
	return tell(s, "BatchGetItem", in, func() (*dynamodb.BatchGetItemOutput,
		error) {
		return s.DynamoDBAPI.BatchGetItem(ctx, in, o...)
	})
}

func (s *spy) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	s.requests.Add(1)
	if s.batchWrite != nil {
		return s.batchWrite(in)
	}
	return tell(s, "BatchWriteItem", in, func() (*dynamodb.BatchWriteItemOutput,
		error) {
		return s.DynamoDBAPI.BatchWriteItem(ctx, in, o...)
	})
}

func (s *spy) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	s.requests.Add(1)
	return tell(s, "TransactGetItems", in, func() (*dynamodb.TransactGetItemsOutput,
		error) {
		return s.DynamoDBAPI.TransactGetItems(ctx, in, o...)
	})
}

func (s *spy) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	s.requests.Add(1)
	if s.transact != nil {
		s.transact(in)
	}
	return tell(s, "TransactWriteItems", in, func() (*dynamodb.TransactWriteItemsOutput, error) {
		return s.DynamoDBAPI.TransactWriteItems(ctx, in, o...)
	})
}

func (s *spy) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput,
	o ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return tell(s, "DescribeTable", in, func() (*dynamodb.DescribeTableOutput,
		error) {
		return s.DynamoDBAPI.DescribeTable(ctx, in, o...)
	})
}

func (s *spy) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput,
	o ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	return tell(s, "CreateTable", in, func() (*dynamodb.CreateTableOutput,
		error) {
		return s.DynamoDBAPI.CreateTable(ctx, in, o...)
	})
}

func (s *spy) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	return tell(s, "UpdateTable", in, func() (*dynamodb.UpdateTableOutput,
		error) {
		return s.DynamoDBAPI.UpdateTable(ctx, in, o...)
	})
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("got error %v, want %v", err, kind)
	}
}

func equal(t testing.TB, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func num(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func key(number string) crypto.Item { return crypto.Item{"person": str("ada"), "num": num(number)} }

var table = aws.String(tableName)

// wantItemError checks that err is a *crypto.ItemError of the operation and of
// the kind.
func wantItemError(t testing.TB, err error, op string, kind error) *crypto.ItemError {
	t.Helper()
	var where *crypto.ItemError
	if !errors.Is(err, kind) || !errors.As(err, &where) || where.Op != op {
		t.Errorf("got error %v; want an ItemError of %s with %v", err, op, kind)
		return new(crypto.ItemError)
	}
	return where
}

// storedOf is stored for another owner's note.
func (w *world) storedOf(t testing.TB, owner string, number int) crypto.Item {
	t.Helper()
	var item crypto.Item
	check(t, w.raw.Table(tableName).Get("person", owner).Range("num", dynamo.Equal, number).One(t.Context(), &item))
	return item
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// notOnMoto skips a test for which moto's DynamoDB is not exact enough, and says
// why. It runs in memory, and on any other server.
func notOnMoto(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("DDBENC_MOTO") != "" {
		t.Skip("moto " + why)
	}
}

// withARNs adds the ARNs of indexes to table descriptions. moto leaves them out,
// and guregu/dynamo panics without them.
type withARNs struct{ dynamodbiface.DynamoDBAPI }

func (w withARNs) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput,
	o ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	out, err := w.DynamoDBAPI.DescribeTable(ctx, in, o...)
	if err == nil {
		addARNs(out.Table)
	}
	return out, err
}

func (w withARNs) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	out, err := w.DynamoDBAPI.UpdateTable(ctx, in, o...)
	if err == nil {
		addARNs(out.TableDescription)
	}
	return out, err
}

func addARNs(table *types.TableDescription) {
	for i := range table.GlobalSecondaryIndexes {
		table.GlobalSecondaryIndexes[i].IndexArn = aws.String("")
	}
	for i := range table.LocalSecondaryIndexes {
		table.LocalSecondaryIndexes[i].IndexArn = aws.String("")
	}
}
