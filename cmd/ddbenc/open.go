package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/crypto"
)

type openCommand struct {
	fileFlags
	tableFlags
	configFlags
	outFlags
	Format itemFormat `short:"f" enum:"json,table" default:"json" help:"The output format: json (one line for each item) or table (for reading)."`
}

// configFlags select the keys.
type configFlags struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The key configuration: the item format, the keys and, without --policy, the primary key and the actions of the table."`
	policyFlags
	LogicalName string `placeholder:"NAME" help:"The logical table name, which is bound into items. It replaces the one in the key configuration."`
}

// itemFormat is the output format of items.
type itemFormat string

const (
	formatJSON  itemFormat = "json"
	formatTable itemFormat = "table"
)

// outFlags select the output.
type outFlags struct {
	Out   string `short:"o" placeholder:"FILE" help:"Write to this file instead of standard output. Only its owner can read it. It is created only on success. Devices and named pipes are written directly."`
	Force bool   `help:"Replace the file if it exists."`
}

func (c *openCommand) Run(ctx context.Context, s *console) error {
	if err := c.tableFlags.check(c.Files); err != nil {
		return err
	}
	config, err := c.read(c.Table)
	if err != nil {
		return err
	}
	t, err := c.table(ctx, config)
	if err != nil {
		return err
	}
	defer t.Close()
	records, key := s.records(c.Files), crypto.Item(nil)
	if c.Table != "" {
		record, of, err := c.get(ctx, config.Services)
		if err != nil {
			return err
		}
		records, key = only(record), of
	}
	write := writeJSON
	if c.Format == formatTable {
		write = writeTable(t)
	}
	return s.transform(ctx, records, c.KeepGoing, c.outFlags, func(r itemjson.Record) (crypto.Item, error) {
		opened, err := opening(t)(ctx, r.Item)
		if err == nil && !sameKey(opened, key) {
			return nil, errOtherItem(c.Table)
		}
		return opened, err
	}, write)
}

// opening returns a function that verifies and decrypts items of a table.
func opening(t *keyconfig.Table) func(context.Context, crypto.Item) (crypto.Item, error) {
	return func(ctx context.Context, item crypto.Item) (crypto.Item, error) {
		opened, err := t.Open(ctx, item)
		if errors.Is(err, crypto.ErrNoUsableKey) {
			return nil, fmt.Errorf("%w: %w", errNotOpened, err)
		}
		return opened, err
	}
}

// table returns the table that the key configuration describes, with its keys.
func (c configFlags) table(ctx context.Context, config *keyconfig.File) (*keyconfig.Table, error) {
	t, err := config.Table(ctx, keyconfig.AWS(config))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Config, oneLine(err))
	}
	return t, nil
}

// read reads the key configuration and, if there is one, the policy.
func (c configFlags) read(table string) (*keyconfig.File, error) {
	config, err := keyconfig.Read(c.Config)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", c.Config, cause(err))
	}
	if c.Policy == "" && len(c.Struct) > 0 {
		return nil, errStructs
	}
	if c.Policy != "" {
		data, err := readPolicy(c.Policy)
		if err != nil {
			return nil, err
		}
		tables := []string{c.LogicalName}
		if config.Declaration != nil {
			tables = append(tables, config.Declaration.Name)
		}
		if err := config.UsePolicy(data, c.choice(append([]string{table}, tables...)...)); err != nil {
			return nil, fmt.Errorf("%s with %s: %w", c.Config, c.Policy, err)
		}
	}
	if d := config.Declaration; d != nil {
		switch {
		case c.LogicalName != "":
			d.Name = c.LogicalName
		case d.Name == "":
			d.Name = table
		}
	}
	return config, nil
}

// transform writes the result for each item.
func (s *console) transform(ctx context.Context, records records, keepGoing bool, to outFlags,
	change func(itemjson.Record) (crypto.Item, error), write func(io.Writer, itemjson.Record) error) error {
	if to.Force && to.Out == "" {
		return errors.New("--force requires --out")
	}
	out, err := s.newOutput(to.Out, to.Force, 0o600)
	if err != nil {
		return err
	}
	written := 0
	err = s.each(ctx, records, keepGoing, out.file != nil || !isTerminal(s.stdout), func(r itemjson.Record) error {
		changed, err := change(r)
		if err != nil {
			return err
		}
		r.Item = changed
		if err := write(out, r); err != nil {
			return err
		}
		written++
		if out.file == nil {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("%w standard output: %w", errOutput, cause(err))
			}
		}
		return nil
	})
	if _, some := errors.AsType[*exitError](err); err != nil && !(some && written > 0) {
		out.abort()
		return err
	}
	return errors.Join(out.commit(), err)
}

// writeJSON writes an item on one line, wrapped as in the input.
func writeJSON(w io.Writer, r itemjson.Record) error {
	line, err := itemjson.Append(nil, r.Item)
	if err != nil {
		return err
	}
	if r.Wrapped {
		line = append(append([]byte(`{"Item":`), line...), '}')
	}
	return put(w, append(line, '\n'))
}

func put(w io.Writer, data []byte) error {
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("%w: %w", errOutput, cause(err))
	}
	return nil
}

// writeTable writes items for people to read.
func writeTable(t *keyconfig.Table) func(io.Writer, itemjson.Record) error {
	first := true
	return func(w io.Writer, r itemjson.Record) error {
		rows := [][]string{{"NAME", "ACTION", "VALUE"}}
		for _, name := range slices.Sorted(maps.Keys(r.Item)) {
			value, err := itemjson.AppendValue(nil, r.Item[name])
			if err != nil {
				return err
			}
			rows = append(rows, []string{name, t.Actions.Of(name).String(), string(value)})
		}
		title := report.Visible(r.Where) + "\n"
		if !first {
			title = "\n" + title
		}
		first = false
		if err := put(w, []byte(title)); err != nil {
			return err
		}
		if err := table(w, "  ", rows); err != nil {
			return fmt.Errorf("%w: %w", errOutput, cause(err))
		}
		return nil
	}
}
