package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
)

type policyCommand struct {
	packageFlags
	Format report.Format `short:"f" enum:"table,markdown,json,html" default:"table" help:"The output format: table, markdown, json or html."`
}

// Run writes the report. It includes structs with invalid tags.
func (c *policyCommand) Run(ctx context.Context, s *console) error {
	structs, err := c.load(ctx)
	if err != nil {
		return err
	}
	if err := report.Policies(s.stdout, c.Format, structs, report.Root(c.root())); err != nil {
		return fmt.Errorf("cannot write standard output: %w", cause(err))
	}
	return wrongTags(structs)
}

type lockCommand struct {
	lockFlags
}

// Run writes the lock file unless it is up to date.
func (c *lockCommand) Run(ctx context.Context, s *console) error {
	structs, err := c.load(ctx)
	if err != nil {
		return err
	}
	if err := wrongTags(structs); err != nil {
		return err
	}
	path, err := c.lockFile()
	if err != nil {
		return err
	}
	if len(structs) == 0 {
		return errors.New("nothing to lock: these packages have no structs with ddbenc tags and declare no tables")
	}
	file, err := lock.Make(structs)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		return err
	}
	if isRegular(path) && fileHas(path, b.Bytes()) {
		fmt.Fprintf(s.stderr, "%s is up to date (%s)\n", report.Visible(path), counted(len(structs)))
		return nil
	}
	out, err := s.newOutput(path, true, 0o644)
	if err != nil {
		return err
	}
	_, _ = out.Write(b.Bytes()) // commit reports it
	if err := out.commit(); err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, "%s is written (%s)\n", report.Visible(path), counted(len(structs)))
	return nil
}

// fileHas reports whether a file has this content.
func fileHas(path string, content []byte) bool {
	before, err := os.ReadFile(path)
	return err == nil && bytes.Equal(before, content)
}

func counted(n int) string {
	if n == 1 {
		return "1 struct"
	}
	return fmt.Sprintf("%d structs", n)
}

type checkCommand struct {
	lockFlags
	Format report.Format `short:"f" enum:"table,markdown,json,github" default:"table" help:"The output format: table, markdown, json or github (annotations in a workflow)."`
}

// Run reports changes on standard output.
func (c *checkCommand) Run(ctx context.Context, s *console) error {
	path, err := c.lockFile()
	if err != nil {
		return err
	}
	old, err := readLock(path)
	if err != nil {
		return err
	}
	structs, err := c.load(ctx)
	if err != nil {
		return err
	}
	changes := lock.Compare(old, structs)
	if err := report.Changes(s.stdout, c.Format, changes, report.Root(c.root())); err != nil {
		return fmt.Errorf("cannot write standard output: %w", cause(err))
	}
	return verdict(structs, changes, path)
}

func verdict(structs []source.Struct, changes []lock.Change, path string) error {
	if err := wrongTags(structs); err != nil {
		return err
	}
	if len(changes) > 0 {
		return &exitError{exitRefused, fmt.Errorf("policies differ from %s", path)}
	}
	return nil
}

func readLock(path string) (*lock.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist: \"ddbenc lock\" creates it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	defer f.Close()
	file, err := lock.Parse(f)
	if _, ok := errors.AsType[*lock.SyntaxError](err); ok {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	return file, nil
}
