package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// bulkFlags say how a whole table is worked on.
type bulkFlags struct {
	Table       string  `short:"t" required:"" placeholder:"NAME" help:"The DynamoDB table."`
	Endpoint    string  `placeholder:"URL" help:"The endpoint of DynamoDB, if it is not AWS's. Plain http is for this machine only."`
	Checkpoint  string  `placeholder:"FILE" help:"Save in this file after every page how far the run is. The same command continues there. The file is removed at the end. It has keys of items in it."`
	Segments    int     `default:"4" placeholder:"N" help:"Divide the table into so many segments, which are read in parallel."`
	Segment     int     `default:"-1" placeholder:"I" help:"Work on this segment only, counted from 0, where several machines share a table."`
	Parallelism int     `default:"16" placeholder:"N" help:"Work on so many items at once."`
	PageSize    int     `default:"200" placeholder:"N" help:"Read so many items with one request, at most."`
	ReadRate    float64 `placeholder:"UNITS" help:"Read no faster than this, in capacity units per second. Throttling slows a run down in any case."`
}

func (f bulkFlags) options(s *console, w *tableProgress) []bulk.Option {
	options := []bulk.Option{bulk.WithSegments(f.Segments), bulk.WithParallelism(f.Parallelism), bulk.WithPageSize(f.PageSize),
		bulk.WithProgress(w.show)}
	if f.Segment != -1 {
		options = append(options, bulk.WithSegment(f.Segment))
	}
	if f.ReadRate != 0 {
		options = append(options, bulk.WithReadRate(f.ReadRate))
	}
	if f.Checkpoint != "" {
		options = append(options, bulk.WithCheckpoint(bulk.File(f.Checkpoint)))
	}
	return options
}

// client returns the client for DynamoDB.
func (f bulkFlags) client(ctx context.Context, services keyconfig.Services) (*dynamodb.Client, error) {
	if f.Endpoint != "" {
		services.DynamoDBEndpoint = f.Endpoint
	}
	return services.DynamoDB(ctx)
}

// declaredTable is a table with its declaration.
type declaredTable struct {
	client *mapper.Client
	api    *dynamodb.Client
	keys   *keyconfig.Table
}

// declare reads the key configuration and declares the table.
func (f bulkFlags) declare(ctx context.Context, flags configFlags, options ...mapper.TableOption) (*declaredTable, error) {
	config, err := flags.read(f.Table)
	if err != nil {
		return nil, err
	}
	if err := config.WholeTable(); err != nil {
		return nil, err
	}
	keys, err := config.Table(ctx, keyconfig.AWS(config))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flags.Config, oneLine(err))
	}
	api, err := f.client(ctx, config.Services)
	if err == nil {
		var client *mapper.Client
		if client, err = mapper.NewClient(api, keys.Declare(f.Table, options...)); err == nil {
			return &declaredTable{client, api, keys}, nil
		}
	}
	return nil, errors.Join(err, keys.Close())
}

// failedItem is a line about an item that failed.
type failedItem struct {
	Table  string      `json:"table"`
	Key    rawJSON     `json:"key"`
	Reason bulk.Reason `json:"reason"`
	Error  string      `json:"error"`
}

type rawJSON []byte

// MarshalJSON returns the JSON.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// failures returns a function that writes a line for each item that failed. A
// message of DynamoDB may quote values of the item, so it is left out.
func failures(w io.Writer, p *tableProgress) func(bulk.Failure) error {
	return func(f bulk.Failure) error {
		key, err := itemjson.Append(nil, f.Key)
		if err != nil {
			return err
		}
		line := failedItem{f.Table, key, f.Reason, oneLine(f.Err).Error()}
		if f.Reason == bulk.Refused {
			line.Error = "DynamoDB refused the item: it is larger than 400 KB when it is sealed, or has a value that cannot be stored"
		}
		p.line.end()
		if err := report.WriteJSON(w, line, ""); err != nil {
			return fmt.Errorf("%w standard output: %w", errOutput, cause(err))
		}
		return nil
	}
}

// tableProgress shows how far a run is: in a line on a terminal, and otherwise
// in a line now and then.
type tableProgress struct {
	command string
	stderr  io.Writer
	line    *progress
	every   time.Duration
	next    time.Duration
	total   int64 // items of the table, about; 0 if it is not known
}

func (s *console) newTableProgress(command string) *tableProgress {
	return &tableProgress{command: command, stderr: s.stderr, line: s.newProgress(true), every: 30 * time.Second,
		next: 30 * time.Second}
}

// describe asks how large the table is, which is known to about six hours. Who
// may not ask sees no time left.
func (p *tableProgress) describe(ctx context.Context, api *dynamodb.Client, f bulkFlags) {
	if f.Segment != -1 {
		return
	}
	if out, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &f.Table}); err == nil {
		p.total = aws.ToInt64(out.Table.ItemCount)
	}
}

func (p *tableProgress) show(now bulk.Progress) {
	text := fmt.Sprintf("%s, %.0f/s", p.counts(now.Report), now.ItemsPerSecond)
	if left := p.total - now.Items; p.total > 0 && left > 0 && now.ItemsPerSecond > 0 {
		seconds := time.Duration(float64(left)/now.ItemsPerSecond) * time.Second
		text += fmt.Sprintf(", about %v left", seconds)
	}
	if now.Segments > 1 {
		text += fmt.Sprintf(" (%d of %d segments done)", now.SegmentsDone, now.Segments)
	}
	if p.line.w != nil {
		if time.Since(p.line.last) >= 200*time.Millisecond {
			p.line.text(text)
		}
		return
	}
	if now.Elapsed >= p.next {
		p.next = now.Elapsed + p.every
		fmt.Fprintf(p.stderr, "%s: %s\n", p.command, text)
	}
}

func (p *tableProgress) counts(r bulk.Report) string {
	text := strconv.FormatInt(r.Items, 10) + " items"
	if r.Resealed > 0 || p.command == "reseal" {
		text += fmt.Sprintf(", %d resealed", r.Resealed)
	}
	if r.Gone > 0 {
		text += fmt.Sprintf(", %d deleted meanwhile", r.Gone)
	}
	if p.command != "census" {
		text += fmt.Sprintf(", %d failed", r.Failed)
	}
	return text
}

// end writes what the run has done. If it was interrupted, it returns an error
// that says how to go on.
func (p *tableProgress) end(ctx context.Context, f bulkFlags, r bulk.Report, err error) error {
	p.line.end()
	if err != nil && ctx.Err() != nil {
		again := "the same command starts over"
		if f.Checkpoint != "" {
			again = fmt.Sprintf("the same command continues from %s", f.Checkpoint)
		}
		return fmt.Errorf("interrupted after %s: %s: %w", p.counts(r), again, ctx.Err())
	}
	if errors.Is(err, bulk.ErrCheckpoint) {
		return fmt.Errorf("%w: remove %s to start over", err, f.Checkpoint)
	}
	if err != nil {
		return oneLine(err)
	}
	fmt.Fprintf(p.stderr, "%s: %s\n", p.command, p.counts(r))
	if r.Failed > 0 {
		return &exitError{exitRefused, fmt.Errorf("%d of %d items failed", r.Failed, r.Items)}
	}
	return nil
}
