package dynamo_test

import (
	"crypto/rand"
	"log"
	"maps"
	"os"
	"testing"
	"time"

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

func init() { dynamo.TestClient = client }

// direct is the database, and mapped the mapper.Client that the tests use.
var direct, mapped dynamodbiface.DynamoDBAPI

// client returns a mapper.Client on the database under test: the one that
// DDBENC_DYNAMODB_ENDPOINT names, or one in memory.
func client(real dynamodbiface.DynamoDBAPI) dynamodbiface.DynamoDBAPI {
	api := real
	if os.Getenv("DDBENC_DYNAMODB_ENDPOINT") == "" {
		api = mappertest.New()
	}
	direct, mapped = api, must(mapper.NewClient(api, declarations()...))
	return mapped
}

// The tests of guregu/dynamo would pass without encryption too.
func TestClient_SealsWhatIsDeclared(t *testing.T) {
	sealed := os.Getenv("GUREGU_TABLES") != "undeclared"
	for _, table := range []string{"TestDB", "TestDB-Sprockets"} {
		key := crypto.Item{"UserID": &types.AttributeValueMemberN{Value: "-77"}, "Time": &types.AttributeValueMemberS{Value: "now"}}
		item := maps.Clone(key)
		item["List"] = &types.AttributeValueMemberS{Value: "secret"}
		_, err := mapped.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
		if err != nil {
			t.Fatal(err)
		}
		out, err := direct.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		_, err = mapped.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		if _, ciphertext := out.Item["List"].(*types.AttributeValueMemberB); ciphertext != sealed || len(out.Item) > len(item) != sealed {
			t.Errorf("%s: stored as %T with %d attributes", table, out.Item["List"], len(out.Item))
		}
	}
}

// declarations declares the two tables of the tests as GUREGU_TABLES says: not
// at all ("undeclared"), or sealed in the format that GUREGU_FORMAT names, with
// all attributes encrypted ("encrypted") or with those unprotected that the
// tests update, filter by or put into conditions ("in-place").
func declarations() []mapper.Option {
	var encryptor crypto.ItemEncryptor
	tables, format := os.Getenv("GUREGU_TABLES"), os.Getenv("GUREGU_FORMAT")
	switch {
	case tables == "undeclared":
		return nil
	case format == "ddbec":
		encryptor = ddbecEncryptor()
	case format == "dbesdk":
		encryptor = dbesdkEncryptor()
	default:
		log.Fatalf("GUREGU_FORMAT is %q", format)
	}
	switch tables {
	case "encrypted":
		return []mapper.Option{mapper.TableOf[encrypted]("TestDB", encryptor), mapper.TableOf[encrypted]("TestDB-Sprockets", encryptor)}
	case "in-place":
		return []mapper.Option{mapper.TableOf[inPlace]("TestDB", encryptor), mapper.TableOf[inPlace]("TestDB-Sprockets", encryptor)}
	}
	log.Fatalf("GUREGU_TABLES is %q", tables)
	return nil
}

// encrypted declares the keys of the tables of the tests and of their indexes.
// All that it does not declare is encrypted.
type encrypted struct {
	UserID int       `dynamo:"UserID,hash"`
	Time   time.Time `dynamo:"Time,range"`
	Msg    string    `dynamo:"Msg" index:"Msg-Time-index,hash"`
}

// inPlace also declares what the tests update in place, filter by or name in
// conditions. The tests' other attributes are encrypted: List, Set1, Set2,
// Map1, Map2.
type inPlace struct {
	UserID int       `dynamo:"UserID,hash"`
	Time   time.Time `dynamo:"Time,range"`

	// Updated in place.
	Msg    string            `dynamo:"Msg" index:"Msg-Time-index,hash" ddbenc:"none"`
	Count  int               `dynamo:"Count" ddbenc:"none"`
	Meta   map[string]string `dynamo:"Meta" ddbenc:"none"`
	Test   []string          `dynamo:"Test,set" ddbenc:"none"`
	MySet1 []string          `dynamo:"MySet1,set" ddbenc:"none"`
	MySet2 []string          `dynamo:"MySet2,set" ddbenc:"none"`
	MySet3 []int             `dynamo:"MySet3,set" ddbenc:"none"`
	MsgPtr *string           `dynamo:"MsgPtr" ddbenc:"none"`
	CStr   string            `dynamo:"CStr" ddbenc:"none"`
	SPtr   *string           `dynamo:"SPtr" ddbenc:"none"`
	Foo    string            `dynamo:"Foo" ddbenc:"none"`

	// In filters and conditions.
	StrPtr        *string `dynamo:"StrPtr" ddbenc:"sign"`
	BadField      string  `dynamo:"BadField" ddbenc:"sign"`
	MeaningOfLife int     `dynamo:"MeaningOfLife" ddbenc:"sign"`
}

func ddbecEncryptor() crypto.ItemEncryptor {
	signing := must(providers.NewHMAC("HmacSHA256", key()))
	return must(ddbec.New(must(static.New(key(), signing, signing))))
}

func dbesdkEncryptor() crypto.ItemEncryptor {
	return must(dbesdk.New(must(raw.NewAES("guregu", "tests", key()))))
}

func key() []byte {
	k := make([]byte, 32)
	rand.Read(k)
	return k
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
