package export

import (
	"os"
	"path/filepath"
	"testing"
)

// A manifest cannot name a file that is elsewhere than the data of the export.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"itemCount":1,"md5Checksum":"x","etag":"x-1","dataFileS3Key":"AWSDynamoDB/1-a/data/a.json.gz"}`))
	f.Add([]byte(`{"itemCount":1,"md5Checksum":"x","dataFileS3Key":"../../secret"}`))
	f.Add([]byte(`{"itemCount":1,"md5Checksum":"x","dataFileS3Key":"/"}`))
	root := f.TempDir()
	folder := filepath.Join(root, "exports", "1-a")
	allowed := map[string]bool{}
	for path, ok := range map[string]bool{"exports/1-a/data/a.json.gz": true, "exports/1-a/b.json.gz": true, "exports/data/c.json.gz": true,
		"secret": false, "exports/secret": false, "exports/1-a/data/deep/secret": false} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			f.Fatal(err)
		}
		allowed[path] = ok
	}
	f.Fuzz(func(t *testing.T, manifest []byte) {
		if err := os.WriteFile(filepath.Join(folder, filesManifest), manifest, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(folder, nil)
		if err != nil {
			return
		}
		if len(s.files) == 0 {
			t.Fatal("no files and no error")
		}
		for _, file := range s.files {
			if !allowed[file.path] && filepath.Base(file.path) != filesManifest && filepath.Base(file.path) != summaryManifest {
				t.Errorf("%s is read", file.path)
			}
		}
	})
}
