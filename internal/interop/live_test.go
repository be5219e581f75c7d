package interop_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

const region = "us-east-1"

// live is everything that runs beside the test.
type live struct {
	parties  map[string]party
	db       *dynamodb.Client // for key stores
	items    *mappertest.DB   // for items; unlike moto's, it puts numbers in normal form
	recorder *recorder
	kmsKeyID string
}

var partyNames = []string{"go", "java", "python"}

// newLive connects to what "make interop" starts.
func newLive(t *testing.T) *live {
	t.Helper()
	env := environment(t, "DDBENC_INTEROP_JAVA", "DDBENC_INTEROP_PYTHON", "DDBENC_KMS_ENDPOINT", "DDBENC_DYNAMODB_ENDPOINT")
	w := newServices(t, env)
	w.parties = map[string]party{
		"go":     &goParty{kms: w.recorder, store: w.db},
		"java":   start(t, "java", "-Daws.java.v1.disableDeprecationAnnouncement=true", "-cp", env["DDBENC_INTEROP_JAVA"]+"/*", "ddbenc.interop.Main"),
		"python": start(t, env["DDBENC_INTEROP_PYTHON"], "python/main.py"),
	}
	return w
}

// environment returns environment variables, all of which have to be there.
// Without "make interop" the test is skipped; with it, it fails.
func environment(t *testing.T, names ...string) map[string]string {
	t.Helper()
	env := make(map[string]string)
	for _, name := range names {
		if env[name] = os.Getenv(name); env[name] == "" {
			if os.Getenv("DDBENC_INTEROP") != "" {
				t.Fatalf("%s is not set, which make interop promises", name)
			}
			t.Skipf("%s is not set: the official clients run with make interop only; TestWhatTheOfficialClientsWroteOpens reads what they wrote", name)
		}
	}
	return env
}

// local is what local services take for credentials.
var local = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
})

// specs returns the providers, with keys made for this run. The meta store is
// one of each writer's, so that each also makes one.
func (w *live) specs(t *testing.T, writer string) []providerSpec {
	t.Helper()
	secret := func() []byte {
		key := make([]byte, 32)
		rand.Read(key)
		return key
	}
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(pair)
	check(t, err)
	public, err := x509.MarshalPKIXPublicKey(&pair.PublicKey)
	check(t, err)
	metaTable := "meta-" + writer
	createTable(t, w.db, metaTable, crypto.TableInfo{PartitionKey: "N", SortKey: "V"}, crypto.Item{"N": s(""), "V": n("0")})
	return []providerSpec{
		{Kind: "static", EncryptionKey: secret(), SigningKey: secret()},
		{Kind: "wrapped-aes", EncryptionKey: secret(), SigningKey: secret()},
		{Kind: "wrapped-rsa", PrivateKey: private, PublicKey: public},
		{Kind: "kms", KMSKeyID: w.kmsKeyID, KMSEndpoint: os.Getenv("DDBENC_KMS_ENDPOINT"), Region: region},
		{Kind: "most-recent", EncryptionKey: secret(), SigningKey: secret(), MaterialName: "material of " + writer, MetaTable: metaTable,
			DynamoDBEndpoint: os.Getenv("DDBENC_DYNAMODB_ENDPOINT"), Region: region},
	}
}

// createTable creates a table whose keys are of the types that item has, in
// place of any with that name.
func createTable(t *testing.T, db dynamodbiface.DynamoDBAPI, name string, info crypto.TableInfo, item crypto.Item) {
	t.Helper()
	db.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &name}) // there may be none
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	roles := []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}
	for i, key := range info.KeyNames() {
		kind := types.ScalarAttributeTypeS
		switch item[key].(type) {
		case *types.AttributeValueMemberN:
			kind = types.ScalarAttributeTypeN
		case *types.AttributeValueMemberB:
			kind = types.ScalarAttributeTypeB
		}
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String(key), AttributeType: kind})
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: aws.String(key), KeyType: roles[i]})
	}
	_, err := db.CreateTable(t.Context(), in)
	check(t, err)
	t.Cleanup(func() { db.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name}) })
}

// store puts an item into DynamoDB and returns it as it comes back.
func (w *live) store(t *testing.T, table string, info crypto.TableInfo, item crypto.Item) crypto.Item {
	t.Helper()
	_, err := w.items.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
	check(t, err)
	out, err := w.items.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: info.Key(item), ConsistentRead: aws.Bool(true)})
	check(t, err)
	return out.Item
}

func TestEveryoneReadsWhatEveryoneWrote(t *testing.T) {
	w := newLive(t)
	all := cases()
	for i, c := range all {
		createTable(t, w.items, caseTable(i), c.table(), c.plaintext())
	}
	results := matrix{parties: partyNames}
	for _, writer := range partyNames {
		for _, spec := range w.specs(t, writer) {
			record := newRecord(spec)
			w.recorder.take() // what earlier writers' items took
			for i, c := range all {
				sealed, err := w.parties[writer].seal(t.Context(), spec, c)
				if err != nil {
					t.Errorf("%s: %s cannot seal %q: %v", spec.Kind, writer, c.name, err)
					continue
				}
				if problem := checkSealed(c, sealed); problem != "" {
					t.Errorf("%s: %s seals %q wrongly: %s", spec.Kind, writer, c.name, problem)
				}
				stored := w.store(t, caseTable(i), c.table(), sealed)
				record.add(c.name, stored)
				for _, reader := range partyNames {
					opened, err := w.parties[reader].open(t.Context(), spec, c, stored)
					problem := compare(c, opened, err)
					why := knownNotToOpen(c, spec.Kind, writer, reader)
					switch {
					case why != "" && problem == "":
						t.Errorf("%s: %s opens %q of %s, although %s: say so no longer", spec.Kind, reader, c.name, writer, why)
					case why == "" && problem != "":
						t.Errorf("%s: %s does not open %q of %s: %s", spec.Kind, reader, c.name, writer, problem)
					}
					results.add(result{spec.Kind, c.name, writer, reader, problem == "", why})
				}
			}
			if os.Getenv("DDBENC_INTEROP_RECORD") != "" && writer != "go" {
				record.write(t, writer, w)
			}
		}
	}
	results.show(os.Stdout)
}

func caseTable(i int) string { return fmt.Sprintf("case-%d", i) }

// knownNotToOpen says why a reader cannot open a writer's item, empty if it
// can.
func knownNotToOpen(c testCase, kind, writer, reader string) string {
	if c.disagree && reader != "go" && (writer == "java") != (reader == "java") {
		return "Java and Python sort differently"
	}
	if c.manyDigits && reader == "python" {
		return "Python takes no number of more than 38 digits, the zeros at its end included"
	}
	if c.oddNumberKey && kind == "kms" && writer != "go" {
		return "the writer put the number key into the KMS encryption context as it was written, and DynamoDB does not keep that"
	}
	return ""
}

// compare says what is wrong with an opened item, empty if nothing is.
func compare(c testCase, opened crypto.Item, err error) string {
	if err != nil {
		return err.Error()
	}
	want := c.plaintext()
	if !expr.Equal(m(opened), m(want)) {
		for name := range want {
			if opened[name] == nil || !expr.Equal(opened[name], want[name]) {
				return fmt.Sprintf("attribute %q is another one", name)
			}
		}
		return "there are more attributes"
	}
	return ""
}
