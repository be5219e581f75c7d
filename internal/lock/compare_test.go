package lock_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// brief is a change as the tests below spell it: what, where, what becomes of
// stored items of ddbec and dbesdk, and "!" if it is serious.
func brief(c lock.Change) string {
	where := fmt.Sprintf("%s:%d", c.Pos.Filename[strings.LastIndex(c.Pos.Filename, "/")+1:], c.Pos.Line)
	if !c.Pos.IsValid() {
		where = "nowhere"
	}
	subject := strings.ReplaceAll(strings.TrimPrefix(c.Subject(), shop), ", attribute ", " ")
	mark := ""
	if c.Serious() {
		mark = " !"
	}
	return fmt.Sprintf("%s %s | %s | %s | %s%s", subject, c.What(), where, c.Stored.DDBEC.Verdict,
		c.Stored.DBESDK.Verdict, mark)
}

func TestCompareReportsEachKindOfChange(t *testing.T) {
	const (
		kept   = "still readable | still readable"
		legend = "unreadable | readable through the legend"
		lost   = "unreadable | unreadable !"
	)
	for name, c := range map[string]struct {
		change func(*program)
		want   []string
	}{
		"nothing": {func(*program) {}, nil},
		"plaintext reads": {
			func(p *program) { p.option(source.TableOption{Table: "shop", Kind: source.PlaintextReads}) },
			[]string{".Account option added: plaintext-reads, of table shop | account.go:1 | " + kept + " !"},
		},
		"plaintext writes, of a table without a constant name": {
			func(p *program) { p.option(source.TableOption{Kind: source.PlaintextWrites}) },
			[]string{".Account option added: plaintext-writes, of a table whose name is not a constant | account.go:1 | " +
				kept + " !"},
		},
		"a selection": {
			func(p *program) { p.option(source.TableOption{Table: "shop", Kind: source.Selection}) },
			[]string{".Account option added: selection, of table shop | account.go:1 | " + lost},
		},
		"options that nobody can read": {
			func(p *program) { p.option(source.TableOption{Table: "shop", Kind: source.Unreadable}) },
			[]string{".Account option added: unknown, of table shop | account.go:1 | " + kept + " !"},
		},
		"beacons that are configured in Go": {
			func(p *program) { p.option(source.TableOption{Table: "shop", Kind: source.Beacons}) },
			[]string{".Account option added: beacons configured in Go, of table shop | account.go:1 | " + kept + " !"},
		},
		"another action for undeclared attributes": {
			func(p *program) {
				p.option(source.TableOption{Table: "shop", Kind: source.Undeclared, Action: crypto.None})
			},
			[]string{".Account option added: undeclared=none, of table shop | account.go:1 | " + lost},
		},
		"a changed action for undeclared attributes": {
			func(p *program) {
				entry := p.the("Entry")
				entry.Options = []source.TableOption{{Table: "audit", Kind: source.Undeclared, Action: crypto.None}}
			},
			[]string{"/audit.Entry option added: undeclared=none, of table audit | audit.go:1 | " + lost},
		},
		"an option that is gone": {
			func(p *program) { p.the("Entry").Options = nil },
			[]string{"/audit.Entry option removed: undeclared=sign, of table audit | audit.go:1 | " + legend + " !"},
		},
		"encrypt to sign": {
			func(p *program) { p.act("email", crypto.Sign) },
			[]string{".Account email weakened: encrypt → sign | account.go:4 | " + legend + " !"},
		},
		"encrypt to none": {
			func(p *program) { p.act("email", crypto.None) },
			[]string{".Account email weakened: encrypt → none | account.go:4 | " + lost},
		},
		"encrypt to sign,context": {
			func(p *program) { p.act("email", crypto.SignInContext) },
			[]string{".Account email weakened (context added): encrypt → sign,context | account.go:4 | " + legend + " !"},
		},
		"sign to none": {
			func(p *program) { p.act("Order.state", crypto.None) },
			[]string{".Order state weakened: sign → none | order.go:4 | " + lost},
		},
		"sign,context to sign": {
			func(p *program) { p.act("region", crypto.Sign) },
			[]string{".Account region weakened (context dropped): sign,context → sign | account.go:8 | still readable | " +
				"readable through the legend !"},
		},
		"sign,context to none": {
			func(p *program) { p.act("region", crypto.None) },
			[]string{".Account region weakened (context dropped): sign,context → none | account.go:8 | still readable | " +
				"unreadable !"},
		},
		"sign,context to encrypt": {
			func(p *program) { p.act("region", crypto.Encrypt) },
			[]string{".Account region strengthened (context dropped): sign,context → encrypt | account.go:8 | still readable " +
				"| readable through the legend"},
		},
		"sign to sign,context": {
			func(p *program) { p.act("Order.state", crypto.SignInContext) },
			[]string{".Order state weakened (context added): sign → sign,context | order.go:4 | " + legend + " !"},
		},
		"sign to encrypt": {
			func(p *program) { p.act("Order.state", crypto.Encrypt) },
			[]string{".Order state strengthened: sign → encrypt | order.go:4 | " + legend + " !"},
		},
		"none to encrypt": {
			func(p *program) { p.act("visits", crypto.Encrypt) },
			[]string{".Account visits strengthened: none → encrypt | account.go:6 | " + lost},
		},
		"none to sign": {
			func(p *program) { p.act("visits", crypto.Sign) },
			[]string{".Account visits strengthened: none → sign | account.go:6 | " + lost},
		},
		"none to sign,context": {
			func(p *program) { p.act("visits", crypto.SignInContext) },
			[]string{".Account visits weakened (context added): none → sign,context | account.go:6 | " + lost},
		},
		"a key in the context": {
			func(p *program) { p.act("id", crypto.SignInContext) },
			[]string{".Account id weakened (context added): sign → sign,context | account.go:2 | " + legend + " !"},
		},
		"add an encrypted attribute": {
			func(p *program) { p.add("Account", tags.Attribute{Name: "phone", Defaulted: true, Field: "Phone"}) },
			[]string{".Account phone added: encrypt | added.go:50 | " + kept},
		},
		"add a signed attribute": {
			func(p *program) { p.add("Account", tags.Attribute{Name: "phone", Action: crypto.Sign, Field: "Phone"}) },
			[]string{".Account phone added: sign | added.go:50 | " + kept},
		},
		"add an unsigned attribute": {
			func(p *program) { p.add("Account", tags.Attribute{Name: "phone", Action: crypto.None, Field: "Phone"}) },
			[]string{".Account phone added: none | added.go:50 | " + kept},
		},
		"add an attribute in the context": {
			func(p *program) {
				p.add("Account", tags.Attribute{Name: "phone", Action: crypto.SignInContext, Field: "Phone"})
			},
			[]string{".Account phone added: sign,context | added.go:50 | " + kept},
		},
		"add an attribute that another struct has": {
			func(p *program) { p.add("Order", tags.Attribute{Name: "visits", Action: crypto.None, Field: "Visits"}) },
			[]string{".Order visits added: none | added.go:50 | " + kept},
		},
		"remove an encrypted attribute": {
			func(p *program) { p.remove("email") },
			[]string{".Account email removed: encrypt | account.go:1 | " + kept},
		},
		"remove a signed attribute": {
			func(p *program) { p.remove("Order.state") },
			[]string{".Order state removed: sign | order.go:1 | " + legend + " !"},
		},
		"remove an unsigned attribute": {
			func(p *program) { p.remove("visits") },
			[]string{".Account visits removed: none | account.go:1 | " + lost},
		},
		"remove an attribute in the context": {
			func(p *program) { p.remove("region") },
			[]string{".Account region removed: sign,context | account.go:1 | still readable | readable through the legend"},
		},
		"remove an attribute that another struct has": {
			func(p *program) { p.remove("plan") },
			[]string{".Account plan removed: sign | account.go:1 | " + kept},
		},
		"remove an attribute that another struct has now with another action": {
			func(p *program) { p.remove("plan"); p.act("Order.plan", crypto.None) },
			[]string{
				".Account plan removed: sign | account.go:1 | " + lost,
				".Order plan weakened: sign → none | order.go:5 | " + lost,
			},
		},
		"remove an attribute that a struct of another table has": {
			func(p *program) {
				p.remove("plan")
				p.the("Order").Tables = []string{"shop", "orders"}
				p.drop("Order")
			},
			[]string{
				".Account plan removed: sign | account.go:1 | " + legend + " !",
				".Order struct removed: 4 sign | nowhere | " + legend + " !",
			},
		},
		"rename an attribute": {
			func(p *program) { p.attribute("email").Name = "mail" },
			[]string{".Account mail renamed: email → mail | account.go:4 | " + kept},
		},
		"rename an unsigned attribute and sign it": {
			func(p *program) { p.act("visits", crypto.Sign); p.attribute("visits").Name = "calls" },
			[]string{
				".Account calls strengthened: none → sign | account.go:6 | " + kept,
				".Account calls renamed: visits → calls | account.go:6 | " + lost,
			},
		},
		"rename a field and with it its attribute": {
			func(p *program) { a := p.attribute("Notes"); a.Name, a.Field = "Remarks", "Remarks" },
			[]string{
				".Account Notes removed: encrypt | account.go:1 | " + kept,
				".Account Remarks added: encrypt | account.go:7 | " + kept,
			},
		},
		"rename a field": {
			func(p *program) { p.attribute("email").Field = "Mail" },
			[]string{".Account email detail changed: field Email → field Mail | account.go:4 | " + kept},
		},
		"exchange the attributes of two fields": {
			func(p *program) {
				p.attribute("email").Field, p.attribute("visits").Field = "Visits", "Email"
			},
			[]string{
				".Account email detail changed: field Email → field Visits | account.go:4 | " + kept,
				".Account visits detail changed: field Visits → field Email | account.go:6 | " + kept,
			},
		},
		"write a default down": {
			func(p *program) { p.attribute("email").Defaulted = false },
			[]string{".Account email detail changed: encrypt by default → encrypt by tag | account.go:4 | " + kept},
		},
		"change a type": {
			func(p *program) { p.attribute("visits").GoType = "int64" },
			[]string{".Account visits detail changed: type int → type int64 | account.go:6 | " + kept},
		},
		"rename the partition key": {
			func(p *program) { p.attribute("Entry.day").Name = "date" },
			[]string{"/audit.Entry date key changed: partition key day → partition key date | audit.go:2 | " + lost},
		},
		"make another attribute the sort key": {
			func(p *program) { p.attribute("Entry.text").Key = tags.Sort; p.act("Entry.text", crypto.Sign) },
			[]string{
				"/audit.Entry text weakened: encrypt → sign | audit.go:3 | " + legend + " !",
				"/audit.Entry text key changed: no sort key → sort key text | audit.go:3 | " + lost,
			},
		},
		"exchange the keys": {
			func(p *program) {
				p.attribute("id").Key, p.attribute("opened").Key = tags.Sort, tags.Partition
			},
			[]string{
				".Account id key changed: sort key opened → sort key id | account.go:2 | " + lost,
				".Account opened key changed: partition key id → partition key opened | account.go:3 | " + lost,
			},
		},
		"tell the key no more": {
			func(p *program) { p.remove("Order.id"); p.remove("Order.opened") },
			[]string{
				".Order id removed: sign | order.go:1 | " + kept,
				".Order id key changed: partition key id → no partition key | order.go:1 | " + kept + " !",
				".Order opened removed: sign | order.go:1 | " + kept,
				".Order opened key changed: sort key opened → no sort key | order.go:1 | " + kept + " !",
			},
		},
		"index an encrypted attribute": {
			func(p *program) {
				p.act("email", crypto.Sign)
				p.attribute("email").Indexes = []tags.IndexRole{{Index: "by-email", Role: tags.Partition}}
			},
			[]string{
				".Account email weakened: encrypt → sign | account.go:4 | " + legend + " !",
				".Account email index changed: no index key → partition key of index by-email | account.go:4 | " + kept,
			},
		},
		"make an index local": {
			func(p *program) {
				p.attribute("plan").Indexes = []tags.IndexRole{{Index: "by-plan", Role: tags.Sort, Local: true}}
			},
			[]string{".Account plan index changed: partition key of index by-plan → sort key of local index by-plan | " +
				"account.go:5 | " + kept},
		},
		"add a struct": {
			func(p *program) {
				*p = append(*p, source.Struct{Package: shop, Name: "Session", Type: "store.Session", Pos: at("session.go", 9),
					Tables: []string{"sessions"},
					Attributes: fields("session.go", "store.Session",
						tags.Attribute{Name: "token", Key: tags.Partition, Action: crypto.Sign})})
			},
			[]string{".Session struct added: 1 sign | session.go:9 | " + kept},
		},
		"remove a struct whose table has another": {
			func(p *program) { p.drop("Account") },
			[]string{".Account struct removed: 2 encrypt; 3 sign; 1 sign,context; 1 none | nowhere | " + lost},
		},
		"remove the only struct of a table": {
			func(p *program) { p.drop("Entry") },
			[]string{"/audit.Entry struct removed: 1 encrypt; 1 sign | nowhere | " + lost},
		},
		"move a struct to another package and weaken it": {
			func(p *program) { p.the("Account").Package = "example.com/shop/v2/store"; p.act("email", crypto.None) },
			[]string{
				"example.com/shop/v2/store.Account struct moved: example.com/shop/store.Account → " +
					"example.com/shop/v2/store.Account | account.go:1 | " + kept,
				"example.com/shop/v2/store.Account email weakened: encrypt → none | account.go:4 | " + lost,
			},
		},
		"rename a struct": {
			func(p *program) { p.the("Order").Name = "Purchase" },
			[]string{".Purchase struct moved: example.com/shop/store.Order → example.com/shop/store.Purchase | order.go:1 | " +
				kept},
		},
		"rename a struct and weaken it": {
			func(p *program) { p.act("Order.state", crypto.None); p.the("Order").Name = "Purchase" },
			[]string{
				".Order struct removed: 4 sign | nowhere | " + lost,
				".Purchase struct added: 3 sign; 1 none | order.go:1 | " + lost,
			},
		},
		"add a table": {
			func(p *program) { p.the("Entry").Tables = []string{"audit", "audit-2"} },
			[]string{"/audit.Entry table added: audit-2 | audit.go:1 | " + kept},
		},
		"remove a table": {
			func(p *program) { p.the("Entry").Tables, p.the("Entry").Declared = nil, false },
			[]string{"/audit.Entry table removed: audit | audit.go:1 | " + lost},
		},
		"no constant as a table's name any more": {
			func(p *program) { p.the("Entry").Tables = nil },
			[]string{"/audit.Entry table removed: audit | audit.go:1 | " + kept},
		},
		"declare a table without one of its structs": {
			func(p *program) { p.the("Order").Tables = []string{"orders"} },
			[]string{
				".Order table added: orders | order.go:1 | " + kept,
				".Order table removed: shop | order.go:1 | " + legend + " !",
			},
		},
		"name a table by its ARN": {
			func(p *program) {
				p.the("Entry").Tables = []string{"arn:aws:dynamodb:eu-west-1:111122223333:table/audit"}
			},
			nil,
		},
		"make a mistake in a tag": {
			func(p *program) {
				p.act("visits", crypto.Sign)
				s := p.the("Account")
				s.Attributes, s.Err = nil, &source.Error{Pos: at("account.go", 6),
					Mistake: tags.Error{Type: "store.Account", Field: "Visits", Reason: `unknown action "nothing"`}}
			},
			[]string{`.Account invalid: field Visits: unknown action "nothing" | account.go:6 | ` + lost},
		},
	} {
		t.Run(name, func(t *testing.T) {
			now := newProgram()
			c.change(&now)
			var got []string
			for _, change := range lock.Compare(locked(t, newProgram()), now) {
				got = append(got, brief(change))
				if change.Do == "" || change.Stored.DDBEC.Why == "" || change.Stored.DBESDK.Why == "" {
					t.Errorf("%v: no advice or reason: %+v", change, change)
				}
			}
			slices.Sort(c.want)
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
			}
		})
	}
}

func TestCompare_IsSeriousAboutBeaconsThatAreNoLongerConfigured(t *testing.T) {
	before := newProgram()
	before.option(source.TableOption{Table: "shop", Kind: source.Beacons})
	changes := lock.Compare(locked(t, before), newProgram())
	if len(changes) != 1 || !changes[0].Serious() || !strings.Contains(changes[0].Do, "ddbenc reseal") ||
		changes[0].What() != "option removed: beacons configured in Go, of table shop" {
		t.Errorf("got %+v", changes)
	}
}

func TestCompareSuggestsThatAFieldWasRenamed(t *testing.T) {
	now := newProgram()
	a := now.attribute("Notes")
	a.Name, a.Field = "Remarks", "Remarks"
	for _, c := range lock.Compare(locked(t, newProgram()), now) {
		if c.Kind == lock.Removed && !strings.Contains(c.Do, "renamed to Remarks, tag it `dynamo:\"Notes\"`") {
			t.Error(c.Do)
		}
	}
}

func TestCompareWithoutAFileReportsEveryStructAsAdded(t *testing.T) {
	changes := lock.Compare(nil, newProgram())
	if len(changes) != len(newProgram())+1 {
		t.Errorf("%d changes", len(changes))
	}
	for _, c := range changes {
		if c.Kind != lock.StructAdded && c.What() != "option added: undeclared=sign, of table audit" {
			t.Errorf("%v", c)
		}
	}
}

func TestCompareTellsStructsOfOneNameApart(t *testing.T) {
	row := func(action crypto.Action) source.Struct {
		return source.Struct{Package: shop, Name: "row",
			Attributes: fields("row.go", "store.row", tags.Attribute{Name: "a", Action: action})}
	}
	before := program{row(crypto.Encrypt), row(crypto.Sign)}
	changes := lock.Compare(locked(t, before), program{row(crypto.Encrypt), row(crypto.None)})
	if len(changes) != 1 || changes[0].What() != "weakened: sign → none" {
		t.Errorf("%v", changes)
	}
	if changes := lock.Compare(locked(t, before), before[:1]); len(changes) != 1 || changes[0].Before != "1 sign" {
		t.Errorf("%v", changes)
	}
}

// Nothing may go undetected: whatever changes the file is a change.
func TestCompareReportsSomethingIfAndOnlyIfTheFileChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, after := structs(t), structs(t)
		if rapid.Bool().Draw(t, "only the order") {
			after = rapid.Permutation(before).Draw(t, "order")
		}
		old, err := lock.Make(before)
		if err != nil {
			t.Fatal(err)
		}
		now, err := lock.Make(after)
		if err != nil {
			t.Fatal(err)
		}
		changes := lock.Compare(old, after)
		if same := reflect.DeepEqual(old, now); same != (len(changes) == 0) {
			t.Fatalf("the files are the same: %v; changes: %v", same, changes)
		}
	})
}
