package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/export"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/crypto"
)

// imageFlags select the images of an incremental export.
type imageFlags struct {
	OldImages bool `help:"With --from and an incremental export, also read the old images of items."`
}

// source opens the files of --from.
func (f *bulkFlags) source(s *console, p *tableProgress) (*export.Source, error) {
	source, err := export.Open(f.From, s.stdin)
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	p.total = source.Total
	return source, nil
}

// maxPart is the size after which the next file is begun, before compression.
const maxPart = 256 << 20

// itemFiles writes items for an import into DynamoDB: to standard output, or to
// files in a new folder, which appears when all of them are complete.
type itemFiles struct {
	folder string // "" for standard output
	hidden string // the folder until then
	parts  int

	out  *bufio.Writer
	zip  *gzip.Writer
	file *os.File
	size int
}

// newItemFiles returns the writer for a new folder or, for "-", standard output.
func (s *console) newItemFiles(folder string) (*itemFiles, error) {
	if folder == "-" {
		return &itemFiles{out: bufio.NewWriter(s.stdout)}, nil
	}
	folder = filepath.Clean(folder)
	if _, err := os.Lstat(folder); err == nil {
		return nil, fmt.Errorf("--out: %s exists already: name a new folder", folder)
	}
	hidden, err := os.MkdirTemp(filepath.Dir(folder), "."+filepath.Base(folder)+"-*") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", folder, cause(err))
	}
	return &itemFiles{folder: folder, hidden: hidden}, nil
}

// write writes one item.
func (f *itemFiles) write(item crypto.Item) error {
	line, err := itemjson.Append([]byte(`{"Item":`), item)
	if err != nil {
		return err
	}
	if f.out == nil {
		if err := f.begin(); err != nil {
			return f.fail(err)
		}
	}
	n, err := f.out.Write(append(line, '}', '\n'))
	if f.size += n; err == nil && f.size >= maxPart {
		err = f.end()
	}
	return f.fail(err)
}

// begin begins the next file.
func (f *itemFiles) begin() (err error) {
	f.parts++
	path := filepath.Join(f.hidden, fmt.Sprintf("part-%05d.json.gz", f.parts))
	if f.file, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	f.zip = gzip.NewWriter(f.file)
	f.out, f.size = bufio.NewWriter(f.zip), 0
	return nil
}

// end completes the current file. Standard output is only flushed.
func (f *itemFiles) end() error {
	if f.out == nil {
		return nil
	}
	err := f.out.Flush()
	if f.folder == "" {
		f.size = 0
		return err
	}
	f.out = nil
	return errors.Join(err, f.zip.Close(), f.file.Sync(), f.file.Close())
}

// commit makes the folder appear.
func (f *itemFiles) commit() error {
	err := f.end()
	if err == nil && f.folder != "" {
		err = os.Rename(f.hidden, f.folder) // refuses a folder that has files
	}
	if err != nil {
		f.abort()
	}
	return f.fail(err)
}

// abort removes what was written. It cannot undo writes to standard output.
func (f *itemFiles) abort() {
	_ = f.end() // there is an error already
	if f.folder != "" {
		_ = os.RemoveAll(f.hidden)
	}
}

func (f *itemFiles) fail(err error) error {
	switch {
	case err == nil:
		return nil
	case f.folder == "":
		return fmt.Errorf("%w standard output: %w", errOutput, cause(err))
	}
	return fmt.Errorf("%w %s: %w", errOutput, f.folder, cause(err))
}
