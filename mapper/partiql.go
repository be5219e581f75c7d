package mapper

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
)

// partiQL is implemented by clients that support PartiQL, such as
// *dynamodb.Client. guregu/dynamo's interface does not include it.
type partiQL interface {
	ExecuteStatement(context.Context, *dynamodb.ExecuteStatementInput,
		...func(*dynamodb.Options)) (*dynamodb.ExecuteStatementOutput, error)
	BatchExecuteStatement(context.Context, *dynamodb.BatchExecuteStatementInput,
		...func(*dynamodb.Options)) (*dynamodb.BatchExecuteStatementOutput, error)
	ExecuteTransaction(context.Context, *dynamodb.ExecuteTransactionInput,
		...func(*dynamodb.Options)) (*dynamodb.ExecuteTransactionOutput, error)
}

// ExecuteStatement passes a PartiQL statement through, unless it names a declared
// table. Then it fails with [crypto.ErrUnsupported].
func (c *Client) ExecuteStatement(ctx context.Context, in *dynamodb.ExecuteStatementInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.ExecuteStatementOutput, error) {
	in = given(in)
	const op = "ExecuteStatement"
	if err := c.checkPartiQL(op, in.Statement); err != nil {
		return nil, err
	}
	send := func(api dynamodbiface.DynamoDBAPI, ctx context.Context, in *dynamodb.ExecuteStatementInput,
		optFns ...func(*dynamodb.Options)) (*dynamodb.ExecuteStatementOutput, error) {
		return api.(partiQL).ExecuteStatement(ctx, in, optFns...)
	}
	return pass(ctx, c, op, nil, send, in, optFns)
}

// BatchExecuteStatement passes PartiQL statements through, unless one names a
// declared table. Then it fails with [crypto.ErrUnsupported].
func (c *Client) BatchExecuteStatement(ctx context.Context, in *dynamodb.BatchExecuteStatementInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.BatchExecuteStatementOutput, error) {
	in = given(in)
	const op = "BatchExecuteStatement"
	statements := make([]*string, len(in.Statements))
	for i, s := range in.Statements {
		statements[i] = s.Statement
	}
	if err := c.checkPartiQL(op, statements...); err != nil {
		return nil, err
	}
	send := func(api dynamodbiface.DynamoDBAPI, ctx context.Context, in *dynamodb.BatchExecuteStatementInput,
		optFns ...func(*dynamodb.Options)) (*dynamodb.BatchExecuteStatementOutput, error) {
		return api.(partiQL).BatchExecuteStatement(ctx, in, optFns...)
	}
	return pass(ctx, c, op, nil, send, in, optFns)
}

// ExecuteTransaction passes PartiQL statements through, unless one names a
// declared table. Then it fails with [crypto.ErrUnsupported].
func (c *Client) ExecuteTransaction(ctx context.Context, in *dynamodb.ExecuteTransactionInput,
	optFns ...func(*dynamodb.Options)) (*dynamodb.ExecuteTransactionOutput, error) {
	in = given(in)
	const op = "ExecuteTransaction"
	statements := make([]*string, len(in.TransactStatements))
	for i, s := range in.TransactStatements {
		statements[i] = s.Statement
	}
	if err := c.checkPartiQL(op, statements...); err != nil {
		return nil, err
	}
	send := func(api dynamodbiface.DynamoDBAPI, ctx context.Context, in *dynamodb.ExecuteTransactionInput,
		optFns ...func(*dynamodb.Options)) (*dynamodb.ExecuteTransactionOutput, error) {
		return api.(partiQL).ExecuteTransaction(ctx, in, optFns...)
	}
	return pass(ctx, c, op, nil, send, in, optFns)
}

// checkPartiQL refuses statements that name a declared table.
func (c *Client) checkPartiQL(op string, statements ...*string) error {
	if c.declaredOnly {
		return notDeclared(op, nil)
	}
	for _, statement := range statements {
		for name, t := range c.tables {
			if mayName(aws.ToString(statement), name) {
				return t.unsupported(op, "", "PartiQL cannot be used on a protected table; use the item operations")
			}
		}
	}
	if _, ok := c.api.(partiQL); !ok {
		return fmt.Errorf("ddbenc: %s: %w: the client %T does not support PartiQL", op, crypto.ErrUnsupported, c.api)
	}
	return nil
}

// mayName reports whether a statement may name the table: whether the name occurs
// in it as a word, in upper or lower case, even in a comment or a string literal.
// Refusing a harmless statement is better than sending a harmful one.
func mayName(statement, table string) bool {
	statement, table = strings.ToLower(statement), strings.ToLower(table)
	for {
		before, after, found := strings.Cut(statement, table)
		if !found {
			return false
		}
		if !endsInWord(before) && !startsWithWord(after) {
			return true
		}
		statement = statement[len(before)+1:]
	}
}

func startsWithWord(s string) bool { return s != "" && isWord(s[0]) }

func endsInWord(s string) bool { return s != "" && isWord(s[len(s)-1]) }

func isWord(b byte) bool {
	return b == '_' || 'a' <= b && b <= 'z' || '0' <= b && b <= '9'
}
