package itemtest

import (
	"runtime"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/bench/item"
)

// The benchmarks compare sealing and opening with a floor: only the primitives,
// on the same number of bytes. "allocated/item" is the total allocation of an
// operation in multiples of the item's size, so it exceeds the peak.

// BenchTable is the table of their items.
var BenchTable = item.Table

// BenchItem returns an item to measure; see [item.New].
func BenchItem(size, attributes int) (crypto.Item, crypto.Actions) { return item.New(size, attributes) }

// BenchSizes holds the sizes to measure, in bytes and attributes.
var BenchSizes = []struct {
	Name             string
	Size, Attributes int
}{{"1KB", 1 << 10, 10}, {"10KB", 10 << 10, 30}, {"100KB", 100 << 10, 20}, {"400KB", 390 << 10, 20}}

// Measure measures an operation on an item of the given size.
func Measure(b *testing.B, size int, do func() error) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		Check(b, do())
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/float64(size), "allocated/item")
}
