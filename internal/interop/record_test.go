package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// record is a file in testdata: what an official client wrote with one
// provider, with the keys, which were made for that run alone. Make the files
// anew with DDBENC_INTEROP_RECORD=1 make interop.
type record struct {
	Provider providerSpec      `json:"provider"`
	KMS      []unwrapped       `json:"kms,omitempty"`
	Meta     []json.RawMessage `json:"meta,omitempty"`
	Items    []recordedItem    `json:"items"`
}

type recordedItem struct {
	Case string          `json:"case"`
	Item json.RawMessage `json:"item"`
}

// unwrapped is a data key that KMS unwrapped.
type unwrapped struct {
	Ciphertext []byte            `json:"ciphertext"`
	Context    map[string]string `json:"context"`
	Plaintext  []byte            `json:"plaintext"`
	KeyID      string            `json:"keyID"`
}

func newRecord(spec providerSpec) *record {
	spec.KMSEndpoint, spec.DynamoDBEndpoint = "", ""
	return &record{Provider: spec}
}

func (r *record) add(name string, item crypto.Item) {
	encoded, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		panic(err)
	}
	r.Items = append(r.Items, recordedItem{name, encoded})
}

// write writes the file.
func (r *record) write(t *testing.T, writer string, w *live) {
	t.Helper()
	if r.Provider.Kind == "kms" {
		r.KMS = w.recorder.take()
	}
	if table := r.Provider.MetaTable; table != "" {
		out, err := w.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(table)})
		check(t, err)
		for _, item := range out.Items {
			encoded, err := attributevalue.MarshalMapJSON(item)
			check(t, err)
			r.Meta = append(r.Meta, encoded)
		}
	}
	data, err := json.MarshalIndent(r, "", " ")
	check(t, err)
	check(t, os.MkdirAll("testdata", 0o755))
	check(t, os.WriteFile(filepath.Join("testdata", writer+"-"+r.Provider.Kind+".json"), append(data, '\n'), 0o644))
}

func TestWhatTheOfficialClientsWroteOpens(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	check(t, err)
	if len(files) != 10 {
		t.Fatalf("%d files of testdata, want 10: two clients with five providers each", len(files))
	}
	byName := make(map[string]testCase)
	for _, c := range cases() {
		byName[c.name] = c
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		writer, kind, _ := strings.Cut(name, "-")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			check(t, err)
			var r record
			check(t, json.Unmarshal(data, &r))
			if len(r.Items) != len(byName) {
				t.Fatalf("%d items for %d cases", len(r.Items), len(byName))
			}
			reader := &goParty{kms: replay(r.KMS), store: r.store(t)}
			for _, recorded := range r.Items {
				c, ok := byName[recorded.Case]
				if !ok {
					t.Fatalf("there is no case %q any more", recorded.Case)
				}
				stored, err := attributevalue.UnmarshalMapJSON(recorded.Item)
				check(t, err)
				opened, err := reader.open(t.Context(), r.Provider, c, stored)
				problem := compare(c, opened, err)
				if why := knownNotToOpen(c, kind, writer, "go"); (why == "") != (problem == "") {
					t.Errorf("%s: %s (%s)", c.name, problem, why)
				}
			}
		})
	}
}

// store returns the recorded meta store, if there is one.
func (r *record) store(t *testing.T) *mappertest.DB {
	t.Helper()
	db := mappertest.New()
	if r.Provider.MetaTable == "" {
		return db
	}
	check(t, newMetaStore(t, db, r.Provider).CreateTable(t.Context()))
	for _, encoded := range r.Meta {
		item, err := attributevalue.UnmarshalMapJSON(encoded)
		check(t, err)
		_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Provider.MetaTable), Item: item})
		check(t, err)
	}
	return db
}

// recorder keeps what KMS unwrapped.
type recorder struct {
	*kms.Client
	mu  sync.Mutex
	all []unwrapped
}

func (r *recorder) Decrypt(ctx context.Context, in *kms.DecryptInput, o ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	out, err := r.Client.Decrypt(ctx, in, o...)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all = append(r.all, unwrapped{in.CiphertextBlob, in.EncryptionContext, bytes.Clone(out.Plaintext), aws.ToString(out.KeyId)})
	}
	return out, err
}

// take returns what was recorded since the last time.
func (r *recorder) take() []unwrapped {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

// replay is a KMS that knows what was recorded, and nothing else.
type replay []unwrapped

func (r replay) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	for _, u := range r {
		if bytes.Equal(u.Ciphertext, in.CiphertextBlob) && maps.Equal(u.Context, in.EncryptionContext) {
			return &kms.DecryptOutput{Plaintext: bytes.Clone(u.Plaintext), KeyId: aws.String(u.KeyID)}, nil
		}
	}
	return nil, errors.New("nothing was recorded for this data key and encryption context")
}

func (r replay) GenerateDataKey(context.Context, *kms.GenerateDataKeyInput, ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error) {
	return nil, errReplay
}
