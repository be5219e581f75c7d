package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Every job is interrupted once and continues from its own item.
func TestJobs_ShareATableWithACheckpointForEachSegment(t *testing.T) {
	const items, jobs = 60, 3
	db, config := newTableDB(t), keys(t, 1, declared, rawAES)
	db.create(t, "checkpoints")
	for n := range items {
		db.put(t, account(n))
	}
	folder := t.TempDir()
	for i := range jobs {
		t.Setenv("JOB_COMPLETION_INDEX", strconv.Itoa(i))
		args := []string{"reseal", "-c", config, "-t", tableOf, "--endpoint", db.url, "--plaintext-reads", "--page-size", "4",
			"--segments", strconv.Itoa(jobs), "--segment-env", "JOB_COMPLETION_INDEX", "--progress", "json",
			"--checkpoint", "dynamodb://checkpoints/accounts-{segment}", "--failures", filepath.Join(folder, "{segment}.jsonl")}
		ctx, interrupt := context.WithCancel(t.Context())
		scans := db.Calls("Scan")
		db.onScan = func(n int) {
			if n == scans+3 {
				interrupt()
			}
		}
		var out, errs bytes.Buffer
		code := run(ctx, args, strings.NewReader(""), &out, &errs)
		if code != 2 || !strings.Contains(errs.String(), "the same command continues from dynamodb://checkpoints/accounts-"+strconv.Itoa(i)) {
			t.Fatalf("exit code %d, %s", code, errs.String())
		}
		id := idOf("accounts-" + strconv.Itoa(i))
		stored, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("checkpoints"), Key: id})
		if err != nil || stored.Item == nil {
			t.Fatalf("no checkpoint: %v", err)
		}
		db.onScan = nil
		r := ddbenc(t, "", args...)
		if r.code != 0 || r.out != "" {
			t.Fatalf("%+v", r)
		}
		var last progressLine
		check(t, json.Unmarshal([]byte(r.err), &last))
		if !last.Ended || last.Command != "reseal" || last.Items == 0 || last.SegmentsDone != 1 {
			t.Errorf("%+v", last)
		}
	}
	if got := db.Calls("DeleteItem"); got != jobs {
		t.Errorf("%d checkpoints were removed", got)
	}
	if r := db.ran(t, 0, "verify", "-c", config, "--progress", "none"); r.err != "" {
		t.Errorf("%s", r.err)
	}
}

func idOf(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
}

func TestCheckpoint_OfAnotherRunIsReported(t *testing.T) {
	db, config := newTableDB(t), keys(t, 1, declared, rawAES)
	db.create(t, "checkpoints")
	for n := range 20 {
		db.put(t, account(n))
	}
	args := []string{"reseal", "-c", config, "-t", tableOf, "--endpoint", db.url, "--plaintext-reads", "--page-size", "4", "--segments", "1",
		"--checkpoint", "dynamodb://checkpoints/id=accounts"}
	nested := false
	db.onScan = func(n int) {
		if n == 2 && !nested {
			nested = true
			if r := ddbenc(t, "", args...); r.code != 0 {
				t.Errorf("%+v", r)
			}
		}
	}
	refused(t, 2, "checkpoint in use by another run: give each run a checkpoint of its own; dynamodb://checkpoints/id=accounts is", "", args...)
}

func TestFailures_AreAppendedToAFileThatOnlyItsOwnerCanRead(t *testing.T) {
	db, config := newTableDB(t), keys(t, 1, declared, rawAES)
	db.put(t, account(1))
	path := filepath.Join(t.TempDir(), "failed.jsonl")
	for n := 1; n <= 2; n++ {
		if r := db.ran(t, 1, "verify", "-c", config, "--failures", path); r.out != "" {
			t.Errorf("%+v", r)
		}
		data, err := os.ReadFile(path)
		check(t, err)
		if got := strings.Count(string(data), `"key":{"id":{"S":"a-001"}},"reason":"not-protected"`); got != n || strings.Count(string(data), "\n") != n {
			t.Errorf("got %s", data)
		}
	}
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

// A table that was restored to a point in time has another name than the one that
// its items are bound to.
func TestRestoredTable_IsVerifiedAndResealedUnderItsLogicalName(t *testing.T) {
	db := newTableDB(t)
	noName := strings.Replace(declared, `"name": "accounts", `, "", 1)
	old, next := keys(t, 1, noName, rawAES), keys(t, 1, noName, strings.Replace(rawAES, `"format": "dbesdk"`, `"format": "dbesdk", "suite": "hmac"`, 1), `"readWith": [`+strings.TrimPrefix(rawAES, `"encryptor": `)+`]`)
	db.create(t, "restored")
	for n := range 10 {
		item := parse(t, fine(t, account(n), "seal", "-c", old, "--logical-name", "accounts"))
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("restored"), Item: item})
		check(t, err)
	}
	on := []string{"-t", "restored", "--endpoint", db.url}
	if r := ddbenc(t, "", append([]string{"verify", "-c", old}, on...)...); r.code != 1 || strings.Count(r.out, "does-not-verify") != 10 {
		t.Errorf("%+v", r)
	}
	on = append(on, "--logical-name", "accounts")
	for args, want := range map[string]string{
		"verify -c " + old:  "verify: 10 items, 0 failed\n",
		"reseal -c " + next: "reseal: 10 items, 10 resealed, 0 failed\n",
	} {
		if r := ddbenc(t, "", append(strings.Fields(args), on...)...); r.code != 0 || r.err != want {
			t.Errorf("%s: %+v", args, r)
		}
	}
	if r := ddbenc(t, "", append([]string{"verify", "-c", next}, on...)...); r.code != 0 {
		t.Errorf("%+v", r)
	}
}

func TestJobFlags_AreRefusedWhereTheyMakeNoSense(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	t.Setenv("INDEX", "two")
	for want, args := range map[string]string{
		"--segment-env: the environment variable INDEX is not the number":   "census -t x --segment-env INDEX",
		"--segment-env: the environment variable MISSING is not the number": "census -t x --segment-env MISSING",
		"either --segment or --segment-env":                                 "census -t x --segment-env INDEX --segment 1",
		"--checkpoint has {segment}, which requires":                        "census -t x --checkpoint x-{segment}",
		"--failures has {segment}, which requires":                          "verify -t x --failures x-{segment} -c " + config,
		"has no client for S3":                                              "census -t x --checkpoint s3://bucket/key",
		`unknown scheme "gs"`:                                               "census -t x --checkpoint gs://bucket/key",
		"not dynamodb://TABLE/ID":                                           "census -t x --checkpoint dynamodb://table",
		"the checkpoint cannot be in the table that is worked on":           "census -t x --checkpoint dynamodb://x/y",
		"either --table or --from":                                          "census -t x --from y",
		"are for a table, and not for --from":                               "census --from y --segment 1",
		"--from: stat missing: no such file":                                "census --from missing",
		"--out requires --from":                                             "reseal -t x --out y -c " + config,
		"--from requires either --out or --dry-run":                         "reseal --from x -c " + config,
		"--out and --checkpoint cannot be combined":                         "reseal --from x --out y --checkpoint z -c " + config,
		"--out - requires --failures":                                       "reseal --from x --out - -c " + config,
		"--write-rate is for a table":                                       "reseal --from x --out y --write-rate 3 -c " + config,
	} {
		refused(t, 2, want, "", strings.Fields(args)...)
	}
	if _, err := os.Stat("x-{segment}"); !os.IsNotExist(err) {
		t.Error("a file was made")
	}
}

// The flags of the manifests to copy are those of the program.
func TestJobs_OfTheDocumentationAreUsage(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "whole-tables.md"))
	check(t, err)
	_, section, _ := strings.Cut(string(data), "## Job arrays")
	_, kubernetes, _ := strings.Cut(section, "command: [\"/ddbenc\", \"reseal\"]\n          args:\n")
	kubernetes, _, _ = strings.Cut(kubernetes, "          env:")
	inKubernetes := []string{"reseal"}
	for line := range strings.Lines(kubernetes) {
		flag, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "- "), " #")
		inKubernetes = append(inKubernetes, flag)
	}
	_, batch, _ := strings.Cut(section, "```json\n")
	batch, _, _ = strings.Cut(batch, "```")
	var definition struct{ ContainerProperties struct{ Command []string } }
	check(t, json.Unmarshal([]byte(batch), &definition))
	for _, args := range [][]string{inKubernetes, definition.ContainerProperties.Command} {
		parser, err := (&console{stdout: io.Discard, stderr: io.Discard}).parser()
		check(t, err)
		if _, err := parser.Parse(args); err != nil || len(args) < 8 {
			t.Errorf("%q: %v", args, err)
		}
	}
}
