package beacon

import (
	"fmt"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
)

// Check validates the configuration against a table. actionOf returns the action
// of an attribute, and whether the attribute is configured: declared, or covered
// by an unsigned name or prefix. The error is a [*crypto.ItemError] that wraps
// [crypto.ErrPolicy].
func (s *Search) Check(table crypto.TableInfo, actionOf func(name string) (crypto.Action, bool)) error {
	c := checker{table, actionOf}
	if err := c.check(s); err != nil {
		return failure.At("check", table, fmt.Errorf("%w: %w", crypto.ErrPolicy, err))
	}
	return nil
}

type checker struct {
	table    crypto.TableInfo
	actionOf func(name string) (crypto.Action, bool)
}

func (c checker) check(s *Search) error {
	if field := s.keys.field; field != "" {
		if action, configured := c.actionOf(field); configured && action == crypto.Encrypt {
			return fmt.Errorf("beacon key field %q is encrypted: sign it, or remove its action", field)
		}
	}
	for _, v := range s.virtual {
		if err := c.free(aVirtual, v.name); err != nil {
			return err
		}
		for _, root := range v.roots() {
			if !c.action(root).Signed() {
				return about(aVirtual, v.name, "attribute %q is not signed, so anyone could change it: sign or encrypt it", root)
			}
		}
	}
	for _, b := range s.standard {
		if err := c.standard(b); err != nil {
			return err
		}
	}
	for _, b := range s.compound {
		if err := c.free(aBeacon, b.name); err != nil {
			return err
		}
	}
	for _, b := range s.signed {
		if action, configured := c.actionOf(b.name); configured && action != crypto.Sign {
			return about(aBeacon, b.name, "it has no encrypted parts, so it is stored under its own name, but attribute %q has "+
				"action %q: use \"sign\"", b.name, action)
		}
	}
	return c.parts(slices.Concat(s.compound, s.signed))
}

func (c checker) action(name string) crypto.Action {
	action, _ := c.actionOf(name)
	return action
}

// free checks that a name that is computed is not that of an attribute.
func (c checker) free(kind, name string) error {
	if _, configured := c.actionOf(name); configured || c.table.IsKey(name) {
		return about(kind, name, "there is an attribute of that name: rename one of them")
	}
	return nil
}

func (c checker) standard(b *standard) error {
	if !b.isOfAttribute() {
		if err := c.free(aBeacon, b.name); err != nil {
			return err
		}
	}
	if action, configured := c.actionOf(b.name); configured && action != crypto.Encrypt {
		return about(aBeacon, b.name, "attribute %q is not encrypted: query it without a beacon", b.name)
	}
	encrypted := func(root string) bool { return !c.table.IsKey(root) && c.action(root) == crypto.Encrypt }
	if !slices.ContainsFunc(b.location.roots(), encrypted) {
		return about(aBeacon, b.name, "location %q is not encrypted: encrypt it, or query it without a beacon", b.location)
	}
	return nil
}

func (c checker) parts(beacons []*compound) error {
	for _, b := range beacons {
		for _, p := range b.parts {
			action := c.action(p.location.path.root())
			if p.encrypted == nil && action != crypto.Sign && action != crypto.SignInContext {
				return about(aBeacon, b.name, "signed part %q is at %q, which has action %q: use \"sign\", or an encrypted part",
					p.name, p.location, action)
			}
		}
	}
	return nil
}
