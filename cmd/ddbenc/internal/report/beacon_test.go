package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

// searched is a program with beacons.
func searched() []source.Struct {
	p := program()[:1]
	account := p[0].Attributes
	account[2].Beacon = &tags.Beacon{Length: 16}
	account[2].Indexes = []tags.IndexRole{{Index: "by-email", Role: tags.Partition}}
	account[3].Beacon = &tags.Beacon{Length: 16, Set: true, Shared: "<b>`|", Partitions: 3}
	p[0].Attributes = append(account, fields(root+"/store/account.go", "store.Account",
		tags.Attribute{Name: "zip", Field: "Zip", GoType: "string", Beacon: &tags.Beacon{Length: 1, PartOnly: true}})...)
	return p
}

func TestPolicies_SayWhatBeaconsReveal(t *testing.T) {
	for format, name := range map[report.Format]string{
		report.Table: "beacons.txt", report.Markdown: "beacons.md", report.JSON: "beacons.json", report.HTML: "beacons.html",
	} {
		golden(t, name, func(b *bytes.Buffer) error { return report.Policies(b, format, searched(), report.Root(root)) })
	}
}

func TestPolicies_HaveNoColumnForBeaconsWithoutOne(t *testing.T) {
	for _, format := range []report.Format{report.Table, report.Markdown, report.JSON, report.HTML} {
		var b bytes.Buffer
		if err := report.Policies(&b, format, program()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(b.String()), "beacon") {
			t.Errorf("%s mentions beacons", format)
		}
	}
}

func TestChanges_SayWhatANewBeaconReveals(t *testing.T) {
	file, err := lock.Make(program()[:1])
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []report.Format{report.Table, report.Markdown, report.JSON, report.GitHub} {
		var b bytes.Buffer
		if err := report.Changes(&b, format, lock.Compare(file, searched()), report.Root(root)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"beacon added", "16 bits", "which items share a value", "ddbenc reseal"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q is not in\n%s", format, want, b.String())
			}
		}
	}
}

func TestPolicies_NameBeaconsThatAreConfiguredInGo(t *testing.T) {
	structs := []source.Struct{{Package: shop, Name: "Account", Type: "store.Account", Declared: true, Tables: []string{"accounts"},
		Options: []source.TableOption{{Table: "accounts", Kind: source.Beacons}}}}
	for format, want := range map[report.Format]string{
		"table":    "store.Account (table accounts; beacons configured in Go of table accounts)",
		"markdown": "table accounts; beacons configured in Go of table accounts",
		"json":     `"kind": "beacons"`,
	} {
		var b strings.Builder
		if err := report.Policies(&b, format, structs); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: got %s, %v", format, b.String(), err)
		}
	}
}
