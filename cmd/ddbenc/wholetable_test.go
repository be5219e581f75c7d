package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// account is an item in plaintext, in one line.
func account(n int) string {
	return fmt.Sprintf(`{"email":{"S":"ada%d@example.com"},"id":{"S":"a-%03d"},"plan":{"S":"gold"},"visits":{"N":"%d"}}`, n, n, n)
}

// ran is ddbenc for a command on the table. It checks the exit code and that
// nothing shows a secret.
func (db *tableDB) ran(t *testing.T, code int, args ...string) result {
	t.Helper()
	r := ddbenc(t, "", append(args, "-t", tableOf, "--endpoint", db.url)...)
	if r.code != code || strings.Contains(r.out+r.err, "@example.com") {
		t.Fatalf("%q: exit code %d, want %d\n%s%s", args, r.code, code, r.out, r.err)
	}
	return r
}

func TestReseal_TakesATableFromPlaintextToSealedToAnotherFormatAndBack(t *testing.T) {
	const items = 25
	db := newTableDB(t)
	for n := range items {
		db.put(t, account(n))
	}
	want := db.stored(t)
	sealed := keys(t, 1, declared, rawAES)
	opened := func(config string) map[string]string {
		var lines []string
		for _, line := range db.stored(t) {
			lines = append(lines, line)
		}
		all := make(map[string]string)
		for line := range strings.Lines(fine(t, strings.Join(lines, "\n"), "open", "-c", config)) {
			id := parse(t, line)
			all[strings.TrimSuffix(strings.Split(oneLineOf(t, id), `"id":{"S":"`)[1][:5], `"`)] = strings.TrimSpace(line)
		}
		return all
	}

	if r := db.ran(t, 1, "verify", "-c", sealed); strings.Count(r.out, `"not-protected"`) != items || !strings.Contains(r.err, "25 of 25 items failed") {
		t.Errorf("%+v", r)
	}
	db.ran(t, 1, "reseal", "-c", sealed) // plaintext may not be read
	if !maps.Equal(db.stored(t), want) {
		t.Error("something was written")
	}
	if r := db.ran(t, 1, "reseal", "-c", sealed, "--plaintext-reads", "--dry-run"); !strings.Contains(r.err, "25 of 25 items are not as declared") || r.out != "" {
		t.Errorf("%+v", r)
	}
	if !maps.Equal(db.stored(t), want) {
		t.Error("a dry run writes")
	}
	checkpoint := filepath.Join(t.TempDir(), "checkpoint")
	if r := db.ran(t, 0, "reseal", "-c", sealed, "--plaintext-reads", "--checkpoint", checkpoint, "--page-size", "4"); r.err != "reseal: 25 items, 25 resealed, 0 failed\n" || r.out != "" {
		t.Errorf("%+v", r)
	}
	if !maps.Equal(opened(sealed), want) {
		t.Error("the items are other ones")
	}
	if r := db.ran(t, 0, "reseal", "-c", sealed, "--checkpoint", checkpoint); r.err != "reseal: 25 items, 0 resealed, 0 failed\n" {
		t.Errorf("%+v", r)
	}
	if r := db.ran(t, 0, "verify", "-c", sealed); r.err != "verify: 25 items, 0 failed\n" || r.out != "" {
		t.Errorf("%+v", r)
	}
	r := db.ran(t, 0, "census")
	if !strings.Contains(r.out, "25     dbesdk  ") || !strings.Contains(r.out, "acme 2026-11") {
		t.Errorf("%s", r.out)
	}

	// To ddbec, which the key configuration then writes.
	other := keys(t, 1, declared, wrapped, `"readWith": [`+strings.TrimPrefix(rawAES, `"encryptor": `)+`]`)
	db.ran(t, 0, "reseal", "-c", other, "--write-rate", "10000", "--read-rate", "10000")
	if !maps.Equal(opened(keys(t, 1, declared, wrapped)), want) {
		t.Error("the items are other ones in ddbec")
	}
	var census bulk.CensusReport
	check(t, json.Unmarshal([]byte(db.ran(t, 0, "census", "-f", "json").out), &census))
	if len(census.Groups) != 1 || census.Groups[0].Format != bulk.DDBEC || census.Groups[0].Items != items {
		t.Errorf("%+v", census)
	}

	db.ran(t, 0, "reseal", "-c", other, "--to-plaintext", "--segments", "1")
	if !maps.Equal(db.stored(t), want) {
		t.Error("the items are other ones in plaintext")
	}
}

func TestVerify_WritesALineForEachItemThatFails(t *testing.T) {
	db, config := newTableDB(t), keys(t, 1, declared, rawAES)
	for n := range 4 {
		db.put(t, fine(t, account(n), "seal", "-c", config))
	}
	db.put(t, strings.Replace(fine(t, account(1), "seal", "-c", config), `"gold"`, `"lead"`, 1))
	db.put(t, account(2))
	db.put(t, fine(t, account(3), "seal", "-c", keys(t, 2, declared, strings.Replace(rawAES, "2026-11", "other", 1))))
	r := db.ran(t, 1, "verify", "-c", config)
	lines := slices.Sorted(strings.Lines(r.out))
	want := []string{
		`{"table":"accounts-2026","key":{"id":{"S":"a-001"}},"reason":"does-not-verify","error":"`,
		`{"table":"accounts-2026","key":{"id":{"S":"a-002"}},"reason":"not-protected","error":"`,
		`{"table":"accounts-2026","key":{"id":{"S":"a-003"}},"reason":"no-usable-key","error":"`,
	}
	if len(lines) != len(want) {
		t.Fatalf("%s", r.out)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) || !json.Valid([]byte(lines[i])) {
			t.Errorf("got %s, want %s…", lines[i], want[i])
		}
	}
	if !strings.HasSuffix(r.err, "ddbenc: 3 of 4 items failed\n") {
		t.Errorf("%s", r.err)
	}
	// Those that are fine are left alone, and those that fail, too.
	before := db.stored(t)
	if got := db.ran(t, 1, "reseal", "-c", config).out; !slices.EqualFunc(slices.Sorted(strings.Lines(got)), want, strings.HasPrefix) {
		t.Errorf("%s", got)
	}
	if !maps.Equal(db.stored(t), before) {
		t.Error("something was written")
	}
}

func TestReseal_ContinuesAfterAnInterrupt(t *testing.T) {
	const items = 30
	db, config := newTableDB(t), keys(t, 1, declared, rawAES)
	for n := range items {
		db.put(t, account(n))
	}
	puts := db.Calls("PutItem")
	checkpoint := filepath.Join(t.TempDir(), "checkpoint")
	args := []string{"reseal", "-c", config, "-t", tableOf, "--endpoint", db.url, "--plaintext-reads", "--page-size", "5", "--segments", "1",
		"--checkpoint", checkpoint}
	ctx, interrupt := context.WithCancel(t.Context())
	db.onScan = func(n int) {
		if n == 3 {
			interrupt()
		}
	}
	var out, errs bytes.Buffer
	code := run(ctx, args, strings.NewReader(""), &out, &errs)
	if code != 2 || !strings.HasPrefix(errs.String(), "ddbenc: interrupted after 15 items, 15 resealed, 0 failed: ") ||
		!strings.Contains(errs.String(), "the same command continues from "+checkpoint) || strings.Count(errs.String(), "\n") != 1 {
		t.Fatalf("exit code %d, %s", code, errs.String())
	}
	db.onScan = nil
	if r := ddbenc(t, "", args...); r.code != 0 || r.err != "reseal: 30 items, 30 resealed, 0 failed\n" {
		t.Errorf("%+v", r)
	}
	if got := db.Calls("PutItem") - puts; got != items {
		t.Errorf("%d writes", got)
	}

	check(t, os.WriteFile(checkpoint, []byte("{}"), 0o600))
	r := ddbenc(t, "", args...)
	if r.code != 2 || !strings.Contains(r.err, "remove "+checkpoint+" to start over") {
		t.Errorf("%+v", r)
	}
}

func TestWholeTables_AreRefusedWhereTheFlagsMakeNoSense(t *testing.T) {
	db, config := newTableDB(t), keys(t, 1, declared, rawAES)
	withOption := func(kind string) string {
		return write(t, t.TempDir(), "policy.json", strings.Replace(accountsPolicy, `"tables":`,
			`"options": [{"table": "accounts", "kind": "`+kind+`"}], "tables":`, 1))
	}
	on := []string{"-t", tableOf, "--endpoint", db.url}
	for want, args := range map[string][]string{
		"either --table or --from":            {"reseal", "-c", config},
		"either --plaintext-reads":            append([]string{"reseal", "-c", config, "--plaintext-reads", "--to-plaintext"}, on...),
		"segment 4 of 4":                      append([]string{"census", "--segment", "4"}, on...),
		"segment -2":                          append([]string{"census", "--segment=-2"}, on...),
		"0 segments":                          append([]string{"verify", "-c", config, "--segments", "0"}, on...),
		"must be more than 0":                 append([]string{"reseal", "-c", config, "--write-rate=-1"}, on...),
		"mapper.WithSelection":                append([]string{"verify", "-c", keys(t, 1, rawAES), "--policy", withOption("selection"), "-s", "store.Account"}, on...),
		"does not know all options":           append([]string{"reseal", "-c", keys(t, 1, rawAES), "--policy", withOption("unknown"), "-s", "store.Account"}, on...),
		`census table "nothing": read a page`: {"census", "-t", "nothing", "--endpoint", db.url},
	} {
		refused(t, 2, want, "", args...)
	}
}

func TestTableProgress_IsALineOnATerminalAndNowAndThenElsewhere(t *testing.T) {
	now := bulk.Progress{Report: bulk.Report{Items: 500, Resealed: 400, Failed: 1, Gone: 2}, Elapsed: 31 * time.Second,
		ItemsPerSecond: 50, SegmentsDone: 1, Segments: 4}
	const text = "500 items, 400 resealed, 2 deleted meanwhile, 1 failed, 50/s, about 10s left (1 of 4 segments done)"
	var screen terminal
	p := (&console{stderr: &screen}).newTableProgress("reseal", progressAuto)
	p.total = 1000
	p.line.last = p.line.last.Add(-time.Second)
	p.show(now)
	p.line.end()
	if got := screen.String(); got != "\r"+text+"\r\x1b[K" {
		t.Errorf("got %q", got)
	}
	var file bytes.Buffer
	p = (&console{stderr: &file}).newTableProgress("reseal", progressAuto)
	p.total = 1000
	for range 3 {
		p.show(now)
	}
	if got := file.String(); got != "reseal: "+text+"\n" {
		t.Errorf("got %q", got)
	}
}

func TestTableProgress_CanBeJSONOrNothing(t *testing.T) {
	now := bulk.Progress{Report: bulk.Report{Items: 500, Failed: 1, Pages: 5}, Elapsed: 31 * time.Second,
		ItemsPerSecond: 50, SegmentsDone: 1, Segments: 4}
	for mode, want := range map[progressMode]string{
		progressJSON: `{"command":"verify","items":500,"failed":1,"pages":5,"itemsPerSecond":50,"elapsedSeconds":31,"secondsLeft":10,"segmentsDone":1,"segments":4}` + "\n" +
			`{"command":"verify","items":500,"failed":1,"pages":5,"itemsPerSecond":50,"elapsedSeconds":31,"segmentsDone":1,"segments":4,"ended":true}` + "\n",
		progressNone: "",
	} {
		var screen terminal
		p := (&console{stderr: &screen}).newTableProgress("verify", mode)
		p.total = 1000
		for range 3 {
			p.show(now)
		}
		if err := p.end(t.Context(), bulkFlags{}, now.Report, nil); exitCode(err) != 1 {
			t.Errorf("%v", err)
		}
		if got := screen.String(); got != want {
			t.Errorf("got %s", got)
		}
	}
}
