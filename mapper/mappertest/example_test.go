package mappertest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// The data layer under test takes a *dynamo.DB, or the client interface below
// it, and never knows the difference.
func Example() {
	ctx := context.Background()
	db := dynamo.NewFromIface(mappertest.New())

	type Book struct {
		Title string `dynamo:"title,hash"`
		Pages int    `dynamo:"pages"`
	}
	if err := db.CreateTable("books", Book{}).OnDemand(true).Run(ctx); err != nil {
		fmt.Println(err)
		return
	}
	books := db.Table("books")
	if err := books.Put(Book{"Sketch of the Analytical Engine", 66}).Run(ctx); err != nil {
		fmt.Println(err)
		return
	}
	var book Book
	err := books.Get("title", "Sketch of the Analytical Engine").One(ctx, &book)
	fmt.Println(book.Pages, err)
	// Output: 66 <nil>
}

// A fault shows what your code does when DynamoDB cannot be reached.
func ExampleWithFault() {
	ctx := context.Background()
	api := mappertest.New(mappertest.WithFault(func(_ context.Context, operation string, _ any) error {
		if operation == "Scan" {
			return errors.New("connection reset")
		}
		return nil
	}))
	var found []map[string]any
	err := dynamo.NewFromIface(api).Table("books").Scan().All(ctx, &found)
	fmt.Println(err)
	fmt.Println(api.Calls("Scan"))
	// Output:
	// operation error DynamoDB: Scan, connection reset
	// 1
}
