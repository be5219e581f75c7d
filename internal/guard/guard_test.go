package guard_test

import (
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/internal/guard"
)

// attributes has one attribute for each action, named after it, a key and one
// of an item format.
type attributes struct{}

func (attributes) IsKey(name string) bool    { return name == "key" }
func (attributes) Reserved(name string) bool { return strings.HasPrefix(name, "aws_dbe_") }
func (attributes) Action(name string) crypto.Action {
	switch name {
	case "key", "signed":
		return crypto.Sign
	case "unsigned":
		return crypto.None
	}
	return crypto.Encrypt
}

func TestAlone_SaysWhatDynamoDBCannotDoOnStoredValues(t *testing.T) {
	path := func(name string, more ...string) expr.Path {
		p := expr.Path{{Name: name}}
		for _, m := range more {
			p = append(p, expr.Element{Name: m})
		}
		return p
	}
	for name, c := range map[string]struct {
		use  expr.Use
		want guard.Reason
	}{
		"encrypted value":       {expr.Use{Path: path("secret"), Kind: expr.Read}, guard.Compared},
		"part of it":            {expr.Use{Path: path("secret", "a"), Kind: expr.Read}, guard.Compared},
		"encrypted, exists":     {expr.Use{Path: path("secret"), Kind: expr.Exists}, ""},
		"part of it, exists":    {expr.Use{Path: path("secret", "a"), Kind: expr.Exists}, guard.Nested},
		"encrypted, written":    {expr.Use{Path: path("secret"), Kind: expr.Write}, guard.InPlace},
		"signed value":          {expr.Use{Path: path("signed"), Kind: expr.Read}, ""},
		"signed, part, exists":  {expr.Use{Path: path("signed", "a"), Kind: expr.Exists}, ""},
		"signed, written":       {expr.Use{Path: path("signed"), Kind: expr.Write}, guard.InPlace},
		"unsigned value":        {expr.Use{Path: path("unsigned"), Kind: expr.Read}, ""},
		"unsigned, written":     {expr.Use{Path: path("unsigned"), Kind: expr.Write}, ""},
		"key value":             {expr.Use{Path: path("key"), Kind: expr.Read}, ""},
		"key, written":          {expr.Use{Path: path("key"), Kind: expr.Write}, ""}, // Written refuses it
		"of the format":         {expr.Use{Path: path("aws_dbe_head"), Kind: expr.Read}, ""},
		"of the format, exists": {expr.Use{Path: path("aws_dbe_head"), Kind: expr.Exists}, ""},
	} {
		readable := expr.Use{Path: path("signed"), Kind: expr.Read}
		attribute, why := guard.Alone(attributes{}, []expr.Use{readable, c.use, readable})
		if why != c.want || (why != "") != (attribute != "") || why != "" && attribute != c.use.Path.Root() {
			t.Errorf("%s: got %q, %q", name, attribute, why)
		}
	}
}

func TestWritten_RefusesKeysAndWhatTheFormatAdds(t *testing.T) {
	for name, want := range map[string]guard.Reason{
		"key": guard.PrimaryKey, "aws_dbe_foot": guard.Format, "signed": "", "secret": "", "unsigned": "",
	} {
		if got := guard.Written(attributes{}, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
