package ddbec

// What the tests inside and outside of the package share to read the official
// clients' known answers.

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

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

func (j *JSONValue) UnmarshalJSON(data []byte) error {
	var one map[string]json.RawMessage
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	into := func(v any) error {
		for _, raw := range one {
			return json.Unmarshal(raw, v)
		}
		return errors.New("no type")
	}
	switch {
	case one["S"] != nil:
		v := &types.AttributeValueMemberS{}
		j.AttributeValue = v
		return into(&v.Value)
	case one["N"] != nil:
		v := &types.AttributeValueMemberN{}
		j.AttributeValue = v
		return into(&v.Value)
	case one["B"] != nil:
		v := &types.AttributeValueMemberB{}
		j.AttributeValue = v
		return into(&v.Value)
	case one["BOOL"] != nil:
		v := &types.AttributeValueMemberBOOL{}
		j.AttributeValue = v
		return into(&v.Value)
	case one["NULL"] != nil:
		v := &types.AttributeValueMemberNULL{}
		j.AttributeValue = v
		return into(&v.Value)
	case one["SS"] != nil:
		v := &types.AttributeValueMemberSS{}
		j.AttributeValue = v
		return into(&v.Value)
	case one["NS"] != nil:
		v := &types.AttributeValueMemberNS{}
		j.AttributeValue = v
		return into(&v.Value)
	case one["BS"] != nil:
		v := &types.AttributeValueMemberBS{}
		j.AttributeValue = v
		return into(&v.Value)
	case one["L"] != nil:
		var list []JSONValue
		v := &types.AttributeValueMemberL{Value: []types.AttributeValue{}}
		err := into(&list)
		for _, e := range list {
			v.Value = append(v.Value, e.AttributeValue)
		}
		j.AttributeValue = v
		return err
	case one["M"] != nil:
		var m map[string]JSONValue
		v := &types.AttributeValueMemberM{Value: crypto.Item{}}
		err := into(&m)
		for k, e := range m {
			v.Value[k] = e.AttributeValue
		}
		j.AttributeValue = v
		return err
	}
	return errors.New("unknown type")
}

// ItemOf returns an item in DynamoDB JSON.
func ItemOf(m map[string]JSONValue) crypto.Item {
	item := make(crypto.Item, len(m))
	for name, v := range m {
		item[name] = v.AttributeValue
	}
	return item
}
