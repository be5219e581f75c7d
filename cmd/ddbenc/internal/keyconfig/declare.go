package keyconfig

import (
	"errors"

	"github.com/ddbenc/ddbenc/mapper"
)

// errSelection is for tables of which a file cannot say all.
var errSelection = errors.New("the policy says that the table is declared with mapper.WithSelection: which of its items " +
	"are protected is decided by Go code, so use package mapper/bulk")

// Declare returns the option that declares the table for a mapper.Client, by its
// physical name. Other options follow those of the file.
func (t *Table) Declare(physicalName string, options ...mapper.TableOption) mapper.Option {
	all := append([]mapper.TableOption{mapper.WithLogicalName(t.Info.Name), mapper.WithReaders(t.encryptors[1:]...)},
		options...)
	schema := mapper.Schema{PartitionKey: t.Info.PartitionKey, SortKey: t.Info.SortKey, Actions: t.Actions}
	return mapper.TableOfSchema(physicalName, schema, t.encryptors[0], all...)
}

// ProtectsAll returns an error if the policy says that only some of the table's
// items are protected.
func (f *File) ProtectsAll() error {
	if f.Declaration != nil && f.Declaration.selection {
		return errSelection
	}
	return nil
}
