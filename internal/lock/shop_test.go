package lock_test

import (
	"go/token"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

const shop = "example.com/shop/store"

// program is the structs of a program that tests make changes to.
type program []source.Struct

// newProgram returns two structs of one table and one of another. Each field
// is on a line of its own, counted from 1 in its file.
func newProgram() program {
	return program{
		{
			Package: shop, Name: "Account", Type: "store.Account", Declared: true,
			Tables: []string{"shop"}, Pos: at("account.go", 1), PartitionKey: "id", SortKey: "opened",
			Attributes: fields("account.go", "store.Account",
				tags.Attribute{Name: "id", Action: crypto.Sign, Defaulted: true, Key: tags.Partition, Field: "ID",
					GoType: "string"},
				tags.Attribute{Name: "opened", Action: crypto.Sign, Defaulted: true, Key: tags.Sort, Field: "Opened",
					GoType: "time.Time"},
				tags.Attribute{Name: "email", Defaulted: true, Field: "Email", GoType: "string"},
				tags.Attribute{Name: "plan", Action: crypto.Sign,
					Indexes: []tags.IndexRole{{Index: "by-plan", Role: tags.Partition}}, Field: "Plan", GoType: "string"},
				tags.Attribute{Name: "visits", Action: crypto.None, Field: "Visits", GoType: "int"},
				tags.Attribute{Name: "Notes", Defaulted: true, Field: "Notes", GoType: "[]string"},
				tags.Attribute{Name: "region", Action: crypto.SignInContext, Field: "Base.Region", GoType: "string"},
			),
		},
		{
			Package: shop, Name: "Order", Type: "store.Order", Declared: true,
			Tables: []string{"shop"}, Pos: at("order.go", 1), PartitionKey: "id", SortKey: "opened",
			Attributes: fields("order.go", "store.Order",
				tags.Attribute{Name: "id", Action: crypto.Sign, Defaulted: true, Key: tags.Partition, Field: "ID",
					GoType: "string"},
				tags.Attribute{Name: "opened", Action: crypto.Sign, Defaulted: true, Key: tags.Sort, Field: "Placed",
					GoType: "time.Time"},
				tags.Attribute{Name: "state", Action: crypto.Sign, Field: "State", GoType: "string"},
				tags.Attribute{Name: "plan", Action: crypto.Sign,
					Indexes: []tags.IndexRole{{Index: "by-plan", Role: tags.Partition}}, Field: "Plan", GoType: "string"},
			),
		},
		{
			Package: shop + "/audit", Name: "Entry", Type: "audit.Entry", Declared: true,
			Tables: []string{"audit"}, Options: []source.TableOption{{Table: "audit", Kind: source.Undeclared,
				Action: crypto.Sign}}, Pos: at("audit.go", 1), PartitionKey: "day",
			Attributes: fields("audit.go", "audit.Entry",
				tags.Attribute{Name: "day", Action: crypto.Sign, Defaulted: true, Key: tags.Partition, Field: "Day",
					GoType: "string"},
				tags.Attribute{Name: "text", Defaulted: true, Field: "Text", GoType: "string"},
			),
		},
	}
}

func at(file string, line int) token.Position {
	return token.Position{Filename: "/src/shop/" + file, Offset: 100 * line, Line: line, Column: 2}
}

func fields(file, typ string, attributes ...tags.Attribute) []source.Attribute {
	found := make([]source.Attribute, len(attributes))
	for i, a := range attributes {
		a.Type = typ
		found[i] = source.Attribute{Attribute: a, Pos: at(file, i+2)}
	}
	return found
}

func (p *program) the(name string) *source.Struct {
	for i := range *p {
		if (*p)[i].Name == name {
			return &(*p)[i]
		}
	}
	panic("no struct " + name)
}

// attribute returns an attribute to change, of struct Account if it does not
// say another: "Order.state".
func (p *program) attribute(name string) *source.Attribute {
	typ, name, found := strings.Cut(name, ".")
	if !found {
		typ, name = "Account", typ
	}
	s := p.the(typ)
	for i := range s.Attributes {
		if s.Attributes[i].Name == name {
			return &s.Attributes[i]
		}
	}
	panic("no attribute " + name)
}

// act gives an attribute another action, by a tag.
func (p *program) act(name string, action crypto.Action) {
	a := p.attribute(name)
	a.Action, a.Defaulted = action, false
}

// option gives Account an option.
func (p *program) option(o source.TableOption) {
	a := p.the("Account")
	a.Options = append(a.Options, o)
}

func (p *program) remove(name string) {
	removed := p.attribute(name)
	for i := range *p {
		s := &(*p)[i]
		for j := range s.Attributes {
			if &s.Attributes[j] == removed {
				s.Attributes = append(s.Attributes[:j:j], s.Attributes[j+1:]...)
				return
			}
		}
	}
}

func (p *program) add(typ string, a tags.Attribute) {
	s := p.the(typ)
	a.Type = s.Type
	s.Attributes = append(s.Attributes, source.Attribute{Attribute: a, Pos: at("added.go", 50)})
}

func (p *program) drop(name string) {
	for i := range *p {
		if (*p)[i].Name == name {
			*p = append((*p)[:i:i], (*p)[i+1:]...)
			return
		}
	}
}

func locked(t testing.TB, p program) *lock.File {
	t.Helper()
	file, err := lock.Make(p)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
