// Package keyconfig reads key configuration files. A key configuration is JSON or
// YAML that describes the table of items, the action of each attribute, the item
// format, the keys and the beacons, so that a program without the struct types
// can seal and open items.
//
//	file, err := keyconfig.Read("accounts.keys.json")
//	table, err := file.Table(ctx, keyconfig.AWS(file))
//	defer table.Close()
//	opened, err := table.Open(ctx, item)
//
// A file contains no secrets: it names the file or environment variable that
// holds a key, or a key of KMS. It is parsed strictly. No error contains a key,
// or text that someone may have written in place of one.
package keyconfig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
)

// maxFile limits the size of a configuration file in bytes.
const maxFile = 1 << 20

// File is the contents of a key configuration file. Missing parts are nil. It
// may be modified before [File.Table] is called.
type File struct {
	// Declaration describes the table. It is nil if a policy does.
	Declaration *Declaration `json:"table"`
	// Encryptor seals and opens items.
	Encryptor *encryptor `json:"encryptor"`
	// ReadWith also open items, in the order of the file.
	ReadWith []encryptor `json:"readWith"`
	// Beacons configures beacons and their keys.
	Beacons *beacons `json:"beacons"`
	// Services configures the access to AWS.
	Services Services `json:"aws"`

	dir string // that paths are relative to
}

// Declaration has the information that mapper.TableOf takes from its arguments
// and from struct tags.
type Declaration struct {
	// Name is the logical table name.
	Name string `json:"name"`
	// PartitionKey and SortKey are the names of the primary key's attributes.
	PartitionKey string `json:"partitionKey"`
	SortKey      string `json:"sortKey"`
	// Attributes holds actions by attribute name, spelled as in tags. The key
	// is signed and need not be listed.
	Attributes map[string]string `json:"attributes"`
	// Undeclared is the action for all other attributes. If it is empty, they
	// are encrypted.
	Undeclared string `json:"undeclared"`

	beacons      []beacon.Standard // of the policy's tags
	otherBeacons bool              // the policy says that there are more, configured in Go
	selection    bool              // the policy says that only some items are protected
	unknown      bool              // the policy does not know all options
}

// Services configures the access to AWS. Empty fields are taken from the
// environment.
type Services struct {
	Region           string `json:"region"`
	Profile          string `json:"profile"`
	KMSEndpoint      string `json:"kmsEndpoint"`
	DynamoDBEndpoint string `json:"dynamodbEndpoint"`
}

// Read reads a key configuration file. It is YAML if its name ends in .yaml or
// .yml, and JSON otherwise. Paths of keys in it are relative to its
// directory. Read does not read any keys.
func Read(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: more than %d bytes", path, maxFile)
	}
	file, err := parse(path, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	file.dir = filepath.Dir(path)
	return file, nil
}

func parse(path string, data []byte) (*File, error) {
	file := new(File)
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8") // encoding/json would replace it
	}
	if isYAML(path) {
		var err error
		if data, err = yamlToJSON(data); err != nil {
			return nil, err
		}
	}
	if err := decode(data, "", file); err != nil {
		return nil, err
	}
	if file.Encryptor == nil {
		return nil, errors.New("encryptor: missing: specify the format and the keys")
	}
	return file, nil
}

// Table returns the table that the file describes. It calls connect, which is
// usually the result of [AWS], only if a key is in AWS. The error is about the
// file, a key that it names, or actions that the item format rejects; the last
// wraps [crypto.ErrPolicy].
func (f *File) Table(ctx context.Context, connect Connect) (_ *Table, err error) {
	t := new(Table)
	if t.Info, t.Actions, err = f.Declaration.read(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			t.Close()
		}
	}()
	m := &maker{file: f, connect: connect}
	for i, e := range append([]encryptor{*f.Encryptor}, f.ReadWith...) {
		where := "encryptor"
		if i > 0 {
			where = fmt.Sprintf("readWith[%d]", i-1)
		}
		made, err := m.encryptor(ctx, e, where)
		if err != nil {
			return nil, err
		}
		t.encryptors = append(t.encryptors, made)
		if err := made.Check(t.Info, t.Actions); err != nil {
			return nil, at(where, err)
		}
	}
	if err := m.beacons(ctx, t); err != nil {
		return nil, err
	}
	if t.client, err = mapper.NewClient(noRequests{}, t.Declare(t.Info.Name)); err != nil {
		return nil, at("beacons", err) // the rest was checked
	}
	return t, nil
}

// read returns the arguments for the item formats.
func (d *Declaration) read() (info crypto.TableInfo, actions crypto.Actions, err error) {
	switch {
	case d == nil:
		return info, actions, errors.New("table: missing: specify its name, key and actions, or use a policy")
	case d.Name == "":
		return info, actions, errors.New("table.name: missing: the name is bound into every item")
	case d.PartitionKey == "":
		return info, actions, errors.New("table.partitionKey: missing")
	case d.SortKey == d.PartitionKey:
		return info, actions, errors.New("table.sortKey: same as the partition key")
	case d.Attributes == nil && d.Undeclared == "":
		return info, actions, errors.New("table.attributes: say what is done with each attribute, or \"undeclared\" " +
			"what is done with all of them")
	}
	info = crypto.TableInfo{Name: d.Name, PartitionKey: d.PartitionKey, SortKey: d.SortKey}
	actions, err = d.Actions()
	return info, actions, err
}

// Actions returns the actions. The key is signed, and it is in the encryption
// context if any other attribute is.
func (d *Declaration) Actions() (actions crypto.Actions, err error) {
	keys := crypto.TableInfo{PartitionKey: d.PartitionKey, SortKey: d.SortKey}.KeyNames()
	actions.Attributes = make(map[string]crypto.Action, len(d.Attributes)+len(keys))
	for _, name := range keys {
		actions.Attributes[name] = crypto.Sign
	}
	for name, word := range d.Attributes {
		if actions.Attributes[name], err = crypto.ParseAction(word); err != nil {
			return actions, fmt.Errorf("table.attributes: attribute %q: %w", name, err)
		}
	}
	if d.Undeclared != "" {
		if actions.Default, err = crypto.ParseAction(d.Undeclared); err != nil {
			return actions, at("table.undeclared", err)
		}
	}
	if inContext(actions) {
		for _, name := range keys {
			if actions.Attributes[name] == crypto.Sign {
				actions.Attributes[name] = crypto.SignInContext
			}
		}
	}
	return actions, nil
}

// inContext reports whether any attribute is in the encryption context, so that
// the key is too.
func inContext(actions crypto.Actions) bool {
	for _, action := range actions.Attributes {
		if action == crypto.SignInContext {
			return true
		}
	}
	return actions.Default == crypto.SignInContext
}
