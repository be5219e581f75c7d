// Package export reads the items of files: exports of DynamoDB to Amazon S3 in
// DynamoDB JSON, full or incremental, and other files with items. Where an export
// has its manifest, the files are compared with it.
package export

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/crypto"
)

// Source is a set of files with items.
type Source struct {
	files []file
	// Total is how many items there are, or 0 if there is no manifest.
	Total int64
	// OldImages makes an incremental export yield old images, too.
	OldImages bool
	// Whole makes records of incremental exports an error.
	Whole bool

	stdin io.Reader
}

// file is a file of items.
type file struct {
	path  string // or "-"
	items int64  // that the manifest says it has; -1 if there is no manifest
	md5   string // in base64, of the file as it is; "" if there is no manifest
}

// ErrManifest is returned if an export is not as its manifest says.
var ErrManifest = errors.New("export is not as its manifest says")

// Open returns the items of a file, of a folder or, for "-", of stdin.
func Open(path string, stdin io.Reader) (*Source, error) {
	if path == "-" {
		return &Source{files: []file{{path, -1, ""}}, stdin: stdin}, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return &Source{files: []file{{path, -1, ""}}}, nil
	}
	s := new(Source)
	if err := s.readManifest(path); err != nil {
		return nil, err
	}
	if s.files == nil {
		if err := s.list(path); err != nil {
			return nil, err
		}
	}
	if len(s.files) == 0 {
		return nil, fmt.Errorf("%s has neither a manifest-files.json nor files named *.json, *.jsonl, *.json.gz or "+
			"*.jsonl.gz", path)
	}
	return s, nil
}

// Items yields the items. An error that wraps [crypto.ErrInvalidItem] or
// [crypto.ErrTampered] is about one item. After any other the sequence ends.
func (s *Source) Items() iter.Seq2[crypto.Item, error] {
	return func(yield func(crypto.Item, error) bool) {
		for _, f := range s.files {
			if !s.readFile(f, yield) {
				return
			}
		}
	}
}

// readFile yields the items of one file. It reports whether to continue.
func (s *Source) readFile(f file, yield func(crypto.Item, error) bool) bool {
	in, name := s.stdin, ""
	if f.path != "-" {
		opened, err := os.Open(f.path)
		if err != nil {
			yield(nil, err)
			return false
		}
		defer opened.Close()
		in, name = opened, filepath.Base(f.path)+": "
	}
	sum := md5.New()
	if f.md5 != "" {
		in = io.TeeReader(in, sum)
	}
	records, goOn, err := s.read(in, name, yield)
	if !goOn {
		return false
	}
	if err == nil && f.md5 != "" {
		if _, err = io.Copy(io.Discard, in); err == nil && base64.StdEncoding.EncodeToString(sum.Sum(nil)) != f.md5 {
			err = fmt.Errorf("%s%w: another MD5 checksum; download the file again", name, ErrManifest)
		}
	}
	if err == nil && f.items >= 0 && records != f.items {
		err = fmt.Errorf("%s%w: %d items instead of %d", name, ErrManifest, records, f.items)
	}
	if err != nil {
		yield(nil, err)
	}
	return err == nil
}

// read yields the items of a reader, and returns how many records it has.
func (s *Source) read(in io.Reader, name string, yield func(crypto.Item, error) bool) (records int64, goOn bool,
	err error) {
	reader := itemjson.NewReader(in)
	reader.ReadChanges()
	for ; ; records++ {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return records, true, nil
		}
		where := name + record.Where + ": "
		if bad, ok := errors.AsType[*itemjson.Error](err); ok {
			if !yield(nil, fmt.Errorf("%s%s: %w: %w", name, bad.Where, crypto.ErrInvalidItem, bad.Err)) {
				return records, false, nil
			}
			continue
		}
		switch {
		case err != nil:
			return records, true, fmt.Errorf("cannot read %sitem %d: %w", name, records+1, err)
		case record.Change != nil && s.Whole:
			return records, true, errors.New(where + "a record of an incremental export, which cannot be written " +
				"for an import: use a full export")
		}
		if !s.yield(record, where, yield) {
			return records, false, nil
		}
	}
}

// yield yields the items of one record.
func (s *Source) yield(r itemjson.Record, where string, yield func(crypto.Item, error) bool) bool {
	if r.Change == nil {
		return yield(r.Item, nil)
	}
	images := []crypto.Item{r.Change.NewImage}
	if s.OldImages {
		images = append(images, r.Change.OldImage)
	}
	for _, image := range images {
		if image == nil {
			continue // the item was deleted, or is new
		}
		var err error
		if !isKeyOf(r.Change.Keys, image) {
			err = fmt.Errorf("%s%w: the record has another key than its item", where, crypto.ErrTampered)
		}
		if !yield(image, err) {
			return false
		}
	}
	return true
}

// isKeyOf reports whether an item has a key. Both are as DynamoDB stores them.
func isKeyOf(key, item crypto.Item) bool {
	for name, want := range key {
		a, err1 := itemjson.AppendValue(nil, item[name])
		b, err2 := itemjson.AppendValue(nil, want)
		if err1 != nil || err2 != nil || string(a) != string(b) {
			return false
		}
	}
	return len(key) > 0
}
