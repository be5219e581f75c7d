package ddbec

// What the tests inside and outside of the package share to read the official
// clients' known answers.

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Vectors returns the folder with the known answers. They are not part of the
// project.
func Vectors(t testing.TB) string {
	t.Helper()
	folder := os.Getenv("DDBENC_VECTORS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "vectors")
	}
	folder = filepath.Join(folder, "ddbec")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the known answers of the official clients are not here (DDBENC_VECTORS names their folder): %v", err)
	}
	return folder
}

// ReadJSON reads a file.
func ReadJSON(t testing.TB, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// JSONValue is a value in DynamoDB JSON.
type JSONValue struct{ types.AttributeValue }

// UnmarshalJSON reads the value.
func (j *JSONValue) UnmarshalJSON(data []byte) (err error) {
	j.AttributeValue, err = attributevalue.UnmarshalJSON(data)
	return err
}

// ItemOf returns an item in DynamoDB JSON.
func ItemOf(m map[string]JSONValue) crypto.Item {
	item := make(crypto.Item, len(m))
	for name, v := range m {
		item[name] = v.AttributeValue
	}
	return item
}
