package keyconfig

import (
	"bytes"
	"path"
	"strings"

	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/tags"
)

// isLock reports whether a policy is a lock file rather than JSON.
func isLock(data []byte) bool {
	return bytes.HasPrefix(data, []byte("# "+lock.Filename)) || bytes.HasPrefix(data, []byte("version "))
}

// lockPolicy reads the policy that a lock file holds.
func lockPolicy(data []byte) (policy, error) {
	file, err := lock.Parse(bytes.NewReader(data))
	if err != nil {
		return policy{}, err
	}
	var p policy
	for _, locked := range file.Structs {
		s := policyStruct{Package: locked.Package, Name: locked.Name, Type: typeName(locked), Tables: locked.Tables}
		for _, o := range locked.Options {
			s.Options = append(s.Options, policyOption{o.Table, o.Kind, o.Action})
		}
		for _, a := range locked.Attributes {
			s.Attributes = append(s.Attributes, policyAttribute{a.Name, a.Action, a.Beacon})
			switch a.Key {
			case tags.Partition:
				s.PartitionKey = a.Name
			case tags.Sort:
				s.SortKey = a.Name
			}
		}
		p.Structs = append(p.Structs, s)
	}
	return p, nil
}

// typeName returns a type as Go writes it, such as "store.Account".
func typeName(s lock.Struct) string {
	if strings.ContainsAny(s.Name, "{ ") {
		return s.Name // a type without a name
	}
	return path.Base(s.Package) + "." + s.Name
}
