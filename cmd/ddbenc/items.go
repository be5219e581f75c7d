package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/crypto"
)

// fileFlags select the files that items are read from.
type fileFlags struct {
	Files     []string `arg:"" optional:"" name:"file" help:"Files with items in DynamoDB JSON, optionally compressed with gzip. A file has one or more items, each on one or several lines: plain, as {\"Item\":{…}}, in an array or as {\"Items\":[…]}. Without files, or for -, standard input is read."`
	KeepGoing bool     `help:"Continue after an item that fails. The others are written, and the exit code reports the failure."`
}

// tableFlags select an item of a table.
type tableFlags struct {
	Table    string   `short:"t" placeholder:"NAME" help:"Read a single item from this DynamoDB table instead. Requires --key."`
	Key      []string `short:"k" sep:"none" placeholder:"NAME=TEXT" help:"The primary key of the item: an attribute with its text, repeated for each key attribute, or the whole key in DynamoDB JSON, {\"id\":{\"N\":\"7\"}}."`
	Endpoint string   `placeholder:"URL" help:"The endpoint of DynamoDB, if it is not AWS's. Plain http is allowed on this machine only."`
}

func (f tableFlags) check(files []string) error {
	switch {
	case f.Table == "" && (len(f.Key) > 0 || f.Endpoint != ""):
		return errors.New("--key and --endpoint require --table")
	case f.Table != "" && len(f.Key) == 0:
		return errors.New("--table requires --key")
	case f.Table != "" && len(files) > 0:
		return errors.New("files and --table cannot be combined")
	}
	return nil
}

// records is a sequence of items, each of which may be an error.
type records = iter.Seq2[itemjson.Record, error]

// records returns the items of all files. After an *itemjson.Error there may be
// more.
func (s *console) records(files []string) records {
	if len(files) == 0 {
		files = []string{"-"}
	}
	return func(yield func(itemjson.Record, error) bool) {
		for _, path := range files {
			if !s.readFile(path, yield) {
				return
			}
		}
	}
}

func (s *console) readFile(path string, yield func(itemjson.Record, error) bool) bool {
	if path == "-" {
		return readAll(s.stdin, "", yield)
	}
	f, err := openInput(path)
	if err != nil {
		yield(itemjson.Record{}, err)
		return false
	}
	defer f.Close()
	return readAll(f, path+": ", yield)
}

// readAll yields the items of one file. It reports whether to continue.
func readAll(in io.Reader, name string, yield func(itemjson.Record, error) bool) bool {
	reader := itemjson.NewReader(in)
	for n := 0; ; n++ {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			if n == 0 {
				yield(itemjson.Record{}, fmt.Errorf("%sno items", name))
				return false
			}
			return true
		}
		record.Where = name + record.Where
		if bad, ok := errors.AsType[*itemjson.Error](err); ok {
			err = &itemjson.Error{Where: name + bad.Where, Err: bad.Err}
		} else if err != nil {
			yield(record, fmt.Errorf("cannot read %sitem %d: %w", name, n+1, cause(err)))
			return false
		}
		if !yield(record, err) {
			return false
		}
	}
}

// get reads the current version of an item from a table.
func (f tableFlags) get(ctx context.Context, services keyconfig.Services) (record itemjson.Record, key crypto.Item,
	err error) {
	if key, err = f.key(); err != nil {
		return record, nil, fmt.Errorf("--key: %w", err)
	}
	if f.Endpoint != "" {
		services.DynamoDBEndpoint = f.Endpoint
	}
	client, err := services.DynamoDB(ctx)
	if err != nil {
		return record, nil, err
	}
	out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &f.Table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return record, nil, oneLine(fmt.Errorf("table %q: %w", f.Table, err))
	}
	if out.Item == nil {
		return record, nil, fmt.Errorf("table %q has no item with this key", f.Table)
	}
	return itemjson.Record{Item: out.Item, Where: fmt.Sprintf("table %q", f.Table)}, key, nil
}

// key parses the key of an item. Its errors do not contain values.
func (f tableFlags) key() (crypto.Item, error) {
	if len(f.Key) == 1 && looksLikeItem(f.Key[0]) {
		return itemjson.Parse([]byte(f.Key[0]))
	}
	key := make(crypto.Item, len(f.Key))
	for _, text := range f.Key {
		name, value, ok := strings.Cut(text, "=")
		switch {
		case !ok || name == "" || looksLikeItem(text):
			return nil, errors.New("neither NAME=TEXT nor DynamoDB JSON")
		case key[name] != nil:
			return nil, fmt.Errorf("duplicate attribute %q", name)
		}
		key[name] = &types.AttributeValueMemberS{Value: value}
	}
	return key, nil
}

// sameKey reports whether item has the requested key. DynamoDB stores numbers
// in normal form.
func sameKey(item, key crypto.Item) bool {
	for name, want := range key {
		a, err1 := itemjson.AppendValue(nil, normal(item[name]))
		b, err2 := itemjson.AppendValue(nil, normal(want))
		if err1 != nil || err2 != nil || string(a) != string(b) {
			return false
		}
	}
	return true
}

func normal(v types.AttributeValue) types.AttributeValue {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		if text, err := crypto.NormalizeNumber(n.Value); err == nil {
			return &types.AttributeValueMemberN{Value: text}
		}
	}
	return v
}

// each runs the work of a command for every item. An item that fails ends it,
// or is reported and omitted.
func (s *console) each(ctx context.Context, records records, keepGoing, progress bool,
	work func(itemjson.Record) error) error {
	p := s.newProgress(progress)
	defer p.end()
	total, failed, code := 0, 0, exitFine
	for record, err := range records {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		total++
		if err == nil {
			if err = work(record); err != nil {
				err = &itemjson.Error{Where: record.Where, Err: oneLine(err)}
			}
		}
		if err != nil {
			_, one := errors.AsType[*itemjson.Error](err)
			if !keepGoing || !one || ctx.Err() != nil || errors.Is(err, errOutput) {
				return err
			}
			p.end()
			s.complain(err)
			failed++
			code = max(code, exitCode(err))
		}
		p.show(total, failed)
	}
	if failed > 0 {
		return &exitError{code, fmt.Errorf("%d of %d items failed", failed, total)}
	}
	return nil
}

// errOutput marks an error that is about the output and not about an item.
var errOutput = errors.New("cannot write")

// progress is a progress line on a terminal.
type progress struct {
	w    io.Writer
	last time.Time
	on   bool // the line is visible
}

func (s *console) newProgress(wanted bool) *progress {
	if !wanted || !isTerminal(s.stderr) {
		return &progress{}
	}
	return &progress{w: s.stderr, last: time.Now()}
}

func (p *progress) show(total, failed int) {
	if p.w == nil || time.Since(p.last) < 200*time.Millisecond {
		return
	}
	p.text(fmt.Sprintf("%d items, %d failed", total, failed))
}

// text shows a text in the place of the one before.
func (p *progress) text(text string) {
	if p.on {
		text += "\x1b[K"
	}
	fmt.Fprintf(p.w, "\r%s", text)
	p.last, p.on = time.Now(), true
}

// end clears the line.
func (p *progress) end() {
	if p.on {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.on = false
	}
}
