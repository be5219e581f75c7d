package mappertest

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

const maxItemSize = 400 << 10 // bytes

// store returns a copy of an item as the server stores it.
func store(item crypto.Item) (crypto.Item, error) {
	stored, err := expr.Store(item)
	if err != nil {
		return nil, ofUpdate(err)
	}
	return stored, nil
}

// storeValue is like store for a value.
func storeValue(v types.AttributeValue) (types.AttributeValue, error) {
	stored, err := expr.StoreValue(v)
	if err != nil {
		return nil, ofUpdate(err)
	}
	return stored, nil
}

// itemSize returns the approximate size of an item in bytes, as the server
// counts it.
func itemSize(item crypto.Item) int {
	size := 0
	for name, v := range item {
		size += len(name) + expr.StoredSize(v)
	}
	return size
}
