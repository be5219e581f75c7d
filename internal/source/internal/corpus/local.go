package corpus

import "reflect"

// aside has local types outside of a declared function. The compiler counts
// them too when it numbers local types.
var aside = func() []reflect.Type {
	type aside struct {
		Pair[int, Text]
		N Number `ddbenc:"none"`
	}
	return []reflect.Type{reflect.TypeFor[aside](), reflect.TypeFor[Box[aside]]()}
}

func local() []reflect.Type {
	type Account struct { // hides the other
		ID  string `dynamo:"id,hash"`
		Box Box[Text]
	}
	type alias = Account
	type text string
	var types []reflect.Type
	if len(types) == 0 {
		type Account struct { // hides that one
			alias
			Inner Box[text] `ddbenc:"sign"`
		}
		types = append(types, reflect.TypeFor[Account](), reflect.TypeFor[Box[Account]](), reflect.TypeFor[Pair[text, *Account]]())
	}
	types = append(types, reflect.TypeFor[Account](), reflect.TypeFor[Box[alias]](), reflect.TypeFor[struct {
		Account
		Text  text
		Boxed Box[struct {
			Account
			text
		}]
	}]())
	return append(types, aside()...)
}

type method struct{}

func (method) local() []reflect.Type {
	type Account struct {
		unexported struct{ A int }
		Exported   []Box[Account2] `dynamo:"e"`
	}
	_ = Account{}.unexported
	return []reflect.Type{reflect.TypeFor[Account](), reflect.TypeFor[Box[[]Account]]()}
}

// Account2 is not local.
type Account2 struct{ N int }
