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
	failureFlags
	Out            string  `short:"o" placeholder:"DIR" help:"With --from, write all items to files in this new folder, or to standard output for -: lines of JSON as DynamoDB's import from S3 reads them."`
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
	if err := c.checkOut(); err != nil {
		return err
	}
	t, err := c.declare(ctx, c.configFlags, options...)
	if err != nil {
		return err
	}
	defer t.keys.Close()
	p := s.newTableProgress("reseal", c.Progress)
	run, err := c.options(ctx, t.services, p)
	if err != nil {
		return err
	}
	log, err := c.open(s, &c.bulkFlags, p)
	if err != nil {
		return err
	}
	run = append(run, bulk.WithFailures(log.report))
	if c.DryRun {
		run = append(run, bulk.WithDryRun())
	}
	if c.WriteRate != 0 {
		run = append(run, bulk.WithWriteRate(c.WriteRate))
	}
	var result bulk.Report
	if c.From != "" {
		result, err = c.resealFiles(ctx, s, t, p, run)
	} else {
		p.describe(ctx, t.api, c.bulkFlags)
		result, err = bulk.Reseal(ctx, t.client, t.name, run...)
	}
	if errors.Is(err, crypto.ErrPolicy) && !t.keys.HasBeacons() {
		err = fmt.Errorf("%w; in the key configuration they are in \"beacons\", and --remove-beacons removes them", err)
	}
	if err := log.close(p.end(ctx, c.bulkFlags, result, err)); err != nil {
		return err
	}
	if c.DryRun && result.Resealed > 0 {
		return &exitError{exitRefused, fmt.Errorf("%d of %d items are not as declared", result.Resealed, result.Items)}
	}
	return nil
}

// checkOut checks the flags that say where items are written.
func (c *resealCommand) checkOut() error {
	switch {
	case c.From == "" && c.Out != "":
		return errors.New("--out requires --from: a table is resealed in place")
	case c.From == "":
		return nil
	case (c.Out == "") != c.DryRun:
		return errors.New("--from requires either --out or --dry-run")
	case c.Checkpoint != "" && !c.DryRun:
		return errors.New("--out and --checkpoint cannot be combined: the output appears only if it is complete")
	case c.Out == "-" && c.Failures == "":
		return errors.New("--out - requires --failures, since items and failures cannot share standard output")
	case c.WriteRate != 0:
		return errors.New("--write-rate is for a table, and not for --from")
	}
	return nil
}

// resealFiles reseals the items of files, and writes all of them.
func (c *resealCommand) resealFiles(ctx context.Context, s *console, t *declaredTable, p *tableProgress,
	options []bulk.Option) (bulk.Report, error) {
	source, err := c.source(s, p)
	if err != nil {
		return bulk.Report{}, err
	}
	source.Whole = true
	pipe := bulk.Pipe{Items: source.Items()}
	if c.DryRun {
		return bulk.ResealItems(ctx, t.client, t.name, pipe, options...)
	}
	out, err := s.newItemFiles(c.Out)
	if err != nil {
		return bulk.Report{}, err
	}
	pipe.Write = out.write
	result, err := bulk.ResealItems(ctx, t.client, t.name, pipe, options...)
	if err != nil {
		out.abort()
		return result, err
	}
	return result, out.commit()
}
