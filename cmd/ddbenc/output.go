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

// output is where a command writes: nothing of a file is there before commit.
type output struct {
	*bufio.Writer
	file  *os.File // nil: standard output
	path  string
	force bool
	there bool // the file is a device or pipe, which is written as it is
}

// newOutput returns standard output or, if there is a path, a file that is
// only its owner's to read. A file that exists is refused, unless forced.
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

// isStream reports whether a path is that of something that takes bytes as they
// come: /dev/null, /dev/stdout, a terminal, a named pipe.
func isStream(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&(os.ModeCharDevice|os.ModeNamedPipe|os.ModeSocket) != 0
}

// isRegular reports whether a path is that of a regular file.
func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// mayWrite refuses what is there: files, and with force what is not a file.
func mayWrite(path string, force bool) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is there, and is no regular file", path)
	case !force:
		return fmt.Errorf("%s is there already (--force replaces it)", path)
	}
	return nil
}

// commit makes what was written the file.
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
		_ = os.Remove(o.file.Name()) // best effort: the error is the one to tell
		return fmt.Errorf("cannot write %s: %w", o.path, cause(err))
	}
	return nil
}

// publish gives the file its name. Without force, a link is what fails if
// somebody made a file of that name meanwhile; where there are no links, the
// name is looked at once more.
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

// abort leaves no file. What went to standard output stays there.
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

// cause returns an error without the path, which is in the message already.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}

// openInput opens a file to read. An argument that looks like an item, and not
// like a file's name, is in no error.
func openInput(path string) (io.ReadCloser, error) {
	if looksLikeItem(path) {
		return nil, errors.New("an argument is JSON, not the name of a file: give items in a file or on standard input")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	return f, nil
}
