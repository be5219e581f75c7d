package mapper

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// applyDifference returns stored with the changes between before and after, at
// any depth. before and after are the encodings of one Go value before and after a
// change. Values that are equal in both stay as they are stored, even if they are
// encoded differently there. The arguments are not altered, and the result shares
// values with them.
func applyDifference(stored, before, after crypto.Item) crypto.Item {
	result := maps.Clone(stored)
	for name := range before {
		if _, ok := after[name]; !ok {
			delete(result, name)
		}
	}
	for name, value := range after {
		old, was := before[name]
		there, is := stored[name]
		switch {
		case was && expr.Equal(old, value):
			// Not changed, even if it is not stored.
		case was && is:
			result[name] = changedValue(there, old, value)
		default:
			result[name] = value
		}
	}
	return result
}

// changedValue is applyDifference for a value that did change.
func changedValue(stored, before, after types.AttributeValue) types.AttributeValue {
	if expr.TypeName(stored) != expr.TypeName(before) || expr.TypeName(before) != expr.TypeName(after) {
		return after
	}
	switch after := after.(type) {
	case *types.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: applyDifference(
			stored.(*types.AttributeValueMemberM).Value, before.(*types.AttributeValueMemberM).Value, after.Value)}
	case *types.AttributeValueMemberL:
		return &types.AttributeValueMemberL{Value: changedList(
			stored.(*types.AttributeValueMemberL).Value, before.(*types.AttributeValueMemberL).Value, after.Value)}
	case *types.AttributeValueMemberNS:
		old, rest := before.(*types.AttributeValueMemberNS).Value, stored.(*types.AttributeValueMemberNS).Value
		return &types.AttributeValueMemberNS{Value: changedNumbers(rest, old, after.Value)}
	}
	return after
}

// changedList keeps the elements before and after the changed ones as they are
// stored. The elements in between are compared one by one if their number is the
// same, and replaced otherwise.
func changedList(stored, before, after []types.AttributeValue) []types.AttributeValue {
	if len(stored) != len(before) {
		return after // the Go type does not hold the list as it is stored
	}
	start := 0
	for start < min(len(before), len(after)) && expr.Equal(before[start], after[start]) {
		start++
	}
	end := 0 // counted from the end
	for end < min(len(before), len(after))-start && expr.Equal(before[len(before)-1-end], after[len(after)-1-end]) {
		end++
	}
	middle := after[start : len(after)-end]
	if len(before) == len(after) {
		middle = slices.Clone(middle)
		for i := range middle {
			if old := before[start+i]; expr.Equal(old, middle[i]) {
				middle[i] = stored[start+i]
			} else {
				middle[i] = changedValue(stored[start+i], old, middle[i])
			}
		}
	}
	return slices.Concat(stored[:start], middle, stored[len(stored)-end:])
}

// changedNumbers keeps the stored members of a number set, which a Go type may
// have rounded. If a removed member is not among them, the set is replaced.
func changedNumbers(stored, before, after []string) []string {
	normal := func(all []string) map[string]bool {
		set := make(map[string]bool, len(all))
		for _, n := range all {
			set[number(n)] = true
		}
		return set
	}
	old, now, there := normal(before), normal(after), normal(stored)
	result := slices.Clone(stored)
	for n := range old {
		if now[n] {
			continue
		}
		if !there[n] {
			return after
		}
		result = slices.DeleteFunc(result, func(m string) bool { return number(m) == n })
	}
	for _, n := range after {
		if !old[number(n)] && !there[number(n)] {
			result = append(result, n)
		}
	}
	if len(result) == 0 {
		return after
	}
	return result
}
