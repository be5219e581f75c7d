package source_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ddbenc/ddbenc/internal/source"
)

func ExampleLoad() {
	structs, err := source.Load(context.Background(), source.Config{}, "github.com/ddbenc/ddbenc/examples/quickstart")
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range structs {
		fmt.Printf("%s, declared: %v, partition key %s\n", s.Type, s.Declared, s.PartitionKey)
		if s.Err != nil {
			fmt.Printf("%v: %v\n", s.Err.Pos, s.Err)
		}
		for _, a := range s.Attributes {
			fmt.Println(a.Field, a.GoType, a.Action)
		}
	}
	// Output:
	// main.Account, declared: true, partition key id
	// ID string sign
	// Opened time.Time sign
	// Email string encrypt
	// Plan string sign
	// Visits int none
}
