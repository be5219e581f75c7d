package mappertest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

const maxPageSize = 1 << 20 // bytes

// page is a query or a scan: it selects the items of a table or index, their
// order, and their attributes.
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
	fetch      bool // fetch whole items, because the index has only a part
}

// pageRequest is the common part of requests for a query and a scan.
type pageRequest struct {
	table, index  *string
	consistent    *bool
	selects       types.Select
	start         crypto.Item
	limit         *int32
	projection    *string
	attributes    []string // legacy
	filter        *string
	conditions    map[string]types.Condition // legacy
	conditionalOp types.ConditionalOperator
}

// parse parses the projection and the filter, either as expressions or as
// legacy parameters.
func (p *page) parse(r *request, in pageRequest) (err error) {
	if p.projection, err = r.projection(in.projection, in.attributes); err != nil {
		return err
	}
	if p.filter, err = r.condition("FilterExpression", in.filter); err != nil || p.filter != nil {
		return err
	}
	p.filter, err = legacyFilter(in.conditions, in.conditionalOp)
	return err
}

// newPage is the common part of Query and Scan.
func (db *DB) newPage(r *request, in pageRequest) (*page, error) {
	p := &page{start: in.start, limit: in.limit, selects: in.selects}
	if err := p.parse(r, in); err != nil {
		return nil, err
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	t, err := db.readTable(in.table)
	if err != nil {
		return nil, err
	}
	p.table, p.key = t, t.key
	if in.index != nil {
		index, ok := t.indexes[*in.index]
		if !ok {
			return nil, invalid("The table does not have the specified index: %s", *in.index)
		}
		if !index.local && aws.ToBool(in.consistent) {
			return nil, invalid("Consistent reads are not supported on global secondary indexes")
		}
		p.index, p.key = index, index.key
	}
	p.fetch = p.index == nil
	if err := p.checkSelect(); err != nil {
		return nil, err
	}
	if in.start != nil {
		if p.start, err = store(in.start); err != nil {
			return nil, err
		}
		if len(p.start) != len(p.keyNames()) || !t.fits(schema{partition: p.keyNames()}, p.start) {
			return nil, invalid("The provided starting key is invalid: The provided key element does not match the schema")
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
		return p.checkProjection()
	case types.SelectAllAttributes, types.SelectAllProjectedAttributes:
		if p.projection != nil {
			return invalid("Cannot specify the ProjectionExpression when choosing to get %s", p.selects)
		}
		if p.index == nil && p.selects == types.SelectAllProjectedAttributes {
			return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
		}
		if p.index != nil && !p.index.local && p.selects == types.SelectAllAttributes &&
			p.index.projection.ProjectionType != types.ProjectionTypeAll {
			return parameters("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its "+
				"projection type is not ALL", p.index.name)
		}
		p.fetch = p.fetch || p.selects == types.SelectAllAttributes
		return nil
	case types.SelectSpecificAttributes:
		if p.projection == nil {
			return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
		}
		return p.checkProjection()
	}
	return invalid("unknown Select %q", string(p.selects))
}

// checkProjection returns an error for a projection of attributes that a global
// index lacks. For a local index, the server reads them from the table.
func (p *page) checkProjection() error {
	if p.projection == nil {
		return nil
	}
	missing := p.missing(p.projection.Uses())
	if len(missing) > 0 && !p.index.local {
		return parameters("Global secondary index %s does not project [%s]", p.index.name, strings.Join(missing, ", "))
	}
	p.fetch = p.fetch || len(missing) > 0
	return nil
}

// missing returns the attributes that are used but not projected into the
// index.
func (p *page) missing(uses []expr.Use) []string {
	if p.index == nil || p.index.projection.ProjectionType == types.ProjectionTypeAll {
		return nil
	}
	var names []string
	for _, use := range uses {
		name := use.Path.Root()
		if !slices.Contains(p.keyNames(), name) && !slices.Contains(p.index.projection.NonKeyAttributes, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// keyNames returns the attributes of a starting key: those of the index and of
// the table.
func (p *page) keyNames() []string {
	names := p.key.names()
	for _, name := range p.table.key.names() {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// candidate is an item that may be part of the page, with the hash of its
// partition.
type candidate struct {
	item crypto.Item
	hash uint64
}

// compare compares items. The table's key breaks ties in an index.
func (p *page) compare(a, b candidate) int {
	c := cmp.Compare(a.hash, b.hash)
	if c == 0 {
		c = p.key.compare(a.item, b.item)
	}
	if c == 0 {
		c = cmp.Compare(id(a.item, p.table.key.names()), id(b.item, p.table.key.names()))
	}
	if p.backwards {
		return -c
	}
	return c
}

// pageResult is the result of Query and Scan.
type pageResult struct {
	items          []crypto.Item
	count, scanned int32
	last           crypto.Item
	size           int
}

func (p *page) run() (*pageResult, error) {
	var start candidate
	if p.start != nil {
		start = candidate{p.start, p.key.hash(p.start)}
	}
	var candidates []candidate
	for _, item := range p.table.items {
		if !p.table.fits(p.key, item) || !p.matches(item) {
			continue
		}
		c := candidate{item, p.key.hash(item)}
		if p.start == nil || p.compare(c, start) > 0 {
			candidates = append(candidates, c)
		}
	}
	slices.SortFunc(candidates, p.compare)

	r := &pageResult{items: []crypto.Item{}}
	for _, c := range candidates {
		item := c.item
		if !p.fetch {
			item = p.index.project(item, p.keyNames())
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
		// The server stops here without checking whether there are more items.
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

// part returns the attributes of an item that the request asks for.
func (p *page) part(item crypto.Item) crypto.Item {
	if p.projection != nil {
		item = p.projection.Apply(item)
	}
	return expr.CloneItem(item)
}

// project returns the attributes of an item that an index holds.
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
