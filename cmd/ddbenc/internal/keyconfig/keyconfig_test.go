package keyconfig_test

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
)

func contains(err error, text string) bool { return err != nil && strings.Contains(err.Error(), text) }

func TestAFileThatSaysTheWrongThingIsRefusedAndTheErrorSaysWhere(t *testing.T) {
	w := newWorld(t)
	w.file(t, "large", make([]byte, 100<<10))
	w.file(t, "empty", nil)
	replace := func(of, old, new string) string {
		if !strings.Contains(of, old) {
			t.Fatalf("no %s in %s", old, of)
		}
		return strings.Replace(of, old, new, 1)
	}
	good := keyring(rawAES)
	for name, c := range map[string]struct{ text, want string }{
		"empty":                   {``, "ends too early"},
		"cut off":                 {good[:len(good)-1], "ends too early"},
		"no JSON":                 {`{"table": wrong}`, "not JSON"},
		"text that is no Unicode": {replace(good, "accounts", "\xff"), "not UTF-8"},
		"an array":                {`[]`, "a JSON array cannot be used here"},
		"more":                    {good + `{}`, "unexpected text"},
		"unknown field": {replace(good, `"encryptor"`, `"encrypter"`),
			`encrypter: unknown field (known here: aws, beacons, encryptor, readWith, table)`},
		"unknown field, deeper": {replace(good, `"namespace"`, `"Namespace"`),
			`encryptor.keyring.Namespace: unknown field (known here: key, kind, name, namespace)`},
		"unknown field, of a key": {replace(good, `"encoding"`, `"value"`),
			`encryptor.keyring.key.value: unknown field`},
		"twice": {replace(good, `"name": "accounts"`, `"name": "accounts", "name": "b"`),
			"table.name: duplicate field"},
		"an attribute twice": {replace(good, `"email": "encrypt"`, `"email": "encrypt", "email": "none"`),
			"table.attributes.email: duplicate field"},
		"null":          {replace(good, `"accounts"`, `null`), "table.name: null"},
		"wrong type":    {replace(good, `"accounts"`, `5`), "table.name: a JSON number cannot be used here"},
		"no encryptor":  {`{"table": {"name": "a"}}`, "encryptor: missing"},
		"no table":      {`{"encryptor": {"format": "ddbec"}}`, "table: missing"},
		"no table name": {replace(good, `"name": "accounts", `, ``), "table.name: missing"},
		"no key":        {replace(good, `"partitionKey": "id", `, ``), "table.partitionKey: missing"},
		"the key twice": {replace(good, `"sortKey": "opened"`, `"sortKey": "id"`), "table.sortKey"},
		"no actions": {`{"table": {"name": "a", "partitionKey": "id"}, "encryptor": {}}`,
			"table.attributes"},
		"unknown action": {replace(good, `"none"`, `"leave"`),
			`table.attributes: attribute "visits": invalid configuration: unknown action "leave"`},
		"unknown action for the rest": {replace(good, `"attributes"`, `"undeclared": "Encrypt", "attributes"`),
			"table.undeclared"},
		"an encrypted key": {replace(good, `"plan"`, `"id": "encrypt", "plan"`),
			`attribute "id": invalid configuration: keys must be signed`},
		"a reserved name": {replace(good, `"plan"`, `"aws_dbe_x"`),
			`attribute "aws_dbe_x": invalid configuration`},
		"in context, in ddbec": {replace(provider(aesWrap), `"plan": "sign"`, `"plan": "sign,context"`),
			`"sign,context" exists in the Database Encryption SDK format only`},
		"unsigned, and signed": {replace(good, `"dbesdk",`, `"dbesdk", "unsigned": ["plan"],`),
			`attribute "plan": invalid configuration: its action is "sign" but must remain`},
		"no format":      {replace(good, `"format": "dbesdk", `, ``), "encryptor.format: missing"},
		"unknown format": {replace(good, `"dbesdk"`, `"sdk"`), "encryptor.format: unknown item format"},
		"unknown suite": {replace(good, `"dbesdk",`, `"dbesdk", "suite": "ed25519",`),
			"encryptor.suite: unknown"},
		"too many data keys": {replace(good, `"dbesdk",`, `"dbesdk", "maxDataKeys": 256,`), "encryptor: dbesdk: "},
		"the other format's field": {replace(good, `"dbesdk",`, `"dbesdk", "descriptionBase": "x",`),
			"belong to the format ddbec"},
		"the other format's suite": {replace(provider(aesWrap), `"ddbec",`, `"ddbec", "suite": "hmac",`),
			"belong to the format dbesdk"},
		"one name for both": {replace(provider(aesWrap), `"ddbec",`,
			`"ddbec", "descriptionAttribute": "x", "signatureAttribute": "x",`), "encryptor: ddbec: "},
		"no keyring":             {config(`{"format": "dbesdk"}`), "encryptor.keyring: missing"},
		"no provider":            {config(`{"format": "ddbec"}`), "encryptor.provider: missing"},
		"no kind":                {keyring(`{"name": "x"}`), "encryptor.keyring.kind: missing"},
		"a keyring that is text": {keyring(`"rawaes"`), "encryptor.keyring: a JSON string cannot be used here"},
		"unknown keyring": {keyring(`{"kind": "aes"}`),
			"encryptor.keyring.kind: unknown keyring (known: hierarchical, kms,"},
		"unknown provider": {provider(`{"kind": "rawaes"}`),
			"encryptor.provider.kind: unknown provider (known: directkms, mostrecent, static,"},
		"no key of a keyring": {keyring(`{"kind": "rawaes", "namespace": "a", "name": "b"}`),
			"encryptor.keyring.key: the key is missing"},
		"no place of a key": {replace(good, `"file": "base64.key", `, ``),
			`encryptor.keyring.key: specify the source of the key`},
		"two places of a key": {replace(good, `"file"`, `"env": "KEY", "file"`),
			`encryptor.keyring.key: specify the source of the key`},
		"no such file": {replace(good, `base64.key`, `other.key`),
			"encryptor.keyring.key: file: no such file"},
		"a folder":    {replace(good, `base64.key`, `.`), "encryptor.keyring.key: file: "},
		"no key file": {replace(good, `base64.key`, `large`), "encryptor.keyring.key: file: too large"},
		"an empty file": {replace(good, `base64.key`, `empty`),
			"encryptor.keyring.key: encoding: the key is not base64"},
		"no such variable": {replace(good, `"file": "base64.key"`, `"env": "DDBENC_TEST_UNSET"`),
			"encryptor.keyring.key: env: no environment variable"},
		"no encoding": {replace(good, `, "encoding": "base64"`, ``),
			"encryptor.keyring.key: encoding: specify"},
		"unknown encoding": {replace(good, `"encoding": "base64"`, `"encoding": "BASE64"`),
			"encryptor.keyring.key: encoding: specify"},
		"another encoding": {replace(good, `"encoding": "base64"`, `"encoding": "hex"`),
			"encryptor.keyring.key: encoding: the key is not hex"},
		"text for the key": {replace(good, `"encoding": "base64"`, `"encoding": "raw"`),
			"encryptor.keyring: raw: "},
		"a KMS namespace": {replace(good, `"acme"`, `"aws-kms"`), "encryptor.keyring: "},
		"unknown padding": {replace(keyring(rawRSA), `OAEP_SHA256_MGF1`, `OAEP`),
			"encryptor.keyring.padding: unknown padding (known: OAEP_SHA1_MGF1,"},
		"neither half": {keyring(`{"kind": "rawrsa", "namespace": "a", "name": "b", "padding": "PKCS1"}`),
			"encryptor.keyring: raw: "},
		"an EC key for RSA": {replace(keyring(rawRSA), `private.pem`, `ec.pem`),
			"encryptor.keyring.privateKey: not an RSA key"},
		"a public key for a private": {replace(keyring(rawRSA), `private.pem`, `public.pem`),
			"encryptor.keyring.privateKey: "},
		"an encoding of PEM": {replace(keyring(rawRSA), `{"file": "private.pem"}`,
			`{"file": "private.pem", "encoding": "raw"}`), "encryptor.keyring.privateKey: encoding: leave it out"},
		"a public key twice": {replace(keyring(rawRSA), `{"file": "public.pem"}`,
			`{"file": "public.pem", "inline": "x"}`), "encryptor.keyring.publicKey: specify one source of the key"},
		"a private key inline": {replace(keyring(rawRSA), `{"file": "private.pem"}`, `{"inline": "x"}`),
			"encryptor.keyring.privateKey.inline: unknown field"},
		"in a multi-keyring": {keyring(`{"kind": "multi", "children": [{"kind": "rawaes", "namespace": "a"}]}`),
			"encryptor.keyring.children[0].key: the key is missing"},
		"in the generator": {keyring(`{"kind": "multi", "generator": {"kind": "x"}}`),
			"encryptor.keyring.generator.kind: unknown"},
		"an empty multi-keyring":   {keyring(`{"kind": "multi"}`), "encryptor.keyring: multi: "},
		"a KMS key that is no ARN": {keyring(`{"kind": "kms", "keyARN": "alias/x"}`), "encryptor.keyring: "},
		"whose keys are accepted": {keyring(`{"kind": "kmsdiscovery", "anyAccount": true, "partition": "aws"}`),
			`encryptor.keyring: either "anyAccount" or`},
		"nobody's keys are accepted": {keyring(`{"kind": "kmsdiscovery", "partition": "aws"}`), "encryptor.keyring: "},
		"unknown padding in KMS": {keyring(`{"kind": "kmsrsa", "keyARN": "` + rsaARN + `", "padding": "PKCS1"}`),
			"encryptor.keyring.padding: unknown"},
		"no branch key": {keyring(`{"kind": "hierarchical"}`), "encryptor.keyring: specify the branch key"},
		"no attribute for branch keys": {keyring(`{"kind": "hierarchical", "branchKeys": {}}`),
			"encryptor.keyring.branchKeys.attribute: missing"},
		"no key store": {keyring(`{"kind": "hierarchical", "branchKey": "x"}`),
			"encryptor.keyring.keyStore: missing"},
		"a wrong time to live": {keyring(`{"kind": "hierarchical", "branchKey": "x", "ttl": "10"}`),
			"encryptor.keyring.ttl: not a duration"},
		"a negative time to live": {keyring(`{"kind": "hierarchical", "branchKey": "x", "ttl": "-1s", "keyStore": {"table": "t", "keyARN": "` + keyARN + `"}}`), "encryptor.keyring: hierarchical: "},
		"no signing":              {provider(`{"kind": "static"}`), "encryptor.provider.signing: missing"},
		"no signing key": {provider(`{"kind": "static", "signing": {"algorithm": "HmacSHA256"}}`),
			"encryptor.provider.signing: the key is missing"},
		"two kinds of signing": {provider(`{"kind": "static", "signing": {"algorithm": "HmacSHA256", "key": {}, "privateKey": {}}}`), "encryptor.provider.signing: either"},
		"unknown algorithm":    {replace(provider(aesWrap), `HmacSHA256`, `HmacMD5`), "encryptor.provider.signing: "},
		"no store": {provider(`{"kind": "mostrecent", "material": "a"}`),
			"encryptor.provider.store: missing"},
		"no provider of the store": {provider(`{"kind": "mostrecent", "material": "a", "store": {"table": "keys"}}`),
			"encryptor.provider.store.provider: missing"},
		"in readWith": {strings.TrimSuffix(good, "}") +
			`, "readWith": [{"format": "ddbec", "provider": {"kind": "x"}}]}`, "readWith[0].provider.kind: unknown"},
	} {
		table, err := w.table(t, c.text)
		if table != nil || !contains(err, c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if contains(err, "\n") {
			t.Errorf("%s: the error has several lines: %v", name, err)
		}
	}
}

func TestAFileThatCannotBeReadIsAnError(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing")} {
		if _, err := keyconfig.Read(path); err == nil {
			t.Errorf("%s was read", path)
		}
	}
	large := filepath.Join(dir, "large")
	check(t, os.WriteFile(large, make([]byte, 2<<20), 0o600))
	if _, err := keyconfig.Read(large); !contains(err, "more than") {
		t.Errorf("got %v", err)
	}
}

// Somebody who does not read the reference writes the key where the place of
// the key belongs. The error ends up in logs and tickets.
func TestNoErrorShowsWhatIsWrittenInThePlaceOfAKey(t *testing.T) {
	w := newWorld(t)
	const secret = "CANARYcanary0123456789CANARYcanary0123456789"
	w.file(t, "canary", []byte(secret+"!"))
	t.Setenv("DDBENC_TEST_CANARY", secret+"!")
	refused := 0
	for _, key := range []string{
		`"` + secret + `"`, `["` + secret + `"]`, `{"file": "` + secret + `"}`, `{"env": "` + secret + `"}`,
		`{"file": "` + secret + `", "encoding": "base64"}`,
		`{"env": "` + secret + `", "encoding": "base64"}`, `{"file": "raw.key", "encoding": "` + secret + `"}`,
		`{"file": {"` + "x" + `": "` + secret + `"}}`,
		`{"file": "canary", "encoding": "base64"}`, `{"file": "canary", "encoding": "hex"}`,
		`{"file": "canary", "encoding": "raw"}`, `{"file": "canary"}`,
		`{"env": "DDBENC_TEST_CANARY", "encoding": "base64"}`, `{"env": "DDBENC_TEST_CANARY", "encoding": "hex"}`,
		`{"env": "DDBENC_TEST_CANARY"}`, `{"inline": "` + secret + `"}`,
		`{"file": "` + strings.Repeat("0", 300) + secret + `", "encoding": "raw"}`, `{"file": "` + secret,
	} {
		for _, of := range []string{
			`{"kind": "rawaes", "namespace": "a", "name": "b", "key": ` + key + `}`,
			`{"kind": "rawrsa", "namespace": "a", "name": "b", "padding": "PKCS1", "privateKey": ` + key + `}`,
			`{"kind": "rawrsa", "namespace": "a", "name": "b", "padding": "PKCS1", "publicKey": ` + key + `}`,
		} {
			_, err := w.table(t, keyring(of))
			if err == nil {
				t.Errorf("%s was taken", of)
				continue
			}
			refused++
			for _, shown := range []string{secret, secret[:8], base64.StdEncoding.EncodeToString([]byte(secret))[:12]} {
				if contains(err, shown) {
					t.Errorf("%s: the error shows it: %v", of, err)
				}
			}
		}
	}
	if refused != 54 {
		t.Errorf("%d were refused", refused)
	}
}

func TestKeysComeFromTheEnvironmentToo(t *testing.T) {
	w := newWorld(t)
	data, err := os.ReadFile(filepath.Join(w.dir, "base64.key"))
	check(t, err)
	t.Setenv("DDBENC_TEST_KEY", string(data))
	private, err := os.ReadFile(filepath.Join(w.dir, "private.pem"))
	check(t, err)
	t.Setenv("DDBENC_TEST_PRIVATE", string(private))
	public, err := os.ReadFile(filepath.Join(w.dir, "public.pem"))
	check(t, err)
	fromFile, err := w.table(t, keyring(rawAES))
	check(t, err)
	fromEnv, err := w.table(t, keyring(strings.Replace(rawAES, `"file": "base64.key"`, `"env": "DDBENC_TEST_KEY"`, 1)))
	check(t, err)
	roundTrip(t, fromFile, fromEnv)
	pair, err := w.table(t, keyring(rawRSA))
	check(t, err)
	other, err := w.table(t, keyring(strings.NewReplacer(`"file": "private.pem"`, `"env": "DDBENC_TEST_PRIVATE"`,
		`"file": "public.pem"`, `"inline": "`+strings.ReplaceAll(string(public), "\n", `\n`)+`"`).Replace(rawRSA)))
	check(t, err)
	roundTrip(t, other, pair)
}

func TestATableReadsWithAllAndSealsWithTheFirst(t *testing.T) {
	w := newWorld(t)
	older := provider(aesWrap)
	both := strings.TrimSuffix(keyring(rawAES), "}") + `, "readWith": [{"format": "ddbec", "provider": ` + aesWrap + `}]}`
	before, err := w.table(t, older)
	check(t, err)
	now, err := w.table(t, both)
	check(t, err)
	roundTrip(t, before, now)
	roundTrip(t, now, now)
	sealed, err := now.Seal(t.Context(), account())
	check(t, err)
	if _, ok := sealed[dbesdk.HeadAttribute]; !ok {
		t.Error("sealed in the format to read")
	}
	for _, name := range []string{dbesdk.HeadAttribute, ddbec.SignatureAttribute} {
		item := account()
		item[name] = text("x")
		if _, err := now.Seal(t.Context(), item); !errors.Is(err, crypto.ErrInvalidItem) {
			t.Errorf("an item with %s is sealed: %v", name, err)
		}
	}
	if _, err := now.Open(t.Context(), account()); !errors.Is(err, crypto.ErrNotProtected) {
		t.Errorf("plaintext: %v", err)
	}
	sealed["plan"] = text("free")
	if _, err := now.Open(t.Context(), sealed); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("a changed item: %v", err)
	}
}

func TestOptionsOfAFormatReachIt(t *testing.T) {
	w := newWorld(t)
	table, err := w.table(t,
		config(`{"format": "ddbec", "descriptionAttribute": "d", "signatureAttribute": "s", "descriptionBase": "b-", "provider": `+aesWrap+`}`))
	check(t, err)
	sealed, err := table.Seal(t.Context(), account())
	check(t, err)
	in, err := ddbec.Inspect(sealed, ddbec.WithDescriptionAttribute("d"), ddbec.WithSignatureAttribute("s"),
		ddbec.WithDescriptionBase("b-"))
	if err != nil || in.SigningAlgorithm != "HmacSHA256" {
		t.Errorf("got %+v, %v", in, err)
	}
	table, err = w.table(t,
		strings.Replace(config(`{"format": "dbesdk", "suite": "hmac", "unsigned": ["old"], "unsignedPrefix": ":", "maxDataKeys": 1, "keyring": `+rawAES+`}`), `"attributes"`, `"undeclared": "sign", "attributes"`, 1))
	check(t, err)
	item := account()
	item["old"], item[":seen"], item["other"] = text("x"), text("y"), text("z")
	sealed, err = table.Seal(t.Context(), item)
	check(t, err)
	found, err := dbesdk.Inspect(sealed, dbesdk.WithUnsigned("visits", "old", ":seen"))
	if err != nil || found.Suite != dbesdk.SuiteHMAC || found.Actions["other"] != crypto.Sign || len(found.DataKeys) != 1 {
		t.Errorf("got %+v, %v", found, err)
	}
}
