package main

import (
	"context"

	"github.com/ddbenc/ddbenc/mapper/bulk"
)

type verifyCommand struct {
	bulkFlags
	configFlags
	failureFlags
	imageFlags
}

// Run verifies a table or an export, and writes a line for each item that failed.
func (c *verifyCommand) Run(ctx context.Context, s *console) error {
	t, err := c.declare(ctx, c.configFlags)
	if err != nil {
		return err
	}
	defer t.keys.Close()
	p := s.newTableProgress("verify", c.Progress)
	options, err := c.options(ctx, t.services, p)
	if err != nil {
		return err
	}
	log, err := c.open(s, &c.bulkFlags, p)
	if err != nil {
		return err
	}
	result, err := c.verify(ctx, s, t, p, append(options, bulk.WithFailures(log.report)))
	return log.close(p.end(ctx, c.bulkFlags, result, err))
}

func (c *verifyCommand) verify(ctx context.Context, s *console, t *declaredTable, p *tableProgress,
	options []bulk.Option) (bulk.Report, error) {
	if c.From == "" {
		p.describe(ctx, t.api, c.bulkFlags)
		return bulk.Verify(ctx, t.client, t.name, options...)
	}
	source, err := c.source(s, p)
	if err != nil {
		return bulk.Report{}, err
	}
	source.OldImages = c.OldImages
	return bulk.VerifyItems(ctx, t.client, t.name, source.Items(), options...)
}
