package mappertest

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

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
			if missing := p.missing(p.filter.Uses()); len(missing) > 0 {
				return nil, parameters("Secondary index %s does not project one or more filter attributes: [%s]", p.index.name, strings.Join(missing, ", "))
			}
		}
		p.matches = func(item crypto.Item) bool {
			return !slices.ContainsFunc(terms, func(t expr.KeyTerm) bool { return !t.Match(item[t.Name]) })
		}
		if p.start != nil && !p.matches(p.start) {
			return nil, invalid("The provided starting key is outside query boundaries based on provided conditions")
		}
		p.backwards = in.ScanIndexForward != nil && !*in.ScanIndexForward
		result, err := p.run()
		if err != nil {
			return nil, err
		}
		return &dynamodb.QueryOutput{
			Items: result.items, Count: result.count, ScannedCount: result.scanned, LastEvaluatedKey: result.last,
			ConsumedCapacity: capacity(in.ReturnConsumedCapacity, p.table.name, readUnits(result.size, in.ConsistentRead)),
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
		if op == expr.OpBetween {
			if c, ok := expr.Compare(term.Values[0], term.Values[1]); ok && c > 0 {
				return nil, invalid("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
			}
		}
		terms = append(terms, term)
	}
	return terms, nil
}

// checkTerms checks a key condition against the key.
func (p *page) checkTerms(terms []expr.KeyTerm) error {
	if len(terms) > max(2, len(p.key.names())) {
		return invalid("Conditions can be of length 1 or 2 only")
	}
	byName := make(map[string]expr.KeyTerm)
	for _, t := range terms {
		byName[t.Name] = t
		if !p.key.has(t.Name) {
			return invalid("Query condition missed key schema element: %s", firstMissing(p.key, terms))
		}
		for _, v := range t.Values {
			if expr.TypeName(v) != p.table.types[t.Name] {
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
