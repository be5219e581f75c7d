package keyconfig

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// Choice selects the structs of a policy that a table holds. The first field
// that is not empty is used. If all are empty, the policy must have a single
// struct.
type Choice struct {
	// Structs are types, such as "store.Account" or
	// "example.com/shop/store.Account".
	Structs []string
	// Tables are names of the table. The first one that a struct is declared
	// for is used.
	Tables []string
}

// policy is the relevant part of the JSON that "ddbenc policy" writes.
type policy struct {
	Structs []policyStruct `json:"structs"`
}

type policyStruct struct {
	Package      string            `json:"package"`
	Name         string            `json:"name"`
	Type         string            `json:"type"`
	Tables       []string          `json:"tables"`
	PartitionKey string            `json:"partitionKey"`
	SortKey      string            `json:"sortKey"`
	Options      []policyOption    `json:"options"`
	Attributes   []policyAttribute `json:"attributes"`
	Error        *struct {
		Reason string `json:"reason"`
	} `json:"error"`
}

type policyOption struct {
	Table  string            `json:"table"`
	Kind   source.OptionKind `json:"kind"`
	Action crypto.Action     `json:"action"`
}

type policyAttribute struct {
	Name   string        `json:"name"`
	Action crypto.Action `json:"action"`
	Beacon *tags.Beacon  `json:"beacon"`
}

// UsePolicy takes the key, the actions and the beacons of the table from the
// output of "ddbenc policy --format json", or from a lock file. The file must not
// have a key or actions of its own. It must have the keys of beacons. The table
// keeps the name in the file; if there is none, it is the name that the structs
// are declared for.
func (f *File) UsePolicy(data []byte, choice Choice) error {
	d, err := ReadPolicy(data, choice)
	if err != nil {
		return err
	}
	if own := f.Declaration; own != nil {
		if own.PartitionKey != "" || own.SortKey != "" || own.Attributes != nil {
			return errors.New("the key configuration has its own key or attributes: omit them if there is a policy")
		}
		if own.Name != "" {
			d.Name = own.Name
		}
		if own.Undeclared != "" {
			d.Undeclared = own.Undeclared
		}
	}
	f.Declaration = d
	return nil
}

// ReadPolicy returns the declaration of the selected table in a policy.
func ReadPolicy(data []byte, choice Choice) (*Declaration, error) {
	p, err := parsePolicy(data)
	if err != nil {
		return nil, err
	}
	chosen, err := p.choose(choice)
	if err != nil {
		return nil, err
	}
	d := &Declaration{Attributes: make(map[string]string)}
	actions := make(map[string]crypto.Action)
	for i, s := range chosen {
		if s.Error != nil {
			return nil, fmt.Errorf("the policy's struct %s has invalid tags: %s", s.Type, s.Error.Reason)
		}
		if i == 0 || d.PartitionKey == "" {
			d.PartitionKey, d.SortKey = s.PartitionKey, s.SortKey
		}
		if s.PartitionKey != "" && (s.PartitionKey != d.PartitionKey || s.SortKey != d.SortKey) {
			return nil, fmt.Errorf("the policy's structs %s and %s have different keys, so they are not of one table: choose",
				chosen[0].Type, s.Type)
		}
		for _, a := range s.Attributes {
			before, ok := actions[a.Name]
			if ok && isKey(s, a.Name) && before == crypto.SignInContext {
				continue // the keys follow the struct with the context
			}
			if ok && before != a.Action && !(isKey(s, a.Name) && a.Action == crypto.SignInContext) {
				return nil, fmt.Errorf("the policy's structs disagree about attribute %q, so they are not of one table: choose",
					a.Name)
			}
			actions[a.Name], d.Attributes[a.Name] = a.Action, a.Action.String()
		}
		if err := d.addBeacons(s); err != nil {
			return nil, err
		}
	}
	d.Name = onlyTable(chosen)
	tables := append(slices.Clone(choice.Tables), d.Name)
	for _, s := range chosen {
		for _, o := range s.Options {
			d.selection = d.selection || o.Kind == source.Selection
			d.unknown = d.unknown || o.Kind == source.Unreadable
			d.otherBeacons = d.otherBeacons || o.Kind == source.Beacons && o.concerns(tables, s)
		}
	}
	if d.Undeclared, err = undeclared(chosen, tables); err != nil {
		return nil, err
	}
	return d, nil
}

// parsePolicy reads JSON or a lock file.
func parsePolicy(data []byte) (p policy, err error) {
	if isLock(data) {
		if p, err = lockPolicy(data); err != nil {
			err = fmt.Errorf("the lock file: %w", err)
		}
		return p, err
	}
	if err = unmarshal(data, &p); err != nil {
		err = fmt.Errorf("not the output of \"ddbenc policy --format json\": %w", wordless(err))
	}
	return p, err
}

// concerns reports whether an option of a struct may be that of a table with one
// of these names. It may be if the policy does not know any of them.
func (o policyOption) concerns(tables []string, s policyStruct) bool {
	known := slices.ContainsFunc(s.Tables, func(of string) bool { return named(tables, of) })
	return o.Table == "" || !known || named(tables, o.Table)
}

func named(tables []string, table string) bool {
	return slices.ContainsFunc(tables, func(name string) bool { return arn.SameTable(name, table) })
}

func isKey(s policyStruct, name string) bool { return name == s.PartitionKey || name == s.SortKey }

// undeclared returns the action for undeclared attributes of the table, or an
// empty string if the policy has none.
func undeclared(structs []policyStruct, tables []string) (string, error) {
	action := crypto.Encrypt
	for _, s := range structs {
		for _, o := range s.Options {
			if o.Kind != source.Undeclared || !named(tables, o.Table) {
				continue
			}
			if action != crypto.Encrypt && action != o.Action {
				return "", errors.New("the policy has several actions for attributes that no struct declares: say " +
					"table.undeclared in the key configuration")
			}
			action = o.Action
		}
	}
	if action == crypto.Encrypt {
		return "", nil
	}
	return action.String(), nil
}

func (p policy) choose(choice Choice) ([]policyStruct, error) {
	switch {
	case len(choice.Structs) > 0:
		var chosen []policyStruct
		for _, name := range choice.Structs {
			i := slices.IndexFunc(p.Structs, func(s policyStruct) bool { return name == s.Type || name == s.Package+"."+s.Name })
			if i < 0 {
				return nil, fmt.Errorf("the policy has no struct %q (it has: %s)", name, p.types())
			}
			chosen = append(chosen, p.Structs[i])
		}
		return chosen, nil
	case len(p.Structs) == 0:
		return nil, errors.New("the policy has no structs")
	}
	for _, table := range choice.Tables {
		var chosen []policyStruct
		for _, s := range p.Structs {
			if slices.ContainsFunc(s.Tables, func(of string) bool { return arn.SameTable(of, table) }) {
				chosen = append(chosen, s)
			}
		}
		if len(chosen) > 0 {
			return chosen, nil
		}
	}
	if len(p.Structs) > 1 {
		return nil, fmt.Errorf("the policy has %d structs, none of which is declared for this table: choose (%s)",
			len(p.Structs), p.types())
	}
	return p.Structs, nil
}

func (p policy) types() string {
	var all []string
	for _, s := range p.Structs {
		all = append(all, s.Type)
	}
	return strings.Join(all, ", ")
}

// onlyTable returns the name of the table that the structs are declared for, or
// an empty string if there is none or more than one.
func onlyTable(structs []policyStruct) string {
	only := ""
	for _, s := range structs {
		for _, table := range s.Tables {
			if name := arn.TableName(table); only == "" {
				only = name
			} else if name != only {
				return ""
			}
		}
	}
	return only
}
