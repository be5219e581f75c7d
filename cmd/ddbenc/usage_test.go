package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
)

func TestBadUsageIsOneLine(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"unknown command":          {[]string{"decrypt"}, `unexpected argument decrypt (see "ddbenc --help")`},
		"unknown flag":             {[]string{"open", "--keyz", "x"}, `unknown flag --keyz, did you mean`},
		"a flag without its value": {[]string{"open", "--config"}, `(see "ddbenc open --help")`},
		"no configuration":         {[]string{"open"}, `missing flags: --config=FILE`},
		"no such configuration": {[]string{"open", "--config", "missing.json"},
			`cannot read missing.json: no such file`},
		"unknown format": {[]string{"open", "--config", config, "--format", "xml"}, `--format must be one of`},
		"no such file": {[]string{"open", "--config", config, "missing.json"},
			`cannot read missing.json: no such file`},
		"an item as an argument": {[]string{"seal", "--config", config, plain},
			`an argument is JSON instead of a file name`},
		"items as an argument": {[]string{"inspect", "[" + plain + "]"}, `an argument is JSON instead of a file name`},
		"an item in the wrong place": {[]string{"completion", "bash", plain},
			`bad arguments (see "ddbenc completion --help")`},
		"files and a table": {[]string{"inspect", "--table", "t", "--key", "{}", "x"},
			`files and --table cannot be combined`},
		"a table without a key": {[]string{"open", "--config", config, "--table", "t"}, `--table requires --key`},
		"a key without a table": {[]string{"inspect", "--key", plain}, `--key and --endpoint require --table`},
		"a wrong key": {[]string{"inspect", "--table", "t", "--key", `{"email":"ada@example.com"}`},
			`--key: attribute "email": not an attribute value`},
		"a key without a value": {[]string{"inspect", "-t", "t", "-k", secret},
			`--key: neither NAME=TEXT nor DynamoDB JSON`},
		"a key without a name": {[]string{"inspect", "-t", "t", "-k", "=" + secret},
			`--key: neither NAME=TEXT nor DynamoDB JSON`},
		"a key of both": {[]string{"inspect", "-t", "t", "-k", "id=" + secret, "-k", plain},
			`--key: neither NAME=TEXT nor DynamoDB JSON`},
		"a key twice": {[]string{"inspect", "-t", "t", "-k", "id=" + secret, "-k", "id=x"},
			`--key: duplicate attribute "id"`},
		"a plain endpoint": {[]string{"inspect", "-t", "t", "-k", "id=a", "--endpoint", "http://db.example.com"},
			`in the clear`},
		"no shell": {[]string{"completion", "tcsh"}, `must be one of`},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, 2, c.want, "", c.args...)
			if r := ddbenc(t, "", c.args...); strings.Contains(r.err, secret) {
				t.Errorf("the error shows a value: %s", r.err)
			}
		})
	}
}

func TestNoErrorShowsAValueOrAKey(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := strings.TrimSuffix(fine(t, plain, "seal", "--config", config), "\n")
	for _, c := range []struct{ command, in string }{
		{"seal", strings.Replace(plain, `"N":"3"`, `"N":"ada@example.com"`, 1)},
		{"seal", strings.Replace(plain, `{"N":"3"}`, `"ada@example.com"`, 1)},
		{"seal", strings.Replace(plain, `"N":"3"`, `"B":"ada@example.com"`, 1)}, {"seal", plain + secret},
		{"seal", plain[:30]},
		{"seal", strings.Replace(plain, `"id"`, `"di"`, 1)},
		{"seal", strings.Replace(plain, `"id":{"S":"a-1"}`, `"id":{"SS":["ada@example.com"]}`, 1)},
		{"open", plain}, {"open", strings.Replace(sealed, "a-1", secret, 1)}, {"open", sealed + secret},
		{"open", strings.Replace(sealed, `"N":"3"`, `"S":"ada@example.com"`, 1) + "x"},
	} {
		r := ddbenc(t, c.in, c.command, "--config", config)
		if r.code == 0 || r.out != "" || strings.Contains(r.err, "ada@") || strings.Contains(r.err, "AQEBAQ") {
			t.Errorf("%s %s: %+v", c.command, c.in, r)
		}
	}
}

// A changed attribute that chooses the key, such as a tenant's name, is a changed
// item, and not a failure of the command.
func TestExitCode_IsThatOfARefusedItem(t *testing.T) {
	const byTenant = `"table": {"name": "accounts", "partitionKey": "id", "attributes": {"tenant": "sign,context"}}`
	sealed := fine(t, `{"id":{"S":"a-1"},"tenant":{"S":"acme"}}`, "seal", "-c", keys(t, 1, byTenant, rawAES))
	for name, value := range map[string]string{"AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": "none",
		"AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_PROFILE": ""} {
		t.Setenv(name, value)
	}
	tenants := keys(t, 1, byTenant, `"encryptor": {"format": "dbesdk", "keyring": {"kind": "multi", "children": [
		{"kind": "rawaes", "namespace": "acme", "name": "another", "key": {"file": "aes.key", "encoding": "base64"}},
		{"kind": "hierarchical", "branchKeys": {"attribute": "tenant", "ids": {"other": "b-1"}},
		 "keyStore": {"table": "t", "keyARN": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}]}}`)
	another := keys(t, 1, byTenant, strings.Replace(rawAES, "2026-11", "2025-01", 1))
	for name, config := range map[string]string{"a tenant without a key": tenants, "another key": another} {
		t.Run(name, func(t *testing.T) {
			refused(t, 1, "no key of the configuration opens this item, or the item was changed", sealed, "open", "-c", config)
		})
	}
	for name, args := range map[string][]string{"no key file": {"open", "-c",
		keys(t, 1, byTenant, strings.Replace(rawAES, "aes.key", "none.key", 1))}} {
		t.Run(name, func(t *testing.T) { refused(t, 2, "encryptor.keyring.key: file: no such file", sealed, args...) })
	}
}

func TestOpen_TakesArraysAndGzip(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := strings.TrimSpace(fine(t, plain, "seal", "-c", config))
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte("[\n" + sealed + ",\n" + sealed + "\n]\n"))
	check(t, errors.Join(err, z.Close()))
	if got := fine(t, b.String(), "open", "-c", config); got != plain+"\n"+plain+"\n" {
		t.Errorf("got %s", got)
	}
}
