// Package corpus has struct types that are hard to tell about from source: what
// package source says of them is compared with what package tags says.
package corpus

import "reflect"

// Types has every type in question, each by a call of reflect.TypeFor: what
// reads the source finds the types by these calls, in their order.
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
	types = append(types, local()...)
	return append(types, method{}.local()...)
}
