package mapper_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// partiQL is a client that takes PartiQL and counts the statements.
type partiQL struct {
	dynamodbiface.DynamoDBAPI
	sent int
}

func (p *partiQL) ExecuteStatement(context.Context, *dynamodb.ExecuteStatementInput,
	...func(*dynamodb.Options)) (*dynamodb.ExecuteStatementOutput, error) {
	p.sent++
	return &dynamodb.ExecuteStatementOutput{}, nil
}

func (p *partiQL) BatchExecuteStatement(context.Context, *dynamodb.BatchExecuteStatementInput,
	...func(*dynamodb.Options)) (*dynamodb.BatchExecuteStatementOutput, error) {
	p.sent++
	return &dynamodb.BatchExecuteStatementOutput{}, nil
}

func (p *partiQL) ExecuteTransaction(context.Context, *dynamodb.ExecuteTransactionInput,
	...func(*dynamodb.Options)) (*dynamodb.ExecuteTransactionOutput, error) {
	p.sent++
	return &dynamodb.ExecuteTransactionOutput{}, nil
}

func TestPartiQL_IsRefusedWhereItMayNameADeclaredTable(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for statement, refused := range map[string]bool{
			`SELECT * FROM notes`:                          true,
			`SELECT * FROM "notes"."by-topic"`:             true,
			`select * from NOTES`:                          true,
			`INSERT INTO arn:aws:dynamodb:x:1:table/notes`: true,
			`SELECT * FROM other WHERE x = 'notes'`:        true, // rather one too many
			`SELECT * FROM notes2, mynotes, notes`:         true,
			`SELECT * FROM notes2`:                         false,
			`SELECT * FROM my_notes`:                       false,
			`SELECT * FROM other`:                          false,
			``:                                             false,
		} {
			api := &partiQL{}
			client, err := mapper.NewClient(api, mapper.TableOf[Note](tableName, f.encryptor(t, 1)))
			check(t, err)
			ctx := t.Context()
			_, one := client.ExecuteStatement(ctx, &dynamodb.ExecuteStatementInput{Statement: &statement})
			_, batch := client.BatchExecuteStatement(ctx,
				&dynamodb.BatchExecuteStatementInput{Statements: []types.BatchStatementRequest{
					{Statement: aws.String("SELECT 1")}, {Statement: &statement}}})
			_, transaction := client.ExecuteTransaction(ctx,
				&dynamodb.ExecuteTransactionInput{TransactStatements: []types.ParameterizedStatement{
					{Statement: aws.String("SELECT 1")}, {Statement: &statement}}})
			for op, err := range map[string]error{"ExecuteStatement": one, "BatchExecuteStatement": batch,
				"ExecuteTransaction": transaction} {
				if !refused {
					check(t, err)
					continue
				}
				where := wantItemError(t, err, op, crypto.ErrUnsupported)
				equal(t, where.Table, tableName)
			}
			if want := map[bool]int{true: 0, false: 3}[refused]; api.sent != want {
				t.Errorf("%s: %d statements were sent, want %d", statement, api.sent, want)
			}
		}
	})
}
