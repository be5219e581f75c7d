package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon/sizing"
)

type beaconCommand struct {
	fileFlags
	Attribute string `short:"a" placeholder:"PATH" help:"The attribute whose values the beacon is computed of, or a path in an attribute, such as address.city or phones[0]. The members of a set are counted one by one."`
	CSV       string `name:"csv" placeholder:"FILE" help:"Read the values from this CSV file instead, or for - from standard input. The first record has the names of the columns. Empty values are left out."`
	Column    string `placeholder:"NAME" help:"The column of the CSV file."`
	Table     string `short:"t" placeholder:"NAME" help:"Read the items from this DynamoDB table instead. Requires --config."`
	Endpoint  string `placeholder:"URL" help:"The endpoint of DynamoDB, if it is not AWS's. Plain http is for this machine only."`
	Config    string `short:"c" placeholder:"FILE" help:"The key configuration. With it, the items of files are sealed and are opened first."`
	policyFlags
	LogicalName string  `placeholder:"NAME" help:"The logical table name, which is bound into items. It replaces the one in the key configuration."`
	Limit       int64   `short:"n" placeholder:"N" help:"Stop after so many items. The default is 10000 for a table, from several places in it, and no limit otherwise."`
	Items       int64   `placeholder:"N" help:"How many items the table has, if the sample is a part of it. With --table, the default is what DynamoDB says."`
	Distinct    int64   `placeholder:"N" help:"How many distinct values the table has, if it is known. Otherwise it is estimated from the sample."`
	MaxFetched  float64 `default:"10" placeholder:"N" help:"How many items a query may fetch for each item that it wants. The shortest usable length with which it does so is recommended."`
	outFlags
	Format report.Format `short:"f" enum:"table,json,html" default:"table" help:"The output format: table, json or html (a self-contained page with a chart)."`
}

func (c *beaconCommand) check() error {
	switch {
	case (c.CSV == "") != (c.Column == ""):
		return errors.New("--csv requires --column, and --column requires --csv")
	case c.CSV == "" && c.Attribute == "":
		return errors.New("--attribute or --csv is required")
	case c.CSV != "" && (c.Attribute != "" || c.Table != "" || c.Config != "" || len(c.Files) > 0):
		return errors.New("--csv cannot be combined with --attribute, --table, --config and files")
	case c.Table != "" && len(c.Files) > 0:
		return errors.New("files and --table cannot be combined")
	case c.Table != "" && c.Config == "":
		return errors.New("--table requires --config")
	case c.Config == "" && (c.Policy != "" || len(c.Struct) > 0 || c.LogicalName != ""):
		return errors.New("--policy, --struct and --logical-name require --config")
	case c.Endpoint != "" && c.Table == "":
		return errors.New("--endpoint requires --table")
	case c.Limit < 0 || c.Items < 0 || c.Distinct < 0:
		return errors.New("--limit, --items and --distinct must not be negative")
	case c.Force && c.Out == "":
		return errors.New("--force requires --out")
	}
	return nil
}

// Run reads the sample and writes the report. It never writes a value.
func (c *beaconCommand) Run(ctx context.Context, s *console) error {
	if err := c.check(); err != nil {
		return err
	}
	sample := &valueSample{values: sizing.NewSample()}
	failed := c.read(ctx, s, sample)
	if _, some := errors.AsType[*exitError](failed); failed != nil && !(some && sample.values.Counts().Values > 0) {
		return failed
	}
	result, err := c.report(sample)
	if err != nil {
		return errors.Join(err, failed)
	}
	out, err := s.newOutput(c.Out, c.Force, 0o600)
	if err != nil {
		return errors.Join(err, failed)
	}
	_ = report.Beacon(out, c.Format, result) // commit reports it
	return errors.Join(out.commit(), failed)
}

// read reads the sample.
func (c *beaconCommand) read(ctx context.Context, s *console, sample *valueSample) error {
	switch {
	case c.CSV != "":
		return c.readCSV(ctx, s, sample)
	case c.Table != "":
		return c.readTable(ctx, s, sample)
	}
	open := func(_ context.Context, item crypto.Item) (crypto.Item, error) {
		if isSealed(item) {
			return nil, errors.New("the item is sealed: pass the key configuration with --config")
		}
		return item, nil
	}
	if c.Config != "" {
		config, err := c.keys().read("")
		if err != nil {
			return err
		}
		t, err := c.keys().table(ctx, config)
		if err != nil {
			return err
		}
		defer t.Close()
		open = opening(t)
	}
	return c.each(ctx, s, s.records(c.Files), sample, open)
}

// each adds the items of a sequence, up to the limit.
func (c *beaconCommand) each(ctx context.Context, s *console, from records, sample *valueSample,
	open func(context.Context, crypto.Item) (crypto.Item, error)) error {
	path, err := parsePath(c.Attribute)
	if err != nil {
		return fmt.Errorf("--attribute: %w", err)
	}
	err = s.each(ctx, limited(from, c.Limit), c.KeepGoing, true, func(r itemjson.Record) error {
		item, err := open(ctx, r.Item)
		if err != nil {
			return err
		}
		return sample.add(path.of(item, c.Attribute))
	})
	if sample.full {
		return errSampleFull // the rest cannot be counted, even with --keep-going
	}
	return err
}

// keys returns the flags that select the keys.
func (c *beaconCommand) keys() configFlags {
	return configFlags{Config: c.Config, policyFlags: c.policyFlags, LogicalName: c.LogicalName}
}

// limited returns the first items of a sequence. 0 is no limit.
func limited(from records, limit int64) records {
	if limit == 0 {
		return from
	}
	return func(yield func(itemjson.Record, error) bool) {
		n := int64(0)
		for record, err := range from {
			n++
			if !yield(record, err) || n == limit {
				return
			}
		}
	}
}

// report returns the report about the sample.
func (c *beaconCommand) report(sample *valueSample) (report.BeaconSample, error) {
	result := report.BeaconSample{Items: sample.items, Without: sample.without, TableItems: c.Items}
	if c.Items == 0 {
		result.TableItems = sample.tableItems
	}
	counts := sample.values.Counts()
	if counts.Values == 0 {
		return result, fmt.Errorf("none of the %d items has a value: nothing to choose a length for", sample.items)
	}
	if c.Items != 0 && c.Items < sample.items {
		return result, fmt.Errorf("--items: a table of %d items cannot contain a sample of %d", c.Items, sample.items)
	}
	values := int64(0)
	if result.TableItems != 0 { // items without a value and sets are as frequent as in the sample
		perItem := float64(counts.Values) / float64(sample.items)
		values = max(counts.Values, int64(math.Round(perItem*float64(result.TableItems))))
	}
	var err error
	result.Report, err = sample.values.Report(sizing.WithTable(values, c.Distinct), sizing.WithFetched(c.MaxFetched))
	return result, err
}
