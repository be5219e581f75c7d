package mapper_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/mapper"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	t.Setenv("DDBENC_DYNAMODB_ENDPOINT", "") // servers word their errors differently
	w := newWorld(t, dbesdkFormat, mapper.WithoutRewrites())
	w.put(t, note(1), note(2))
	ctx, c := t.Context(), w.client
	second := func(_ any, err error) error { return err }
	update := func(expression string, values crypto.Item) error {
		return second(c.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
			UpdateExpression: &expression, ExpressionAttributeValues: values}))
	}
	condition := func(expression string, values crypto.Item) error {
		return second(c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
			ConditionExpression: &expression, ExpressionAttributeValues: values}))
	}
	client := func(options ...mapper.Option) error { return second(mapper.NewClient(w.raw.Client(), options...)) }
	repository, err := mapper.NewRepository[Note](w.db, tableName)
	check(t, err)
	type unfit struct {
		Owner  string            `dynamo:"person,hash"`
		Number int               `dynamo:"num,range"`
		Text   int               `dynamo:"body"`
		Topic  string            `dynamo:"subject" ddbenc:"sign"`
		Rank   int               `dynamo:"score" ddbenc:"sign"`
		Meta   map[string]string `dynamo:"info,omitempty" ddbenc:"sign"`
		Reads  int               `dynamo:"seen,omitempty" ddbenc:"none"`
	}
	unfitDB, err := mapper.New(w.raw.Client(), mapper.TableOf[unfit](tableName, dbesdkFormat.encryptor(t, 1)))
	check(t, err)
	unfitRepository, err := mapper.NewRepository[unfit](unfitDB, tableName)
	check(t, err)
	sealed := w.stored(t, 1)
	errs := map[string]error{
		"ErrCarriedOut":     mapper.ErrCarriedOut,
		"ErrConflict":       mapper.ErrConflict,
		"ErrDecode":         mapper.ErrDecode,
		"ErrExists":         mapper.ErrExists,
		"ErrExpression":     mapper.ErrExpression,
		"ErrNotDeclared":    mapper.ErrNotDeclared,
		"ErrOtherType":      mapper.ErrOtherType,
		"ErrOutcomeUnknown": mapper.ErrOutcomeUnknown,

		"declaration: nil client":     second(mapper.NewClient(nil)),
		"declaration: client twice":   second(mapper.NewClient(c)),
		"declaration: parallelism":    client(mapper.WithParallelism(0)),
		"declaration: nil encryptor":  client(mapper.TableOf[Note](tableName, nil)),
		"declaration: empty name":     client(mapper.TableOf[Note]("", ddbecEncryptor(t, 1))),
		"declaration: no key":         client(mapper.TableOf[struct{}]("t", ddbecEncryptor(t, 1))),
		"declaration: table twice":    client(noteTable(t), noteTable(t)),
		"declaration: unknown index":  client(noteTable(t, mapper.WithIndexProjection("by-hand"))),
		"declaration: logical name":   client(noteTable(t, mapper.WithLogicalName(""))),
		"declaration: nil reader":     client(noteTable(t, mapper.WithReaders(nil))),
		"declaration: discriminator":  client(noteTable(t, mapper.WithDiscriminator[Note](mapper.Discriminator{}))),
		"declaration: not for a type": second(mapper.NewRepository[unfit](w.db, tableName)),

		"refused: update of a signed attribute": update("SET subject = :v", crypto.Item{":v": str("x")}),
		"refused: update of the format":         update("REMOVE aws_dbe_head", nil),
		"refused: update of the key":            update("SET num = :v", crypto.Item{":v": num("2")}),
		"refused: condition on ciphertext":      condition("body = :v", crypto.Item{":v": str("x")}),
		"refused: condition inside ciphertext":  condition("attribute_exists(labels.colour)", nil),
		"refused: unused value":                 condition("num = :n", crypto.Item{":n": num("1"), ":v": str("x")}),
		"refused: expression":                   condition("num = = :n", crypto.Item{":n": num("1")}),
		"refused: key, other attribute": second(c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table,
			Key: crypto.Item{"person": str("ada"), "num": num("1"), "body": str("x")}})),
		"refused: key, missing attribute": second(c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table,
			Key: crypto.Item{"person": str("ada")}})),
		"refused: PartiQL":     partiQLError(ctx, c),
		"refused: ScanStored":  second(c.ScanStored(ctx, &dynamodb.ScanInput{TableName: table, FilterExpression: table})),
		"refused: sealed item": second(c.Seal(ctx, tableName, edited(key("1"), "", dbesdkFormat.signature, str("x")))),
		"refused: nil item":    second(c.Open(ctx, tableName, nil)),
		"refused: undeclared":  second(c.Seal(ctx, "other", sealed)),
		"refused: time to live": second(c.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: table,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("body"),
				Enabled: aws.Bool(true)}})),
		"refused: index key": second(c.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: table,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("body")}}})),

		"repository: exists":       repository.Create(ctx, note(1)),
		"repository: no index":     firstError(ctx, repository),
		"repository: does not fit": second(unfitRepository.Get(ctx, dynamo.Keys{"ada", 1})),
		"repository: key changed": second(repository.Modify(ctx, dynamo.Keys{"ada", 1},
			func(n *Note) error { n.Number = 3; return nil })),
	}
	changed := edited(sealed, "", "subject", str("changed"))
	errs["reply: changed item"] = second(c.Open(ctx, tableName, changed))
	errs["reply: plaintext item"] = second(c.Open(ctx, tableName, key("1")))
	w.getItem = func(*dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) {
		return &dynamodb.GetItemOutput{Item: sealed}, nil
	}
	errs["reply: another item"] = second(c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("2")}))
	w.getItem = func(*dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) { return nil, nil }
	errs["reply: none"] = second(c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("2")}))
	w.getItem = func(*dynamodb.GetItemInput) (*dynamodb.GetItemOutput, error) { return nil, conditionFailed(sealed) }
	errs["reply: exception"] = second(c.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("2")}))
	w.store(t, changed)
	errs["reply: carried out"] = second(c.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: key("1"),
		ReturnValues: types.ReturnValueAllOld}))
	errtest.Golden(t, errs)
}

// noteTable declares the table of notes.
func noteTable(t *testing.T, options ...mapper.TableOption) mapper.Option {
	return mapper.TableOf[Note](tableName, ddbecEncryptor(t, 1), options...)
}

func partiQLError(ctx context.Context, c *mapper.Client) error {
	_, err := c.ExecuteStatement(ctx, &dynamodb.ExecuteStatementInput{Statement: aws.String("SELECT * FROM notes")})
	return err
}

func firstError(ctx context.Context, r *mapper.Repository[Note]) error {
	for _, err := range r.QueryIndex(ctx, "by-hand", "x") {
		return err
	}
	return nil
}
