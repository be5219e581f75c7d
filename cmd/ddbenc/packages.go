package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
)

// packageFlags select the packages to read.
type packageFlags struct {
	Packages []string `arg:"" optional:"" name:"package" help:"Package patterns of the go command. The default is all packages of the module."`
	Dir      string   `short:"C" placeholder:"DIR" help:"Work in this directory instead of the current one."`
	Tags     string   `placeholder:"TAGS" help:"Build tags, separated by commas."`
	Tests    bool     `help:"Also read the test files of the packages."`
}

// lockFlags are packageFlags and the lock file.
type lockFlags struct {
	packageFlags
	File string `placeholder:"FILE" help:"The lock file. The default is ddbenc.lock next to go.mod."`
}

// load returns the structs of the packages. With no patterns, it loads every
// package in the module.
func (f packageFlags) load(ctx context.Context) ([]source.Struct, error) {
	dir, patterns := f.Dir, f.Packages
	if len(patterns) == 0 {
		module, err := upwards(f.Dir, "go.mod")
		if err != nil {
			return nil, err
		}
		dir, patterns = module, []string{"./..."}
	}
	config := source.Config{Dir: dir, Tests: f.Tests}
	if f.Tags != "" {
		config.BuildFlags = []string{"-tags=" + f.Tags}
	}
	structs, err := source.Load(ctx, config, patterns...)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return structs, err
}

// root returns the directory that paths in reports are relative to: that of the
// repository, which annotations need, or that of the module.
func (f packageFlags) root() string {
	for _, name := range []string{".git", "go.mod"} {
		if dir, err := upwards(f.Dir, name); err == nil {
			return dir
		}
	}
	return ""
}

// lockFile returns the path of the lock file.
func (f lockFlags) lockFile() (string, error) {
	if f.File != "" {
		return f.File, nil
	}
	module, err := upwards(f.Dir, "go.mod")
	if err != nil {
		return "", err
	}
	return filepath.Join(module, lock.Filename), nil
}

// upwards returns the nearest directory that contains the name, starting from
// dir and going upwards.
func upwards(dir, name string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for dir = start; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return dir, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("cannot read %s: %w", filepath.Join(dir, name), cause(err))
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no %s in %s or above", name, start)
		}
	}
}

// wrongTags returns an error with a line for each struct whose tags are
// invalid, or nil if there are none.
func wrongTags(structs []source.Struct) error {
	var wrong []error
	for _, s := range structs {
		if s.Err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", s.Err.Pos, s.Err))
		}
	}
	if wrong == nil {
		return nil
	}
	return &exitError{exitBad, errors.Join(wrong...)}
}
