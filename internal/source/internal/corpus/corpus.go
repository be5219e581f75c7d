// Package corpus has struct types that are difficult to analyze from source
// code. Tests compare the results of package source for them with those of
// package tags.
package corpus

import "reflect"

// Types returns all types, each by a call of reflect.TypeFor. The analysis of
// the source code finds the types by these calls, in the same order.
func Types() []reflect.Type {
	types := []reflect.Type{
		reflect.TypeFor[Account](),
		reflect.TypeFor[*Account](),
		reflect.TypeFor[AccountPointer](),
		reflect.TypeFor[**Account](),
		reflect.TypeFor[Spellings](),
		reflect.TypeFor[Unspelled](),
		reflect.TypeFor[Generics](),
		reflect.TypeFor[Box[int]](),
		reflect.TypeFor[*Box[[]Account2]](),
		reflect.TypeFor[Sealed[Text]](),
		reflect.TypeFor[Sealed[*Sealed[Text]]](),
		reflect.TypeFor[Box[Box[map[string]any]]](),
		reflect.TypeFor[Pair[byte, struct {
			error
			Text
			A rune `json:"a"`
		}]](),
		reflect.TypeFor[Pair[Box[Pair[int, any]], error]](),
		reflect.TypeFor[AliasBox](),
		reflect.TypeFor[GenericAlias[Text]](),
		reflect.TypeFor[DefinedLater](),
		reflect.TypeFor[struct {
			Account
			Note string `ddbenc:"none"`
		}](),
		reflect.TypeFor[struct {
			*Account `dynamo:"account"`
			plain
		}](),
	}
	types = append(types, embeddings()...)
	types = append(types, mistakes()...)
	types = append(types, beacons()...)
	types = append(types, local()...)
	return append(types, method{}.local()...)
}
