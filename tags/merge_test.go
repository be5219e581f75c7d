package tags_test

import (
	"errors"
	"fmt"
	"log"
	"reflect"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

type Customer struct {
	PK    string `dynamo:"pk,hash"`
	SK    string `dynamo:"sk,range" index:"inverse,hash"`
	Email string `dynamo:"email" index:"by-email,hash"`
	Name  string `dynamo:"name"`
}

type Order struct {
	Customer string `dynamo:"pk,hash"`
	Number   string `dynamo:"sk,range" index:"inverse,hash"`
	Total    int    `dynamo:"total" ddbenc:"none"`
	Name     []byte `dynamo:"name"`
	Due      int64  `dynamo:"due" localIndex:"by-due,range"`
}

func ExampleMerge() {
	customer, err := tags.Of[Customer]()
	if err != nil {
		log.Fatal(err)
	}
	order, err := tags.Of[Order]()
	if err != nil {
		log.Fatal(err)
	}
	table, err := tags.Merge(customer, order)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(table)
	// Output:
	// tags_test.Customer, tags_test.Order (attributes not listed: encrypt)
	// ATTRIBUTE  ACTION   BECAUSE  KEY        INDEXES             FIELD                     GO TYPE
	// pk         sign     default  partition  -                   tags_test.Customer.PK     string
	// sk         sign     default  sort       inverse:partition   tags_test.Customer.SK     string
	// email      sign     default  -          by-email:partition  tags_test.Customer.Email  string
	// name       encrypt  default  -          -                   tags_test.Customer.Name   string
	// total      none     tag      -          -                   tags_test.Order.Total     int
	// due        sign     default  -          by-due:sort(local)  tags_test.Order.Due       int64
}

func TestMergeUnitesAttributes(t *testing.T) {
	p, err := tags.Merge(mustOf[Customer](t), mustOf[Order](t), mustOf[Customer](t))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Types(); len(got) != 2 || got[0] != reflect.TypeFor[Customer]() || got[1] != reflect.TypeFor[Order]() {
		t.Errorf("types %v", got)
	}
	want := map[string]crypto.Action{
		"pk": crypto.Sign, "sk": crypto.Sign, "email": crypto.Sign,
		"name": crypto.Encrypt, "total": crypto.None, "due": crypto.Sign,
	}
	if got := p.Actions(); !reflect.DeepEqual(got.Attributes, want) || got.Default != crypto.Encrypt {
		t.Errorf("actions %v", got)
	}
	if p.PartitionKey() != "pk" || p.SortKey() != "sk" {
		t.Errorf("keys %q, %q", p.PartitionKey(), p.SortKey())
	}
	if index, ok := p.Index("by-due"); !ok || !reflect.DeepEqual(index,
		tags.Index{Name: "by-due", Local: true, Partition: []string{"pk"}, Sort: []string{"due"}}) {
		t.Errorf("index %+v", index)
	}
}

func TestMergeTakesTypesWithoutKeys(t *testing.T) {
	type part struct {
		Name string `dynamo:"name"`
		Note string `dynamo:"note" localIndex:"by-note,range"`
	}
	p, err := tags.Merge(mustOf[part](t), mustOf[Customer](t))
	if err != nil {
		t.Fatal(err)
	}
	if index, _ := p.Index("by-note"); p.PartitionKey() != "pk" || len(index.Partition) != 1 ||
		index.Partition[0] != "pk" {
		t.Errorf("key %q, index %+v", p.PartitionKey(), index)
	}
}

func TestMergeRefusesContradictions(t *testing.T) {
	type (
		action struct {
			PK    string `dynamo:"pk,hash"`
			SK    string `dynamo:"sk,range" index:"inverse,hash"`
			Inner struct{ A string }
			N     string `dynamo:"name" ddbenc:"none"`
		}
		noRole struct {
			PK string `dynamo:"pk,hash"`
			SK string `dynamo:"sk,range"`
		}
		noKey struct {
			PK string `dynamo:"pk" ddbenc:"sign"`
		}
		otherHash struct {
			ID string `dynamo:"id,hash"`
		}
		noSort struct {
			PK string `dynamo:"pk,hash"`
		}
		otherSort struct {
			PK string `dynamo:"pk,hash"`
			At string `dynamo:"at,range"`
		}
		otherIndex struct {
			PK   string `dynamo:"pk,hash"`
			SK   string `dynamo:"sk,range" index:"inverse,hash"`
			Mail string `dynamo:"mail" index:"by-email,hash"`
		}
		localIndex struct {
			PK   string `dynamo:"pk,hash"`
			SK   string `dynamo:"sk,range" index:"inverse,hash"`
			Mail string `dynamo:"mail" localIndex:"by-email,range"`
		}
		otherDue struct {
			PK  string `dynamo:"pk,hash"`
			SK  string `dynamo:"sk,range" index:"inverse,hash"`
			Exp string `dynamo:"exp" localIndex:"by-due,range"`
		}
	)
	tests := map[string]struct {
		a, b   *tags.Policy
		reason string
		names  [2]string // both fields
	}{
		"another action": {mustOf[Customer](t), mustOf[action](t), `"none" in`,
			[2]string{"action.N", "Customer.Name"}},
		"another index role": {mustOf[Customer](t), mustOf[noRole](t), "index roles",
			[2]string{"noRole.SK", "Customer.SK"}},
		"another key role": {mustOf[Customer](t), mustOf[noKey](t), "key role none",
			[2]string{"noKey.PK", "Customer.PK"}},
		"another partition key": {mustOf[Customer](t), mustOf[otherHash](t), "partition key",
			[2]string{"otherHash.ID", "Customer.PK"}},
		"no sort key": {mustOf[Customer](t), mustOf[noSort](t), "has only",
			[2]string{"Customer.SK", "noSort.PK"}},
		"no sort key, first": {mustOf[noSort](t), mustOf[Customer](t), "has only",
			[2]string{"Customer.SK", "noSort.PK"}},
		"another sort key": {mustOf[Customer](t), mustOf[otherSort](t), "sort key",
			[2]string{"otherSort.At", "Customer.SK"}},
		"another index key": {mustOf[Customer](t), mustOf[otherIndex](t), "different partition keys",
			[2]string{"otherIndex.Mail", "Customer.Email"}},
		"another local index key": {mustOf[Order](t), mustOf[otherDue](t), "different sort keys",
			[2]string{"otherDue.Exp", "Order.Due"}},
		"another kind of index": {mustOf[Customer](t), mustOf[localIndex](t), "local in one type",
			[2]string{"localIndex.Mail", "Customer.Email"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := tags.Merge(test.a, test.b)
			var e *tags.Error
			if p != nil || !errors.As(err, &e) || !errors.Is(err, crypto.ErrPolicy) {
				t.Fatalf("got %v, %v", p, err)
			}
			for _, part := range []string{test.reason, "tags_test." + test.names[0], "tags_test." + test.names[1]} {
				if !strings.Contains(e.Reason, part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
		})
	}
}

func TestMergeOfNothingIsAnError(t *testing.T) {
	for _, policies := range [][]*tags.Policy{nil, {nil}, {mustOf[Customer](t), nil}} {
		if p, err := tags.Merge(policies...); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("Merge(%v) = %v, %v", policies, p, err)
		}
	}
}

// A key is stored as the format dbesdk stores it: if anything is in the
// encryption context, the key is.
func TestMerge_KeysAreInTheContextWithOthers(t *testing.T) {
	type tenant struct {
		PK   string `dynamo:"pk,hash"`
		Name string `dynamo:"name" ddbenc:"sign,context"`
	}
	type order struct {
		PK    string `dynamo:"pk,hash" ddbenc:"sign"`
		Total int    `dynamo:"total"`
	}
	with, err := tags.Of[tenant]()
	if err != nil {
		t.Fatal(err)
	}
	without, err := tags.Of[order]()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		policies []*tags.Policy
		want     crypto.Action
	}{
		"with":          {[]*tags.Policy{with}, crypto.SignInContext},
		"without":       {[]*tags.Policy{without}, crypto.Sign},
		"both":          {[]*tags.Policy{with, without}, crypto.SignInContext},
		"both, reverse": {[]*tags.Policy{without, with}, crypto.SignInContext},
	} {
		merged, err := tags.Merge(c.policies...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := merged.Attributes()[0]; got.Name != "pk" || got.Action != c.want {
			t.Errorf("%s: %s is %v, want %v", name, got.Name, got.Action, c.want)
		}
		if got := merged.Actions().Of("pk"); got != crypto.Sign {
			t.Errorf("%s: the tags say %v", name, got)
		}
	}
}
