package mapper

import (
	"fmt"
	"maps"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/tags"
)

// WithBeacons makes encrypted attributes searchable. Items are stored with the
// beacons that the `beacon` struct tags and [WithBeaconConfig] configure, and
// queries and filters use them. The keys hash the values:
//
//	keys, err := beacon.SingleKeyStore(store, branchKeyID, 10*time.Minute)
//	db, err := mapper.New(client, mapper.TableOf[Patient]("patients", encryptor, mapper.WithBeacons(keys)))
//
// An encrypted attribute with a beacon can be the key of an index: CreateTable and
// UpdateTable create the index on the beacon, and a Query through the index is
// rewritten to it. What DynamoDB returns is verified, opened and compared with
// the plaintext of the query, so the result has no false positives. Filters that
// test such an attribute for equality are narrowed by its beacon; any other
// filter is evaluated on opened items.
//
// Items that were stored before an attribute had its beacon are not found by a
// Query through an index on the beacon until they are resealed; filters do find
// them. Whoever reads the table sees which items share a value, up to collisions
// of the beacons; see package beacon.
func WithBeacons(keys *beacon.Keys) TableOption {
	return func(d *declaration) error {
		if keys == nil {
			return fmt.Errorf("%w: mapper.WithBeacons: no keys", crypto.ErrPolicy)
		}
		d.beaconKeys = keys
		return nil
	}
}

// WithBeaconConfig adds beacons that struct tags cannot express: of parts of
// attributes, virtual fields, compound and signed beacons, and partitions. With
// [TableOfSchema], it configures all beacons. It needs [WithBeacons] too.
func WithBeaconConfig(config beacon.Config, options ...beacon.Option) TableOption {
	return func(d *declaration) error {
		d.beaconConfig, d.beaconOptions = config, options
		return nil
	}
}

// WithoutBeacons removes beacons when items are resealed, to stop the search by
// encrypted attributes on purpose. Without it, resealing an item that has beacons
// is an error if the table declares none, because a program that lacks the
// declaration would otherwise make the item disappear from indexes on beacons.
// Other writes store items without beacons in any case. The option cannot be
// combined with beacons.
func WithoutBeacons() TableOption {
	return func(d *declaration) error { d.base.dropsBeacons = true; return nil }
}

// addBeacons adds the beacons of the declaration to a table, if there are any.
func (d *declaration) addBeacons(t *table) error {
	config := d.beaconConfig
	config.Standard = nil
	for _, a := range t.policy.Attributes() {
		if a.Beacon != nil {
			config.Standard = append(config.Standard, standardBeacon(a))
		}
	}
	config.Standard = append(config.Standard, d.beaconConfig.Standard...)
	configured := len(config.Standard)+len(config.Compound) > 0
	switch {
	case t.dropsBeacons && (d.beaconKeys != nil || configured):
		return fmt.Errorf("%w: mapper.WithoutBeacons is for a table that no longer has beacons, but this one has: remove "+
			"the option, or the beacons", crypto.ErrPolicy)
	case d.beaconKeys == nil && !configured:
		return nil
	case d.beaconKeys == nil:
		return fmt.Errorf("%w: the table has beacons but no keys for them: use mapper.WithBeacons", crypto.ErrPolicy)
	case !t.writer.Reserved(beacon.AttributePrefix):
		return fmt.Errorf("%w: beacons need an encryptor of the format dbesdk", crypto.ErrPolicy)
	case t.selects != nil:
		return fmt.Errorf("%w: mapper.WithSelection cannot be combined with beacons: queries of an index on a beacon would "+
			"not find the items that are not protected", crypto.ErrPolicy)
	}
	search, err := beacon.New(d.beaconKeys, config, d.beaconOptions...)
	if err != nil {
		return err
	}
	t.actions.Attributes = maps.Clone(t.actions.Attributes)
	if t.actions.Attributes == nil { // a schema without attributes
		t.actions.Attributes = make(map[string]crypto.Action)
	}
	for _, name := range search.SignedNames() {
		t.actions.Attributes[name] = crypto.Sign
	}
	if err := search.Check(t.info, t.configured); err != nil {
		return err
	}
	t.beacons, t.derived = search, make(map[string]bool)
	for _, name := range search.DerivedNames() {
		t.derived[name] = true
	}
	if field := search.KeyField(); field != "" && !t.declaredSigned(field) {
		t.derived[field] = true
	}
	return nil
}

func standardBeacon(a tags.Attribute) beacon.Standard {
	b := a.Beacon
	return beacon.Standard{Name: a.Name, Length: b.Length, Set: b.Set, Shared: b.Shared, PartOnly: b.PartOnly,
		Partitions: b.Partitions}
}

// configured returns the action of an attribute, and whether a struct tag or the
// encryptor's configuration sets it.
func (t *table) configured(name string) (crypto.Action, bool) {
	_, declared := t.actions.Attributes[name]
	action := t.writer.ActionOf(t.actions, name)
	return action, declared || action != t.actions.Default
}

// declaredSigned reports whether the attribute is configured to be signed and
// readable.
func (t *table) declaredSigned(name string) bool {
	action, configured := t.configured(name)
	return configured && (action == crypto.Sign || action == crypto.SignInContext)
}
