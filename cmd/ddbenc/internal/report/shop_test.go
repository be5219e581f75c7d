package report_test

import (
	"go/token"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// root is where the program of these tests is.
const root = "/src/shop"

const shop = "example.com/shop/store"

func at(file string, line int) token.Position {
	return token.Position{Filename: file, Offset: 100 * line, Line: line, Column: 2}
}

func fields(file, typ string, attributes ...tags.Attribute) []source.Attribute {
	found := make([]source.Attribute, len(attributes))
	for i, a := range attributes {
		a.Type = typ
		found[i] = source.Attribute{Attribute: a, Pos: at(file, i+4)}
	}
	return found
}

// program has structs of each sort: declared for one table, for several, for
// an unknown one, for none, without a name, with mistakes, with hostile names.
func program() []source.Struct {
	const account, order, odd, broken = root + "/store/account.go", root + "/store/order.go", "/elsewhere/odd.go", root +
		"/store/broken.go"
	return []source.Struct{
		{
			Package: shop, Name: "Account", Type: "store.Account", Declared: true,
			Tables: []string{"accounts"}, Pos: at(account, 3), PartitionKey: "id", SortKey: "opened",
			Attributes: fields(account, "store.Account",
				tags.Attribute{Name: "id", Action: crypto.Sign, Defaulted: true, Key: tags.Partition, Field: "ID",
					GoType: "string"},
				tags.Attribute{Name: "opened", Action: crypto.Sign, Defaulted: true, Key: tags.Sort, Field: "Opened",
					GoType: "time.Time"},
				tags.Attribute{Name: "email", Defaulted: true, Field: "Email", GoType: "string"},
				tags.Attribute{Name: "backup_email", Field: "Backup", GoType: "string"},
				tags.Attribute{Name: "plan", Action: crypto.Sign, Field: "Plan", GoType: "string", Indexes: []tags.IndexRole{
					{Index: "by-plan", Role: tags.Partition}, {Index: "by-age", Local: true, Role: tags.Sort}}},
				tags.Attribute{Name: "visits", Action: crypto.None, Field: "Visits", GoType: "int"},
				tags.Attribute{Name: "region", Action: crypto.SignInContext, Field: "Base.Region", GoType: "string"},
			),
		},
		{
			Package: shop, Name: "Broken", Type: "store.Broken", Declared: true,
			Tables: []string{"accounts"}, Pos: at(broken, 3),
			Err: &source.Error{Pos: at(broken, 6), Mistake: tags.Error{
				Type: "store.Broken", Field: "Email", Tag: `ddbenc:"<secret>"`,
				Reason: `unknown action "<secret>" (known: encrypt, sign, sign,context, none)`}},
		},
		{
			Package: shop, Name: "Order", Type: "store.Order", Declared: true,
			Tables: []string{"orders", "orders-archive"}, Options: []source.TableOption{
				{Kind: source.Unreadable}, {Table: "orders", Kind: source.PlaintextReads},
				{Table: "orders", Kind: source.Undeclared, Action: crypto.Sign}}, Pos: at(order, 3), PartitionKey: "id",
			Attributes: fields(order, "store.Order",
				tags.Attribute{Name: "id", Action: crypto.Sign, Defaulted: true, Key: tags.Partition, Field: "ID",
					GoType: "string"},
				tags.Attribute{Name: "lines", Defaulted: true, Field: "Lines", GoType: "map[string]interface {}"},
			),
		},
		{
			Package: shop, Name: "Page[int]", Type: "store.Page[int]", Declared: true, Pos: at(order, 30),
			Attributes: fields(order, "store.Page[int]", tags.Attribute{Name: "größe", Action: crypto.None, Field: "Größe",
				GoType: "int"}),
		},
		{
			Package: shop, Type: "struct { ID string \"dynamo:\\\"id,hash\\\"\" }", Pos: at(odd, 8),
			Attributes: fields(odd, "struct {…}",
				tags.Attribute{Name: `<script>alert(1)</script>`, Action: crypto.Sign, Field: "A", GoType: "string"},
				tags.Attribute{Name: "a|b`c\\*d*", Action: crypto.Sign, Field: "B", GoType: "string"},
				tags.Attribute{Name: "x\u202ely\n::error::@everyone", Field: "C", GoType: "string"},
				tags.Attribute{Name: "a, b", Field: "D", GoType: "string"},
			),
		},
	}
}

// changed is what has become of the program since it was locked.
func changed(t testing.TB) []lock.Change {
	t.Helper()
	before := program()
	before = append(before[:1:1], before[2:]...)
	file, err := lock.Make(before)
	if err != nil {
		t.Fatal(err)
	}
	after := program()
	account := after[0].Attributes
	account[0].Name, after[0].PartitionKey = "number", "number"
	account[2].Action, account[2].Defaulted = crypto.Sign, false
	account[3].Name = "backup"
	account[4].Indexes = account[4].Indexes[:1]
	account[5].Action = crypto.Sign
	account[6].Action = crypto.None
	after[0].Attributes = append(account, fields(root+"/store/account.go", "store.Account",
		tags.Attribute{}, tags.Attribute{}, tags.Attribute{Name: "note", Action: crypto.SignInContext, Field: "Note", GoType: "string"})[2])
	after[2].Tables = []string{"orders"}
	after[3].Attributes[0].GoType = "int64"
	after[4].Attributes = append(after[4].Attributes[:1:1], after[4].Attributes[2])
	after[4].Attributes[1].Action = crypto.None
	return lock.Compare(file, append(after, source.Struct{Package: shop, Name: "Session", Pos: at(root+"/100%,new:er/session.go", 7)}))
}
