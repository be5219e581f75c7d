package corpus

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/internal/source/internal/corpus/odd.v2"
)

func mistakes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[unknownWord](),
		reflect.TypeFor[misspelled](),
		reflect.TypeFor[encryptedKey](),
		reflect.TypeFor[unsignedKey](),
		reflect.TypeFor[twoKeys](),
		reflect.TypeFor[sortOnly](),
		reflect.TypeFor[localElsewhere](),
		reflect.TypeFor[indexTwice](),
		reflect.TypeFor[onUnexported](),
		reflect.TypeFor[onEmbedded](),
		reflect.TypeFor[keyOnEmbedded](),
		reflect.TypeFor[nested](),
		reflect.TypeFor[nestedInMapKey](),
		reflect.TypeFor[nestedFar](),
		reflect.TypeFor[Box[nestedFar]](),
		reflect.TypeFor[Sealed[Sealed[int]]](),
		reflect.TypeFor[oneNameTwice](),
		reflect.TypeFor[outerFirst](),
		reflect.TypeFor[outerLast](),
		reflect.TypeFor[ofThreeLevels](),
		reflect.TypeFor[nestedThreeLevels](),
		reflect.TypeFor[*pointerToUnexported](),
		reflect.TypeFor[Loop](),
		reflect.TypeFor[LoopA](),
		reflect.TypeFor[nestedLoop](),
		reflect.TypeFor[itemMarshaler](),
		reflect.TypeFor[itemUnmarshaler](),
		reflect.TypeFor[promoted](),
		reflect.TypeFor[promotedByPointer](),
		reflect.TypeFor[hiddenByField](),
		reflect.TypeFor[ambiguous](),
		reflect.TypeFor[promotedFromInterface](),
		reflect.TypeFor[Text](),
		reflect.TypeFor[error](),
		reflect.TypeFor[any](),
		reflect.TypeFor[byte](),
		reflect.TypeFor[map[string]Account](),
		reflect.TypeFor[func(Account) Box[Text]](),
		reflect.TypeFor[*[]Account](),
	}
}

type (
	unknownWord struct {
		A string `ddbenc:"secret"`
	}
	misspelled struct {
		ID string `dynamo:"id,hash"`
		A  string `ddbecn:"none"`
	}
	encryptedKey struct {
		A string `index:"i,hash" ddbenc:"encrypt"`
	}
	unsignedKey struct {
		A string `dynamo:",hash" ddbenc:"none"`
	}
	twoKeys struct {
		A string `dynamo:"a,hash"`
		oddly.Base
	}
	sortOnly struct {
		A string `dynamo:"a,range"`
	}
	localElsewhere struct {
		oddly.Base
		A string `localIndex:"i,hash"`
	}
	indexTwice struct {
		oddly.Base
		A string `localIndex:"i,range"`
		B string `index:"i,hash"`
	}
	onUnexported struct {
		a string `ddbenc:"none"`
	}
	onEmbedded struct {
		Audit `ddbenc:"none"`
	}
	keyOnEmbedded struct {
		*Audit `dynamo:"a,hash"`
	}
	nested         struct{ A [][2]*Audit }
	nestedInMapKey struct {
		A map[struct {
			B string `ddbenc:"none"`
		}]bool
	}
	nestedFar struct {
		Kids map[string][]nestedFar2
	}
	nestedFar2 struct {
		Up *nestedFar
		X  struct {
			Card string `ddbenc:"encrypt"`
		}
	}
	oneNameTwice struct {
		A string `dynamo:"x"`
		B string `dynamo:"x"`
	}
	outerFirst struct {
		Plain string
		plain
	}
	outerLast struct {
		plain
		Plain string
	}
	ofThreeLevels struct {
		Three string
		Lone3
	}
	nestedThreeLevels   struct{ A *map[string]ofThreeLevels }
	pointerToUnexported struct{ *plain }
	Loop                struct{ *Loop }
	LoopA               struct{ *LoopB }
	LoopB               struct{ *LoopA }
	nestedLoop          struct{ A LoopA }

	itemMarshaler     struct{ A string }
	itemUnmarshaler   struct{ A string }
	promoted          struct{ itemMarshaler }
	promotedByPointer struct{ ItemUnmarshaler }
	ItemUnmarshaler   = itemUnmarshaler
	hiddenByField     struct {
		itemMarshaler
		MarshalDynamoItem string
	}
	ambiguous struct {
		itemMarshaler
		itemMarshaler2
	}
	itemMarshaler2        struct{ itemMarshaler3 }
	itemMarshaler3        struct{ B string }
	promotedFromInterface struct{ Marshaler }
	Marshaler             interface {
		MarshalDynamoItem() (map[string]types.AttributeValue, error)
	}
)

func (itemMarshaler) MarshalDynamoItem() (map[string]types.AttributeValue, error)  { return nil, nil }
func (itemMarshaler2) MarshalDynamoItem() (map[string]types.AttributeValue, error) { return nil, nil }
func (*itemUnmarshaler) UnmarshalDynamoItem(map[string]types.AttributeValue) error { return nil }

var _ = onUnexported{}.a
