package mappertest

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
)

// CreateTable creates a table, which is ready immediately.
func (db *DB) CreateTable(
	ctx context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.CreateTableOutput, error) {
	return do(ctx, db, "CreateTable", in, func(in *dynamodb.CreateTableInput) (*dynamodb.CreateTableOutput, error) {
		name := arn.TableName(aws.ToString(in.TableName))
		if err := checkName(name); err != nil {
			return nil, err
		}
		if _, ok := db.tables[name]; ok {
			return nil, &types.ResourceInUseException{Message: aws.String("Cannot create preexisting table")}
		}
		t := &table{name: name, types: make(map[string]string), indexes: make(map[string]*index),
			items: make(map[string]crypto.Item), created: time.Now()}
		if err := t.define(in.AttributeDefinitions); err != nil {
			return nil, err
		}
		if err := t.bill(in.BillingMode, in.ProvisionedThroughput); err != nil {
			return nil, err
		}
		t.protected = aws.ToBool(in.DeletionProtectionEnabled)
		t.stream = copyStream(in.StreamSpecification)
		if s := in.SSESpecification; s != nil && aws.ToBool(s.Enabled) {
			t.sse = &types.SSEDescription{Status: types.SSEStatusEnabled, SSEType: s.SSEType}
			if s.KMSMasterKeyId != nil {
				t.sse.KMSMasterKeyArn = aws.String(*s.KMSMasterKeyId)
			}
		}
		var err error
		if t.key, err = t.schema(in.KeySchema, false); err != nil {
			return nil, err
		}
		if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
			return nil, parameters("List of GlobalSecondaryIndexes is empty")
		}
		for _, g := range in.GlobalSecondaryIndexes {
			if err := t.addIndex(g.IndexName, false, g.KeySchema, g.Projection); err != nil {
				return nil, err
			}
			if err := t.billIndex(*g.IndexName, g.ProvisionedThroughput); err != nil {
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

// define adds attribute definitions. It keeps existing ones.
func (t *table) define(definitions []types.AttributeDefinition) error {
	seen := make(map[string]bool)
	for _, d := range definitions {
		name, kind := aws.ToString(d.AttributeName), string(d.AttributeType)
		if seen[name] {
			return parameters("Cannot have two attributes with the same name")
		}
		seen[name] = true
		if was, ok := t.types[name]; ok && was != kind {
			return parameters("An attribute is defined with another type than before: %s", name)
		}
		switch kind {
		case "S", "N", "B":
			t.types[name] = kind
		default:
			return invalid("1 validation error detected: Value at 'attributeDefinitions' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [B, N, S]")
		}
	}
	return nil
}

// bill sets the billing mode of a table, which has no effect on requests.
func (t *table) bill(mode types.BillingMode, p *types.ProvisionedThroughput) error {
	switch {
	case mode == types.BillingModePayPerRequest && p != nil:
		return parameters("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is " +
			"PAY_PER_REQUEST")
	case mode == types.BillingModePayPerRequest:
		t.billing, t.capacity = mode, types.ProvisionedThroughput{}
		return nil
	case mode != "" && mode != types.BillingModeProvisioned:
		return invalid("1 validation error detected: Value at 'billingMode' failed to satisfy constraint: Member must " +
			"satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]")
	case p == nil:
		return parameters("No provisioned throughput specified for the table")
	case aws.ToInt64(p.ReadCapacityUnits) < 1 || aws.ToInt64(p.WriteCapacityUnits) < 1:
		return parameters("Table read and write throughput must be at least 1")
	}
	t.billing = types.BillingModeProvisioned
	t.capacity = copyThroughput(*p)
	return nil
}

// billIndex sets the throughput of a global index, which has no effect on
// requests.
func (t *table) billIndex(name string, p *types.ProvisionedThroughput) error {
	i := *t.indexes[name] // UpdateTable changes a copy of the table.
	i.capacity = types.ProvisionedThroughput{}
	switch {
	case t.billing == types.BillingModePayPerRequest && p != nil:
		return parameters("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST",
			name)
	case t.billing == types.BillingModePayPerRequest:
	case p == nil:
		return parameters("No provisioned throughput specified for the global secondary index: %s", name)
	case aws.ToInt64(p.ReadCapacityUnits) < 1 || aws.ToInt64(p.WriteCapacityUnits) < 1:
		return parameters("Read and write throughput of the index %s must be at least 1", name)
	default:
		i.capacity = copyThroughput(*p)
	}
	t.indexes[name] = &i
	return nil
}

func copyThroughput(p types.ProvisionedThroughput) types.ProvisionedThroughput {
	return types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(*p.ReadCapacityUnits),
		WriteCapacityUnits: aws.Int64(*p.WriteCapacityUnits)}
}

func copyStream(s *types.StreamSpecification) *types.StreamSpecification {
	if s == nil || !aws.ToBool(s.StreamEnabled) {
		return nil
	}
	return &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: s.StreamViewType}
}

// schema parses a key schema.
func (t *table) schema(elements []types.KeySchemaElement, isIndex bool) (schema, error) {
	var s schema
	for _, e := range elements {
		name := aws.ToString(e.AttributeName)
		switch t.types[name] {
		case "S", "N", "B":
		default:
			return s, parameters("Some index key attributes are not defined in AttributeDefinitions. Keys: [%s]", name)
		}
		if s.has(name) {
			return s, invalid("Invalid KeySchema: Both the Hash Key and the Range Key element in the KeySchema have the same " +
				"name")
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

func (t *table) addIndex(
	name *string, local bool, elements []types.KeySchemaElement, projection *types.Projection,
) error {
	s, err := t.schema(elements, !local)
	if err != nil {
		return err
	}
	if local && (s.partition[0] != t.key.partition[0] || len(t.key.sort) == 0 || len(s.sort) == 0) {
		return parameters("Table KeySchema does not have a range key, or the index has none, or it does not share the " +
			"table's partition key, which is required when specifying a LocalSecondaryIndex")
	}
	if projection == nil || projection.ProjectionType == "" {
		return parameters("Unknown ProjectionType: null")
	}
	include := projection.ProjectionType == types.ProjectionTypeInclude
	if include != (len(projection.NonKeyAttributes) > 0) {
		return parameters("NonKeyAttributes must be specified if ProjectionType is INCLUDE, and only then")
	}
	n := aws.ToString(name)
	if err := checkName(n); err != nil {
		return err
	}
	if _, ok := t.indexes[n]; ok {
		return parameters("Duplicate index name: %s", n)
	}
	t.indexes[n] = &index{name: n, local: local, key: s, projection: copyProjection(*projection)}
	return nil
}

func copyProjection(p types.Projection) types.Projection {
	return types.Projection{ProjectionType: p.ProjectionType, NonKeyAttributes: slices.Clone(p.NonKeyAttributes)}
}

// unusedDefinition returns an attribute that is defined but not used by any
// key.
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
