package beacon

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

type compound struct {
	name string
}

func (c *compound) partitions(most int) int { return 1 }
func (c *compound) roots() []string         { return nil }
func (c *compound) equal(k *Key, partition int, v types.AttributeValue) (types.AttributeValue, bool) {
	return nil, false
}
func (c *compound) begins(k *Key, partition int, v types.AttributeValue) (types.AttributeValue, bool) {
	return nil, false
}
func (c *compound) less(v types.AttributeValue) (types.AttributeValue, bool) { return nil, false }
func (c *compound) between(k *Key, partition int, low, high types.AttributeValue) (l, h types.AttributeValue, ok bool) {
	return nil, nil, false
}

// of returns the value of the beacon of an item.
func (c *compound) of(k *Key, item crypto.Item, partition int) (value string, ok bool, err error) {
	return "", false, nil
}
func (c *compound) plaintext(item crypto.Item) (value string, ok bool, err error) {
	return "", false, nil
}
func (c *compound) textsAt(field, value string) []string { return nil }
