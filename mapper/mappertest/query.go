package mappertest

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// Query returns a page of the items of one partition.
func (db *DB) Query(
	ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	return do(ctx, db, "Query", in, func(in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
		if err := checkQuery(in); err != nil {
			return nil, err
		}
		r, err := newRequest(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
		if err != nil {
			return nil, err
		}
		terms, err := keyTerms(r, in)
		if err != nil {
			return nil, err
		}
		p, err := db.newPage(r, pageRequest{in.TableName, in.IndexName, in.ConsistentRead, in.Select, in.ExclusiveStartKey,
			in.Limit,
			in.ProjectionExpression, in.AttributesToGet, in.FilterExpression, in.QueryFilter, in.ConditionalOperator})
		if err != nil {
			return nil, err
		}
		if err := p.checkTerms(terms); err != nil {
			return nil, err
		}
		if p.filter != nil {
			for _, use := range p.filter.Uses() {
				if p.key.has(use.Path.Root()) {
					kind := "Filter Expression"
					if in.FilterExpression == nil {
						kind = "QueryFilter"
					}
					return nil, invalid(kind+" can only contain non-primary key attributes: Primary key attribute: %s",
						use.Path.Root())
				}
			}
			if missing := p.missing(p.filter.Uses()); len(missing) > 0 {
				return nil, parameters("Secondary index %s does not project one or more filter attributes: [%s]", p.index.name,
					strings.Join(missing, ", "))
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

// checkQuery checks the parameters of a query by themselves.
func checkQuery(in *dynamodb.QueryInput) error {
	var c constraints
	c.selects(in.Select)
	if in.IndexName != nil {
		c.name("indexName", *in.IndexName)
	}
	c.capacity(in.ReturnConsumedCapacity)
	c.filter("queryFilter", in.QueryFilter)
	c.tableName(in.TableName)
	c.conditionalOperator(in.ConditionalOperator)
	c.attributesToGet("attributesToGet", in.AttributesToGet)
	c.atLeast("limit", in.Limit, 1)
	c.filter("keyConditions", in.KeyConditions)
	if err := c.err(); err != nil {
		return err
	}
	// KeyConditions can be combined with a FilterExpression and a
	// ProjectionExpression.
	return checkMix(
		[]parameter{{"AttributesToGet", in.AttributesToGet != nil}, {"QueryFilter", in.QueryFilter != nil},
			{"ConditionalOperator", in.ConditionalOperator != ""},
			{"KeyConditions", in.KeyConditions != nil && in.KeyConditionExpression != nil}},
		[]parameter{{"ProjectionExpression", in.ProjectionExpression != nil},
			{"FilterExpression", in.FilterExpression != nil},
			{"KeyConditionExpression", in.KeyConditionExpression != nil}})
}

// keyTerms parses the key condition, either as an expression or as a legacy
// parameter.
func keyTerms(r *request, in *dynamodb.QueryInput) ([]expr.KeyTerm, error) {
	if in.KeyConditionExpression != nil {
		k, err := r.keyCondition(in.KeyConditionExpression)
		if err != nil {
			return nil, err
		}
		return k.Terms(), nil
	}
	if len(in.KeyConditions) == 0 {
		// The service checks this operator first.
		if _, err := legacyFilter(in.QueryFilter, in.ConditionalOperator); err != nil {
			return nil, err
		}
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	stored, err := storeConditions(in.KeyConditions)
	if err != nil {
		return nil, err
	}
	k, err := expr.LegacyKeyCondition(stored)
	if err != nil {
		return nil, ofLegacy(err)
	}
	return k.Terms(), nil
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
				return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot "+
					"contain an empty %s value. Key: %s", keyKind(v), t.Name)
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
