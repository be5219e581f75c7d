package mapper

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// The same value has another beacon in each partition, so a key condition on a
// partitioned beacon takes a query for each. They are read one after the other,
// in the order of their numbers, and a page token shows by its beacon to which
// one it belongs.

// partitions returns how many queries the key condition takes.
func (p pagePlan) partitions() int {
	if len(p.hashed) == 0 {
		return 1
	}
	beacons := make([]*beacon.Beacon, len(p.hashed))
	for i, term := range p.hashed {
		beacons[i] = p.table.beaconOf(expr.Path{{Name: term.Name}})
	}
	return p.table.beacons.Queries(beacons...)
}

// partitionQuery is the query for one partition.
type partitionQuery struct {
	plan pagePlan
	sent pageRequest
}

// queryPartitions queries the partitions from the one at which the page starts.
// Without a limit, it queries them in parallel for the first page. Later pages
// start where there was more to read than fits in a page, so what the others
// returned would not be used, but paid for again with each page.
func (c *Client) queryPartitions(ctx context.Context, in *dynamodb.QueryInput, p pagePlan, sent pageRequest,
	partitions int) (*dynamodb.QueryOutput, error) {
	queries, err := partitionQueries(ctx, p, sent, partitions)
	if err != nil {
		return nil, err
	}
	if start := in.ExclusiveStartKey; start != nil {
		first := slices.IndexFunc(queries, func(q partitionQuery) bool { return holdTerms(q.plan.stored, start) })
		if first < 0 {
			return nil, p.table.fail(p.op, "", fmt.Errorf("%w: the start key is not from this query", crypto.ErrInvalidKey))
		}
		queries = queries[first:]
	}
	pages := make([]*dynamodb.QueryOutput, len(queries))
	read := func(ctx context.Context, i int, limit *int32) (err error) {
		request := *in
		request.Limit, queries[i].plan.limit = limit, limit
		if i > 0 {
			request.ExclusiveStartKey = nil
		}
		pages[i], err = c.queryPage(ctx, &request, queries[i].plan, queries[i].sent)
		return err
	}
	all := &dynamodb.QueryOutput{}
	parallel := in.Limit == nil && in.ExclusiveStartKey == nil
	if parallel {
		if err := c.each(ctx, len(queries), func(ctx context.Context, i int) error { return read(ctx, i, nil) }); err != nil {
			return nil, err
		}
	}
	for i := range queries {
		if !parallel {
			left := in.Limit
			if left != nil && all.ScannedCount > 0 {
				left = aws.Int32(max(1, *left-all.ScannedCount)) // 1 finds out whether there is anything left
			}
			if err := read(ctx, i, left); err != nil {
				return nil, err
			}
		}
		addPage(all, pages[i])
		if all.LastEvaluatedKey != nil {
			for _, unused := range pages[i+1:] { // they belong to later pages
				if unused != nil {
					all.ConsumedCapacity = addCapacity(all.ConsumedCapacity, unused.ConsumedCapacity)
				}
			}
			break
		}
	}
	return all, nil
}

// partitionQueries returns the query for each partition. Partitions in which the
// values have the same beacons have one query together.
func partitionQueries(ctx context.Context, p pagePlan, sent pageRequest, partitions int) ([]partitionQuery, error) {
	var queries []partitionQuery
	p.seen = new(entrySet)
	for partition := range partitions {
		q := partitionQuery{p, sent}
		if err := q.plan.rewrite(ctx, &q.sent, partition); err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(queries, func(other partitionQuery) bool {
			return reflect.DeepEqual(other.plan.stored, q.plan.stored)
		}) {
			queries = append(queries, q)
		}
	}
	return queries, nil
}

// addPage appends a page to the result.
func addPage(all, page *dynamodb.QueryOutput) {
	all.Items = append(all.Items, page.Items...)
	all.Count += page.Count
	all.ScannedCount += page.ScannedCount
	all.LastEvaluatedKey = page.LastEvaluatedKey
	all.ConsumedCapacity = addCapacity(all.ConsumedCapacity, page.ConsumedCapacity)
	all.ResultMetadata = page.ResultMetadata
}
