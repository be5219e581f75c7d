package interop_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

var sdkPartyNames = []string{"go", "java3", "rust"}

// newSDKLive connects to what "make interop" starts.
func newSDKLive(t *testing.T) (*live, map[string]sdkParty) {
	t.Helper()
	env := environment(t, "DDBENC_INTEROP_JAVA3", "DDBENC_INTEROP_RUST", "DDBENC_KMS_ENDPOINT", "DDBENC_DYNAMODB_ENDPOINT")
	w := newServices(t, env)
	return w, map[string]sdkParty{
		"go":    &sdkGo{kms: w.recorder, store: w.db},
		"java3": start(t, "java", "-cp", env["DDBENC_INTEROP_JAVA3"]+"/*", "ddbenc.interop3.Main"),
		"rust":  start(t, env["DDBENC_INTEROP_RUST"]+"/interop"),
	}
}

// keyrings returns the keyrings to seal with, and one to open with that is
// another, if there is one. Their keys are made for this run.
func (w *live) keyrings(t *testing.T, writer string, party sdkParty) []keyringSpec {
	t.Helper()
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(pair)
	check(t, err)
	public, err := x509.MarshalPKIXPublicKey(&pair.PublicKey)
	check(t, err)
	endpoint := os.Getenv("DDBENC_KMS_ENDPOINT")
	withKMS := keyringSpec{Kind: "kms", KeyARN: w.kmsKeyID, Endpoint: endpoint, Region: region}
	all := []keyringSpec{rawAES(16, "aes-128"), rawAES(24, "aes-192"), rawAES(32, "aes-256 ключ")}
	for padding := range paddings {
		all = append(all, keyringSpec{Kind: "raw-rsa", Namespace: "ddbenc tests", Name: padding, Padding: padding, PrivateKey: private, PublicKey: public})
	}
	all = append(all, withKMS)
	first, second := rawAES(32, "first"), rawAES(32, "second")
	all = append(all, keyringSpec{Kind: "multi", Generator: &first, Children: []*keyringSpec{&withKMS, &all[3], &second}},
		keyringSpec{Kind: "multi", Generator: &withKMS, Children: []*keyringSpec{&first}})

	hierarchical := keyringSpec{Kind: "hierarchical", KeyARN: w.kmsKeyID, Endpoint: endpoint, Region: region, TTLSeconds: 600,
		KeyStoreTable: "branch-keys-" + writer, LogicalName: "branch keys of " + writer, DynamoDBEndpoint: os.Getenv("DDBENC_DYNAMODB_ENDPOINT")}
	w.dropTable(t, hierarchical.KeyStoreTable)
	check(t, party.createStore(t.Context(), hierarchical))
	named := hierarchical
	named.BranchKeyID = "tenant " + writer
	_, err = party.createBranchKey(t.Context(), named, map[string]string{"department": "tests", "ключ": "значение"})
	check(t, err)
	hierarchical.BranchKeyID, err = party.createBranchKey(t.Context(), hierarchical, nil)
	check(t, err)
	return append(all, hierarchical, named)
}

func (w *live) dropTable(t *testing.T, name string) {
	t.Helper()
	w.db.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name}) // there may be none
}

func TestEveryoneReadsWhatEveryoneWroteInTheSDKFormat(t *testing.T) {
	w, parties := newSDKLive(t)
	all := sdkCases()
	for i, c := range all {
		createTable(t, w.items, caseTable(i), c.table(), c.plaintext())
	}
	results := matrix{parties: sdkPartyNames}
	for _, writer := range sdkPartyNames {
		for _, spec := range w.keyrings(t, writer, parties[writer]) {
			record := newSDKRecord(spec)
			w.recorder.take() // what earlier writers' items took
			for _, ecdsa := range []bool{false, true} {
				if ecdsa && spec.Kind == "hierarchical" {
					// What is sealed from here on is so under another version;
					// another time to live is another cache.
					check(t, parties[writer].rotateBranchKey(t.Context(), spec))
					spec.TTLSeconds++
				}
				way := sdkWay{spec, ecdsa}
				for i, c := range all {
					sealed, err := parties[writer].sealSDK(t.Context(), way, c)
					if err != nil {
						t.Errorf("%s: %s cannot seal %q: %v", spec.Kind, writer, c.name, err)
						continue
					}
					if problem := checkSealed(c, sealed); problem != "" {
						t.Errorf("%s, ECDSA %v: %s seals %q wrongly: %s", spec.Kind, ecdsa, writer, c.name, problem)
					}
					stored := w.store(t, caseTable(i), c.table(), sealed)
					record.add(c.name, ecdsa, stored)
					for _, reader := range sdkPartyNames {
						opened, err := parties[reader].openSDK(t.Context(), readWay(way), c, stored)
						problem := compare(c, opened, err)
						if problem != "" {
							t.Errorf("%s, ECDSA %v: %s does not open %q of %s: %s", spec.Kind, ecdsa, reader, c.name, writer, problem)
						}
						results.add(result{spec.Kind + " " + way.suite().String(), c.name, writer, reader, problem == "", ""})
					}
				}
			}
			if os.Getenv("DDBENC_INTEROP_RECORD") != "" && writer != "go" {
				record.write(t, writer, w)
			}
		}
	}
	results.show(os.Stdout)
}

// readWay returns how to open what was sealed one way: what a KMS keyring
// sealed is opened by a discovery keyring.
func readWay(way sdkWay) sdkWay {
	if way.keyring.Kind == "kms" {
		way.keyring = keyringSpec{Kind: "kms-discovery", Partition: "aws", Accounts: []string{"123456789012"}, Endpoint: way.keyring.Endpoint, Region: region}
	}
	return way
}

// newServices connects to the database and the key service, and makes a key.
func newServices(t *testing.T, env map[string]string) *live {
	t.Helper()
	keys := kms.New(kms.Options{Region: region, BaseEndpoint: aws.String(env["DDBENC_KMS_ENDPOINT"]), Credentials: local})
	key, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
	check(t, err)
	return &live{
		items:    mappertest.New(),
		db:       dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: aws.String(env["DDBENC_DYNAMODB_ENDPOINT"]), Credentials: local}),
		recorder: &recorder{Client: keys},
		kmsKeyID: *key.KeyMetadata.Arn,
	}
}
