package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestWhatSealWritesOpenReads(t *testing.T) {
	for name, encryptor := range map[string]string{"dbesdk": rawAES, "ddbec": wrapped} {
		t.Run(name, func(t *testing.T) {
			config := keys(t, 1, declared, encryptor)
			sealed := fine(t, plain, "seal", "--config", config)
			if strings.Contains(sealed, secret) || !strings.Contains(sealed, "gold") || strings.Count(sealed, "\n") != 1 {
				t.Errorf("sealed, it is %s", sealed)
			}
			if got := fine(t, sealed, "open", "--config", config); got != plain+"\n" {
				t.Errorf("opened, it is %s", got)
			}
		})
	}
}

// Every official client that has keys of its own in the recorded files.
func TestItemsOfTheOfficialClientsOpen(t *testing.T) {
	want := map[string]string{
		"all types, encrypted": `{"binaries":{"BS":["Ag==","AQI=","AQ=="]},"binary":{"B":"AAH+/w=="},"false":{"BOOL":false},"id":{"S":"id"},"list":{"L":[{"S":"a"},{"N":"1"},{"L":[{"B":"Bw=="}]}]},"map":{"M":{"inner":{"M":{"x":{"S":"y"}}},"k":{"N":"1"}}},"null":{"NULL":true},"number":{"N":"42.5"},"numbers":{"NS":["10","2","-1.5"]},"string":{"S":"text"},"strings":{"SS":["b","a","ab"]},"true":{"BOOL":true}}`,
		"key only":             `{"id":{"S":"id"}}`,
	}
	public := func(spec map[string]any) map[string]any {
		return map[string]any{"inline": spec["publicKey"], "encoding": "base64"}
	}
	for _, file := range []string{
		"java-static.json", "python-static.json", "java-wrapped-aes.json", "python-wrapped-aes.json",
		"java-wrapped-rsa.json", "python-wrapped-rsa.json",
		"sdk/java3-raw-aes-1.json.gz", "sdk/rust-raw-aes-3.json.gz", "sdk/java3-raw-rsa-2.json.gz",
		"sdk/rust-raw-rsa-4.json.gz",
	} {
		t.Run(file, func(t *testing.T) {
			r := readRecorded(t, file)
			var encryptor map[string]any
			variable := func(name string, value any) map[string]any {
				t.Setenv(name, value.(string))
				return map[string]any{"env": name, "encoding": "base64"}
			}
			if spec := r.Keyring; spec != nil {
				keyring := map[string]any{"namespace": spec["namespace"], "name": spec["name"]}
				if spec["kind"] == "raw-aes" {
					keyring["kind"], keyring["key"] = "rawaes", variable("DDBENC_TEST_KEY", spec["key"])
				} else {
					keyring["kind"], keyring["padding"] = "rawrsa", spec["padding"]
					keyring["publicKey"], keyring["privateKey"] = public(spec), variable("DDBENC_TEST_KEY", spec["privateKey"])
				}
				encryptor = map[string]any{"format": "dbesdk", "keyring": keyring}
			} else {
				spec := r.Provider
				provider := map[string]any{"kind": spec["kind"]}
				switch spec["kind"] {
				case "wrapped-rsa":
					private := variable("DDBENC_TEST_KEY", spec["privateKey"])
					provider["publicKey"], provider["privateKey"] = public(spec), private
					provider["signing"] = map[string]any{"algorithm": "SHA256withRSA", "privateKey": private,
						"publicKey": public(spec)}
				default:
					key := map[string]string{"static": "encryptionKey", "wrapped-aes": "wrappingKey"}[spec["kind"].(string)]
					provider[key] = variable("DDBENC_TEST_KEY", spec["encryptionKey"])
					provider["signing"] = map[string]any{"algorithm": "HmacSHA256",
						"key": variable("DDBENC_TEST_SIGNING", spec["signingKey"])}
				}
				encryptor = map[string]any{"format": "ddbec", "provider": provider}
			}
			config, err := json.Marshal(map[string]any{
				"table":     map[string]any{"name": "interop", "partitionKey": "id", "undeclared": "encrypt"},
				"encryptor": encryptor,
			})
			check(t, err)
			path := write(t, t.TempDir(), "keys.json", string(config))
			for name, want := range want {
				got := fine(t, r.item(t, name), "open", "--config", path)
				if sorted(t, got) != sorted(t, want) {
					t.Errorf("%s: got %s", name, got)
				}
			}
		})
	}
}

// sorted returns an item in which sets are in order.
func sorted(t *testing.T, line string) string {
	t.Helper()
	item := parse(t, line)
	for _, v := range item {
		sortSet(v)
	}
	return oneLineOf(t, item)
}

func TestItemsKeepTheirShapeAndOrder(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	second := strings.ReplaceAll(plain, "a-1", "b-2")
	sealed := fine(t, plain+"\n\n"+`{"Item": `+second+`}`, "seal", "--config", config)
	want := plain + "\n" + `{"Item":` + second + "}\n"
	if got := fine(t, sealed, "open", "--config", config); got != want {
		t.Errorf("got %s", got)
	}
	lines := strings.Split(sealed, "\n")
	page := `{"Items": [` + lines[0] + `], "Count": 1}`
	dir := t.TempDir()
	a, b := write(t, dir, "a.json", page), write(t, dir, "b.json", lines[1])
	if got := fine(t, lines[0], "open", "--config", config, a, b, "-"); got != want+plain+"\n" {
		t.Errorf("got %s", got)
	}
}

func TestATableIsForLookingAt(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	odd := `{"id":{"S":"a\u001b[2J"},"email":{"L":[{"S":"x\u202ey"}]}}`
	sealed := fine(t, plain+"\n"+odd, "seal", "--config", config)
	golden(t, "open-table.txt", fine(t, sealed, "open", "--config", config, "--format", "table"))
}

func TestOpen_ShowsKeysAsTheyAreStored(t *testing.T) {
	config := keys(t, 1, strings.Replace(declared, `"plan": "sign"`, `"plan": "sign,context"`, 1), rawAES)
	sealed := fine(t, plain, "seal", "--config", config)
	got := fine(t, sealed, "open", "--config", config, "--format", "table")
	inspected := fine(t, sealed, "inspect", "--unsigned", "visits")
	for _, name := range []string{"id", "plan"} {
		for _, table := range []string{got, inspected} {
			if !regexp.MustCompile(`(?m)^  ` + name + ` +sign,context `).MatchString(table) {
				t.Errorf("%s is not sign,context in\n%s", name, table)
			}
		}
	}
}

func TestWhatDoesNotVerifyIsNotWritten(t *testing.T) {
	for name, encryptor := range map[string]string{"dbesdk": rawAES, "ddbec": wrapped} {
		t.Run(name, func(t *testing.T) {
			config := keys(t, 1, declared, encryptor)
			sealed := fine(t, plain, "seal", "--config", config)
			changed := strings.Replace(sealed, "gold", "free", 1)
			refused(t, 1, `line 1: open: table "accounts" (key id): item does not verify`, changed, "open", "--config",
				config)
			refused(t, 1, "item is not protected", plain, "open", "--config", config)
			refused(t, 1, "does not verify", sealed, "open", "--config", config, "--logical-name", "accounts-2")
			refused(t, 2, "not JSON (it ends too early)", sealed[:len(sealed)/2], "open", "--config", config)
			refused(t, 2, "no items", " \n", "open", "--config", config)
			out := filepath.Join(t.TempDir(), "out.json")
			refused(t, 1, "line 2: ", sealed+changed, "open", "--config", config, "--out", out)
			nothingIn(t, filepath.Dir(out))

			wrong := ddbenc(t, sealed, "open", "--config", keys(t, 2, declared, encryptor))
			if wrong.code == 0 || wrong.out != "" || strings.Count(wrong.err, "\n") != 1 {
				t.Errorf("with another key: %+v", wrong)
			}
		})
	}
}

func nothingIn(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	if len(entries) > 0 {
		t.Errorf("there is %v", entries)
	}
}

func TestSealRefusesWhatIsSealed(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := fine(t, plain, "seal", "--config", config)
	refused(t, 2, "reserved by the item format; the item may be sealed already", sealed, "seal", "--config", config)
	refused(t, 2, "line 1: ", `{"email":{"S":"ada@example.com"}}`, "seal", "--config", config)
}

func TestItemsThatFailAreLeftOutIfOneIsToGoOn(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	good := strings.TrimSuffix(fine(t, plain, "seal", "--config", config), "\n")
	changed := strings.Replace(good, "gold", "free", 1)
	dir := t.TempDir()
	in := write(t, dir, "in.jsonl", strings.Join([]string{good, changed, `{"id":7}`, good}, "\n"))
	// By default, the items before the one that fails are there.
	r := ddbenc(t, "", "open", "--config", config, in)
	if r.code != 1 || r.out != plain+"\n" || !strings.HasSuffix(r.err,
		"in.jsonl: line 2: open: table \"accounts\" (key id): item does not verify\n") {
		t.Errorf("got %+v", r)
	}
	for _, to := range []string{"", filepath.Join(dir, "out.jsonl")} {
		r := ddbenc(t, "", "open", "--config", config, "--keep-going", in, "--out", to)
		if to != "" {
			data, err := os.ReadFile(to)
			check(t, err)
			r.out = string(data)
		}
		lines := strings.Split(r.err, "\n")
		if r.code != 2 || r.out != plain+"\n"+plain+"\n" || len(lines) != 4 || !strings.Contains(lines[0], "line 2: ") ||
			!strings.Contains(lines[1], "line 3: ") || lines[2] != "ddbenc: 2 of 4 items failed" {
			t.Errorf("got %+v", r)
		}
	}
	out := filepath.Join(t.TempDir(), "none.jsonl")
	if r := ddbenc(t, changed, "open", "--config", config, "--keep-going", "--out", out); r.code != 1 {
		t.Errorf("got %+v", r)
	}
	nothingIn(t, filepath.Dir(out))
}

func TestAFileIsWrittenWholeAndOnlyForItsOwner(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := fine(t, plain, "seal", "--config", config)
	dir := t.TempDir()
	out := filepath.Join(dir, "out.json")
	if got := fine(t, sealed, "open", "--config", config, "--out", out); got != "" {
		t.Errorf("standard output has %s", got)
	}
	is := func(want string) {
		t.Helper()
		data, err := os.ReadFile(out)
		check(t, err)
		info, err := os.Stat(out)
		check(t, err)
		entries, err := os.ReadDir(dir)
		check(t, err)
		if string(data) != want || info.Mode().Perm() != 0o600 || len(entries) != 1 {
			t.Errorf("it is %s, mode %v, with %v", data, info.Mode(), entries)
		}
	}
	is(plain + "\n")
	refused(t, 2, "already exists (--force replaces it)", sealed, "open", "--config", config, "--out", out)
	check(t, os.Chmod(out, 0o644))
	check(t, os.WriteFile(out, []byte("before"), 0o644))
	refused(t, 1, "does not verify", strings.Replace(sealed, "gold", "free", 1), "open", "--config", config, "--out", out,
		"--force")
	check(t, os.Chmod(out, 0o600))
	is("before")
	fine(t, sealed, "open", "--config", config, "--out", out, "--force")
	is(plain + "\n")

	refused(t, 2, "not a regular file", sealed, "open", "--config", config, "--out", dir, "--force")
	refused(t, 2, "no such file or directory", sealed, "open", "--config", config, "--out",
		filepath.Join(dir, "no", "out.json"))
	refused(t, 2, "--force requires --out", sealed, "open", "--config", config, "--force")
	is(plain + "\n")
}

// A file of that name that appears while items are opened stays as it is.
func TestAFileThatAppearsMeanwhileIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	s := &console{}
	out, err := s.newOutput(filepath.Join(dir, "out.json"), false, 0o600)
	check(t, err)
	_, err = out.WriteString("ours")
	check(t, err)
	theirs := write(t, dir, "out.json", "theirs")
	if err := out.commit(); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("got %v", err)
	}
	data, err := os.ReadFile(theirs)
	check(t, err)
	entries, err := os.ReadDir(dir)
	check(t, err)
	if string(data) != "theirs" || len(entries) != 1 {
		t.Errorf("it is %s, with %v", data, entries)
	}
}

const accountsPolicy = `{"structs": [
	{"package": "example.com/shop/store", "name": "Account", "type": "store.Account", "tables": ["accounts"], "partitionKey": "id",
	 "attributes": [{"name": "id", "action": "sign"}, {"name": "email", "action": "encrypt"}, {"name": "plan", "action": "sign"}, {"name": "visits", "action": "none"}]},
	{"package": "example.com/shop/store", "name": "Order", "type": "store.Order", "tables": ["orders"], "partitionKey": "id",
	 "attributes": [{"name": "id", "action": "sign"}]}]}`

func TestAPolicyTakesThePlaceOfTheTable(t *testing.T) {
	policy := write(t, t.TempDir(), "policy.json", accountsPolicy)
	sealed := fine(t, plain, "seal", "--config", keys(t, 1, declared, rawAES))
	config := keys(t, 1, rawAES)
	for _, flags := range [][]string{
		{"--struct", "store.Account"},
		{"--struct", "example.com/shop/store.Account", "--logical-name", "accounts"},
		{"--logical-name", "accounts"},
	} {
		if got := fine(t, sealed, append([]string{"open", "--config", config, "--policy", policy},
			flags...)...); got != plain+"\n" {
			t.Errorf("%q: got %s", flags, got)
		}
	}
	if got := fine(t, sealed, "open", "--config", keys(t, 1, `"table": {"name": "accounts"}`, rawAES), "--policy",
		policy); got != plain+"\n" {
		t.Errorf("got %s", got)
	}
	refused(t, 2, "choose (store.Account, store.Order)", sealed, "open", "--config", config, "--policy", policy)
	refused(t, 2, "omit them if there is a policy", sealed, "open", "--config", keys(t, 1, declared, rawAES), "--policy",
		policy, "--struct", "store.Account")
	refused(t, 2, "--struct requires --policy", sealed, "open", "--config", config, "--struct", "store.Account")
	refused(t, 2, "table: missing", sealed, "open", "--config", config)
	refused(t, 2, "no such file", sealed, "open", "--config", config, "--policy", policy+".old")
}
