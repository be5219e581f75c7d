package tags

import "github.com/ddbenc/ddbenc/internal/policy"

// Merge returns the policy of a table that holds items of several types
// (single-table design). Types need not have the same attributes, but where
// they share one, by name, they have to agree on its action and on its part in
// the keys of the table and of indexes; and they have to have the same table
// keys. A type without any may join: it then says nothing about the keys.
//
// An error is an [*Error] and names both fields.
func Merge(policies ...*Policy) (*Policy, error) {
	rules := make([]*policy.Policy, len(policies))
	for i, p := range policies {
		if p != nil {
			rules[i] = p.rules
		}
	}
	merged, err := policy.Merge(rules...)
	if err != nil {
		return nil, newError(err)
	}
	return newPolicy(merged), nil
}
