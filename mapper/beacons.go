package mapper

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

// beaconPrefix begins the names of attributes that hold beacons.
const beaconPrefix = "aws_dbe_b_"

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
	case !t.writer.Reserved(beaconPrefix):
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

// sealWithBeacons seals an item and adds its beacons.
func (t *table) sealWithBeacons(
	ctx context.Context, info crypto.TableInfo, actions crypto.Actions, item crypto.Item,
) (crypto.Item, error) {
	prepared, err := t.beacons.Prepare(item, t.declaredSigned)
	if err != nil {
		return nil, err
	}
	sealed, err := t.writer.EncryptItem(ctx, info, actions, prepared)
	if err != nil {
		return nil, err
	}
	stored, err := t.beacons.Stored(ctx, prepared, sealed)
	if err != nil {
		return nil, err
	}
	maps.Copy(sealed, stored)
	return sealed, nil
}

// keepsBeacons returns an error if resealing the item would remove beacons that
// the table does not declare.
func (t *table) keepsBeacons(op string, stored, opened crypto.Item) error {
	if t.beacons != nil || t.dropsBeacons || !hadBeacons(stored, opened) {
		return nil
	}
	return t.fail(op, "", fmt.Errorf("%w: the item has beacons, but the table is declared without any: declare them "+
		"(mapper.WithBeacons), or remove them on purpose (mapper.WithoutBeacons)", crypto.ErrPolicy))
}

// hadBeacons reports whether opening an item removed beacons.
func hadBeacons(stored, opened crypto.Item) bool {
	for name := range stored {
		if _, kept := opened[name]; !kept && strings.HasPrefix(name, beaconPrefix) {
			return true
		}
	}
	return false
}

// withDerived returns part, an opened item or a part of it, with the values that
// only queries have.
func (t *table) withDerived(part crypto.Item, whole snapshot) crypto.Item {
	derived := t.beacons.Derive(whole.opened, whole.stored)
	if field := t.beacons.KeyField(); !t.derived[field] {
		delete(derived, field) // an attribute like others, which the item lacks
	}
	if len(derived) == 0 {
		return part
	}
	visible := maps.Clone(part)
	maps.Copy(visible, derived)
	return visible
}

// complete returns an item to be put with its signed beacons, which can be part of
// the table's key.
func (t *table) complete(op string, item crypto.Item) (crypto.Item, error) {
	if t.beacons == nil || len(t.beacons.SignedNames()) == 0 {
		return item, nil
	}
	completed, err := t.beacons.Prepare(t.withoutBeacons(item), t.declaredSigned)
	if err != nil {
		return nil, t.fail(op, "", err)
	}
	return completed, nil
}

// refreshed returns an item that was made from the item before, with its signed
// beacons computed again unless they are its key.
func (t *table) refreshed(item, before crypto.Item) crypto.Item {
	if t.beacons == nil || len(t.beacons.SignedNames()) == 0 {
		return item
	}
	refreshed := maps.Clone(t.beacons.Refresh(item, before))
	maps.Copy(refreshed, t.info.Key(item))
	return refreshed
}

// withoutBeacons returns an item without beacons of this table. Items that were
// read through an index have those of the index's key, and the caller may put
// them back.
func (t *table) withoutBeacons(item crypto.Item) crypto.Item {
	if t.beacons == nil {
		return item
	}
	without := item
	for name := range item {
		if !t.isBeacon(name) {
			continue
		}
		if len(without) == len(item) {
			without = maps.Clone(item)
		}
		delete(without, name)
	}
	return without
}

// isBeacon reports whether an attribute is one of the table's stored beacons.
func (t *table) isBeacon(attribute string) bool {
	name, ok := strings.CutPrefix(attribute, beaconPrefix)
	if !ok || t.beacons == nil {
		return false
	}
	b := t.beacons.Named(name)
	return b != nil && b.Attribute() == attribute
}

// keyBeacons returns the beacons in the key of an index, as the stored entry has
// them. guregu/dynamo makes page tokens from the items of a page, so items read
// through an index need them. Of an index that no tag declares, all beacons
// could be part of the key.
func (p pagePlan) keyBeacons(stored crypto.Item) crypto.Item {
	t := p.table
	if p.index == nil || t.beacons == nil {
		return nil
	}
	names := t.storedKeyNamesOf(p.index)
	if _, declared := t.policy.Index(*p.index); !declared {
		for name := range stored {
			names = append(names, name)
		}
	}
	var kept crypto.Item
	for _, name := range names {
		value, ok := stored[name].(*types.AttributeValueMemberS)
		if !ok || !t.isBeacon(name) {
			continue
		}
		if kept == nil {
			kept = make(crypto.Item)
		}
		kept[name] = value
	}
	return kept
}
