package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/crypto"
)

type inspectCommand struct {
	fileFlags
	tableFlags
	Unsigned       []string `short:"u" sep:"none" placeholder:"NAME" help:"An attribute that is not signed (\"none\"). Items in the format dbesdk do not record this. May be repeated."`
	UnsignedPrefix string   `placeholder:"TEXT" help:"The prefix of attributes that are not signed."`
	policyFlags
	Format itemFormat `short:"f" enum:"table,json" default:"table" help:"The output format: table or json (one line for each item)."`
}

// policyFlags select the actions of attributes.
type policyFlags struct {
	Policy string   `short:"p" placeholder:"FILE" help:"The key and the actions of attributes: ddbenc.lock, or what \"ddbenc policy --format json\" wrote."`
	Struct []string `short:"s" sep:"none" placeholder:"TYPE" help:"Which struct of the policy the items are of, such as store.Account. May be given several times, for a table that holds several. Not needed where the policy says the table."`
}

func (c *inspectCommand) Run(ctx context.Context, s *console) error {
	if err := c.tableFlags.check(c.Files); err != nil {
		return err
	}
	unsigned, err := c.unsigned()
	if err != nil {
		return err
	}
	records := s.records(c.Files)
	if c.Table != "" {
		record, key, err := c.get(ctx, keyconfig.Services{})
		if err != nil {
			return err
		}
		if !sameKey(record.Item, key) {
			return errOtherItem(c.Table)
		}
		records = only(record)
	}
	first := true
	return s.each(ctx, records, c.KeepGoing, false, func(r itemjson.Record) error {
		var names []string
		for name := range r.Item {
			if unsigned(name) {
				names = append(names, name)
			}
		}
		found, err := inspect(r.Item, names)
		if err != nil {
			return err
		}
		found.Where = r.Where
		if err := found.write(s.stdout, c.Format, first); err != nil {
			return fmt.Errorf("%w standard output: %w", errOutput, cause(err))
		}
		first = false
		return nil
	})
}

// unsigned returns a function that reports whether an attribute is known to be
// unsigned.
func (c *inspectCommand) unsigned() (func(name string) bool, error) {
	var actions crypto.Actions
	switch {
	case c.Policy != "":
		d, err := c.declaration(c.Table)
		if err != nil {
			return nil, err
		}
		if actions, err = d.Actions(); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Policy, err)
		}
	case len(c.Struct) > 0:
		return nil, errStructs
	}
	return func(name string) bool {
		return slices.Contains(c.Unsigned, name) ||
			c.UnsignedPrefix != "" && strings.HasPrefix(name, c.UnsignedPrefix) ||
			actions.Of(name) == crypto.None && !strings.HasPrefix(name, reservedPrefix)
	}, nil
}

var errStructs = fmt.Errorf("--struct requires --policy")

// declaration reads the policy.
func (f policyFlags) declaration(table string) (*keyconfig.Declaration, error) {
	data, err := readPolicy(f.Policy)
	if err != nil {
		return nil, err
	}
	d, err := keyconfig.ReadPolicy(data, f.choice(table))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Policy, err)
	}
	return d, nil
}

func (f policyFlags) choice(tables ...string) keyconfig.Choice {
	return keyconfig.Choice{Structs: f.Struct, Tables: tables}
}

// maxPolicy limits the size of a policy in bytes.
const maxPolicy = 64 << 20

func readPolicy(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPolicy))
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	}
	return data, nil
}

// only returns a sequence of one item.
func only(record itemjson.Record) iter.Seq2[itemjson.Record, error] {
	return func(yield func(itemjson.Record, error) bool) { yield(record, nil) }
}

func errOtherItem(table string) error {
	return fmt.Errorf("%w: table %q: the reply has an item with another key than the request", crypto.ErrTampered, table)
}

// write writes the inspection.
func (in *inspection) write(w io.Writer, format itemFormat, first bool) error {
	if format == formatJSON {
		return report.WriteJSON(w, in, "")
	}
	if !first {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	return in.table(w)
}
