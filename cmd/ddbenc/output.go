package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// output is the output of a command. A file does not exist before commit.
type output struct {
	*bufio.Writer
	file  *os.File // nil: standard output
	path  string
	force bool
	there bool // the file is a device or pipe, which is written directly
}

// newOutput returns standard output or, if there is a path, a new file that
// only its owner can read. An existing file is an error unless force is true.
func (s *console) newOutput(path string, force bool, mode os.FileMode) (*output, error) {
	if path == "" || path == "-" {
		return &output{Writer: bufio.NewWriter(s.stdout)}, nil
	}
	if isStream(path) {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("cannot write %s: %w", path, cause(err))
		}
		return &output{Writer: bufio.NewWriter(f), file: f, path: path, there: true}, nil
	}
	if err := mayWrite(path, force); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	o := &output{Writer: bufio.NewWriter(f), file: f, path: path, force: force}
	if err := f.Chmod(mode); err != nil {
		o.abort()
		return nil, fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	return o, nil
}

// isStream reports whether a path is a device or pipe: /dev/null, /dev/stdout,
// a terminal, a named pipe.
func isStream(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(os.ModeCharDevice|os.ModeNamedPipe|os.ModeSocket) != 0
}

// isRegular reports whether a path is that of a regular file.
func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// mayWrite returns an error if the path exists, or with force if it is not a
// file.
func mayWrite(path string, force bool) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s exists and is not a regular file", path)
	case !force:
		return fmt.Errorf("%s already exists (--force replaces it)", path)
	}
	return nil
}

// commit completes the file.
func (o *output) commit() error {
	if err := o.Flush(); err != nil {
		o.abort()
		return fmt.Errorf("cannot write %s: %w", o.name(), cause(err))
	}
	switch {
	case o.file == nil:
		return nil
	case o.there:
		if err := o.file.Close(); err != nil {
			return fmt.Errorf("cannot write %s: %w", o.path, cause(err))
		}
		return nil
	}
	err := errors.Join(o.file.Sync(), o.file.Close())
	if err == nil {
		err = o.publish()
	}
	if err != nil {
		_ = os.Remove(o.file.Name()) // best effort: err is more important
		return fmt.Errorf("cannot write %s: %w", o.path, cause(err))
	}
	return nil
}

// publish gives the file its name. Without force, it creates a link, which
// fails if the name was created in the meantime. If links are not supported, it
// checks the name again.
func (o *output) publish() error {
	if !o.force {
		err := os.Link(o.file.Name(), o.path)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return errors.Join(err, os.Remove(o.file.Name()))
		}
	}
	if err := mayWrite(o.path, o.force); err != nil {
		return err
	}
	return os.Rename(o.file.Name(), o.path)
}

// abort removes the file. It cannot undo writes to standard output.
func (o *output) abort() {
	if o.file == nil {
		_ = o.Flush() // there is an error already
		return
	}
	if o.there {
		_ = o.Flush()
	}
	_ = o.file.Close()
	if !o.there {
		_ = os.Remove(o.file.Name())
	}
}

func (o *output) name() string {
	if o.file == nil {
		return "standard output"
	}
	return o.path
}

// cause returns an error without the path, because the message already contains
// it.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}

// openInput opens a file for reading. An argument that looks like an item
// instead of a file name does not appear in errors.
func openInput(path string) (io.ReadCloser, error) {
	if looksLikeItem(path) {
		return nil, errors.New("an argument is JSON instead of a file name: pass items in a file or on standard input")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	return f, nil
}
