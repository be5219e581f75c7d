package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/static"
)

const table = "notes"

// Note has an attribute of each action.
type Note struct {
	ID    string `dynamo:"id,hash"`
	Text  string `dynamo:"body" ddbenc:"encrypt"`
	Topic string `dynamo:"subject" ddbenc:"sign"`
	Count int    `dynamo:"hits" ddbenc:"encrypt"`
	Reads int    `dynamo:"seen" ddbenc:"none"`
}

func note(n int) Note {
	return Note{ID: fmt.Sprintf("note-%05d", n), Text: fmt.Sprintf("secret text %d", n), Topic: "engines", Count: 100, Reads: n % 7}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// server is a database in memory, which counts writes and can be made to fail.
type server struct {
	read    func(items int) // a page
	putting func()          // before an item is written
	dynamodbiface.DynamoDBAPI
	writes atomic.Int64
	// conflicts counts conditional writes that lost to another one.
	conflicts atomic.Int64
	lost      float64 // how many of the replies are lost
	busy      float64 // how many of the requests are throttled
	written   atomic.Pointer[func(*dynamodb.PutItemInput)]
}

var errLost = errors.New("connection reset by peer")

func (s *server) fails() error {
	if rand.Float64() < s.busy {
		return &types.ProvisionedThroughputExceededException{}
	}
	return nil
}

func (s *server) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	if s.putting != nil {
		s.putting()
	}
	out, err := s.DynamoDBAPI.PutItem(ctx, in, o...)
	if dynamo.IsCondCheckFailed(err) {
		s.conflicts.Add(1)
	}
	if err == nil {
		s.writes.Add(1)
		if f := s.written.Load(); f != nil {
			(*f)(in)
		}
	}
	if rand.Float64() < s.lost {
		return nil, errLost
	}
	return out, err
}

func (s *server) Scan(ctx context.Context, in *dynamodb.ScanInput, o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if err := s.fails(); err != nil {
		return nil, err
	}
	out, err := s.DynamoDBAPI.Scan(ctx, in, o...)
	if err == nil && s.read != nil {
		s.read(len(out.Items))
	}
	if rand.Float64() < s.lost {
		return nil, errLost
	}
	return out, err
}

func newServer(t testing.TB) *server {
	t.Helper()
	s := &server{DynamoDBAPI: mappertest.New()}
	check(t, dynamo.NewFromIface(s.DynamoDBAPI).CreateTable(table, Note{}).OnDemand(true).Run(t.Context()))
	return s
}

// client is a process that declares the table.
func (s *server) client(t testing.TB, e crypto.ItemEncryptor, options ...mapper.TableOption) *mapper.Client {
	t.Helper()
	c, err := mapper.NewClient(s, mapper.TableOf[Note](table, e, options...))
	check(t, err)
	return c
}

// steady is a process with a connection that does not fail.
func (s *server) steady(t testing.TB, e crypto.ItemEncryptor, options ...mapper.TableOption) *mapper.Client {
	t.Helper()
	c, err := mapper.NewClient(s.DynamoDBAPI, mapper.TableOf[Note](table, e, options...))
	check(t, err)
	return c
}

// fill stores notes.
func fill(t testing.TB, c *mapper.Client, n int) {
	t.Helper()
	notes := make([]any, n)
	for i := range notes {
		notes[i] = note(i)
	}
	_, err := dynamo.NewFromIface(c).Table(table).Batch().Write().Put(notes...).Run(t.Context())
	check(t, err)
}

// stored returns all items as they are stored, by key.
func (s *server) stored(t testing.TB) map[string]crypto.Item {
	t.Helper()
	items := make(map[string]crypto.Item)
	iter := dynamo.NewFromIface(s.DynamoDBAPI).Table(table).Scan().Consistent(true).Iter()
	for {
		var item crypto.Item
		if !iter.Next(t.Context(), &item) {
			check(t, iter.Err())
			return items
		}
		items[item["id"].(*types.AttributeValueMemberS).Value] = item
	}
}

// contents returns all items opened, by key.
func contents(t testing.TB, c *mapper.Client) map[string]crypto.Item {
	t.Helper()
	items := make(map[string]crypto.Item)
	iter := dynamo.NewFromIface(c).Table(table).Scan().Consistent(true).Iter()
	for {
		var item crypto.Item
		if !iter.Next(t.Context(), &item) {
			check(t, iter.Err())
			return items
		}
		items[item["id"].(*types.AttributeValueMemberS).Value] = item
	}
}

// same compares the contents of a table with what they should be.
func same(t testing.TB, got, want map[string]crypto.Item) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d items, want %d", len(got), len(want))
	}
	for id, item := range want {
		if !reflect.DeepEqual(got[id], item) {
			t.Errorf("item %s is another one", id)
		}
	}
}

// put stores an item past the mapper.
func (s *server) put(t testing.TB, item crypto.Item) {
	t.Helper()
	check(t, dynamo.NewFromIface(s.DynamoDBAPI).Table(table).Put(item).Run(t.Context()))
}

// staticEncryptor is one of ddbec with static keys.
func staticEncryptor(t testing.TB, seed byte) crypto.ItemEncryptor {
	t.Helper()
	key := make([]byte, 32)
	for i := range key {
		key[i] = seed
	}
	signing, err := providers.NewHMAC("HmacSHA256", key)
	check(t, err)
	provider, err := static.New(key, signing, signing)
	check(t, err)
	e, err := ddbec.New(provider)
	check(t, err)
	return e
}

// sdkEncryptor is one of dbesdk with a key of that name. It makes no ECDSA
// signatures unless an option says so: they are slow under the race detector.
func sdkEncryptor(t testing.TB, name string, options ...dbesdk.Option) crypto.ItemEncryptor {
	t.Helper()
	key := make([]byte, 32)
	copy(key, name)
	keys, err := raw.NewAES("test", name, key)
	check(t, err)
	e, err := dbesdk.New(keys, append([]dbesdk.Option{dbesdk.WithSuite(dbesdk.SuiteHMAC)}, options...)...)
	check(t, err)
	t.Cleanup(func() { check(t, e.Close()) })
	return e
}
