package tags_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/tags"
)

// tableMaker keeps the request for a table instead of sending it.
type tableMaker struct {
	dynamodbiface.DynamoDBAPI
	input *dynamodb.CreateTableInput
}

func (m *tableMaker) CreateTable(
	_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.CreateTableOutput, error) {
	m.input = in
	return &dynamodb.CreateTableOutput{}, nil
}

// requested returns the keys that guregu/dynamo would make a table of the type
// with, a line each for the table and its indexes, in alphabetical order.
func requested(t reporter, of reflect.Type) []string {
	t.Helper()
	maker := &tableMaker{}
	if err := dynamo.NewFromIface(maker).CreateTable("t",
		reflect.New(of).Interface()).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	keys := []string{schema("table", maker.input.KeySchema)}
	for _, index := range maker.input.GlobalSecondaryIndexes {
		keys = append(keys, schema("global "+*index.IndexName, index.KeySchema))
	}
	for _, index := range maker.input.LocalSecondaryIndexes {
		keys = append(keys, schema("local "+*index.IndexName, index.KeySchema))
	}
	slices.Sort(keys)
	return keys
}

func schema(name string, elements []types.KeySchemaElement) string {
	var parts []string
	for _, e := range elements {
		role := map[types.KeyType]tags.KeyRole{types.KeyTypeHash: tags.Partition, types.KeyTypeRange: tags.Sort}[e.KeyType]
		parts = append(parts, fmt.Sprintf("%v=%s", role, *e.AttributeName))
	}
	slices.Sort(parts)
	return name + ": " + strings.Join(parts, " ")
}

// declared returns the keys of a policy, in the form of requested.
func declared(p *tags.Policy) []string {
	line := func(name string, partition, sort []string) string {
		var parts []string
		for _, a := range partition {
			parts = append(parts, "partition="+a)
		}
		for _, a := range sort {
			parts = append(parts, "sort="+a)
		}
		slices.Sort(parts)
		return name + ": " + strings.Join(parts, " ")
	}
	var sort []string
	if p.SortKey() != "" {
		sort = []string{p.SortKey()}
	}
	keys := []string{line("table", []string{p.PartitionKey()}, sort)}
	for _, a := range p.Attributes() {
		for _, role := range a.Indexes {
			index, _ := p.Index(role.Index)
			kind := "global "
			if index.Local {
				kind = "local "
			}
			keys = append(keys, line(kind+index.Name, index.Partition, index.Sort))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func TestKeysAreThoseThatCreateTableRequests(t *testing.T) {
	tests := map[string]any{
		"hash": struct {
			A string `dynamo:"a,hash"`
		}{},
		"partition": struct {
			A string `dynamo:",partition"`
		}{},
		"after an option": struct {
			A string `dynamo:",omitempty,hash,null"`
		}{},
		"sort before partition": struct {
			A int    `dynamo:",sort"`
			B []byte `dynamo:"b,partition"`
		}{},
		"embedded": struct {
			Keyed
			Other string `index:"other,hash" localIndex:"by-other,range"`
			Indexed
		}{},
		"several indexes on a field": struct {
			//lint:ignore SA5008 guregu/dynamo reads every index tag of a field
			A string `dynamo:"a,hash" index:"one,range" index:"two,hash"`
			//lint:ignore SA5008 guregu/dynamo reads every index tag of a field
			B string `dynamo:"b,range" index:"one,hash" index:"two,range" index:"three,hash" localIndex:"four,range"`
		}{},
		"local index with its partition key": struct {
			A string `dynamo:"a,hash" localIndex:"four,hash"`
			B string `localIndex:"four,range"`
		}{},
		"index keys of several attributes": struct {
			A string `dynamo:"a,hash"`
			B string `index:"i,hash"`
			C string `index:"i,range"`
			D string `index:"i,hash"`
			E string `index:"i,range"`
		}{},
		"left out and unexported": struct {
			A string `dynamo:"a,hash"`
			B string `dynamo:"-"`
			c string
		}{},
		"key behind a pointer": struct {
			A **string `dynamo:"a,hash"`
		}{},
	}
	for name, value := range tests {
		t.Run(name, func(t *testing.T) {
			of := reflect.TypeOf(value)
			p, err := tags.OfType(of)
			if err != nil {
				t.Fatal(err)
			}
			if want, got := requested(t, of), declared(p); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

type Indexed struct {
	E float64 `dynamo:"e" index:"by-e,hash"`
	F uint8   `index:"by-e,range"`
}

// CreateTable does not look into structs embedded by pointer; writing does.
func TestKeysInStructsEmbeddedByPointerCount(t *testing.T) {
	type byPointer struct {
		*Keyed
		Sort string `dynamo:"sk,range" index:"i,hash"`
		*Indexed
	}
	p := mustOf[byPointer](t)
	if p.PartitionKey() != "pk" || p.SortKey() != "sk" {
		t.Errorf("keys %q, %q", p.PartitionKey(), p.SortKey())
	}
	if index, ok := p.Index("by-e"); !ok || !slices.Equal(index.Sort, []string{"F"}) {
		t.Errorf("index %+v", index)
	}
}

// The other spellings of a role are cut from an index's name at the length of
// HASH and RANGE. If this fails, guregu/dynamo has mended it: say so in the
// package's documentation.
func TestCreateTableMisnamesIndexesWithTheOtherSpellings(t *testing.T) {
	type other struct {
		A string `dynamo:"a,hash" index:"by-b,sort"`
		B string `index:"by-b,partition"`
	}
	if _, ok := mustOf[other](t).Index("by-b"); !ok {
		t.Error("the index is not known by its name")
	}
	defer func() {
		if recover() == nil {
			t.Error("CreateTable takes an index apart rightly")
		}
	}()
	requested(t, reflect.TypeFor[other]())
}
