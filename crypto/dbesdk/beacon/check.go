package beacon

import "github.com/ddbenc/ddbenc/crypto"

// Check validates the configuration against a table. actionOf returns the action
// of an attribute, and whether the attribute is configured: declared, or covered
// by an unsigned name or prefix. The error is a [*crypto.ItemError] that wraps
// [crypto.ErrPolicy].
func (s *Search) Check(table crypto.TableInfo, actionOf func(name string) (crypto.Action, bool)) error {
	return nil
}
