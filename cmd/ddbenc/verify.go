package main

import (
	"context"

	"github.com/ddbenc/ddbenc/mapper/bulk"
)

type verifyCommand struct {
	bulkFlags
	configFlags
}

// Run verifies a table, and writes a line for each item that failed.
func (c *verifyCommand) Run(ctx context.Context, s *console) error {
	t, err := c.declare(ctx, c.configFlags)
	if err != nil {
		return err
	}
	defer t.keys.Close()
	p := s.newTableProgress("verify")
	p.describe(ctx, t.api, c.bulkFlags)
	result, err := bulk.Verify(ctx, t.client, c.Table, append(c.options(s, p), bulk.WithFailures(failures(s.stdout, p)))...)
	return p.end(ctx, c.bulkFlags, result, err)
}
