package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

type resealCommand struct {
	bulkFlags
	configFlags
	WriteRate      float64 `placeholder:"UNITS" help:"Write no faster than this, in capacity units per second."`
	DryRun         bool    `help:"Count the items that would be written, and write nothing. The exit code is 1 if there are any."`
	PlaintextReads bool    `help:"Seal items that are not sealed. Without it they are reported. It is for the time in which the table is migrated: it also seals what anyone put there in the place of a sealed item."`
	ToPlaintext    bool    `help:"Store items in the clear instead, to go back to an unprotected table."`
	RemoveBeacons  bool    `help:"Remove beacons from items. The policy and the key configuration must have none. Without it, a run in which neither has any ends at the first item with beacons."`
}

// Run reseals a table, and writes a line for each item that failed.
func (c *resealCommand) Run(ctx context.Context, s *console) error {
	var options []mapper.TableOption
	switch {
	case c.PlaintextReads && c.ToPlaintext:
		return errors.New("either --plaintext-reads or --to-plaintext")
	case c.PlaintextReads:
		options = append(options, mapper.WithPlaintextReads())
	case c.ToPlaintext:
		options = append(options, mapper.WithPlaintextWrites())
	}
	if c.RemoveBeacons {
		options = append(options, mapper.WithoutBeacons())
	}
	t, err := c.declare(ctx, c.configFlags, options...)
	if err != nil {
		return err
	}
	defer t.keys.Close()
	p := s.newTableProgress("reseal")
	p.describe(ctx, t.api, c.bulkFlags)
	run := append(c.options(s, p), bulk.WithFailures(failures(s.stdout, p)))
	if c.DryRun {
		run = append(run, bulk.WithDryRun())
	}
	if c.WriteRate != 0 {
		run = append(run, bulk.WithWriteRate(c.WriteRate))
	}
	result, err := bulk.Reseal(ctx, t.client, c.Table, run...)
	if errors.Is(err, crypto.ErrPolicy) && !t.keys.HasBeacons() {
		err = fmt.Errorf("%w; in the key configuration they are in \"beacons\", and --remove-beacons removes them", err)
	}
	if err := p.end(ctx, c.bulkFlags, result, err); err != nil {
		return err
	}
	if c.DryRun && result.Resealed > 0 {
		return &exitError{exitRefused, fmt.Errorf("%d of %d items are not as declared", result.Resealed, result.Items)}
	}
	return nil
}
