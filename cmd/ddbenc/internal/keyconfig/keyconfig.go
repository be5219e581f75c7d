// Package keyconfig reads key configuration files: JSON that says which table
// items are of, what is done with each attribute, in which format and with
// which keys, so that a program that does not have the struct types can seal
// and open them.
//
//	file, err := keyconfig.Read("accounts.keys.json")
//	table, err := file.Table(ctx, keyconfig.AWS(file))
//	defer table.Close()
//	opened, err := table.Open(ctx, item)
//
// A file holds no secret: it says in which file or environment variable a key
// is, or which key of KMS it is. It is read strictly. No error shows a key, or
// what somebody may have written where the place of a key belongs.
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
)

// maxFile bounds a configuration file, in bytes.
const maxFile = 1 << 20

// File is a key configuration file as it stands. What is nil in it is not
// there. It may be changed before [File.Table] is called.
type File struct {
	// Declaration is the table; nil if somebody else has to say.
	Declaration *Declaration `json:"table"`
	// Encryptor seals, and opens.
	Encryptor *encryptor `json:"encryptor"`
	// ReadWith open too, in the order of the file.
	ReadWith []encryptor `json:"readWith"`
	// Services says how AWS is reached.
	Services Services `json:"aws"`

	dir string // that paths are relative to
}

// Declaration says what mapper.TableOf is told by its arguments and by struct
// tags.
type Declaration struct {
	// Name is the logical table name.
	Name string `json:"name"`
	// PartitionKey and SortKey name the attributes of the primary key.
	PartitionKey string `json:"partitionKey"`
	SortKey      string `json:"sortKey"`
	// Attributes are the actions by attribute name, spelled as in tags. The key
	// need not be among them: it is signed.
	Attributes map[string]string `json:"attributes"`
	// Undeclared is the action for all other attributes; empty for encrypt.
	Undeclared string `json:"undeclared"`

	selection bool // the policy says that only some items are protected
	unknown   bool // the policy does not know all options
}

// Services says how AWS is reached; what is empty is as the environment has it.
type Services struct {
	Region           string `json:"region"`
	Profile          string `json:"profile"`
	KMSEndpoint      string `json:"kmsEndpoint"`
	DynamoDBEndpoint string `json:"dynamodbEndpoint"`
}

// Read reads a key configuration file. The paths of keys in it are relative to
// the folder that it is in. It reads no key yet.
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
	file, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	file.dir = filepath.Dir(path)
	return file, nil
}

func parse(data []byte) (*File, error) {
	file := new(File)
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8") // encoding/json would replace it
	}
	if err := decode(data, "", file); err != nil {
		return nil, err
	}
	if file.Encryptor == nil {
		return nil, errors.New("encryptor: it is missing: say the format and the keys")
	}
	return file, nil
}

// Table makes what the file says. Connect, which is asked only if a key is in
// AWS, is usually that of [AWS]. The error is about the file, a key that it
// names, or actions that the item format refuses; the last wraps
// [crypto.ErrPolicy].
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
	for i, e := range append([]encryptor{*f.Encryptor}, f.ReadWith...) {
		where := "encryptor"
		if i > 0 {
			where = fmt.Sprintf("readWith[%d]", i-1)
		}
		m := &maker{file: f, connect: connect}
		made, err := m.encryptor(ctx, e, where)
		if err != nil {
			return nil, err
		}
		t.encryptors = append(t.encryptors, made)
		if err := made.Check(t.Info, t.Actions); err != nil {
			return nil, at(where, err)
		}
	}
	return t, nil
}

// read returns what the item formats want to know.
func (d *Declaration) read() (info crypto.TableInfo, actions crypto.Actions, err error) {
	switch {
	case d == nil:
		return info, actions, errors.New("table: it is missing: say its name, key and actions, or give a policy")
	case d.Name == "":
		return info, actions, errors.New("table.name: it is missing: it is bound into every item")
	case d.PartitionKey == "":
		return info, actions, errors.New("table.partitionKey: it is missing")
	case d.SortKey == d.PartitionKey:
		return info, actions, errors.New("table.sortKey: it is the partition key, too")
	case d.Attributes == nil && d.Undeclared == "":
		return info, actions, errors.New("table.attributes: say what is done with each attribute, or \"undeclared\" " +
			"what is done with all of them")
	}
	info = crypto.TableInfo{Name: d.Name, PartitionKey: d.PartitionKey, SortKey: d.SortKey}
	actions, err = d.Actions()
	return info, actions, err
}

// Actions returns what is done with attributes. The key is signed, and in the
// encryption context if anything is.
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

// inContext reports whether anything is in the encryption context: then the key
// is, too.
func inContext(actions crypto.Actions) bool {
	for _, action := range actions.Attributes {
		if action == crypto.SignInContext {
			return true
		}
	}
	return actions.Default == crypto.SignInContext
}
