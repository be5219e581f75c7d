package mapper

import (
	"maps"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// parseProjection reads what a request asks to have back, in either spelling;
// nil is everything. The request then goes out without it, since only a whole
// item can be verified. DynamoDB charges the same for both.
func (t *table) parseProjection(op string, source *string, legacy []string, names map[string]string) (*expr.Projection, error) {
	switch {
	case source != nil:
		p, err := expr.ParseProjection(*source, expr.Params{Names: names})
		if err != nil {
			return nil, t.badExpression(op, "projection", err)
		}
		return p, nil
	case len(legacy) > 0:
		return expr.ProjectAttributes(legacy), nil
	}
	return nil, nil
}

// project applies a projection, which may be nil, to an opened item, which may
// be nil too.
func project(p *expr.Projection, item crypto.Item) crypto.Item {
	if p == nil || item == nil {
		return item
	}
	return p.Apply(item)
}

// namesWithout returns the attribute name placeholders of a request whose
// projection was taken out, less those that nothing else in it uses: DynamoDB
// refuses unused ones.
func namesWithout(p *expr.Projection, names map[string]string, used ...expr.Placeholders) map[string]string {
	if p == nil || len(names) == 0 {
		return names
	}
	kept := maps.Clone(names)
	for _, name := range p.Placeholders().Names {
		if !slices.ContainsFunc(used, func(u expr.Placeholders) bool { return slices.Contains(u.Names, name) }) {
			delete(kept, name)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// placeholders returns those of an expression, which may be nil.
func placeholders[E interface {
	comparable
	Placeholders() expr.Placeholders
}](e E) expr.Placeholders {
	var none E
	if e == none {
		return expr.Placeholders{}
	}
	return e.Placeholders()
}
