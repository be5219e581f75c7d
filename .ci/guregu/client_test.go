package dynamo_test

import (
	"crypto/rand"
	"log"
	"os"
	"time"

	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/rawaes"
	"github.com/ddbenc/ddbenc/providers/static"
)

func init() { dynamo.TestClient = client }

// client returns a mapper.Client on the database under test: the one that
// DDBENC_DYNAMODB_ENDPOINT names, or one in memory.
func client(real dynamodbiface.DynamoDBAPI) dynamodbiface.DynamoDBAPI {
	api := real
	if os.Getenv("DDBENC_DYNAMODB_ENDPOINT") == "" {
		api = mappertest.New()
	}
	c, err := mapper.NewClient(api, declarations()...)
	if err != nil {
		log.Fatal(err)
	}
	return c
}

// declarations declares the two tables of the tests the way that GUREGU_TABLES
// says: not at all ("undeclared"), or sealed in one of the formats.
func declarations() []mapper.Option {
	var encryptor crypto.ItemEncryptor
	switch tables := os.Getenv("GUREGU_TABLES"); tables {
	case "undeclared":
		return nil
	case "ddbec":
		encryptor = ddbecEncryptor()
	case "dbesdk":
		encryptor = dbesdkEncryptor()
	default:
		log.Fatalf("GUREGU_TABLES is %q", tables)
	}
	return []mapper.Option{
		mapper.TableOf[item]("TestDB", encryptor),
		mapper.TableOf[item]("TestDB-Sprockets", encryptor),
	}
}

// item gives the tables of the tests their key and the actions of their
// attributes. What is not here, the tests' other attributes, is encrypted.
type item struct {
	UserID int       `dynamo:"UserID,hash"`
	Time   time.Time `dynamo:"Time,range"`
	Msg    string    `dynamo:"Msg" index:"Msg-Time-index,hash"`
}

func ddbecEncryptor() crypto.ItemEncryptor {
	signing := must(providers.NewHMAC("HmacSHA256", key()))
	return must(ddbec.New(must(static.New(key(), signing, signing))))
}

func dbesdkEncryptor() crypto.ItemEncryptor {
	return must(dbesdk.New(must(rawaes.New("guregu", "tests", key()))))
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
