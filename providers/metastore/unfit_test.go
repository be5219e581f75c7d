package metastore_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/static"
)

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	db, keys := mappertest.New(), inner(t, 1)
	for what, make := range map[string]func() (*metastore.Store, error){
		"no inner provider": func() (*metastore.Store, error) { return metastore.New(db, "keys", nil) },
		"no client":         func() (*metastore.Store, error) { return metastore.New(nil, "keys", keys) },
		"no table": func() (*metastore.Store, error) {
			return metastore.New(db, "", keys, metastore.WithLogicalName("keys"))
		},
		"no logical name": func() (*metastore.Store, error) {
			return metastore.New(db, "keys", keys, metastore.WithLogicalName(""))
		},
		"a key that is readable": func() (*metastore.Store, error) {
			return metastore.New(db, "keys", keys, metastore.WithSignedAttributes([]string{"enc"}, nil))
		},
	} {
		if s, err := make(); s != nil || !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", what, err)
		}
	}
}

// Anyone with the inner keys could store a version that is not valid.
func TestStore_RefusesAVersionThatIsNone(t *testing.T) {
	db := mappertest.New()
	s := newStore(t, db, "keys")
	check(t, s.CreateTable(t.Context()))
	encryptor, err := ddbec.New(inner(t, 1))
	check(t, err)
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	binary := func(n int) types.AttributeValue { return &types.AttributeValueMemberB{Value: make([]byte, n)} }
	keys := crypto.Actions{Attributes: map[string]crypto.Action{"N": crypto.Sign, "V": crypto.Sign}}
	for what, c := range map[string]struct {
		change crypto.Item
		ok     bool
	}{
		"as it should be":             {crypto.Item{}, true},
		"another type of material":    {crypto.Item{"t": text("1")}, false},
		"no type":                     {crypto.Item{"t": binary(1)}, false},
		"another cipher":              {crypto.Item{"encAlg": text("DESede")}, false},
		"no encryption key":           {crypto.Item{"enc": text("x")}, false},
		"no signing key":              {crypto.Item{"int": text("x")}, false},
		"no algorithm":                {crypto.Item{"intAlg": binary(1)}, false},
		"another algorithm":           {crypto.Item{"intAlg": text("none")}, false},
		"an empty signing key":        {crypto.Item{"int": binary(0)}, false},
		"an encryption key of a size": {crypto.Item{"enc": binary(20)}, false},
	} {
		record := crypto.Item{"N": text("k"), "V": &types.AttributeValueMemberN{Value: "0"}, "t": text("0"),
			"encAlg": text("AES"), "enc": binary(32), "intAlg": text("HmacSHA256"), "int": binary(32)}
		for name, v := range c.change {
			record[name] = v
		}
		sealed, err := encryptor.EncryptItem(t.Context(), crypto.TableInfo{Name: "keys", PartitionKey: "N", SortKey: "V"}, keys, record)
		check(t, err)
		_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("keys"), Item: sealed})
		check(t, err)
		if _, err := s.Provider(t.Context(), "k", 0); (err == nil) != c.ok || err != nil && !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// readOnly is a provider that cannot seal.
func readOnly(t *testing.T) providers.Provider {
	t.Helper()
	hmac, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	check(t, err)
	p, err := static.New(make([]byte, 32), nil, hmac)
	check(t, err)
	return p
}

func TestStore_MakesNothingThatItCannotSeal(t *testing.T) {
	db := mappertest.New()
	s, err := metastore.New(db, "keys", readOnly(t))
	check(t, err)
	check(t, s.CreateTable(t.Context()))
	if p, err := s.GetOrCreate(t.Context(), "k", 0); p != nil || !errors.Is(err, crypto.ErrNoUsableKey) || !strings.Contains(err.Error(), "no signer") {
		t.Errorf("got %v, %v, want ErrNoUsableKey", p, err)
	}
	from := newStore(t, db, "others")
	check(t, from.CreateTable(t.Context()))
	_, err = from.NewVersion(t.Context(), "k")
	check(t, err)
	if err := from.Replicate(t.Context(), "k", 0, s); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("to replicate: got %v, want ErrNoUsableKey", err)
	}
	if stored(t, db, "keys", "k", "0") != nil {
		t.Error("something was stored")
	}
}

func TestCreateTable_SaysWhatWentWrong(t *testing.T) {
	denied := errors.New("denied")
	db := mappertest.New(mappertest.WithFault(func(context.Context, string, any) error { return denied }))
	if err := newStore(t, db, "keys").CreateTable(t.Context()); !errors.Is(err, denied) {
		t.Errorf("got %v, want the cause", err)
	}
}
