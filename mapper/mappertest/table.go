package mappertest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// table is a table with its items.
type table struct {
	name    string
	key     schema
	types   map[string]string // of key and index key attributes: S, N or B
	indexes map[string]*index
	items   map[string]crypto.Item // by key.id

	definition dynamodb.CreateTableInput
	created    time.Time
	ttl        *types.TimeToLiveSpecification
}

// index is a secondary index. Its items are those of the table that have its
// key; they are found when they are asked for.
type index struct {
	name       string
	local      bool
	key        schema
	projection types.Projection
}

// table returns the table that a request names, by name or ARN.
func (db *DB) table(name *string) (*table, error) {
	t, ok := db.tables[tableName(aws.ToString(name))]
	if !ok {
		return nil, noTable()
	}
	return t, nil
}

func tableName(s string) string {
	if _, name, ok := strings.Cut(s, ":table/"); ok && strings.HasPrefix(s, "arn:") {
		return name
	}
	return s
}

// CreateTable creates a table, ready for use at once.
func (db *DB) CreateTable(ctx context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	return do(ctx, db, "CreateTable", in, func(in *dynamodb.CreateTableInput) (*dynamodb.CreateTableOutput, error) {
		name := tableName(aws.ToString(in.TableName))
		if len(name) < 3 || len(name) > 255 {
			return nil, invalid("TableName must be at least 3 characters long and at most 255 characters long")
		}
		if _, ok := db.tables[name]; ok {
			return nil, &types.ResourceInUseException{Message: aws.String("Cannot create preexisting table")}
		}
		t := &table{name: name, types: make(map[string]string), indexes: make(map[string]*index), items: make(map[string]crypto.Item), definition: *in, created: time.Now()}
		for _, d := range in.AttributeDefinitions {
			t.types[aws.ToString(d.AttributeName)] = string(d.AttributeType)
		}
		var err error
		if t.key, err = t.schema(in.KeySchema, false); err != nil {
			return nil, err
		}
		for _, g := range in.GlobalSecondaryIndexes {
			if err := t.addIndex(g.IndexName, false, g.KeySchema, g.Projection); err != nil {
				return nil, err
			}
		}
		for _, l := range in.LocalSecondaryIndexes {
			if err := t.addIndex(l.IndexName, true, l.KeySchema, l.Projection); err != nil {
				return nil, err
			}
		}
		if unused := t.unusedDefinition(); unused != "" {
			return nil, parameters("Some AttributeDefinitions are not used. AttributeDefinitions: [%s]", unused)
		}
		db.tables[name] = t
		return &dynamodb.CreateTableOutput{TableDescription: t.describe()}, nil
	})
}

// schema reads a key schema.
func (t *table) schema(elements []types.KeySchemaElement, isIndex bool) (schema, error) {
	var s schema
	for _, e := range elements {
		name := aws.ToString(e.AttributeName)
		switch t.types[name] {
		case "S", "N", "B":
		default:
			return s, parameters("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s]", name)
		}
		if e.KeyType == types.KeyTypeHash {
			s.partition = append(s.partition, name)
		} else {
			s.sort = append(s.sort, name)
		}
	}
	if len(s.partition) == 0 || !isIndex && (len(s.partition) > 1 || len(s.sort) > 1) {
		return s, invalid("Invalid KeySchema: a key has one HASH element and at most one RANGE element")
	}
	return s, nil
}

func (t *table) addIndex(name *string, local bool, elements []types.KeySchemaElement, projection *types.Projection) error {
	s, err := t.schema(elements, !local)
	if err != nil {
		return err
	}
	if local && (s.partition[0] != t.key.partition[0] || len(t.key.sort) == 0) {
		return parameters("Table KeySchema does not have a range key, or the index does not share its partition key, which is required when specifying a LocalSecondaryIndex")
	}
	if projection == nil || projection.ProjectionType == "" {
		return parameters("Unknown ProjectionType: null")
	}
	n := aws.ToString(name)
	if _, ok := t.indexes[n]; ok {
		return parameters("Duplicate index name: %s", n)
	}
	t.indexes[n] = &index{name: n, local: local, key: s, projection: *projection}
	return nil
}

// unusedDefinition returns an attribute definition that no key uses.
func (t *table) unusedDefinition() string {
	for _, name := range slices.Sorted(maps.Keys(t.types)) {
		used := t.key.has(name)
		for _, i := range t.indexes {
			used = used || i.key.has(name)
		}
		if !used {
			return name
		}
	}
	return ""
}

// DeleteTable deletes a table at once.
func (db *DB) DeleteTable(ctx context.Context, in *dynamodb.DeleteTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error) {
	return do(ctx, db, "DeleteTable", in, func(in *dynamodb.DeleteTableInput) (*dynamodb.DeleteTableOutput, error) {
		t, err := db.table(in.TableName)
		if err != nil {
			return nil, err
		}
		delete(db.tables, t.name)
		description := t.describe()
		description.TableStatus = types.TableStatusDeleting
		return &dynamodb.DeleteTableOutput{TableDescription: description}, nil
	})
}

// DescribeTable describes a table.
func (db *DB) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return do(ctx, db, "DescribeTable", in, func(in *dynamodb.DescribeTableInput) (*dynamodb.DescribeTableOutput, error) {
		t, err := db.table(in.TableName)
		if err != nil {
			return nil, err
		}
		return &dynamodb.DescribeTableOutput{Table: t.describe()}, nil
	})
}

// UpdateTable adds and deletes global secondary indexes, and takes note of
// nothing else.
func (db *DB) UpdateTable(ctx context.Context, in *dynamodb.UpdateTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTableOutput, error) {
	return do(ctx, db, "UpdateTable", in, func(in *dynamodb.UpdateTableInput) (*dynamodb.UpdateTableOutput, error) {
		t, err := db.table(in.TableName)
		if err != nil {
			return nil, err
		}
		for _, d := range in.AttributeDefinitions {
			t.types[aws.ToString(d.AttributeName)] = string(d.AttributeType)
		}
		for _, u := range in.GlobalSecondaryIndexUpdates {
			switch {
			case u.Create != nil:
				if err := t.addIndex(u.Create.IndexName, false, u.Create.KeySchema, u.Create.Projection); err != nil {
					return nil, err
				}
			case u.Delete != nil:
				name := aws.ToString(u.Delete.IndexName)
				if i, ok := t.indexes[name]; !ok || i.local {
					return nil, &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: index " + name)}
				}
				delete(t.indexes, name)
			}
		}
		return &dynamodb.UpdateTableOutput{TableDescription: t.describe()}, nil
	})
}

// ListTables lists all tables at once.
func (db *DB) ListTables(ctx context.Context, in *dynamodb.ListTablesInput, _ ...func(*dynamodb.Options)) (*dynamodb.ListTablesOutput, error) {
	return do(ctx, db, "ListTables", in, func(in *dynamodb.ListTablesInput) (*dynamodb.ListTablesOutput, error) {
		names := slices.Sorted(maps.Keys(db.tables))
		if in.ExclusiveStartTableName != nil {
			names = slices.DeleteFunc(names, func(n string) bool { return n <= *in.ExclusiveStartTableName })
		}
		return &dynamodb.ListTablesOutput{TableNames: names}, nil
	})
}

// ListGlobalTables returns none.
func (db *DB) ListGlobalTables(ctx context.Context, in *dynamodb.ListGlobalTablesInput, _ ...func(*dynamodb.Options)) (*dynamodb.ListGlobalTablesOutput, error) {
	return do(ctx, db, "ListGlobalTables", in, func(in *dynamodb.ListGlobalTablesInput) (*dynamodb.ListGlobalTablesOutput, error) {
		return &dynamodb.ListGlobalTablesOutput{}, nil
	})
}

// UpdateTimeToLive takes note of the setting. Items do not expire.
func (db *DB) UpdateTimeToLive(ctx context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateTimeToLiveOutput, error) {
	return do(ctx, db, "UpdateTimeToLive", in, func(in *dynamodb.UpdateTimeToLiveInput) (*dynamodb.UpdateTimeToLiveOutput, error) {
		t, err := db.table(in.TableName)
		if err != nil {
			return nil, err
		}
		if in.TimeToLiveSpecification == nil {
			return nil, parameters("TimeToLiveSpecification must not be null")
		}
		ttl := *in.TimeToLiveSpecification
		t.ttl = &ttl
		return &dynamodb.UpdateTimeToLiveOutput{TimeToLiveSpecification: &ttl}, nil
	})
}

// DescribeTimeToLive tells the setting.
func (db *DB) DescribeTimeToLive(ctx context.Context, in *dynamodb.DescribeTimeToLiveInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return do(ctx, db, "DescribeTimeToLive", in, func(in *dynamodb.DescribeTimeToLiveInput) (*dynamodb.DescribeTimeToLiveOutput, error) {
		t, err := db.table(in.TableName)
		if err != nil {
			return nil, err
		}
		description := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
		if t.ttl != nil && aws.ToBool(t.ttl.Enabled) {
			description.AttributeName, description.TimeToLiveStatus = t.ttl.AttributeName, types.TimeToLiveStatusEnabled
		}
		return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: description}, nil
	})
}

// describe makes a description of its own for each caller.
func (t *table) describe() *types.TableDescription {
	arn := "arn:aws:dynamodb:local:000000000000:table/" + t.name
	d := &types.TableDescription{
		TableName:             aws.String(t.name),
		TableArn:              aws.String(arn),
		TableStatus:           types.TableStatusActive,
		CreationDateTime:      aws.Time(t.created),
		KeySchema:             t.key.elements(),
		ItemCount:             aws.Int64(int64(len(t.items))),
		TableSizeBytes:        aws.Int64(0),
		ProvisionedThroughput: throughput(t.definition.ProvisionedThroughput),
		StreamSpecification:   t.definition.StreamSpecification,
	}
	if t.definition.BillingMode == types.BillingModePayPerRequest {
		d.BillingModeSummary = &types.BillingModeSummary{BillingMode: types.BillingModePayPerRequest}
	}
	if s := t.definition.SSESpecification; s != nil && aws.ToBool(s.Enabled) {
		d.SSEDescription = &types.SSEDescription{Status: types.SSEStatusEnabled, SSEType: s.SSEType, KMSMasterKeyArn: s.KMSMasterKeyId}
	}
	for _, name := range slices.Sorted(maps.Keys(t.types)) {
		d.AttributeDefinitions = append(d.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeType(t.types[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(t.indexes)) {
		i := t.indexes[name]
		projection := i.projection
		if i.local {
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, types.LocalSecondaryIndexDescription{
				IndexName: aws.String(name), IndexArn: aws.String(arn + "/index/" + name), KeySchema: i.key.elements(), Projection: &projection,
			})
			continue
		}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{
			IndexName: aws.String(name), IndexArn: aws.String(arn + "/index/" + name), KeySchema: i.key.elements(), Projection: &projection,
			IndexStatus: types.IndexStatusActive, ProvisionedThroughput: throughput(nil),
		})
	}
	return d
}

func (s schema) elements() []types.KeySchemaElement {
	var all []types.KeySchemaElement
	for _, name := range s.partition {
		all = append(all, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeHash})
	}
	for _, name := range s.sort {
		all = append(all, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeRange})
	}
	return all
}

func throughput(p *types.ProvisionedThroughput) *types.ProvisionedThroughputDescription {
	d := &types.ProvisionedThroughputDescription{ReadCapacityUnits: aws.Int64(0), WriteCapacityUnits: aws.Int64(0), NumberOfDecreasesToday: aws.Int64(0)}
	if p != nil {
		d.ReadCapacityUnits, d.WriteCapacityUnits = p.ReadCapacityUnits, p.WriteCapacityUnits
	}
	return d
}
