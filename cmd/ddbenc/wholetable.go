package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// bulkFlags say how a whole table is worked on.
type bulkFlags struct {
	Table       string       `short:"t" placeholder:"NAME" help:"The DynamoDB table. Either this or --from is required."`
	From        string       `placeholder:"FILE" help:"Read the items from here instead: a folder with an export of DynamoDB to S3, a file with items in DynamoDB JSON, or - for standard input. If the folder has the manifest of the export, the files are compared with it."`
	Endpoint    string       `placeholder:"URL" help:"The endpoint of DynamoDB, if it is not AWS's. Plain http is for this machine only."`
	Checkpoint  string       `placeholder:"FILE" help:"Save after every page how far the run is, in a file or in an item of a table, dynamodb://TABLE/ID. The same command continues there. It is removed at the end. It has keys of items in it. {segment} stands for the number of the segment."`
	Segments    int          `default:"4" placeholder:"N" help:"Divide the table into so many segments, which are read in parallel."`
	Segment     int          `default:"-1" placeholder:"I" help:"Work on this segment only, counted from 0, where several machines share a table."`
	SegmentEnv  string       `placeholder:"NAME" help:"Take the segment from this environment variable: JOB_COMPLETION_INDEX in an Indexed Job of Kubernetes, AWS_BATCH_JOB_ARRAY_INDEX in an array job of AWS Batch."`
	Parallelism int          `default:"16" placeholder:"N" help:"Work on so many items at once."`
	PageSize    int          `default:"200" placeholder:"N" help:"Read so many items with one request, at most."`
	ReadRate    float64      `placeholder:"UNITS" help:"Read no faster than this, in capacity units per second. Throttling slows a run down in any case."`
	Progress    progressMode `enum:"auto,text,json,none" default:"auto" placeholder:"HOW" help:"How to show on standard error how far the run is: text, json (a line of JSON every 30 seconds and at the end) or none. Without it, a terminal has one line that changes, and anything else text."`
}

// check completes the flags and checks that they fit together.
func (f *bulkFlags) check() error {
	switch {
	case (f.Table == "") == (f.From == ""):
		return errors.New("either --table or --from is required")
	case f.SegmentEnv != "" && f.Segment != -1:
		return errors.New("either --segment or --segment-env")
	case f.From != "" && (f.Segment != -1 || f.SegmentEnv != "" || f.ReadRate != 0):
		return errors.New("--segment, --segment-env and --read-rate are for a table, and not for --from")
	}
	if f.SegmentEnv != "" {
		n, err := strconv.Atoi(os.Getenv(f.SegmentEnv))
		if err != nil || n < 0 {
			return fmt.Errorf("--segment-env: the environment variable %s is not the number of a segment", f.SegmentEnv)
		}
		f.Segment = n
	}
	return nil
}

// ofSegment replaces {segment} in the name of a place.
func (f *bulkFlags) ofSegment(flag string, place *string) error {
	const segment = "{segment}"
	if strings.Contains(*place, segment) && f.Segment == -1 {
		return fmt.Errorf("%s has %s, which requires --segment or --segment-env", flag, segment)
	}
	*place = strings.ReplaceAll(*place, segment, strconv.Itoa(f.Segment))
	return nil
}

// options returns the options of a run. services say where DynamoDB is, for a
// checkpoint there.
func (f *bulkFlags) options(ctx context.Context, services keyconfig.Services, p *tableProgress) ([]bulk.Option, error) {
	options := []bulk.Option{bulk.WithSegments(f.Segments), bulk.WithParallelism(f.Parallelism),
		bulk.WithPageSize(f.PageSize), bulk.WithProgress(p.show)}
	if f.Segment != -1 {
		options = append(options, bulk.WithSegment(f.Segment))
	}
	if f.ReadRate != 0 {
		options = append(options, bulk.WithReadRate(f.ReadRate))
	}
	if f.Checkpoint == "" {
		return options, nil
	}
	if err := f.ofSegment("--checkpoint", &f.Checkpoint); err != nil {
		return nil, err
	}
	checkpoint, err := f.checkpoint(ctx, services)
	return append(options, bulk.WithCheckpoint(checkpoint)), err
}

// checkpoint returns the checkpoint: a file, or an item of a table.
func (f *bulkFlags) checkpoint(ctx context.Context, services keyconfig.Services) (bulk.Checkpoint, error) {
	scheme, place, ok := strings.Cut(f.Checkpoint, "://")
	switch {
	case !ok:
		return bulk.File(f.Checkpoint), nil
	case scheme == "s3":
		return nil, errors.New("--checkpoint: this command has no client for S3: use dynamodb://TABLE/ID, or bulk.Object " +
			"in a program")
	case scheme != "dynamodb":
		return nil, fmt.Errorf("--checkpoint: unknown scheme %q: give a file, or dynamodb://TABLE/ID", scheme)
	}
	table, id, _ := strings.Cut(place, "/")
	name := "id"
	if before, after, ok := strings.Cut(id, "="); ok {
		name, id = before, after
	}
	if table == "" || name == "" || id == "" {
		return nil, errors.New("--checkpoint: not dynamodb://TABLE/ID or dynamodb://TABLE/NAME=ID")
	}
	if table == f.Table {
		return nil, errors.New("--checkpoint: the checkpoint cannot be in the table that is worked on")
	}
	client, err := f.client(ctx, services)
	if err != nil {
		return nil, err
	}
	return bulk.Item(client, table, map[string]string{name: id}), nil
}

// client returns the client for DynamoDB.
func (f *bulkFlags) client(ctx context.Context, services keyconfig.Services) (*dynamodb.Client, error) {
	if f.Endpoint != "" {
		services.DynamoDBEndpoint = f.Endpoint
	}
	return services.DynamoDB(ctx)
}

// declaredTable is a table with its declaration.
type declaredTable struct {
	name     string
	client   *mapper.Client
	api      *dynamodb.Client // nil with --from
	services keyconfig.Services
	keys     *keyconfig.Table
}

// declare reads the key configuration and declares the table.
func (f *bulkFlags) declare(ctx context.Context, flags configFlags,
	options ...mapper.TableOption) (*declaredTable, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	config, err := flags.read(f.Table)
	if err != nil {
		return nil, err
	}
	if err := config.WholeTable(); err != nil {
		return nil, err
	}
	keys, err := flags.table(ctx, config)
	if err != nil {
		return nil, err
	}
	t := &declaredTable{name: f.Table, services: config.Services, keys: keys}
	used := dynamodb.New(dynamodb.Options{}) // no request is made
	if f.From != "" {
		t.name = keys.Info.Name
	} else if t.api, err = f.client(ctx, config.Services); err == nil {
		used = t.api
	}
	if err == nil {
		t.client, err = mapper.NewClient(used, keys.Declare(t.name, options...))
	}
	if err != nil {
		return nil, errors.Join(err, keys.Close())
	}
	return t, nil
}
