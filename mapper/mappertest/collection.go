package mappertest

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

const gigabyte = 1 << 30

// collectionMetrics returns the size of the item collection that was written
// to, if the request asks for it. Only tables with a local index have
// collections.
func (t *table) collectionMetrics(
	asked types.ReturnItemCollectionMetrics, key crypto.Item,
) *types.ItemCollectionMetrics {
	if asked != types.ReturnItemCollectionMetricsSize || !t.hasLocalIndex() {
		return nil
	}
	partition := t.key.partition[0]
	size := 0
	for _, item := range t.items {
		if expr.Equal(item[partition], key[partition]) {
			size += itemSize(item)
		}
	}
	whole := float64(size / gigabyte)
	return &types.ItemCollectionMetrics{
		ItemCollectionKey:   crypto.Item{partition: expr.Clone(key[partition])},
		SizeEstimateRangeGB: []float64{whole, whole + 1},
	}
}

func (t *table) hasLocalIndex() bool {
	for _, i := range t.indexes {
		if i.local {
			return true
		}
	}
	return false
}

// collections returns the metrics of several writes by table, once for each
// collection.
func collections(asked types.ReturnItemCollectionMetrics, writes []*write) map[string][]types.ItemCollectionMetrics {
	var all map[string][]types.ItemCollectionMetrics
	seen := make(map[string]bool)
	for _, w := range writes {
		id := w.table.name + "\x00" + id(w.key, w.table.key.partition)
		m := w.table.collectionMetrics(asked, w.key)
		if m == nil || seen[id] {
			continue
		}
		if seen[id] = true; all == nil {
			all = make(map[string][]types.ItemCollectionMetrics)
		}
		all[w.table.name] = append(all[w.table.name], *m)
	}
	return all
}
