package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

type censusCommand struct {
	bulkFlags
	imageFlags
	Legends bool       `help:"Also count by the actions of attributes (format dbesdk), in the order of the length of their names: e (encrypt), s (sign), c (sign,context)."`
	Format  itemFormat `short:"f" enum:"table,json" default:"table" help:"How to write it: table or json."`
}

// Run counts the items of a table.
func (c *censusCommand) Run(ctx context.Context, s *console) error {
	if err := c.check(); err != nil {
		return err
	}
	p := s.newTableProgress("census", c.Progress)
	options, err := c.options(ctx, keyconfig.Services{}, p)
	if err != nil {
		return err
	}
	if c.Legends {
		options = append(options, bulk.WithLegends())
	}
	result, err := c.count(ctx, s, p, options)
	failed := p.end(ctx, c.bulkFlags, result.Report, err)
	if _, some := errors.AsType[*exitError](failed); failed != nil && !some {
		return failed
	}
	if c.Format == formatJSON {
		err = report.WriteJSON(s.stdout, result, "")
	} else {
		err = table(s.stdout, "", censusRows(result, c.Legends))
	}
	if err != nil {
		return fmt.Errorf("%w standard output: %w", errOutput, cause(err))
	}
	return failed
}

// count counts the items of the table or of files.
func (c *censusCommand) count(ctx context.Context, s *console, p *tableProgress,
	options []bulk.Option) (bulk.CensusReport, error) {
	if c.From == "" {
		api, err := c.client(ctx, keyconfig.Services{})
		if err != nil {
			return bulk.CensusReport{}, err
		}
		p.describe(ctx, api, c.bulkFlags)
		return bulk.Census(ctx, api, c.Table, options...)
	}
	source, err := c.source(s, p)
	if err != nil {
		return bulk.CensusReport{}, err
	}
	source.OldImages = c.OldImages
	unreadable := bulk.WithFailures(func(f bulk.Failure) error { p.line.end(); s.complain(f.Err); return nil })
	return bulk.CensusItems(ctx, source.Items(), append(options, unreadable)...)
}

func censusRows(result bulk.CensusReport, legends bool) [][]string {
	rows := [][]string{{"ITEMS", "FORMAT", "SUITE", "HEADER", "KEYS"}}
	if legends {
		rows[0] = append(rows[0], "LEGEND")
	}
	for _, g := range result.Groups {
		header := ""
		if g.HeaderVersion > 0 {
			header = strconv.Itoa(g.HeaderVersion)
		}
		row := []string{strconv.FormatInt(g.Items, 10), string(g.Format), g.Suite, header, g.Keys}
		if legends {
			row = append(row, g.Legend)
		}
		rows = append(rows, row)
	}
	if result.Others > 0 {
		rows = append(rows, []string{strconv.FormatInt(result.Others, 10), "others"})
	}
	return rows
}
