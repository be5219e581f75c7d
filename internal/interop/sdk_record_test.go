package interop_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// sdkRecord is a file in testdata/sdk: what an official client wrote with one
// keyring. The keys were made for that run alone.
type sdkRecord struct {
	Keyring keyringSpec       `json:"keyring"`
	KMS     []unwrapped       `json:"kms,omitempty"`
	Store   []json.RawMessage `json:"store,omitempty"`
	Items   []sdkRecordedItem `json:"items"`
}

type sdkRecordedItem struct {
	Case  string          `json:"case"`
	ECDSA bool            `json:"ecdsa"`
	Item  json.RawMessage `json:"item"`
}

func newSDKRecord(spec keyringSpec) *sdkRecord {
	return &sdkRecord{Keyring: spec}
}

func (r *sdkRecord) add(name string, ecdsa bool, item crypto.Item) {
	encoded, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		panic(err)
	}
	r.Items = append(r.Items, sdkRecordedItem{name, ecdsa, encoded})
}

const sdkFolder = "testdata/sdk"

// write writes the file, whose number tells keyrings of one kind apart.
func (r *sdkRecord) write(t *testing.T, writer string, w *live) {
	t.Helper()
	r.KMS = w.recorder.take()
	if table := r.Keyring.KeyStoreTable; table != "" {
		out, err := w.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(table)})
		check(t, err)
		for _, item := range out.Items {
			encoded, err := attributevalue.MarshalMapJSON(item)
			check(t, err)
			r.Store = append(r.Store, encoded)
		}
	}
	var file bytes.Buffer
	zip := gzip.NewWriter(&file)
	check(t, json.NewEncoder(zip).Encode(r))
	check(t, zip.Close())
	check(t, os.MkdirAll(sdkFolder, 0o755))
	for number := 1; ; number++ {
		name := filepath.Join(sdkFolder, fmt.Sprintf("%s-%s-%d.json.gz", writer, r.Keyring.Kind, number))
		if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
			check(t, os.WriteFile(name, file.Bytes(), 0o644))
			return
		}
	}
}

func TestWhatTheOfficialClientsWroteInTheSDKFormatOpens(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sdkFolder, "*.json.gz"))
	check(t, err)
	if len(files) != 24 {
		t.Fatalf("%d files of testdata, want 24: two clients with twelve keyrings each", len(files))
	}
	byName := make(map[string]testCase)
	for _, c := range sdkCases() {
		byName[c.name] = c
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			r := readSDKRecord(t, file)
			if len(r.Items) != 2*len(byName) {
				t.Fatalf("%d items for %d cases and two suites", len(r.Items), len(byName))
			}
			reader := &sdkGo{kms: replay(r.KMS), store: r.store(t)}
			for _, recorded := range r.Items {
				c, ok := byName[recorded.Case]
				if !ok {
					t.Fatalf("there is no case %q any more", recorded.Case)
				}
				stored, err := attributevalue.UnmarshalMapJSON(recorded.Item)
				check(t, err)
				opened, err := reader.openSDK(t.Context(), readWay(sdkWay{r.Keyring, recorded.ECDSA}), c, stored)
				if problem := compare(c, opened, err); problem != "" {
					t.Errorf("%s, ECDSA %v: %s", c.name, recorded.ECDSA, problem)
				}
			}
		})
	}
}

func readSDKRecord(t *testing.T, name string) *sdkRecord {
	t.Helper()
	file, err := os.Open(name)
	check(t, err)
	defer file.Close()
	zip, err := gzip.NewReader(file)
	check(t, err)
	var r sdkRecord
	check(t, json.NewDecoder(zip).Decode(&r))
	return &r
}

// store returns the recorded branch key store, if there is one.
func (r *sdkRecord) store(t *testing.T) *mappertest.DB {
	t.Helper()
	db := mappertest.New()
	if r.Keyring.KeyStoreTable == "" {
		return db
	}
	check(t, (&sdkGo{kms: replay(nil), store: db}).createStore(t.Context(), r.Keyring))
	for _, encoded := range r.Store {
		item, err := attributevalue.UnmarshalMapJSON(encoded)
		check(t, err)
		_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Keyring.KeyStoreTable), Item: item})
		check(t, err)
	}
	return db
}

var errReplay = errors.New("a replay makes no keys")

func (r replay) Encrypt(context.Context, *kms.EncryptInput, ...func(*kms.Options)) (*kms.EncryptOutput, error) {
	return nil, errReplay
}

func (r replay) ReEncrypt(context.Context, *kms.ReEncryptInput, ...func(*kms.Options)) (*kms.ReEncryptOutput, error) {
	return nil, errReplay
}

func (r replay) GenerateDataKeyWithoutPlaintext(context.Context, *kms.GenerateDataKeyWithoutPlaintextInput, ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error) {
	return nil, errReplay
}
