package keyconfig_test

import (
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
)

const twoTables = `{"totals": {"structs": 4}, "structs": [
	{"package": "example.com/shop/store", "name": "Account", "type": "store.Account", "tables": ["arn:aws:dynamodb:eu-west-1:111122223333:table/accounts"], "partitionKey": "id", "sortKey": "opened",
	 "attributes": [{"name": "id", "action": "sign"}, {"name": "opened", "action": "sign"}, {"name": "email", "action": "encrypt"}, {"name": "visits", "action": "none", "defaulted": true}]},
	{"package": "example.com/shop/store", "name": "Audit", "type": "store.Audit", "tables": ["accounts"],
	 "attributes": [{"name": "visits", "action": "none"}, {"name": "by", "action": "sign"}]},
	{"package": "example.com/shop/store", "name": "Order", "type": "store.Order", "tables": ["orders"], "partitionKey": "number",
	 "attributes": [{"name": "number", "action": "sign"}, {"name": "email", "action": "sign"}]},
	{"package": "example.com/shop/store", "name": "Wrong", "type": "store.Wrong", "tables": ["wrong"], "error": {"reason": "unknown action"}}
]}`

func TestAPolicySaysKeyAndActionsOfTheTable(t *testing.T) {
	for name, choice := range map[string]keyconfig.Choice{
		"by table":          {Tables: []string{"", "another", "accounts"}},
		"by ARN":            {Tables: []string{"arn:aws:dynamodb:us-east-1:111122223333:table/accounts"}},
		"by types":          {Structs: []string{"store.Audit", "example.com/shop/store.Account"}},
		"by types, not ARN": {Structs: []string{"store.Account", "store.Audit"}, Tables: []string{"orders"}},
	} {
		d, err := keyconfig.ReadPolicy([]byte(twoTables), choice)
		check(t, err)
		if d.Name != "accounts" || d.PartitionKey != "id" || d.SortKey != "opened" || len(d.Attributes) != 5 ||
			d.Attributes["email"] != "encrypt" || d.Attributes["by"] != "sign" || d.Undeclared != "" {
			t.Errorf("%s: got %+v", name, d)
		}
	}
}

func TestReadPolicy_HasTheOptionsOfTheTable(t *testing.T) {
	const option = `"options": [{"table": "arn:aws:dynamodb:eu-west-1:111122223333:table/accounts", "kind": "undeclared", "action": "none"},
		{"table": "accounts", "kind": "plaintext-reads"}, {"table": "other", "kind": "undeclared", "action": "sign"}], "partitionKey": "id"`
	text := strings.Replace(twoTables, `"partitionKey": "id"`, option, 1)
	d, err := keyconfig.ReadPolicy([]byte(text), keyconfig.Choice{Tables: []string{"accounts"}})
	check(t, err)
	if d.Undeclared != "none" {
		t.Errorf("undeclared is %q", d.Undeclared)
	}
	text = strings.Replace(text, `"kind": "plaintext-reads"`, `"kind": "undeclared", "action": "sign"`, 1)
	if _, err := keyconfig.ReadPolicy([]byte(text), keyconfig.Choice{Tables: []string{"accounts"}}); !contains(err,
		"several actions") {
		t.Errorf("got %v", err)
	}
}

func TestReadPolicy_TakesKeysThatOneStructPutsIntoTheContext(t *testing.T) {
	inContext := strings.Replace(twoTables, `"tables": ["accounts"],
	 "attributes": [`, `"tables": ["accounts"], "partitionKey": "id", "sortKey": "opened",
	 "attributes": [{"name": "id", "action": "sign,context"}, `, 1)
	for _, structs := range [][]string{{"store.Account", "store.Audit"}, {"store.Audit", "store.Account"}} {
		d, err := keyconfig.ReadPolicy([]byte(inContext), keyconfig.Choice{Structs: structs})
		check(t, err)
		if d.Attributes["id"] != "sign,context" {
			t.Errorf("%q: got %+v", structs, d)
		}
	}
}

func TestAPolicyThatDoesNotTellIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		policy string
		choice keyconfig.Choice
		want   string
	}{
		"several":       {twoTables, keyconfig.Choice{}, "choose (store.Account, store.Audit, store.Order, store.Wrong)"},
		"another table": {twoTables, keyconfig.Choice{Tables: []string{"account"}}, "choose"},
		"no such type":  {twoTables, keyconfig.Choice{Structs: []string{"Account"}}, `no struct "Account"`},
		"other keys":    {twoTables, keyconfig.Choice{Structs: []string{"store.Account", "store.Order"}}, "different keys"},
		"other actions": {strings.Replace(twoTables, `{"name": "by", "action": "sign"}`,
			`{"name": "email", "action": "sign"}`, 1), keyconfig.Choice{Tables: []string{"accounts"}},
			`disagree about attribute "email"`},
		"wrong tags": {twoTables, keyconfig.Choice{Structs: []string{"store.Wrong"}},
			"store.Wrong has invalid tags: unknown action"},
		"no structs":      {`{"structs": []}`, keyconfig.Choice{}, "no structs"},
		"something else":  {`[]`, keyconfig.Choice{}, "not the output"},
		"two policies":    {twoTables + "{}", keyconfig.Choice{}, "unexpected text"},
		"no JSON":         {`ATTRIBUTE`, keyconfig.Choice{}, "not the output"},
		"a table of text": {twoTables[:40], keyconfig.Choice{}, "ends too early"},
	} {
		if _, err := keyconfig.ReadPolicy([]byte(c.policy), c.choice); !contains(err, c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestAFileTakesWhatItDoesNotSayFromThePolicy(t *testing.T) {
	w := newWorld(t)
	const of = `"encryptor": {"format": "dbesdk", "keyring": ` + rawAES + `}}`
	read := func(declaration string) *keyconfig.File {
		t.Helper()
		file, err := w.read(t, "{"+declaration+of)
		check(t, err)
		return file
	}
	accounts := keyconfig.Choice{Tables: []string{"accounts"}}
	for name, c := range map[string]struct{ declaration, table string }{
		"nothing":          {``, "accounts"},
		"the name":         {`"table": {"name": "restored"}, `, "restored"},
		"all other actons": {`"table": {"undeclared": "sign"}, `, "accounts"},
	} {
		file := read(c.declaration)
		check(t, file.UsePolicy([]byte(twoTables), accounts))
		table, err := file.Table(t.Context(), w)
		check(t, err)
		if table.Info.Name != c.table || table.Info.SortKey != "opened" || len(table.Actions.Attributes) != 5 {
			t.Errorf("%s: got %+v", name, table)
		}
		check(t, table.Close())
	}
	for name, declaration := range map[string]string{
		"a key":   `"table": {"partitionKey": "id"}, `,
		"actions": `"table": {"attributes": {}}, `,
	} {
		if err := read(declaration).UsePolicy([]byte(twoTables), accounts); !contains(err, "omit them") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := read(``).UsePolicy([]byte(twoTables), keyconfig.Choice{}); !contains(err, "choose") {
		t.Errorf("got %v", err)
	}
}
