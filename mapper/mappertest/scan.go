package mappertest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/crypto"
)

const maxSegments = 1000000

// Scan returns a page of all items, or of a segment of them.
func (db *DB) Scan(ctx context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return do(ctx, db, "Scan", in, func(in *dynamodb.ScanInput) (*dynamodb.ScanOutput, error) {
		if len(in.ScanFilter) > 0 {
			return nil, unknown("ScanFilter")
		}
		r, err := newRequest(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
		if err != nil {
			return nil, err
		}
		p, err := db.newPage(in.TableName, in.IndexName, in.ConsistentRead, r, in.ProjectionExpression, in.AttributesToGet, in.Select, in.FilterExpression, in.ExclusiveStartKey, in.Limit)
		if err != nil {
			return nil, err
		}
		if err := r.finish(); err != nil {
			return nil, err
		}
		if (in.Segment == nil) != (in.TotalSegments == nil) {
			return nil, invalid("The TotalSegments and Segment parameters must be given together")
		}
		p.matches = func(crypto.Item) bool { return true }
		if in.Segment != nil {
			segment, total := uint64(*in.Segment), uint64(*in.TotalSegments)
			if *in.TotalSegments < 1 || *in.TotalSegments > maxSegments || *in.Segment < 0 || segment >= total {
				return nil, invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
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
