package mappertest

import (
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

const maxPageSize = 1 << 20 // bytes

// page is a query or a scan: which items of a table or index, in which order,
// and what of them.
type page struct {
	table      *table
	index      *index // nil: the table
	key        schema // of the index or table
	matches    func(item crypto.Item) bool
	backwards  bool
	start      crypto.Item
	limit      *int32
	filter     *expr.Condition
	projection *expr.Projection
	selects    types.Select
}

// newPage does what Query and Scan have in common.
func (db *DB) newPage(name, indexName *string, consistent *bool, r *request, projection *string, legacy []string, selects types.Select, filter *string, start crypto.Item, limit *int32) (*page, error) {
	t, err := db.table(name)
	if err != nil {
		return nil, err
	}
	p := &page{table: t, key: t.key, start: start, limit: limit, selects: selects}
	if indexName != nil {
		index, ok := t.indexes[*indexName]
		if !ok {
			return nil, invalid("The table does not have the specified index: %s", *indexName)
		}
		if !index.local && aws.ToBool(consistent) {
			return nil, invalid("Consistent reads are not supported on global secondary indexes")
		}
		p.index, p.key = index, index.key
	}
	if limit != nil && *limit < 1 {
		return nil, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1", *limit)
	}
	if p.projection, err = r.projection(projection, legacy); err != nil {
		return nil, err
	}
	if p.filter, err = r.condition("FilterExpression", filter); err != nil {
		return nil, err
	}
	if err := p.checkSelect(); err != nil {
		return nil, err
	}
	if start != nil {
		if p.start, err = store(start); err != nil {
			return nil, err
		}
		for _, name := range p.keyNames() {
			if v, ok := p.start[name]; !ok || typeName(v) != t.types[name] {
				return nil, invalid("The provided starting key is invalid")
			}
		}
	}
	return p, nil
}

func (p *page) checkSelect() error {
	switch p.selects {
	case "", types.SelectCount:
		if p.selects == types.SelectCount && p.projection != nil {
			return invalid("Cannot specify the AttributesToGet when choosing to get only the COUNT")
		}
		return nil
	case types.SelectAllAttributes, types.SelectAllProjectedAttributes:
		if p.projection != nil {
			return invalid("Cannot specify the ProjectionExpression when choosing to get %s", p.selects)
		}
		if p.index == nil && p.selects == types.SelectAllProjectedAttributes {
			return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
		}
		if p.index != nil && !p.index.local && p.selects == types.SelectAllAttributes && p.index.projection.ProjectionType != types.ProjectionTypeAll {
			return parameters("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", p.index.name)
		}
		return nil
	case types.SelectSpecificAttributes:
		if p.projection == nil {
			return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
		}
		return nil
	}
	return invalid("unknown Select %q", string(p.selects))
}

// keyNames are the attributes of a starting key: those of the index and of the
// table.
func (p *page) keyNames() []string {
	names := p.key.names()
	for _, name := range p.table.key.names() {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// compare orders the items. Those that are equal in an index are told apart by
// the table's key.
func (p *page) compare(a, b crypto.Item) int {
	c := p.key.compare(a, b)
	if c == 0 {
		c = cmp.Compare(id(a, p.table.key.names()), id(b, p.table.key.names()))
	}
	if p.backwards {
		return -c
	}
	return c
}

// pageResult is what Query and Scan return.
type pageResult struct {
	items          []crypto.Item
	count, scanned int32
	last           crypto.Item
	size           int
}

func (p *page) run() (*pageResult, error) {
	var candidates []crypto.Item
	for _, item := range p.table.items {
		if p.key.of(item) != nil && p.matches(item) {
			candidates = append(candidates, item)
		}
	}
	slices.SortFunc(candidates, p.compare)

	r := &pageResult{items: []crypto.Item{}}
	for _, item := range candidates {
		if p.start != nil && p.compare(item, p.start) <= 0 {
			continue
		}
		r.scanned++
		r.size += itemSize(item)
		ok, err := holds(p.filter, item)
		if err != nil {
			return nil, err
		}
		if ok {
			r.count++
			if p.selects != types.SelectCount {
				r.items = append(r.items, p.part(item))
			}
		}
		// The server stops here without looking whether anything comes after.
		if p.limit != nil && r.scanned == *p.limit || r.size >= maxPageSize {
			r.last = make(crypto.Item)
			for _, name := range p.keyNames() {
				r.last[name] = expr.Clone(item[name])
			}
			break
		}
	}
	if p.selects == types.SelectCount {
		r.items = nil
	}
	return r, nil
}

// part returns what the request gets of an item.
func (p *page) part(item crypto.Item) crypto.Item {
	if p.index != nil && (!p.index.local || p.selects == "" && p.projection == nil || p.selects == types.SelectAllProjectedAttributes) {
		item = p.index.project(item, p.keyNames())
	}
	if p.projection != nil {
		item = p.projection.Apply(item)
	}
	return copyItem(item)
}

// project returns what an index holds of an item.
func (i *index) project(item crypto.Item, keys []string) crypto.Item {
	if i.projection.ProjectionType == types.ProjectionTypeAll {
		return item
	}
	names := keys
	if i.projection.ProjectionType == types.ProjectionTypeInclude {
		names = append(slices.Clone(keys), i.projection.NonKeyAttributes...)
	}
	part := make(crypto.Item, len(names))
	for _, name := range names {
		if v, ok := item[name]; ok {
			part[name] = v
		}
	}
	return part
}

// Query returns a page of the items with one partition key.
func (db *DB) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return do(ctx, db, "Query", in, func(in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
		if len(in.QueryFilter) > 0 {
			return nil, unknown("QueryFilter")
		}
		r, err := newRequest(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
		if err != nil {
			return nil, err
		}
		terms, err := keyTerms(r, in)
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
		if err := p.checkTerms(terms); err != nil {
			return nil, err
		}
		if p.filter != nil {
			for _, use := range p.filter.Uses() {
				if p.key.has(use.Path.Root()) {
					return nil, invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", use.Path.Root())
				}
			}
		}
		p.matches = func(item crypto.Item) bool {
			return !slices.ContainsFunc(terms, func(t expr.KeyTerm) bool { return !t.Match(item[t.Name]) })
		}
		p.backwards = in.ScanIndexForward != nil && !*in.ScanIndexForward
		result, err := p.run()
		if err != nil {
			return nil, err
		}
		return &dynamodb.QueryOutput{
			Items: result.items, Count: result.count, ScannedCount: result.scanned, LastEvaluatedKey: result.last,
			ConsumedCapacity: capacity(in.ReturnConsumedCapacity, p.table.name, readUnits(result.size)),
		}, nil
	})
}

// keyTerms reads the key condition in either spelling.
func keyTerms(r *request, in *dynamodb.QueryInput) ([]expr.KeyTerm, error) {
	if in.KeyConditionExpression != nil {
		if len(in.KeyConditions) > 0 {
			return nil, invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {KeyConditions} Expression parameters: {KeyConditionExpression}")
		}
		k, err := r.keyCondition(in.KeyConditionExpression)
		if err != nil {
			return nil, err
		}
		return k.Terms(), nil
	}
	if len(in.KeyConditions) == 0 {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	ops := map[types.ComparisonOperator]expr.Op{
		types.ComparisonOperatorEq: expr.OpEqual, types.ComparisonOperatorLt: expr.OpLess, types.ComparisonOperatorLe: expr.OpLessOrEqual,
		types.ComparisonOperatorGt: expr.OpGreater, types.ComparisonOperatorGe: expr.OpGreaterOrEqual,
		types.ComparisonOperatorBetween: expr.OpBetween, types.ComparisonOperatorBeginsWith: expr.OpBeginsWith,
	}
	var terms []expr.KeyTerm
	for name, c := range in.KeyConditions {
		op, ok := ops[c.ComparisonOperator]
		if !ok {
			return nil, invalid("Attempted conditional constraint is not an indexable operation")
		}
		want := 1
		if op == expr.OpBetween {
			want = 2
		}
		if len(c.AttributeValueList) != want {
			return nil, parameters("Invalid number of argument(s) for the %s ComparisonOperator", c.ComparisonOperator)
		}
		term := expr.KeyTerm{Name: name, Op: op}
		for _, v := range c.AttributeValueList {
			stored, err := storeValue(v, 0)
			if err != nil {
				return nil, err
			}
			term.Values = append(term.Values, stored)
		}
		terms = append(terms, term)
	}
	return terms, nil
}

// checkTerms checks a key condition against the key.
func (p *page) checkTerms(terms []expr.KeyTerm) error {
	byName := make(map[string]expr.KeyTerm)
	for _, t := range terms {
		byName[t.Name] = t
		if !p.key.has(t.Name) {
			return invalid("Query condition missed key schema element: %s", firstMissing(p.key, terms))
		}
		for _, v := range t.Values {
			if typeName(v) != p.table.types[t.Name] {
				return parameters("Condition parameter type does not match schema type")
			}
			if emptyKey(v) && t.Op != expr.OpBetween {
				return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", keyKind(v), t.Name)
			}
		}
		if t.Op == expr.OpBeginsWith && p.table.types[t.Name] == "N" {
			return parameters("ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type")
		}
	}
	for _, name := range p.key.partition {
		t, ok := byName[name]
		if !ok {
			return invalid("Query condition missed key schema element: %s", name)
		}
		if t.Op != expr.OpEqual {
			return invalid("Query key condition not supported")
		}
	}
	return nil
}

func firstMissing(key schema, terms []expr.KeyTerm) string {
	for _, name := range key.names() {
		if !slices.ContainsFunc(terms, func(t expr.KeyTerm) bool { return t.Name == name }) {
			return name
		}
	}
	return ""
}

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
			if *in.TotalSegments < 1 || *in.Segment < 0 || segment >= total {
				return nil, invalid("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
			}
			p.matches = func(item crypto.Item) bool { return p.table.key.hash(item)%total == segment }
		}
		result, err := p.run()
		if err != nil {
			return nil, err
		}
		return &dynamodb.ScanOutput{
			Items: result.items, Count: result.count, ScannedCount: result.scanned, LastEvaluatedKey: result.last,
			ConsumedCapacity: capacity(in.ReturnConsumedCapacity, p.table.name, readUnits(result.size)),
		}, nil
	})
}
