package mappertest

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
)

// table is a table with its items.
type table struct {
	name    string
	key     schema
	types   map[string]string // of key and index key attributes: S, N or B
	indexes map[string]*index
	items   map[string]crypto.Item // by key.id

	created   time.Time
	billing   types.BillingMode
	capacity  types.ProvisionedThroughput
	stream    *types.StreamSpecification
	sse       *types.SSEDescription
	protected bool   // from deletion
	ttl       string // attribute, "" if disabled
}

// index is a secondary index. It consists of the table's items that have its
// key, which are collected for each request.
type index struct {
	name       string
	local      bool
	key        schema
	projection types.Projection
	capacity   types.ProvisionedThroughput // global ones only
}

// table returns the table for a write, by name or ARN.
func (db *DB) table(name *string) (*table, error) {
	return db.find(name, noTable("Cannot do operations on a non-existent table"))
}

// readTable returns the table for a read or a batch.
func (db *DB) readTable(name *string) (*table, error) {
	return db.find(name, noTable("Requested resource not found"))
}

// definedTable returns the table that a request describes or changes.
func (db *DB) definedTable(name *string) (*table, error) {
	return db.find(name, noTable("Requested resource not found: Table: %s not found", arn.TableName(aws.ToString(name))))
}

func (db *DB) find(name *string, missing error) (*table, error) {
	t, ok := db.tables[arn.TableName(aws.ToString(name))]
	if ok {
		return t, nil
	}
	if err := checkName(arn.TableName(aws.ToString(name))); err != nil {
		return nil, err
	}
	return nil, missing
}

var validName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,255}$`)

// checkName checks the name of a table or index.
func checkName(name string) error {
	if !validName.MatchString(name) {
		return invalid("Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may " +
			"contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'")
	}
	return nil
}

// DeleteTable deletes a table immediately.
func (db *DB) DeleteTable(
	ctx context.Context, in *dynamodb.DeleteTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DeleteTableOutput, error) {
	return do(ctx, db, "DeleteTable", in, func(in *dynamodb.DeleteTableInput) (*dynamodb.DeleteTableOutput, error) {
		t, err := db.definedTable(in.TableName)
		if err != nil {
			return nil, err
		}
		if t.protected {
			return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion " +
				"protection first.")
		}
		delete(db.tables, t.name)
		description := t.describe()
		description.TableStatus = types.TableStatusDeleting
		return &dynamodb.DeleteTableOutput{TableDescription: description}, nil
	})
}

// DescribeTable describes a table.
func (db *DB) DescribeTable(
	ctx context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	return do(ctx, db, "DescribeTable", in, func(in *dynamodb.DescribeTableInput) (*dynamodb.DescribeTableOutput, error) {
		t, err := db.definedTable(in.TableName)
		if err != nil {
			return nil, err
		}
		return &dynamodb.DescribeTableOutput{Table: t.describe()}, nil
	})
}

// ListTables returns the names of up to 100 tables in order.
func (db *DB) ListTables(
	ctx context.Context, in *dynamodb.ListTablesInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ListTablesOutput, error) {
	return do(ctx, db, "ListTables", in, func(in *dynamodb.ListTablesInput) (*dynamodb.ListTablesOutput, error) {
		names := slices.Sorted(maps.Keys(db.tables))
		if in.ExclusiveStartTableName != nil {
			names = slices.DeleteFunc(names, func(n string) bool { return n <= *in.ExclusiveStartTableName })
		}
		limit := 100
		if in.Limit != nil {
			if limit = int(*in.Limit); limit < 1 || limit > 100 {
				return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member "+
					"must have value between 1 and 100", limit)
			}
		}
		out := &dynamodb.ListTablesOutput{TableNames: append([]string{}, names...)}
		if len(names) > limit {
			out.TableNames, out.LastEvaluatedTableName = names[:limit:limit], aws.String(names[limit-1])
		}
		return out, nil
	})
}

// ListGlobalTables returns an empty list.
func (db *DB) ListGlobalTables(
	ctx context.Context, in *dynamodb.ListGlobalTablesInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ListGlobalTablesOutput, error) {
	return do(ctx, db, "ListGlobalTables", in,
		func(in *dynamodb.ListGlobalTablesInput) (*dynamodb.ListGlobalTablesOutput, error) {
			return &dynamodb.ListGlobalTablesOutput{}, nil
		})
}
