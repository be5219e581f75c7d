package lock_test

import (
	"fmt"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

func ExampleCompare() {
	old, err := lock.Parse(strings.NewReader(`version 1

struct example.com/shop/store Account
	table accounts
	attribute email encrypt default field=Email type=string
	attribute id sign default key=partition field=ID type=string
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	// This is what source.Load returns once the field Email has the tag
	// ddbenc:"sign".
	now := []source.Struct{{
		Package: "example.com/shop/store", Name: "Account", Tables: []string{"accounts"}, PartitionKey: "id",
		Attributes: []source.Attribute{
			{Attribute: tags.Attribute{Name: "id", Action: crypto.Sign, Defaulted: true, Key: tags.Partition, Field: "ID",
				GoType: "string"}},
			{Attribute: tags.Attribute{Name: "email", Action: crypto.Sign, Field: "Email", GoType: "string"}},
		},
	}}
	for _, change := range lock.Compare(old, now) {
		fmt.Println(change)
		fmt.Println("serious:", change.Serious())
		fmt.Println("ddbec:", change.Stored.DDBEC.Verdict)
		fmt.Println("dbesdk:", change.Stored.DBESDK.Verdict)
	}
	// Output:
	// example.com/shop/store.Account, attribute email: weakened: encrypt → sign
	// serious: true
	// ddbec: unreadable
	// dbesdk: readable through the legend
}
