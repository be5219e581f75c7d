package mapper_test

import (
	"maps"
	"reflect"
	"slices"

	"github.com/ddbenc/ddbenc/crypto"
)

// exchange puts an item of the loot, unchanged, into the place of one in v,
// or a key into the place of a key or of nothing.
func (f *forger) exchange(v reflect.Value) {
	var places []func(crypto.Item)
	var there []crypto.Item
	find(v, func(item crypto.Item, set func(crypto.Item)) {
		places, there = append(places, set), append(there, item)
	})
	if len(places) == 0 || len(f.loot) == 0 {
		f.exchangeName(v)
		return
	}
	i := f.index(len(places), "place")
	item := f.loot[f.index(len(f.loot), "loot")]
	if len(there[i]) < 4 {
		item = f.nearlyKey(item)
	}
	places[i](maps.Clone(item))
}

// exchangeName puts the name of an attribute into the place of another.
func (f *forger) exchangeName(v reflect.Value) {
	var places []reflect.Value
	findNames(v, func(place reflect.Value) { places = append(places, place) })
	if len(places) > 0 {
		places[f.index(len(places), "place")].SetString(f.attribute())
	}
}

// findNames calls found for each name of an attribute in v.
func findNames(v reflect.Value, found func(reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			findNames(v.Elem(), found)
		}
	case reflect.Struct:
		for _, i := range exported(v.Type()) {
			findNames(v.Field(i), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			findNames(v.Index(i), found)
		}
	case reflect.String:
		if slices.Contains(attributes, v.String()) {
			found(v)
		}
	}
}

// find calls found for each item in v, with what sets it.
func find(v reflect.Value, found func(crypto.Item, func(crypto.Item))) {
	if v.Type() == itemType {
		found(v.Interface().(crypto.Item), func(item crypto.Item) { v.Set(reflect.ValueOf(item)) })
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			find(v.Elem(), found)
		}
	case reflect.Struct:
		for _, i := range exported(v.Type()) {
			find(v.Field(i), found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			find(v.Index(i), found)
		}
	case reflect.Map:
		for _, key := range sortedKeys(v) {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			find(value, func(item crypto.Item, set func(crypto.Item)) {
				found(item, func(item crypto.Item) { set(item); v.SetMapIndex(key, value) })
			})
		}
	}
}

// exported returns the indexes of a struct type's exported fields.
func exported(typ reflect.Type) []int {
	var fields []int
	for i := range typ.NumField() {
		if typ.Field(i).IsExported() && typ.Field(i).Name != "ResultMetadata" {
			fields = append(fields, i)
		}
	}
	return fields
}

// copyOf returns a deep copy, so that the forger changes nothing that the
// honest database keeps.
func copyOf(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.Set(reflect.New(v.Type().Elem()))
			c.Elem().Set(copyOf(v.Elem()))
		}
	case reflect.Interface:
		if !v.IsNil() {
			c.Set(copyOf(v.Elem()))
		}
	case reflect.Struct:
		c.Set(v)
		for _, i := range exported(v.Type()) {
			c.Field(i).Set(copyOf(v.Field(i)))
		}
	case reflect.Slice:
		if !v.IsNil() {
			c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				c.Index(i).Set(copyOf(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			c.Set(reflect.MakeMap(v.Type()))
			for _, key := range v.MapKeys() {
				c.SetMapIndex(key, copyOf(v.MapIndex(key)))
			}
		}
	default:
		c.Set(v)
	}
	return c
}
