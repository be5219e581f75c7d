package keyconfig

import (
	"errors"
	"slices"

	"github.com/ddbenc/ddbenc/mapper"
)

// Reasons why a policy and a file do not suffice to work on a whole table.
var (
	errSelection = errors.New("the policy says that the table is declared with mapper.WithSelection: which of its items " +
		"are protected is decided by Go code, so use package mapper/bulk")
	errUnknown = errors.New("the policy does not know all options of the table's declaration: use package mapper/bulk, or " +
		"leave out the policy and say key and attributes in the key configuration")
)

// Declare returns the option that declares the table for a mapper.Client, by its
// physical name. Other options follow those of the file.
func (t *Table) Declare(physicalName string, options ...mapper.TableOption) mapper.Option {
	all := slices.Concat([]mapper.TableOption{mapper.WithLogicalName(t.Info.Name), mapper.WithReaders(t.encryptors[1:]...)},
		t.options, options)
	schema := mapper.Schema{PartitionKey: t.Info.PartitionKey, SortKey: t.Info.SortKey, Actions: t.Actions}
	return mapper.TableOfSchema(physicalName, schema, t.encryptors[0], all...)
}

// WholeTable returns an error if the file does not say all that is needed to
// work on all items of the table, because the policy says that only some are
// protected, or does not know all options of the table.
func (f *File) WholeTable() error {
	switch d := f.Declaration; {
	case d == nil:
	case d.selection:
		return errSelection
	case d.unknown:
		return errUnknown
	}
	return nil
}
