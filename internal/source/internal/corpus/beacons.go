package corpus

import (
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func beacons() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[Searched](),
		reflect.TypeFor[beaconOnly](),
		reflect.TypeFor[sharedElsewhere](),
		reflect.TypeFor[Sets](),
		reflect.TypeFor[Found[[]string]](),
		reflect.TypeFor[Found[any]](),
		reflect.TypeFor[Found[*types.AttributeValueMemberSS]](),
		reflect.TypeFor[Found[types.AttributeValueMemberSS]](),
		reflect.TypeFor[Found[time.Time]](),
		reflect.TypeFor[Found[selfMarshaled]](),
		reflect.TypeFor[Found[*textByPointer]](),
		reflect.TypeFor[setLeftOut](),
		reflect.TypeFor[sharedChain](),
		reflect.TypeFor[setInIndex](),
		reflect.TypeFor[nestedBeacon](),
		reflect.TypeFor[misspelledBeacon](),
	}
}

type (
	// Searched has the usual beacons.
	Searched struct {
		ID    string   `dynamo:"id,hash"`
		Email string   `dynamo:"email" ddbenc:"encrypt" beacon:"16" index:"by-email,hash"`
		Other string   `dynamo:"other" beacon:"16,shared=email"`
		Part  int      `beacon:"8,partonly,partitions=3"`
		Codes []string `dynamo:"codes,set" ddbenc:"encrypt" beacon:"12,set"`
	}
	// Found is generic: whether its field is written as a set depends on T.
	Found[T any] struct {
		Value T `dynamo:",set" beacon:"12,set"`
	}
	// Sets has beacons of types that are sets or may be.
	Sets struct {
		Map     map[string]struct{}           `dynamo:",set" beacon:"5,set"`
		Pointer **[]int                       `dynamo:",set" beacon:"5,set"`
		Value   *types.AttributeValueMemberBS `beacon:"5,set"`
		Any     types.AttributeValue          `beacon:"5,set"`
		Self    selfMarshaled                 `beacon:"5"`
		Text    textByPointer                 `dynamo:",set" beacon:"5"`
	}

	beaconOnly struct {
		F string `beacon:"63"`
	}
	sharedElsewhere struct {
		F string `beacon:"8,shared=another"`
	}
	setLeftOut struct {
		F []string `dynamo:",set" beacon:"8"`
	}
	sharedChain struct {
		A string `beacon:"8,shared=B"`
		B string `beacon:"8,shared=C"`
		C string `beacon:"8"`
	}
	setInIndex struct {
		F []string `dynamo:",set" index:"i,hash" beacon:"8,set"`
	}
	nestedBeacon struct {
		In []struct {
			F string `beacon:"8"`
		}
	}
	misspelledBeacon struct {
		F string `becon:"8"`
	}

	selfMarshaled struct{}
	textByPointer []string
)

func (selfMarshaled) MarshalDynamo() (types.AttributeValue, error) { return nil, nil }
func (*textByPointer) MarshalText() ([]byte, error)                { return nil, nil }
