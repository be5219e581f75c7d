package mapper

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/internal/guard"
)

// keyCondition rewrites the key condition.
func (n *narrowing) keyCondition(partition int) error {
	p := n.plan
	p.stored = slices.Clone(p.exact)
	for _, term := range p.hashed {
		b := n.table.beaconOf(expr.Path{{Name: term.Name}})
		rewritten, ok := n.keyTerm(b, term, partition%b.Partitions())
		switch {
		case ok:
			p.stored = append(p.stored, rewritten)
		case term.Op == expr.OpEqual:
			return n.table.unsupported(p.op, term.Name, "the value cannot be a value of this beacon: its parts do not have the "+
				"configured prefixes, or it is a set")
		case !slices.ContainsFunc(slices.Concat(p.exact, p.hashed), isEqual):
			return n.table.unsupported(p.op, term.Name, guard.Compared)
		}
	}
	return nil
}

func isEqual(term expr.KeyTerm) bool { return term.Op == expr.OpEqual }

// keyTerm rewrites a term of a key condition. It reports false if the beacon says
// nothing about the term, which is then evaluated on the opened items alone.
func (n *narrowing) keyTerm(b *beacon.Beacon, term expr.KeyTerm, partition int) (expr.KeyTerm, bool) {
	rewritten := expr.KeyTerm{Name: b.Attribute(), Op: term.Op}
	var ok bool
	var value, high types.AttributeValue
	switch term.Op {
	case expr.OpEqual:
		value, ok = b.Equal(n.key, partition, term.Values[0])
		ok = ok && !b.IsSet()
	case expr.OpBeginsWith:
		value, ok = b.Begins(n.key, partition, term.Values[0])
	case expr.OpBetween:
		value, high, ok = b.Between(n.key, partition, term.Values[0], term.Values[1])
		rewritten.Values = []types.AttributeValue{value, high}
		return rewritten, ok
	default:
		value, ok = b.Compare(n.key, term.Test().Op, term.Values[0])
	}
	rewritten.Values = []types.AttributeValue{value}
	return rewritten, ok
}

// setKey replaces the key condition.
func (r *pageRequest) setKey(w *expr.Writer, terms []expr.KeyTerm) {
	texts := make([]string, len(terms))
	for i, term := range terms {
		texts[i] = w.Test(term.Test())
	}
	r.legacyKey, r.key = nil, aws.String(strings.Join(texts, " AND "))
}

// usePlaceholders takes the placeholders that the expressions use. DynamoDB
// refuses others.
func (r *pageRequest) usePlaceholders(params expr.Params) error {
	var used []expr.Placeholders
	if r.key != nil {
		key, err := expr.ParseKeyCondition(*r.key, params)
		if err != nil {
			return err
		}
		used = append(used, key.Placeholders())
	}
	if r.filter != nil {
		filter, err := expr.ParseCondition(*r.filter, params)
		if err != nil {
			return err
		}
		used = append(used, filter.Placeholders())
	}
	r.names = usedOf(params.Names, used, func(u expr.Placeholders) []string { return u.Names })
	r.values = usedOf(params.Values, used, func(u expr.Placeholders) []string { return u.Values })
	return nil
}
