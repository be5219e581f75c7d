// Package item makes the items that benchmarks seal and open.
package item

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Table is the table of the items.
var Table = crypto.TableInfo{Name: "bench", PartitionKey: "id"}

// New returns an item with a key and attributes of four types in turn. They
// have equal sizes, except for the numbers, which are small. Every second
// attribute is encrypted.
func New(size, attributes int) (crypto.Item, crypto.Actions) {
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
