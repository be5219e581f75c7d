package dbesdk_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// The official clients' known answers. They are not part of the project.

const vectorBranchKey = "bd3842ff-3076-4092-9918-4395730050b8"

// vectorStore holds the one branch key of the known answers.
type vectorStore struct{ key *keystore.BranchKey }

func (s *vectorStore) Active(context.Context, string) (*keystore.BranchKey, error) { return s.key, nil }

func (s *vectorStore) Version(context.Context, string, string) (*keystore.BranchKey, error) {
	return s.key, nil
}

type vectorConfig struct {
	Actions   map[string]string `json:"attributeActionsOnEncrypt"`
	Unsigned  []string          `json:"allowedUnsignedAttributes"`
	Prefix    string            `json:"allowedUnsignedAttributePrefix"`
	Logical   string            `json:"logicalTableName"`
	Partition string            `json:"partitionKeyName"`
}

type vectorFile struct {
	Tests map[string]struct {
		Type        string
		Description string
		Config      json.RawMessage
		Plaintext   map[string]json.RawMessage
		Encrypted   json.RawMessage
	}
}

var vectorActions = map[string]crypto.Action{
	"ENCRYPT_AND_SIGN": crypto.Encrypt, "SIGN_ONLY": crypto.Sign,
	"SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT": crypto.SignInContext, "DO_NOTHING": crypto.None,
}

func TestKnownAnswersOpenAsTheySay(t *testing.T) {
	folder := os.Getenv("DDBENC_VECTORS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "vectors")
	}
	files, err := filepath.Glob(filepath.Join(folder, "dbesdk", "decrypt_*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("the known answers of the official clients are not here (DDBENC_VECTORS names their folder): %v", err)
	}
	secret, err := base64.StdEncoding.DecodeString("tJwf65epYvUt5HMiQsl/6jlvLxS0tgdjIuvFy2BLIwg=")
	if err != nil {
		t.Fatal(err)
	}
	key, err := keystore.NewBranchKey(vectorBranchKey, "e9ce18a3-edb5-4272-9f86-1cacb7997ff6", secret)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := hierarchical.New(&vectorStore{key}, hierarchical.BranchKey(vectorBranchKey), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var vectors vectorFile
		if err := json.Unmarshal(data, &vectors); err != nil {
			t.Fatal(err)
		}
		if len(vectors.Tests) == 0 {
			t.Fatalf("%s has no cases", file)
		}
		for number, c := range vectors.Tests {
			t.Run(filepath.Base(file)+"/"+number+" "+c.Description, func(t *testing.T) {
				var config vectorConfig
				if err := json.Unmarshal(c.Config, &config); err != nil {
					t.Fatal(err)
				}
				table := crypto.TableInfo{Name: "GazelleVectorTable", PartitionKey: "RecNum"}
				if config.Logical != "" {
					table.Name = config.Logical
				}
				if config.Partition != "" {
					table.PartitionKey = config.Partition
				}
				actions := crypto.Actions{Attributes: make(map[string]crypto.Action)}
				for name, word := range config.Actions {
					action, ok := vectorActions[word]
					if !ok {
						t.Fatalf("an action that is not known: %s", word)
					}
					actions.Attributes[name] = action
				}
				encryptor, err := dbesdk.New(keys, dbesdk.WithUnsigned(config.Unsigned...),
					dbesdk.WithUnsignedPrefix(config.Prefix))
				if err != nil {
					t.Fatal(err)
				}
				stored, err := attributevalue.UnmarshalMapJSON(c.Encrypted)
				if err != nil {
					t.Fatal(err)
				}
				opened, err := encryptor.DecryptItem(t.Context(), table, actions, stored)
				switch c.Type {
				case "positive-decrypt":
					if err != nil {
						t.Fatal(err)
					}
					want := vectorItem(t, c.Plaintext)
					if !expr.Equal(&types.AttributeValueMemberM{Value: opened}, &types.AttributeValueMemberM{Value: want}) {
						t.Errorf("got %v, want %v", opened, want)
					}
				case "negative-decrypt":
					if err == nil {
						t.Errorf("it opens: %v", opened)
					}
				default:
					t.Fatalf("a kind of case that is not known: %s", c.Type)
				}
			})
		}
	}
}

// vectorItem reads an item that is written in JSON's own types where those do,
// at any depth, and else in DynamoDB JSON.
func vectorItem(t *testing.T, plain map[string]json.RawMessage) crypto.Item {
	t.Helper()
	item := make(crypto.Item, len(plain))
	for name, value := range plain {
		item[name] = vectorValue(t, value)
	}
	return item
}

func vectorValue(t *testing.T, data json.RawMessage) types.AttributeValue {
	t.Helper()
	var text string
	var number json.Number
	if json.Unmarshal(data, &text) == nil {
		return &types.AttributeValueMemberS{Value: text}
	}
	if json.Unmarshal(data, &number) == nil {
		return &types.AttributeValueMemberN{Value: number.String()}
	}
	var nested struct {
		L []json.RawMessage
		M map[string]json.RawMessage
	}
	if err := json.Unmarshal(data, &nested); err != nil {
		t.Fatal(err)
	}
	switch {
	case nested.M != nil:
		return &types.AttributeValueMemberM{Value: vectorItem(t, nested.M)}
	case nested.L != nil:
		list := make([]types.AttributeValue, len(nested.L))
		for i, member := range nested.L {
			list[i] = vectorValue(t, member)
		}
		return &types.AttributeValueMemberL{Value: list}
	}
	v, err := attributevalue.UnmarshalJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
