package tags

import "github.com/ddbenc/ddbenc/internal/policy"

// Merge returns the policy of a table that holds items of several types
// (single-table design). The types may have different attributes. Attributes
// that they share must have the same action, the same beacon, and the same roles in the
// keys of the table and its indexes. The beacon that another one shares must be
// in one of the types. All types must have the same table keys, except
// that a type may have none.
//
// The error is an [*Error] that names both fields.
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
