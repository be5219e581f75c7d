package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func zipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	check(t, err)
	check(t, z.Close())
	return b.Bytes()
}

// exported writes the files of an export, and returns its folder. data is where
// its data files are, from there.
func exported(t testing.TB, data string, files ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "AWSDynamoDB", "01693685827463-2d8752fd")
	var manifest strings.Builder
	total := 0
	for i, text := range files {
		content, n := zipped(t, text), strings.Count(text, "\n")
		total += n
		name := fmt.Sprintf("file%d.json.gz", i)
		write(t, filepath.Join(folder, data), name, string(content))
		sum := md5.Sum(content)
		fmt.Fprintf(&manifest, `{"itemCount":%d,"md5Checksum":"%s","etag":"x-1","dataFileS3Key":"prefix/AWSDynamoDB/01693685827463-2d8752fd/data/%s"}`+"\n",
			n, base64.StdEncoding.EncodeToString(sum[:]), name)
	}
	write(t, folder, "manifest-files.json", manifest.String())
	write(t, folder, "manifest-summary.json", fmt.Sprintf(`{"version":"2020-06-30","itemCount":%d,"outputFormat":"DYNAMODB_JSON"}`, total))
	return folder
}

// lines returns items 0 to n-1, sealed, as lines of an export.
func lines(t testing.TB, config string, from, to int) string {
	t.Helper()
	var all strings.Builder
	for n := from; n < to; n++ {
		all.WriteString(`{"Item":` + account(n) + "}\n")
	}
	return fine(t, all.String(), "seal", "-c", config)
}

func TestExport_IsVerifiedCountedAndResealedForAnImport(t *testing.T) {
	database(t, nil) // no request is made
	config := keys(t, 1, declared, rawAES)
	next := keys(t, 1, declared, strings.Replace(rawAES, `"format": "dbesdk"`, `"format": "dbesdk", "suite": "hmac"`, 1), `"readWith": [`+strings.TrimPrefix(rawAES, `"encryptor": `)+`]`)
	plaintext := `{"Item":` + account(99) + "}\n"
	folder := exported(t, "data", lines(t, config, 0, 10), "", lines(t, config, 10, 25)+plaintext)

	r := ddbenc(t, "", "verify", "-c", config, "--from", folder)
	if r.code != 1 || strings.Count(r.out, "\n") != 1 || !strings.Contains(r.out, `"table":"accounts","key":{"id":{"S":"a-099"}},"reason":"not-protected"`) ||
		r.err != "verify: 26 items, 1 failed\nddbenc: 1 of 26 items failed\n" {
		t.Errorf("%+v", r)
	}
	if r := ddbenc(t, "", "census", "--from", folder); r.code != 0 || !strings.Contains(r.out, "25     dbesdk") || !strings.Contains(r.out, "1      plaintext") {
		t.Errorf("%+v", r)
	}
	if r := ddbenc(t, "", "reseal", "-c", next, "--from", folder, "--dry-run"); r.code != 1 || !strings.Contains(r.err, "25 resealed, 1 failed") {
		t.Errorf("%+v", r)
	}

	// To a folder, without the plaintext item and with it.
	out := filepath.Join(t.TempDir(), "import")
	if r := ddbenc(t, "", "reseal", "-c", next, "--from", folder, "--out", out); r.code != 1 || !strings.Contains(r.err, "26 items, 25 resealed, 1 failed") {
		t.Fatalf("%+v", r)
	}
	part, err := os.ReadFile(filepath.Join(out, "part-00001.json.gz"))
	check(t, err)
	z, err := gzip.NewReader(bytes.NewReader(part))
	check(t, err)
	all, err := io.ReadAll(z)
	check(t, err)
	if !strings.HasSuffix(string(all), plaintext) || strings.Count(string(all), `{"Item":{`) != 26 {
		t.Errorf("got %s", all)
	}
	if r := ddbenc(t, "", "reseal", "-c", next, "--from", out, "--plaintext-reads", "--dry-run"); !strings.Contains(r.err, "26 items, 1 resealed, 0 failed") {
		t.Errorf("%+v", r)
	}
	refused(t, 2, "import exists already", "", "reseal", "-c", next, "--from", folder, "--out", out)

	// Through a pipe.
	failures := filepath.Join(t.TempDir(), "failures")
	r = ddbenc(t, lines(t, config, 0, 3)+plaintext, "reseal", "-c", next, "--from", "-", "--out", "-", "--failures", failures, "--plaintext-reads")
	if r.code != 0 || strings.Contains(r.out, "@example.com") {
		t.Fatalf("%+v", r)
	}
	want := ""
	for _, n := range []int{0, 1, 2, 99} {
		want += `{"Item":` + account(n) + "}\n"
	}
	if got := fine(t, r.out, "open", "-c", next); got != want {
		t.Errorf("got %s", got)
	}
}

func TestExport_IncrementalHasNewAndOldImages(t *testing.T) {
	database(t, nil)
	config := keys(t, 1, declared, rawAES)
	sealed := func(n int) string { return strings.TrimSpace(fine(t, account(n), "seal", "-c", config)) }
	record := func(n int, rest string) string {
		return fmt.Sprintf(`{"Metadata":{"WriteTimestampMicros":{"N":"1695142800000000"}},"Keys":{"id":{"S":"a-%03d"}}%s}`+"\n", n, rest)
	}
	folder := exported(t, "../data",
		record(0, `,"NewImage":`+sealed(0))+ // new
			record(1, `,"OldImage":`+sealed(1)+`,"NewImage":`+sealed(1))+ // changed
			record(2, `,"OldImage":`+account(2))+ // deleted, and not sealed
			record(3, ""), // deleted, without old images
		record(4, `,"NewImage":`+sealed(5))) // another key
	r := ddbenc(t, "", "verify", "-c", config, "--from", folder)
	if r.code != 1 || strings.Count(r.out, "\n") != 1 || !strings.Contains(r.out, `"key":{"id":{"S":"a-005"}},"reason":"does-not-verify","error":"file1.json.gz: line 1: `) ||
		!strings.Contains(r.err, "verify: 3 items, 1 failed") {
		t.Errorf("%+v", r)
	}
	r = ddbenc(t, "", "verify", "-c", config, "--from", folder, "--old-images")
	if r.code != 1 || strings.Count(r.out, "\n") != 2 || !strings.Contains(r.out, `"key":{"id":{"S":"a-002"}},"reason":"not-protected"`) ||
		!strings.Contains(r.err, "verify: 5 items, 2 failed") {
		t.Errorf("%+v", r)
	}
	if r := ddbenc(t, "", "census", "--from", folder, "--old-images"); !strings.Contains(r.out, "1      plaintext") {
		t.Errorf("%+v", r)
	}
	out := filepath.Join(t.TempDir(), "import")
	refused(t, 2, "a record of an incremental export", "", "reseal", "-c", config, "--from", folder, "--out", out)
	nothingIn(t, filepath.Dir(out))
}

func TestExport_ThatIsNotAsItsManifestSaysIsRefused(t *testing.T) {
	database(t, nil)
	config := keys(t, 1, declared, rawAES)
	const file = "data/file0.json.gz"
	good, other := lines(t, config, 0, 4), lines(t, config, 0, 4)
	change := func(path, old, new string) func(string) {
		return func(folder string) {
			data, err := os.ReadFile(filepath.Join(folder, path))
			check(t, err)
			if !strings.Contains(string(data), old) {
				t.Fatalf("%s has no %s", path, old)
			}
			write(t, folder, path, strings.Replace(string(data), old, new, 1))
		}
	}
	for want, damage := range map[string]func(folder string){
		"file0.json.gz: export is not as its manifest says: another MD5": func(folder string) { write(t, folder, file, string(zipped(t, other))) },
		"data file file0.json.gz is neither in":                          func(folder string) { check(t, os.Remove(filepath.Join(folder, file))) },
		"unexpected EOF":                                                 func(folder string) { write(t, folder, file, string(zipped(t, good)[:100])) },
		"4 items instead of 5": func(folder string) {
			change("manifest-files.json", `"itemCount":4`, `"itemCount":5`)(folder)
			check(t, os.Remove(filepath.Join(folder, "manifest-summary.json")))
		},
		"the data files have 5 items, and the summary says 4": change("manifest-files.json", `"itemCount":4`, `"itemCount":5`),
		"export as DYNAMODB_JSON":                             change("manifest-summary.json", "DYNAMODB_JSON", "ION"),
		"line 1 lacks the name, the item count":               change("manifest-files.json", "file0.json.gz", ".."),
		"line 1 lacks the name, the item count or":            change("manifest-files.json", `"itemCount":4`, `"itemCount":-1`),
		"line 1 is not the JSON of a data file":               change("manifest-files.json", `"itemCount":4`, `"itemCount":"x"`),
		"file0.json.gz is listed twice": func(folder string) {
			data, err := os.ReadFile(filepath.Join(folder, "manifest-files.json"))
			check(t, err)
			write(t, folder, "manifest-files.json", string(data)+string(data))
		},
		"lists no data files": func(folder string) { write(t, folder, "manifest-files.json", "") },
		"has neither a manifest-files.json nor files": func(folder string) {
			check(t, os.RemoveAll(folder))
			check(t, os.Mkdir(folder, 0o700))
		},
	} {
		folder := exported(t, "data", good)
		damage(folder)
		refused(t, 2, want, "", "verify", "-c", config, "--from", folder)
		out := filepath.Join(t.TempDir(), "import")
		refused(t, 2, want, "", "reseal", "-c", config, "--from", folder, "--out", out)
		nothingIn(t, filepath.Dir(out))
	}
}

func TestFrom_LinesThatCannotBeReadAreReported(t *testing.T) {
	database(t, nil)
	config := keys(t, 1, declared, rawAES)
	all := slices.Collect(strings.Lines(lines(t, config, 0, 3)))
	all[1] = `{"Item":{"id":{"S":"ada@example.com"},"visits":{"X":"ada@example.com"}}}` + "\n"
	path := write(t, t.TempDir(), "items.jsonl", strings.Join(all, ""))
	r := ddbenc(t, "", "verify", "-c", config, "--from", path)
	if r.code != 1 || !strings.HasPrefix(r.out, `{"table":"accounts","key":{},"reason":"invalid","error":"items.jsonl: line 2: `) || strings.Contains(r.out+r.err, secret) {
		t.Errorf("%+v", r)
	}
	r = ddbenc(t, "", "census", "--from", path)
	if r.code != 1 || !strings.Contains(r.out, "2      dbesdk") || !strings.HasPrefix(r.err, "ddbenc: items.jsonl: line 2: ") || strings.Contains(r.out+r.err, secret) {
		t.Errorf("%+v", r)
	}
	refused(t, 2, "items.jsonl: line 2: ", "", "reseal", "-c", config, "--from", path, "--out", filepath.Join(t.TempDir(), "import"))
}

// interrupting interrupts the command after some bytes.
type interrupting struct {
	io.Reader
	left      int
	interrupt func()
}

func (i *interrupting) Read(b []byte) (int, error) {
	n, err := i.Reader.Read(b[:min(len(b), 1000)])
	if i.left -= n; i.left < 0 {
		i.interrupt()
	}
	return n, err
}

func TestFrom_ContinuesAfterAnInterrupt(t *testing.T) {
	database(t, nil)
	config := keys(t, 1, declared, rawAES)
	in := lines(t, config, 0, 40)
	checkpoint := filepath.Join(t.TempDir(), "checkpoint")
	args := []string{"verify", "-c", config, "--from", "-", "--checkpoint", checkpoint, "--page-size", "5"}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out, errs bytes.Buffer
	code := run(ctx, args, &interrupting{strings.NewReader(in), len(in) / 2, interrupt}, &out, &errs)
	if code != 2 || !strings.HasPrefix(errs.String(), "ddbenc: interrupted after ") || !strings.Contains(errs.String(), checkpoint) {
		t.Fatalf("exit code %d, %s", code, errs.String())
	}
	damaged := strings.Replace(in, `"gold"`, `"lead"`, 1) // what was verified is not verified again
	if r := ddbenc(t, damaged, args...); r.code != 0 || r.err != "verify: 40 items, 0 failed\n" {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(checkpoint); !os.IsNotExist(err) {
		t.Errorf("the checkpoint is there after the end: %v", err)
	}
}
