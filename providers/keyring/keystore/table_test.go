package keystore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func TestTheTableIsMadeOnce(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	check(t, w.CreateTable(t.Context()))
	w.active(t, id)
	if n := w.db.Calls("CreateTable"); n != 1 {
		t.Errorf("it was made %d times", n)
	}
	out, err := w.db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	check(t, err)
	equal(t, "the key", out.Table.KeySchema, []types.KeySchemaElement{
		{AttributeName: aws.String("branch-key-id"), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String("type"), KeyType: types.KeyTypeRange},
	})
	equal(t, "its attributes", out.Table.AttributeDefinitions, []types.AttributeDefinition{
		{AttributeName: aws.String("branch-key-id"), AttributeType: types.ScalarAttributeTypeS},
		{AttributeName: aws.String("type"), AttributeType: types.ScalarAttributeTypeS},
	})
	equal(t, "the billing mode", out.Table.BillingModeSummary.BillingMode, types.BillingModePayPerRequest)
}

func TestATableWithAnotherKeyIsNoStore(t *testing.T) {
	const s, n, b = types.ScalarAttributeTypeS, types.ScalarAttributeTypeN, types.ScalarAttributeTypeB
	type attribute struct {
		name string
		kind types.ScalarAttributeType
	}
	for name, key := range map[string][]attribute{
		"no sort key":            {{"branch-key-id", s}},
		"another partition key":  {{"id", s}, {"type", s}},
		"another sort key":       {{"branch-key-id", s}, {"kind", s}},
		"the other way around":   {{"type", s}, {"branch-key-id", s}},
		"a number":               {{"branch-key-id", s}, {"type", n}},
		"a binary partition key": {{"branch-key-id", b}, {"type", s}},
	} {
		db := mappertest.New()
		in := &dynamodb.CreateTableInput{TableName: aws.String(table), BillingMode: types.BillingModePayPerRequest}
		for i, a := range key {
			in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String(a.name), AttributeType: a.kind})
			in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: aws.String(a.name), KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
		}
		_, err := db.CreateTable(t.Context(), in)
		check(t, err)
		err = newStore(t, db, table, providertest.NewKMS(), providertest.KeyARN).CreateTable(t.Context())
		if !errors.Is(err, crypto.ErrPolicy) || !strings.Contains(err.Error(), table) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// slow is a database whose tables take some time to become active. If raced is
// set, someone else creates the table between the check and the request.
type slow struct {
	*mappertest.DB
	creating int
	raced    bool
}

func (s *slow) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	if s.raced {
		if out, err := s.DB.CreateTable(ctx, in); err != nil {
			return out, err
		}
	}
	return s.DB.CreateTable(ctx, in)
}

func (s *slow) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	out, err := s.DB.DescribeTable(ctx, in)
	if err == nil && s.creating > 0 {
		s.creating--
		out.Table.TableStatus = types.TableStatusCreating
	}
	return out, err
}

func TestCreateTableWaitsUntilTheTableIsThere(t *testing.T) {
	for name, db := range map[string]*slow{
		"slow":              {creating: 2},
		"made by another":   {raced: true},
		"both":              {creating: 2, raced: true},
		"as fast as can be": {},
	} {
		db.DB = mappertest.New()
		check(t, newStore(t, db, table, providertest.NewKMS(), providertest.KeyARN).CreateTable(t.Context()))
		if db.creating != 0 {
			t.Errorf("%s: it did not wait", name)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	forever := &slow{DB: mappertest.New(), creating: 1 << 30}
	if err := newStore(t, forever, table, providertest.NewKMS(), providertest.KeyARN).CreateTable(ctx); err == nil {
		t.Error("it did not wait")
	}
}

// renaming describes its tables under another name or another ARN.
type renaming struct {
	*mappertest.DB
	name, arn string
}

func (r *renaming) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	out, err := r.DB.DescribeTable(ctx, in)
	if err == nil {
		out.Table.TableName, out.Table.TableArn = &r.name, &r.arn
	}
	return out, err
}

func TestCreateTable_RefusesTheDescriptionOfAnotherTable(t *testing.T) {
	for _, c := range []struct {
		name, arn string
		ok        bool
	}{
		{table, "", true},
		{"another", table, true},
		{"another", "arn:aws:dynamodb:eu-west-1:111122223333:table/another", false},
		{"", "", false},
	} {
		db := &renaming{mappertest.New(), c.name, c.arn}
		err := newStore(t, db, table, providertest.NewKMS(), providertest.KeyARN).CreateTable(t.Context())
		if (err == nil) != c.ok || err != nil && !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%q, %q: got %v", c.name, c.arn, err)
		}
	}
}

func TestCreateTableSaysWhatWentWrong(t *testing.T) {
	denied := errors.New("denied")
	for _, operation := range []string{"DescribeTable", "CreateTable"} {
		db := mappertest.New(mappertest.WithFault(func(_ context.Context, op string, _ any) error {
			if op == operation {
				return denied
			}
			return nil
		}))
		err := newStore(t, db, table, providertest.NewKMS(), providertest.KeyARN).CreateTable(t.Context())
		if !errors.Is(err, denied) || !strings.Contains(err.Error(), table) {
			t.Errorf("%s: %v", operation, err)
		}
	}
}
