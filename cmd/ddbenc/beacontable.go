package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
)

const (
	// sampleSegments are the parts of a table that a sample is taken from.
	sampleSegments = 8
	// samplePage is how many items a request reads, at most.
	samplePage = 200
	// defaultLimit is the size of a sample of a table.
	defaultLimit = 10000
)

// readTable reads a sample of a table.
func (c *beaconCommand) readTable(ctx context.Context, s *console, sample *valueSample) error {
	flags := bulkFlags{Table: c.Table, Endpoint: c.Endpoint, Segment: -1}
	t, err := flags.declare(ctx, c.keys())
	if err != nil {
		return err
	}
	defer t.keys.Close()
	if c.Limit == 0 {
		c.Limit = defaultLimit
	}
	p := s.newTableProgress("beacon", progressAuto)
	p.describe(ctx, t.api, flags)
	whole := false
	err = c.each(ctx, s, c.scan(ctx, t.api, &whole), sample, opening(t.keys))
	if !whole && p.total > sample.items {
		sample.tableItems = p.total
	}
	return err
}

// scan returns the items of a table: a page of each segment in turn. It sets whole
// after the last item.
func (c *beaconCommand) scan(ctx context.Context, api *dynamodb.Client, whole *bool) records {
	return func(yield func(itemjson.Record, error) bool) {
		size := int32(min(samplePage, (c.Limit+sampleSegments-1)/sampleSegments))
		requests := make([]*dynamodb.ScanInput, sampleSegments)
		for i := range requests {
			requests[i] = &dynamodb.ScanInput{TableName: &c.Table, Limit: &size, Segment: aws.Int32(int32(i)),
				TotalSegments: aws.Int32(sampleSegments)}
		}
		for n := 0; len(requests) > 0; {
			in := requests[0]
			requests = requests[1:]
			page, err := api.Scan(ctx, in)
			if err != nil {
				yield(itemjson.Record{}, oneLine(fmt.Errorf("table %q: %w", c.Table, err)))
				return
			}
			for _, item := range page.Items {
				n++
				if !yield(itemjson.Record{Item: item, Where: fmt.Sprintf("table %q, item %d", c.Table, n)}, nil) {
					return
				}
			}
			if in.ExclusiveStartKey = page.LastEvaluatedKey; len(page.LastEvaluatedKey) > 0 {
				requests = append(requests, in)
			}
		}
		*whole = true
	}
}
