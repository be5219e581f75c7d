package mapper

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

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
		if _, kept := opened[name]; !kept && strings.HasPrefix(name, beacon.AttributePrefix) {
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
	name, ok := strings.CutPrefix(attribute, beacon.AttributePrefix)
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
