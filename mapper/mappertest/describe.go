package mappertest

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// describe returns a new description for each caller.
func (t *table) describe() *types.TableDescription {
	arn := "arn:aws:dynamodb:local:000000000000:table/" + t.name
	size := 0
	for _, item := range t.items {
		size += itemSize(item)
	}
	d := &types.TableDescription{
		TableName:             aws.String(t.name),
		TableArn:              aws.String(arn),
		TableStatus:           types.TableStatusActive,
		CreationDateTime:      aws.Time(t.created),
		KeySchema:             t.key.elements(),
		ItemCount:             aws.Int64(int64(len(t.items))),
		TableSizeBytes:        aws.Int64(int64(size)),
		ProvisionedThroughput: throughput(t.capacity),
		StreamSpecification:   copyStream(t.stream),
		BillingModeSummary:    &types.BillingModeSummary{BillingMode: t.billing},

		DeletionProtectionEnabled: aws.Bool(t.protected),
	}
	if t.sse != nil {
		d.SSEDescription = &types.SSEDescription{Status: t.sse.Status, SSEType: t.sse.SSEType}
		if t.sse.KMSMasterKeyArn != nil {
			d.SSEDescription.KMSMasterKeyArn = aws.String(*t.sse.KMSMasterKeyArn)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.types)) {
		d.AttributeDefinitions = append(d.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeType(t.types[name])})
	}
	for _, name := range slices.Sorted(maps.Keys(t.indexes)) {
		i := t.indexes[name]
		projection := copyProjection(i.projection)
		if i.local {
			d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes, types.LocalSecondaryIndexDescription{
				IndexName: aws.String(name), IndexArn: aws.String(arn + "/index/" + name), KeySchema: i.key.elements(),
				Projection: &projection,
			})
			continue
		}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{
			IndexName: aws.String(name), IndexArn: aws.String(arn + "/index/" + name), KeySchema: i.key.elements(),
			Projection:  &projection,
			IndexStatus: types.IndexStatusActive, ProvisionedThroughput: throughput(i.capacity),
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

// throughput describes a throughput. It is 0 for on-demand tables.
func throughput(p types.ProvisionedThroughput) *types.ProvisionedThroughputDescription {
	return &types.ProvisionedThroughputDescription{
		ReadCapacityUnits:      aws.Int64(aws.ToInt64(p.ReadCapacityUnits)),
		WriteCapacityUnits:     aws.Int64(aws.ToInt64(p.WriteCapacityUnits)),
		NumberOfDecreasesToday: aws.Int64(0),
	}
}
