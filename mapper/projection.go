package mapper

import (
	"maps"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// project applies a projection, which may be nil, to an opened item, which may
// be nil too.
func project(p *expr.Projection, item crypto.Item) crypto.Item {
	if p == nil || item == nil {
		return item
	}
	return p.Apply(item)
}

// namesWithout returns the attribute name placeholders of a request without those
// that only its projection p uses. The projection is not sent, and DynamoDB
// refuses unused placeholders.
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
