package mappertest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/crypto"
)

const maxSegments = 1000000

// Scan returns a page of all items of a table or index, or of a segment of
// them.
func (db *DB) Scan(
	ctx context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	return do(ctx, db, "Scan", in, func(in *dynamodb.ScanInput) (*dynamodb.ScanOutput, error) {
		var c constraints
		c.selects(in.Select)
		if in.IndexName != nil {
			c.name("indexName", *in.IndexName)
		}
		c.atLeast("totalSegments", in.TotalSegments, 1)
		c.capacity(in.ReturnConsumedCapacity)
		c.tableName(in.TableName)
		c.conditionalOperator(in.ConditionalOperator)
		c.filter("scanFilter", in.ScanFilter)
		c.atLeast("segment", in.Segment, 0)
		c.atLeast("limit", in.Limit, 1)
		c.attributesToGet("attributesToGet", in.AttributesToGet)
		if err := c.err(); err != nil {
			return nil, err
		}
		if err := checkMix(
			[]parameter{{"AttributesToGet", in.AttributesToGet != nil}, {"ScanFilter", in.ScanFilter != nil},
				{"ConditionalOperator", in.ConditionalOperator != ""}},
			[]parameter{{"ProjectionExpression", in.ProjectionExpression != nil},
				{"FilterExpression", in.FilterExpression != nil}},
		); err != nil {
			return nil, err
		}
		r, err := newRequest(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
		if err != nil {
			return nil, err
		}
		p, err := db.newPage(r, pageRequest{in.TableName, in.IndexName, in.ConsistentRead, in.Select, in.ExclusiveStartKey,
			in.Limit,
			in.ProjectionExpression, in.AttributesToGet, in.FilterExpression, in.ScanFilter, in.ConditionalOperator})
		if err != nil {
			return nil, err
		}
		if (in.Segment == nil) != (in.TotalSegments == nil) {
			return nil, invalid("The TotalSegments and Segment parameters must be given together")
		}
		p.matches = func(crypto.Item) bool { return true }
		if in.Segment != nil {
			segment, total := uint64(*in.Segment), uint64(*in.TotalSegments)
			if *in.TotalSegments < 1 || *in.TotalSegments > maxSegments || *in.Segment < 0 || segment >= total {
				return nil, invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: "+
					"Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
			}
			p.matches = func(item crypto.Item) bool { return p.table.key.hash(item)%total == segment }
			if p.start != nil && !p.matches(p.start) {
				return nil, invalid("The provided starting key is invalid: Exclusive start key must lie within the segment")
			}
		}
		result, err := p.run()
		if err != nil {
			return nil, err
		}
		return &dynamodb.ScanOutput{
			Items: result.items, Count: result.count, ScannedCount: result.scanned, LastEvaluatedKey: result.last,
			ConsumedCapacity: capacity(in.ReturnConsumedCapacity, p.table.name, readUnits(result.size, in.ConsistentRead)),
		}, nil
	})
}
