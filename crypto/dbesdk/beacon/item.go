package beacon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

const opEncrypt = "encrypt"

// Prepare returns the item to seal: with the signed beacons added and, in a multi
// key store, without a beacon key field that is not signed. signed reports whether
// an attribute is signed. The item is not modified.
//
// Prepare refuses an item that has another value for a signed beacon, or an
// attribute that has the name of something that queries compute. The error is a
// [*crypto.ItemError] that wraps [crypto.ErrInvalidItem].
func (s *Search) Prepare(item crypto.Item, signed func(name string) bool) (crypto.Item, error) {
	prepared := maps.Clone(item)
	for _, name := range s.computed() {
		if _, ok := item[name]; ok {
			return nil, &crypto.ItemError{Op: opEncrypt, Attribute: name, Err: fmt.Errorf(
				"%w: the name is that of a beacon or virtual field, which is computed: rename the attribute",
				crypto.ErrInvalidItem)}
		}
	}
	for _, c := range s.signed {
		value, ok, err := c.plaintext(item)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue // a value that was supplied remains
		}
		if supplied, ok := item[c.name]; ok && !isString(supplied, value) {
			return nil, &crypto.ItemError{Op: opEncrypt, Attribute: c.name, Err: fmt.Errorf(
				"%w: the value differs from the signed beacon: leave it out, and it is added", crypto.ErrInvalidItem)}
		}
		prepared[c.name] = &types.AttributeValueMemberS{Value: value}
	}
	if field := s.keys.field; field != "" && !signed(field) {
		delete(prepared, field)
	}
	return prepared, nil
}

// Refresh returns changed, which was made from the item before, with its signed
// beacons computed again. Those that could not be computed before, and those that
// the change set, remain. The items are not modified.
func (s *Search) Refresh(changed, before crypto.Item) crypto.Item {
	refreshed := changed
	for _, c := range s.signed {
		was, ok := before[c.name].(*types.AttributeValueMemberS)
		if !ok || was == nil || !isString(changed[c.name], was.Value) {
			continue
		}
		if _, ok, err := c.plaintext(before); !ok || err != nil {
			continue
		}
		if len(refreshed) == len(changed) {
			refreshed = maps.Clone(refreshed)
		}
		delete(refreshed, c.name)
	}
	if len(refreshed) == len(changed) {
		return changed
	}
	for _, c := range s.signed {
		if value, ok, err := c.plaintext(changed); refreshed[c.name] == nil && ok && err == nil {
			refreshed[c.name] = &types.AttributeValueMemberS{Value: value}
		}
	}
	return refreshed
}

func isString(v types.AttributeValue, want string) bool {
	s, ok := v.(*types.AttributeValueMemberS)
	return ok && s != nil && s.Value == want
}

// computed returns the names that no attribute of an item may have.
func (s *Search) computed() []string {
	var names []string
	for _, v := range s.virtual {
		names = append(names, v.name)
	}
	for _, c := range s.compound {
		names = append(names, c.name)
	}
	for _, b := range s.standard {
		if !b.isOfAttribute() {
			names = append(names, b.name)
		}
	}
	return names
}

// Stored returns the beacons to add to an item: attributes whose names begin with
// "aws_dbe_b_". sealed is the sealed form of item, which [Search.Prepare] returned.
//
// The error wraps [crypto.ErrInvalidItem] if the item cannot have a beacon,
// [crypto.ErrPolicy] if it cannot be told which branch key it is sealed with, and
// otherwise what the key store's error wraps.
func (s *Search) Stored(ctx context.Context, item, sealed crypto.Item) (crypto.Item, error) {
	k, err := s.keyOf(ctx, sealed)
	if err != nil {
		return nil, err
	}
	partition := 0
	if s.partitions > 1 {
		if partition = s.choose(item, s.partitions); partition < 0 || partition >= s.partitions {
			return nil, fmt.Errorf("beacon: %w: partition %d was chosen for an item: choose 0 to %d", crypto.ErrPolicy,
				partition, s.partitions-1)
		}
	}
	stored := make(crypto.Item)
	for name, v := range s.beacons(k, item, partition) {
		if v.err != nil {
			return nil, v.err
		}
		stored[name] = v.value
	}
	return stored, nil
}

// result is a beacon of an item.
type result struct {
	value types.AttributeValue
	err   error
}

// beacons iterates over the beacons of an item by the names of their attributes.
func (s *Search) beacons(k *Key, item crypto.Item, partition int) func(func(string, result) bool) {
	return func(yield func(string, result) bool) {
		for _, b := range s.standard {
			if b.partOnly {
				continue
			}
			v, err := b.location.value(item)
			if v != nil && err == nil {
				v, err = b.of(k, v, partition)
			}
			if err != nil {
				err = refused(b.name, b.location, err)
			}
			if (v != nil || err != nil) && !yield(AttributePrefix+b.name, result{v, err}) {
				return
			}
		}
		for _, c := range s.compound {
			value, ok, err := c.of(k, item, partition)
			if (ok || err != nil) &&
				!yield(AttributePrefix+c.name, result{&types.AttributeValueMemberS{Value: value}, err}) {
				return
			}
		}
	}
}

// keyOf returns the key of the beacons of a sealed item.
func (s *Search) keyOf(ctx context.Context, sealed crypto.Item) (*Key, error) {
	var id string
	if s.keys.field != "" {
		var err error
		if id, err = sealedBy(sealed); err != nil {
			return nil, err
		}
	}
	return s.keys.load(ctx, id)
}

// SameBeacons reports whether a stored item has the beacons that [Search.Stored]
// would add for some partition, no other attribute whose name begins with
// "aws_dbe_b_", and no signed beacon with another value. item is the opened item.
// The errors are those of Stored.
func (s *Search) SameBeacons(ctx context.Context, item, stored crypto.Item) (bool, error) {
	k, err := s.keyOf(ctx, stored)
	if err != nil {
		return false, err
	}
	for _, c := range s.signed {
		if value, ok, err := c.plaintext(item); ok && err == nil && item[c.name] != nil && !isString(item[c.name], value) {
			return false, nil
		}
	}
	for partition := range s.partitions {
		if same, err := s.hasBeacons(k, item, stored, partition); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func (s *Search) hasBeacons(k *Key, item, stored crypto.Item, partition int) (bool, error) {
	n := 0
	for name, v := range s.beacons(k, item, partition) {
		if v.err != nil {
			return false, v.err
		}
		if !sameBeacon(stored[name], v.value) {
			return false, nil
		}
		n++
	}
	for name := range stored {
		if strings.HasPrefix(name, AttributePrefix) {
			n--
		}
	}
	return n == 0, nil
}

func sameBeacon(stored, want types.AttributeValue) bool {
	switch want := want.(type) {
	case *types.AttributeValueMemberS:
		return isString(stored, want.Value)
	case *types.AttributeValueMemberSS:
		set, ok := stored.(*types.AttributeValueMemberSS)
		return ok && set != nil && slices.Equal(slices.Sorted(slices.Values(set.Value)), want.Value)
	}
	return false
}

// BranchKeyID returns the branch key whose beacon key the beacons of a stored item
// use. It is empty if the item does not say.
func (s *Search) BranchKeyID(stored crypto.Item) string {
	if s.keys.field == "" {
		return s.keys.branchKeyID
	}
	id, err := sealedBy(stored)
	if err != nil {
		return ""
	}
	return id
}

// Derive returns, by name, what queries can compare but items do not contain: the
// plaintext values of compound beacons, virtual fields and standard beacons at
// another location, and the beacon key field of a multi key store if the item
// lacks it. item is the opened item, and stored is what DynamoDB has. Values that
// cannot be computed are left out.
func (s *Search) Derive(item, stored crypto.Item) crypto.Item {
	derived := make(crypto.Item)
	for _, v := range s.virtual {
		if text, ok, err := v.text(item); ok && err == nil {
			derived[v.name] = &types.AttributeValueMemberS{Value: text}
		}
	}
	for _, b := range s.standard {
		if b.isOfAttribute() {
			continue
		}
		if v, err := b.location.value(item); v != nil && err == nil {
			derived[b.name] = v
		}
	}
	for _, c := range s.compound {
		if value, ok, err := c.plaintext(item); ok && err == nil {
			derived[c.name] = &types.AttributeValueMemberS{Value: value}
		}
	}
	if field := s.keys.field; field != "" && item[field] == nil {
		if id := s.BranchKeyID(stored); id != "" {
			derived[field] = &types.AttributeValueMemberS{Value: id}
		}
	}
	return derived
}

// TenantsIn returns the branch key IDs that an item must have one of for the value
// at path to be equal to v: v itself if path is the beacon key field, or the text
// of a signed part at that field if path is a compound beacon.
func (s *Search) TenantsIn(path string, v types.AttributeValue) []string {
	text, ok := v.(*types.AttributeValueMemberS)
	if s.keys.field == "" || !ok || text == nil {
		return nil
	}
	if path == s.keys.field {
		return []string{text.Value}
	}
	for _, c := range slices.Concat(s.compound, s.signed) {
		if c.name == path {
			return c.textsAt(s.keys.field, text.Value)
		}
	}
	return nil
}
