package mapper

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// A table stores the key of an index on an encrypted attribute as a beacon, which
// is a string. The functions below rewrite requests that create such indexes.

// createOnBeacons returns a CreateTable with the keys of its indexes on beacons.
func (t *table) createOnBeacons(in *dynamodb.CreateTableInput) *dynamodb.CreateTableInput {
	if t == nil || t.beacons == nil {
		return in
	}
	request := *in
	request.AttributeDefinitions = t.definitionsOnBeacons(in.AttributeDefinitions)
	request.GlobalSecondaryIndexes = slices.Clone(in.GlobalSecondaryIndexes)
	for i, index := range request.GlobalSecondaryIndexes {
		request.GlobalSecondaryIndexes[i].KeySchema = t.keySchemaOnBeacons(index.KeySchema)
	}
	request.LocalSecondaryIndexes = slices.Clone(in.LocalSecondaryIndexes)
	for i, index := range request.LocalSecondaryIndexes {
		request.LocalSecondaryIndexes[i].KeySchema = t.keySchemaOnBeacons(index.KeySchema)
	}
	return &request
}

// updateOnBeacons is createOnBeacons for an UpdateTable.
func (t *table) updateOnBeacons(in *dynamodb.UpdateTableInput) *dynamodb.UpdateTableInput {
	if t == nil || t.beacons == nil {
		return in
	}
	request := *in
	request.AttributeDefinitions = t.definitionsOnBeacons(in.AttributeDefinitions)
	request.GlobalSecondaryIndexUpdates = slices.Clone(in.GlobalSecondaryIndexUpdates)
	for i, update := range request.GlobalSecondaryIndexUpdates {
		if update.Create == nil {
			continue
		}
		create := *update.Create
		create.KeySchema = t.keySchemaOnBeacons(create.KeySchema)
		request.GlobalSecondaryIndexUpdates[i].Create = &create
	}
	return &request
}

// definitionsOnBeacons replaces the definitions of attributes that have a beacon.
func (t *table) definitionsOnBeacons(definitions []types.AttributeDefinition) []types.AttributeDefinition {
	definitions = slices.Clone(definitions)
	for i, definition := range definitions {
		if stored, ok := t.keyOnBeacon(aws.ToString(definition.AttributeName)); ok {
			definitions[i] = types.AttributeDefinition{AttributeName: &stored, AttributeType: types.ScalarAttributeTypeS}
		}
	}
	return definitions
}

func (t *table) keySchemaOnBeacons(schema []types.KeySchemaElement) []types.KeySchemaElement {
	schema = slices.Clone(schema)
	for i, element := range schema {
		if stored, ok := t.keyOnBeacon(aws.ToString(element.AttributeName)); ok {
			schema[i].AttributeName = &stored
		}
	}
	return schema
}

// keyOnBeacon returns the name of the beacon that stands for an attribute in the
// key of an index.
func (t *table) keyOnBeacon(name string) (stored string, ok bool) {
	b := t.beaconOf(expr.Path{{Name: name}})
	if b == nil || b.IsSet() || t.info.IsKey(name) {
		return "", false
	}
	return b.Attribute(), true
}
