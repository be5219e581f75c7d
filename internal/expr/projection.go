package expr

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Projection selects parts of an item.
type Projection struct {
	parsed
	root branch
}

// branch is a tree of the projected paths. A branch without children selects
// everything below it.
type branch map[Element]branch

// ParseProjection parses a ProjectionExpression. The error is an *[Error].
func ParseProjection(src string, params Params) (*Projection, error) {
	p, err := newParser(src, params)
	if err != nil {
		return nil, err
	}
	for {
		if _, err := p.path(Read); err != nil {
			return nil, err
		}
		if !p.accept(",") {
			break
		}
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	if err := checkOverlap(p.uses); err != nil {
		return nil, err
	}
	return newProjection(p.parsed()), nil
}

// ProjectAttributes returns a projection of whole top-level attributes, for the
// legacy parameter AttributesToGet.
func ProjectAttributes(names []string) *Projection {
	paths := make([]Path, len(names))
	for i, n := range names {
		paths[i] = Path{{Name: n}}
	}
	return ProjectPaths(paths)
}

// ProjectPaths returns a projection of paths, which must not overlap.
func ProjectPaths(paths []Path) *Projection {
	var all parsed
	for _, p := range paths {
		all.uses = append(all.uses, Use{p, Read})
	}
	return newProjection(all)
}

func newProjection(all parsed) *Projection {
	root := make(branch)
	for _, use := range all.uses {
		at := root
		for _, e := range use.Path {
			if at[e] == nil {
				at[e] = make(branch)
			}
			at = at[e]
		}
	}
	return &Projection{all, root}
}

// checkOverlap returns an error if one path is inside another, or if two paths
// use one container as both a map and a list.
func checkOverlap(uses []Use) error {
	for i, a := range uses {
		for _, b := range uses[i+1:] {
			if a.Path.startsWith(b.Path) || b.Path.startsWith(a.Path) {
				return &Error{fmt.Sprintf("Two document paths overlap with each other; must remove or rewrite one of these "+
					"paths; path one: %s, path two: %s", a.Path.list(), b.Path.list())}
			}
			for j := range min(len(a.Path), len(b.Path)) {
				if x, y := a.Path[j], b.Path[j]; x != y {
					if (x.Name == "") != (y.Name == "") {
						return &Error{fmt.Sprintf("Two document paths conflict with each other; must remove or rewrite one of these "+
							"paths; path one: %s, path two: %s", a.Path.list(), b.Path.list())}
					}
					break
				}
			}
		}
	}
	return nil
}

// Apply returns the projected part of item. Containers that are included in
// part are new; everything else is shared with item. The selected elements of a
// list keep their order, without gaps.
func (p *Projection) Apply(item crypto.Item) crypto.Item {
	return p.root.fromMap(item)
}

func (b branch) fromMap(m crypto.Item) crypto.Item {
	part := make(crypto.Item, len(b))
	for e, below := range b {
		if v, ok := m[e.Name]; ok && e.Name != "" {
			if v = below.from(v); v != nil {
				part[e.Name] = v
			}
		}
	}
	return part
}

// from returns the selected part of a value, or nil if there is none.
func (b branch) from(v types.AttributeValue) types.AttributeValue {
	if len(b) == 0 {
		return v
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		if part := b.fromMap(v.Value); len(part) > 0 {
			return &types.AttributeValueMemberM{Value: part}
		}
	case *types.AttributeValueMemberL:
		var part []types.AttributeValue
		for _, e := range slices.SortedFunc(maps.Keys(b), func(x, y Element) int { return x.Index - y.Index }) {
			if e.Name != "" || e.Index >= len(v.Value) {
				continue
			}
			if element := b[e].from(v.Value[e.Index]); element != nil {
				part = append(part, element)
			}
		}
		if len(part) > 0 {
			return &types.AttributeValueMemberL{Value: part}
		}
	}
	return nil
}
