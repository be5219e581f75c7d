package lock_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// searched returns a program whose email has a beacon.
func searched() program {
	p := newProgram()
	email := p.attribute("email")
	email.Beacon = &tags.Beacon{Length: 16}
	email.Indexes = []tags.IndexRole{{Index: "by-email", Role: tags.Partition}}
	return p
}

func TestCompare_ReportsChangesOfBeacons(t *testing.T) {
	const kept = "still readable | still readable"
	for name, c := range map[string]struct {
		change func(*program)
		want   []string
	}{
		"nothing": {func(*program) {}, nil},
		"added": {
			func(p *program) { p.attribute("Notes").Beacon = &tags.Beacon{Length: 12, Set: true} },
			[]string{".Account Notes beacon added: 12 bits, set | account.go:7 | " + kept},
		},
		"another length": {
			func(p *program) { p.attribute("email").Beacon = &tags.Beacon{Length: 17} },
			[]string{".Account email beacon changed: 16 bits → 17 bits | account.go:4 | " + kept + " !"},
		},
		"shared": {
			func(p *program) { p.attribute("email").Beacon = &tags.Beacon{Length: 16, Shared: "Notes"} },
			[]string{".Account email beacon changed: 16 bits → 16 bits, shared with Notes | account.go:4 | " + kept + " !"},
		},
		"part only": {
			func(p *program) { p.attribute("email").Beacon = &tags.Beacon{Length: 16, PartOnly: true} },
			[]string{".Account email beacon changed: 16 bits → 16 bits, only in compound beacons | account.go:4 | " + kept + " !"},
		},
		"other partitions": {
			func(p *program) { p.attribute("email").Beacon = &tags.Beacon{Length: 16, Partitions: 3} },
			[]string{".Account email beacon changed: 16 bits → 16 bits, 3 partitions | account.go:4 | " + kept + " !"},
		},
		"removed": {
			func(p *program) { p.attribute("email").Beacon = nil },
			[]string{".Account email beacon removed: 16 bits | account.go:4 | " + kept + " !"},
		},
		"removed with the protection": {
			func(p *program) { p.attribute("email").Beacon = nil; p.act("email", crypto.Sign) },
			[]string{
				".Account email beacon removed: 16 bits | account.go:4 | " + kept + " !",
				".Account email weakened: encrypt → sign | account.go:4 | unreadable | readable through the legend !",
			},
		},
		"removed with the attribute": {
			func(p *program) { p.remove("email") },
			[]string{
				".Account email beacon removed: 16 bits | account.go:1 | " + kept + " !",
				".Account email removed: encrypt | account.go:1 | " + kept,
			},
		},
		"renamed": {
			func(p *program) { p.attribute("email").Name = "mail" },
			[]string{
				".Account mail beacon changed: 16 bits of email → 16 bits of mail | account.go:4 | " + kept + " !",
				".Account mail renamed: email → mail | account.go:4 | " + kept,
			},
		},
		"added with the attribute": {
			func(p *program) {
				p.add("Account", tags.Attribute{Name: "phone", Field: "Phone", Beacon: &tags.Beacon{Length: 8}})
			},
			[]string{
				".Account phone added: encrypt | added.go:50 | " + kept,
				".Account phone beacon added: 8 bits | added.go:50 | " + kept,
			},
		},
		"removed with the struct": {
			func(p *program) {
				p.drop("Account")
				p.add("Order", tags.Attribute{Name: "visits", Field: "V", Action: crypto.None})
				p.add("Order", tags.Attribute{Name: "region", Field: "R", Action: crypto.SignInContext})
			},
			[]string{
				".Account email beacon removed: 16 bits | nowhere | " + kept + " !",
				".Account struct removed: 2 encrypt; 3 sign; 1 sign,context; 1 none | nowhere | " + kept,
				".Order region added: sign,context | added.go:50 | still readable | still readable",
				".Order visits added: none | added.go:50 | " + kept,
			},
		},
		"added with a struct": {
			func(p *program) {
				*p = append(*p, source.Struct{Package: shop, Name: "Session", Type: "store.Session", Pos: at("session.go", 9),
					Attributes: fields("session.go", "store.Session", tags.Attribute{Name: "t", Beacon: &tags.Beacon{Length: 8}})})
			},
			[]string{
				".Session struct added: 1 encrypt | session.go:9 | " + kept,
				".Session t beacon added: 8 bits | session.go:2 | " + kept,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			now := searched()
			c.change(&now)
			var got []string
			for _, change := range lock.Compare(locked(t, searched()), now) {
				got = append(got, brief(change))
				if change.Do == "" {
					t.Errorf("%v: no advice", change)
				}
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.want, "\n\t"))
			}
		})
	}
}

func TestCompare_SaysHowStoredItemsAreFoundByABeacon(t *testing.T) {
	changes := lock.Compare(locked(t, newProgram()), searched())
	var beacon, index string
	for _, c := range changes {
		switch c.Kind {
		case lock.BeaconAdded:
			beacon = c.Do
		case lock.IndexChanged:
			index = c.Do
		}
	}
	for _, want := range []string{"`ddbenc reseal`", "which items share a value", "aws_dbe_b_email, of type S"} {
		if !strings.Contains(beacon, want) {
			t.Errorf("%q is not in %q", want, beacon)
		}
	}
	if !strings.Contains(index, "aws_dbe_b_email, of type S") {
		t.Errorf("the key of the index is not in %q", index)
	}
}
