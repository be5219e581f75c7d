package mapper_test

import (
	"fmt"
	"maps"
	"math/bits"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
)

var (
	itemType  = reflect.TypeFor[crypto.Item]()
	valueType = reflect.TypeFor[types.AttributeValue]()
)

// forger makes and changes values of any type that replies have. It works by
// reflection, so that it reaches fields which a later SDK adds; it panics on a
// kind of value that it does not know.
type forger struct {
	t     *rapid.T
	loot  []crypto.Item // items, sealed and not, of every table
	names []string      // of tables, indexes, attributes and enumerations
}

// below draws a number from 0 to n-1, each as often as another: rapid's own
// generators prefer the first few, which leaves most lies untold.
func below(t *rapid.T, n int, label string) int {
	return rapid.Custom(func(t *rapid.T) int {
		i := 0
		for range bits.Len(uint(n)) + 3 {
			i <<= 1
			if rapid.Bool().Draw(t, "bit") {
				i |= 1
			}
		}
		return i % n
	}).Draw(t, label)
}

// pick draws one of all.
func pick[T any](t *rapid.T, all []T, label string) T { return all[below(t, len(all), label)] }

func (f *forger) oneIn(n int, label string) bool { return below(f.t, n, label) == n-1 }

func (f *forger) index(n int, label string) int { return below(f.t, n, label) }

func (f *forger) name() string { return pick(f.t, f.names, "name") }

func (f *forger) attribute() string { return pick(f.t, attributes, "attribute") }

// attributes are those of a letter, and keyNames those of its key.
var (
	attributes = []string{"person", "num", "body", "weight", "labels", "stamps", "seal", "subject", "score", "seen"}
	keyNames   = attributes[:2]
)

// item returns an item from the loot, often changed.
func (f *forger) item() crypto.Item {
	if len(f.loot) == 0 || f.oneIn(8, "no item") {
		return nil
	}
	item := maps.Clone(f.loot[f.index(len(f.loot), "loot")])
	switch f.index(10, "item") {
	case 0: // with an attribute of another item
		other := f.loot[f.index(len(f.loot), "other loot")]
		if names := slices.Sorted(maps.Keys(other)); len(names) > 0 {
			name := names[f.index(len(names), "attribute")]
			item[name] = other[name]
		}
	case 1: // without an attribute
		if names := slices.Sorted(maps.Keys(item)); len(names) > 0 {
			delete(item, names[f.index(len(names), "attribute")])
		}
	case 2: // with a forged attribute
		item[f.name()] = f.value(1)
	case 3: // with the key of another item
		other := f.loot[f.index(len(f.loot), "other loot")]
		for _, name := range keyNames {
			if other[name] != nil {
				item[name] = other[name]
			}
		}
	case 4, 5:
		return f.nearlyKey(item)
	}
	return item
}

// nearlyKey returns the key of an item with one attribute more, or not.
func (f *forger) nearlyKey(item crypto.Item) crypto.Item {
	key := make(crypto.Item)
	for _, name := range slices.Concat(keyNames, []string{f.attribute()}) {
		if item[name] != nil {
			key[name] = item[name]
		}
	}
	return key
}

// value returns an attribute value.
func (f *forger) value(depth int) types.AttributeValue {
	kinds := 5
	if depth > 0 {
		kinds = 8
	}
	switch f.index(kinds, "value") {
	case 0:
		return nil
	case 1:
		return str(f.name())
	case 2:
		return num(fmt.Sprint(f.index(4, "number")))
	case 3:
		return &types.AttributeValueMemberB{Value: []byte(f.name())}
	case 4:
		if item := f.item(); len(item) > 0 {
			names := slices.Sorted(maps.Keys(item))
			return item[names[f.index(len(names), "attribute")]]
		}
		return &types.AttributeValueMemberNULL{Value: true}
	case 5:
		return &types.AttributeValueMemberM{Value: crypto.Item{f.name(): f.value(depth - 1)}}
	case 6:
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{f.value(depth - 1)}}
	}
	return &types.AttributeValueMemberSS{Value: []string{f.name()}}
}

// forge returns a value of the type.
func (f *forger) forge(typ reflect.Type, depth int) reflect.Value {
	v := reflect.New(typ).Elem()
	switch {
	case typ == itemType:
		return reflect.ValueOf(f.item())
	case typ == valueType:
		if value := f.value(1); value != nil {
			v.Set(reflect.ValueOf(value))
		}
		return v
	}
	switch typ.Kind() {
	case reflect.String:
		v.SetString(f.name())
	case reflect.Bool:
		v.SetBool(f.oneIn(2, "bool"))
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(int64(f.index(6, "int") - 1))
	case reflect.Float64:
		v.SetFloat(float64(f.index(6, "float") - 1))
	case reflect.Pointer:
		if depth > 0 && !f.oneIn(4, "nil") {
			v.Set(reflect.New(typ.Elem()))
			v.Elem().Set(f.forge(typ.Elem(), depth-1))
		}
	case reflect.Struct:
		for _, i := range exported(typ) {
			v.Field(i).Set(f.forge(typ.Field(i).Type, depth-1))
		}
	case reflect.Slice:
		if depth > 0 {
			for range f.index(4, "elements") {
				v.Set(reflect.Append(v, f.forge(typ.Elem(), depth-1)))
			}
		}
	case reflect.Map:
		if depth > 0 && !f.oneIn(3, "no map") {
			v.Set(reflect.MakeMap(typ))
			for range f.index(3, "entries") {
				v.SetMapIndex(reflect.ValueOf(f.name()), f.forge(typ.Elem(), depth-1))
			}
		}
	case reflect.Uint8:
		v.SetUint(uint64(f.index(256, "byte")))
	default:
		panic(fmt.Sprintf("replies have values of type %v: say here how to forge them", typ))
	}
	return v
}

// spoil changes one thing in v, which is addressable, or in what it holds.
func (f *forger) spoil(v reflect.Value) {
	if f.oneIn(4, "replace") {
		v.Set(f.forge(v.Type(), 4))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			f.spoil(v.Elem())
			return
		}
	case reflect.Struct:
		fields := exported(v.Type())
		if set := slices.DeleteFunc(slices.Clone(fields),
			func(i int) bool { return v.Field(i).IsZero() }); len(set) > 0 && !f.oneIn(3, "unset field") {
			fields = set
		}
		if len(fields) > 0 {
			f.spoil(v.Field(fields[f.index(len(fields), "field")]))
			return
		}
	case reflect.Slice:
		if v.Len() > 0 && v.Type().Elem().Kind() != reflect.Uint8 {
			f.spoilSlice(v)
			return
		}
	case reflect.Map:
		if v.Len() > 0 {
			f.spoilMap(v)
			return
		}
	}
	v.Set(f.forge(v.Type(), 4))
}

func (f *forger) spoilSlice(v reflect.Value) {
	i, j := f.index(v.Len(), "element"), f.index(v.Len(), "other element")
	switch f.index(6, "slice") {
	case 0: // left out
		v.Set(reflect.AppendSlice(v.Slice(0, i), v.Slice(i+1, v.Len())))
	case 1: // twice
		v.Set(reflect.Append(v, v.Index(i)))
	case 2: // exchanged
		a, b := v.Index(i).Interface(), v.Index(j).Interface()
		v.Index(i).Set(reflect.ValueOf(&b).Elem().Elem())
		v.Index(j).Set(reflect.ValueOf(&a).Elem().Elem())
	case 3: // more
		v.Set(reflect.Append(v, f.forge(v.Type().Elem(), 4)))
	case 4:
		v.Index(i).Set(f.forge(v.Type().Elem(), 4))
	default:
		f.spoil(v.Index(i))
	}
}

func (f *forger) spoilMap(v reflect.Value) {
	keys := sortedKeys(v)
	a, b := keys[f.index(len(keys), "entry")], keys[f.index(len(keys), "other entry")]
	renamed := reflect.ValueOf(f.name()).Convert(v.Type().Key())
	switch f.index(6, "map") {
	case 0: // left out
		v.SetMapIndex(a, reflect.Value{})
	case 1: // under another name
		value := v.MapIndex(a)
		v.SetMapIndex(a, reflect.Value{})
		v.SetMapIndex(renamed, value)
	case 2: // under two names
		v.SetMapIndex(renamed, v.MapIndex(a))
	case 3: // exchanged
		x, y := v.MapIndex(a), v.MapIndex(b)
		v.SetMapIndex(a, y)
		v.SetMapIndex(b, x)
	case 4: // more
		v.SetMapIndex(renamed, f.forge(v.Type().Elem(), 4))
	default:
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(v.MapIndex(a))
		f.spoil(value)
		v.SetMapIndex(a, value)
	}
}

// exception returns an error of one of the kinds that DynamoDB has, with
// forged contents.
func (f *forger) exception() error {
	kinds := []any{
		new(types.ConditionalCheckFailedException), new(types.TransactionCanceledException),
		new(types.TransactionConflictException), new(types.IdempotentParameterMismatchException),
		new(types.ReplicatedWriteConflictException), new(types.ResourceNotFoundException),
	}
	e := kinds[f.index(len(kinds), "exception")]
	f.fill(e)
	switch f.index(4, "wrapped") {
	case 0:
		return fmt.Errorf("operation error DynamoDB: %w", e.(error))
	case 1:
		other := new(types.ConditionalCheckFailedException)
		f.fill(other)
		return fmt.Errorf("%w and %w", e.(error), other)
	}
	return e.(error)
}

func (f *forger) fill(pointer any) {
	v := reflect.ValueOf(pointer).Elem()
	v.Set(f.forge(v.Type(), 4))
	if e, ok := pointer.(*types.TransactionCanceledException); ok && f.oneIn(2, "plausible") {
		for i := range e.CancellationReasons {
			e.CancellationReasons[i].Code = aws.String("ConditionalCheckFailed")
		}
	}
}
