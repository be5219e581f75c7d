package keyconfig

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
)

// beacons configures the beacons of the table and their keys.
type beacons struct {
	KeyStore  *keyStore      `json:"keyStore"`
	BranchKey string         `json:"branchKey"` // of all items
	KeyField  string         `json:"keyField"`  // names the branch key in queries
	TTL       string         `json:"ttl"`
	Config    *beacon.Config `json:"config"`
}

// beacons adds the beacons of the policy and of the file to the table.
func (m *maker) beacons(ctx context.Context, t *Table) error {
	const where = "beacons"
	c, d := m.file.Beacons, m.file.Declaration
	switch {
	case c == nil && (len(d.beacons) > 0 || d.otherBeacons):
		return fmt.Errorf("%s: missing: the policy has beacons%s. Specify their keys (\"keyStore\" and either \"branchKey\" "+
			"or \"keyField\"), so that items keep them", where, namesOf(d.beacons))
	case c == nil:
		return nil
	case d.otherBeacons && c.Config == nil:
		return fmt.Errorf("%s.config: missing: the policy says that the table also has beacons that are configured in Go "+
			"(mapper.WithBeaconConfig). Specify the same configuration, so that items keep them", where)
	}
	config, err := d.merge(c.Config)
	if err != nil {
		return at(where, err)
	}
	keys, err := m.beaconKeys(ctx, c, where)
	if err != nil {
		return err
	}
	search, err := beacon.New(keys, config)
	if err != nil {
		return at(where, err)
	}
	t.Actions.Attributes = maps.Clone(t.Actions.Attributes)
	for _, name := range search.SignedNames() {
		t.Actions.Attributes[name] = crypto.Sign
	}
	t.options = append(t.options, mapper.WithBeacons(keys), mapper.WithBeaconConfig(config))
	return nil
}

// merge returns the beacons of the policy and those of the file.
func (d *Declaration) merge(of *beacon.Config) (beacon.Config, error) {
	var config beacon.Config
	if of != nil {
		config = *of
	}
	for _, b := range config.Standard {
		if slices.ContainsFunc(d.beacons, func(tag beacon.Standard) bool { return tag.Name == b.Name }) {
			return config, fmt.Errorf("config: beacon %q is in the policy: omit it here", b.Name)
		}
	}
	config.Standard = slices.Concat(d.beacons, config.Standard)
	return config, nil
}

func (m *maker) beaconKeys(ctx context.Context, c *beacons, where string) (*beacon.Keys, error) {
	if (c.BranchKey == "") == (c.KeyField == "") {
		return nil, fmt.Errorf("%s: specify the branch key: either \"branchKey\" or \"keyField\"", where)
	}
	ttl, err := duration(c.TTL, join(where, "ttl"))
	if err != nil {
		return nil, err
	}
	store, err := m.keyStore(ctx, c.KeyStore, join(where, "keyStore"))
	if err != nil {
		return nil, err
	}
	if c.KeyField != "" {
		keys, err := beacon.MultiKeyStore(store, c.KeyField, ttl)
		return keys, at(where, err)
	}
	keys, err := beacon.SingleKeyStore(store, c.BranchKey, ttl)
	return keys, at(where, err)
}

// addBeacons adds the beacons of a struct of the policy.
func (d *Declaration) addBeacons(s policyStruct) error {
	for _, a := range s.Attributes {
		if a.Beacon == nil {
			continue
		}
		b := beacon.Standard{Name: a.Name, Length: a.Beacon.Length, Set: a.Beacon.Set, Shared: a.Beacon.Shared,
			PartOnly: a.Beacon.PartOnly, Partitions: a.Beacon.Partitions}
		i := slices.IndexFunc(d.beacons, func(other beacon.Standard) bool { return other.Name == b.Name })
		switch {
		case i < 0:
			d.beacons = append(d.beacons, b)
		case d.beacons[i] != b:
			return fmt.Errorf("the policy's structs disagree about the beacon of attribute %q, so they are not of one table: "+
				"choose", a.Name)
		}
	}
	return nil
}

// namesOf lists beacons for an error.
func namesOf(beacons []beacon.Standard) string {
	if len(beacons) == 0 {
		return ""
	}
	names := make([]string, len(beacons))
	for i, b := range beacons {
		names[i] = fmt.Sprintf("%q", b.Name)
	}
	return " (" + strings.Join(names, ", ") + ")"
}
