package keyconfig_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
)

// What the file says reaches the services: endpoints, and the Region of a key.
func TestServicesAreThoseThatTheFileNames(t *testing.T) {
	for _, name := range []string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	t.Setenv("AWS_CONFIG_FILE", "none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, region, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=local/")
		asked = append(asked, r.Header.Get("X-Amz-Target")+" "+strings.Split(region, "/")[1])
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type": "AccessDeniedException", "message": "not authorized"}`)
	}))
	t.Cleanup(server.Close)
	w := newWorld(t)
	aws := `, "aws": {"region": "eu-central-1", "kmsEndpoint": "` + server.URL + `", "dynamodbEndpoint": "` + server.URL +
		`"}}`
	for name, c := range map[string]struct{ keys, want string }{
		"a KMS key": {keyring(kmsKey), "TrentService.GenerateDataKey eu-west-1"},
		"a KMS key's ID": {provider(`{"kind": "directkms", "keyID": "1234abcd-12ab-34cd-56ef-1234567890ab"}`),
			"TrentService.GenerateDataKey eu-central-1"},
		"a branch key": {keyring(`{"kind": "hierarchical", "branchKey": "b", "keyStore": {"table": "t", "keyARN": "` +
			keyARN + `"}}`), "DynamoDB_20120810.GetItem eu-central-1"},
		"a meta store key": {provider(`{"kind": "mostrecent", "material": "m", "store": {"table": "t", "provider": ` +
			aesWrap + `}}`), "DynamoDB_20120810.Query eu-central-1"},
	} {
		asked = nil
		file, err := w.read(t, strings.TrimSuffix(c.keys, "}")+aws)
		check(t, err)
		table, err := file.Table(t.Context(), keyconfig.AWS(file))
		check(t, err)
		if _, err := table.Seal(t.Context(), account()); !contains(err, "not authorized") {
			t.Errorf("%s: got %v", name, err)
		}
		if len(asked) != 1 || asked[0] != c.want {
			t.Errorf("%s: asked %q, want %q", name, asked, c.want)
		}
		check(t, table.Close())
	}
}

func TestServices_RefuseAnEndpointWithoutTLS(t *testing.T) {
	for _, name := range []string{"AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_DYNAMODB"} {
		t.Setenv(name, "")
	}
	for name, value := range map[string]string{"AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": "none",
		"AWS_SHARED_CREDENTIALS_FILE": "none"} {
		t.Setenv(name, value)
	}
	kms := keyring(kmsKey)
	store := provider(`{"kind": "mostrecent", "material": "m", "store": {"table": "t", "provider": ` + aesWrap + `}}`)
	for endpoint, want := range map[string]string{
		"https://kms.example.com": "", "HTTPS://10.0.0.1:8443": "", "http://localhost:8000": "",
		"http://LOCALHOST.:8000": "", "http://kms.localhost": "",
		"http://127.0.0.1": "", "http://127.255.0.9:80": "", "http://[::1]:8000": "", "http://[::ffff:127.0.0.1]": "",
		"http://kms.example.com": "in the clear", "HTTP://10.0.0.1": "in the clear",
		"http://localhost.example.com": "in the clear",
		"http://127.0.0.1.example.com": "in the clear", "http://2130706433": "in the clear",
		"http://0.0.0.0": "in the clear", "http://[::]:1": "in the clear",
		"http://localhost@example.com": "in the clear", "ftp://localhost": "use https", "localhost:8000": "not a URL",
		"//localhost": "use https", "http://": "not a URL",
	} {
		for service, c := range map[string]struct{ keys, field, variable string }{
			"KMS":      {kms, "kmsEndpoint", "AWS_ENDPOINT_URL_KMS"},
			"DynamoDB": {store, "dynamodbEndpoint", "AWS_ENDPOINT_URL_DYNAMODB"},
		} {
			open := func(keys string) error {
				file, err := newWorld(t).read(t, keys)
				check(t, err)
				table, err := file.Table(t.Context(), keyconfig.AWS(file))
				if err == nil {
					check(t, table.Close())
				}
				return err
			}
			err := open(strings.TrimSuffix(c.keys, "}") + `, "aws": {"` + c.field + `": "` + endpoint + `"}}`)
			t.Setenv(c.variable, endpoint)
			fromEnvironment := open(c.keys)
			t.Setenv(c.variable, "")
			for _, err := range []error{err, fromEnvironment} {
				if want == "" && err != nil || want != "" && !(contains(err, want) && contains(err, "endpoint of "+service)) {
					t.Errorf("%s: endpoint %s: got %v, want %q", service, endpoint, err, want)
				}
			}
		}
	}
}

func TestAProfileThatIsMissingIsAnError(t *testing.T) {
	w := newWorld(t)
	t.Setenv("AWS_CONFIG_FILE", "none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
	for _, keys := range []string{
		keyring(kmsKey), keyring(strings.Replace(kmsKey, `"kms"`, `"kmsmrk"`, 1)),
		keyring(`{"kind": "kmsdiscovery", "anyAccount": true}`),
		keyring(`{"kind": "kmsrsa", "keyARN": "` + rsaARN + `", "padding": "OAEP_SHA1_MGF1"}`),
		provider(`{"kind": "directkms", "keyID": "` + keyARN + `"}`),
		keyring(`{"kind": "hierarchical", "branchKey": "b", "keyStore": {"table": "t", "keyARN": "` + keyARN + `"}}`),
		provider(`{"kind": "mostrecent", "material": "m", "store": {"table": "t", "provider": ` + aesWrap + `}}`),
	} {
		file, err := w.read(t, strings.TrimSuffix(keys, "}")+`, "aws": {"profile": "ddbenc-test-missing"}}`)
		check(t, err)
		if _, err := file.Table(t.Context(), keyconfig.AWS(file)); !contains(err, "ddbenc-test-missing") {
			t.Errorf("got %v", err)
		}
	}
}
