package itemtest

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// The benchmarks compare sealing and opening with a floor: only the primitives,
// on the same number of bytes. "allocated/item" is the total allocation of an
// operation in multiples of the item's size, so it exceeds the peak.

// BenchTable is the table of their items.
var BenchTable = crypto.TableInfo{Name: "bench", PartitionKey: "id"}

// BenchItem returns an item with a key and attributes of four types in turn.
// They have equal sizes, except for the numbers, which are small. Every second
// attribute is encrypted.
func BenchItem(size, attributes int) (crypto.Item, crypto.Actions) {
	item := crypto.Item{"id": &types.AttributeValueMemberS{Value: "an-item"}}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	numbers := 0
	for i := range attributes {
		if i/2%4 == 2 {
			numbers++
		}
	}
	each := size / (attributes - numbers)
	for i := range attributes {
		name := fmt.Sprintf("attribute-%02d", i)
		// Each type occurs both encrypted and only signed.
		switch i / 2 % 4 {
		case 0:
			item[name] = &types.AttributeValueMemberS{Value: strings.Repeat("s", each)}
		case 1:
			item[name] = &types.AttributeValueMemberB{Value: bytes.Repeat([]byte{7}, each)}
		case 2:
			item[name] = &types.AttributeValueMemberN{Value: strconv.Itoa(1234567 + i)}
		default:
			item[name] = &types.AttributeValueMemberM{Value: crypto.Item{
				"text": &types.AttributeValueMemberS{Value: strings.Repeat("m", each/2)},
				"raw":  &types.AttributeValueMemberB{Value: bytes.Repeat([]byte{8}, each/2)},
			}}
		}
		if i%2 == 1 {
			actions.Attributes[name] = crypto.Sign
		}
	}
	return item, actions
}

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
