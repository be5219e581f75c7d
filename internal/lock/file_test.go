package lock_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
	"github.com/ddbenc/ddbenc/tags"
)

const shopFile = `# ddbenc.lock v1: what ddbenc does to each attribute of the structs of this module.
# Do not edit. To accept a change of policy, lock again and have the diff reviewed.
version 1

struct example.com/shop/store Account
	table shop
	attribute Notes encrypt default field=Notes type=[]string
	attribute email encrypt default field=Email type=string
	attribute id sign default key=partition field=ID type=string
	attribute opened sign default key=sort field=Opened type=time.Time
	attribute plan sign written index:partition=by-plan field=Plan type=string
	attribute region sign,context written field=Base.Region type=string
	attribute visits none written field=Visits type=int

struct example.com/shop/store Order
	table shop
	attribute id sign default key=partition field=ID type=string
	attribute opened sign default key=sort field=Placed type=time.Time
	attribute plan sign written index:partition=by-plan field=Plan type=string
	attribute state sign written field=State type=string

struct example.com/shop/store/audit Entry
	table audit
	option audit undeclared=sign
	attribute day sign default key=partition field=Day type=string
	attribute text encrypt default field=Text type=string
`

func written(t testing.TB, file *lock.File) string {
	t.Helper()
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteHasALineForEachAttribute(t *testing.T) {
	if got := written(t, locked(t, newProgram())); got != shopFile {
		t.Errorf("got\n%s", got)
	}
}

func TestWriteQuotesWhatCouldBeTakenForSomethingElse(t *testing.T) {
	odd := program{{
		Package: "example.com/shop", Type: `struct { ID string "dynamo:\"id,hash\"" }`,
		Tables: []string{"#1"},
		Attributes: fields("odd.go", "", tags.Attribute{Name: "e mail\n", Field: "E", GoType: "map[string]interface {}",
			Action:  crypto.Sign,
			Indexes: []tags.IndexRole{{Index: "b", Local: true, Role: tags.Sort}, {Index: "a c", Role: tags.Partition}}},
			tags.Attribute{Name: "größe", Field: "Größe", GoType: "int"},
			tags.Attribute{Name: "em\u202eail", Field: "F", GoType: "int"}),
	}}
	got := written(t, locked(t, odd))
	_, got, _ = strings.Cut(got, "\n\n")
	const want = `struct example.com/shop "struct { ID string \"dynamo:\\\"id,hash\\\"\" }"
	table "#1"
	attribute "e mail\n" sign written index:partition="a c" local:sort=b field=E type="map[string]interface {}"
	attribute "em\u202eail" encrypt written field=F type=int
	attribute größe encrypt written field=Größe type=int
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestWriteHasBeaconsAsInTheirTags(t *testing.T) {
	searched := program{{Package: "p", Name: "T", Attributes: fields("t.go", "", tags.Attribute{Name: "email", Field: "E",
		GoType: "string", Beacon: &tags.Beacon{Length: 16, Shared: "e mail"},
		Indexes: []tags.IndexRole{{Index: "by-email", Role: tags.Partition}}})}}
	const want = "\tattribute email encrypt written index:partition=by-email beacon=\"16,shared=e mail\" field=E type=string\n"
	if got := written(t, locked(t, searched)); !strings.HasSuffix(got, "struct p T\n"+want) {
		t.Errorf("got\n%s", got)
	}
}

func TestMakeRefusesStructsWithWrongTags(t *testing.T) {
	mistake := &source.Error{Pos: at("account.go", 6),
		Mistake: tags.Error{Type: "store.Account", Field: "Visits", Reason: "unknown action"}}
	now := newProgram()
	now.the("Order").Err = mistake
	_, err := lock.Make(now)
	var found *source.Error
	if !errors.As(err, &found) || found != mistake || !errors.Is(err, crypto.ErrPolicy) {
		t.Fatal(err)
	}
	if !strings.HasPrefix(err.Error(), "/src/shop/account.go:6:2: ") {
		t.Error(err)
	}
}

func TestWriteRefusesWhatParseWouldNotRead(t *testing.T) {
	for name, change := range map[string]func(*lock.File){
		"structs out of order":    func(f *lock.File) { f.Structs[0], f.Structs[1] = f.Structs[1], f.Structs[0] },
		"tables out of order":     func(f *lock.File) { f.Structs[0].Tables = []string{"b", "a"} },
		"a table twice":           func(f *lock.File) { f.Structs[0].Tables = []string{"a", "a"} },
		"attributes out of order": func(f *lock.File) { a := f.Structs[0].Attributes; a[0], a[1] = a[1], a[0] },
		"an attribute twice":      func(f *lock.File) { a := f.Structs[0].Attributes; a[0] = a[1] },
		"two partition keys":      func(f *lock.File) { f.Structs[0].Attributes[0].Key = tags.Partition },
		"an unknown action":       func(f *lock.File) { f.Structs[0].Attributes[0].Action = 9 },
		"an unknown key role":     func(f *lock.File) { f.Structs[0].Attributes[0].Key = 9 },
		"an unknown index role":   func(f *lock.File) { f.Structs[0].Attributes[0].Indexes = []tags.IndexRole{{Index: "a"}} },
		"a beacon of none bits":   func(f *lock.File) { f.Structs[0].Attributes[0].Beacon = &tags.Beacon{} },
		"a beacon in clear":       func(f *lock.File) { f.Structs[0].Attributes[2].Beacon = &tags.Beacon{Length: 1} },
		"a beacon with a comma": func(f *lock.File) {
			f.Structs[0].Attributes[0].Beacon = &tags.Beacon{Length: 1, Shared: "a,set"}
		},
		"a type": func(f *lock.File) { f.Structs[0].Attributes[0].Type = "store.Account" },
	} {
		file := locked(t, newProgram())
		change(file)
		var b bytes.Buffer
		if err := file.Write(&b); err == nil || b.Len() > 0 {
			t.Errorf("%s: %v, and wrote %q", name, err, b.String())
		}
	}
}

func TestParseRefusesWithTheLine(t *testing.T) {
	const head = "version 1\nstruct p T\n"
	for _, c := range []struct{ file, err string }{
		{"", `line 1: no line "version 1"`},
		{"# version 1\n", `line 2: no line "version 1"`},
		{"version 2\n", `line 1: missing or unknown version: want "version 1"`},
		{"version 1 \n", `line 1: missing or unknown version: want "version 1"`},
		{"struct p T\n", `line 1: missing or unknown version: want "version 1"`},
		{"version 1\nversion 1\n", "line 2: want a struct or, after a tab"},
		{"version 1\n\ttable a\n", "line 2: line does not belong to a struct"},
		{"version 1\nstruct p\n", "line 2: incomplete line"},
		{"version 1\nstruct p T T\n", `line 2: unexpected "T"`},
		{"version 1\nstruct p  T\n", "line 2: incomplete line, or more than one space"},
		{"version 1\nstruct p T \n", "line 2: trailing space"},
		{"version 1\nstruct q T\nstruct p T\n", "line 3: struct is out of order"},
		{head + "table a\n", "line 3: want a struct or, after a tab"},
		{head + "  table a\n", "line 3: want a struct or, after a tab"},
		{head + "\tstruct p T\n", "line 3: want a struct or, after a tab"},
		{head + "<<<<<<< ours\n", "line 3: unresolved merge conflict"},
		{head + "\ttable b\n\ttable a\n", `line 4: table "a" is out of order`},
		{head + "\ttable a\n\ttable a\n", `line 4: table "a" is out of order`},
		{head + "\ttable \"a\"\n", `line 3: "\"a\"" should be written as a`},
		{head + "\ttable \"a\n", `line 3: "a is not a quoted word`},
		{head + "\ttable a\"b\n", `line 3: "a\"b" should be written as "a\"b"`},
		{head + "\ttable \"\\x61 \"\n", "line 3: \"\\\"\\\\x61 \\\"\" should be written as \"a \""},
		{head + "\ttable a\u202e\n", `should be written as "a\u202e"`},
		{head + "\tattribute a encrypt default field=A type=int\n\ttable a\n",
			"line 4: table follows an option or attribute"},
		{head + "\toption a plaintext-reads\n\ttable a\n", "line 4: table follows an option or attribute"},
		{head + "\tattribute a encrypt default field=A type=int\n\toption a selection\n",
			"line 4: option follows an attribute"},
		{head + "\toption a\n", "line 3: incomplete line"},
		{head + "\toption a plaintext\n", `line 3: unknown option "plaintext"`},
		{head + "\toption a selection more\n", `line 3: unexpected "more"`},
		{head + "\toption a selection=none\n", "line 3: option selection of table \"a\": unexpected action none"},
		{head + "\toption a undeclared\n", "line 3: option undeclared of table \"a\": unexpected action encrypt"},
		{head + "\toption a undeclared=encrypt\n", "line 3: option undeclared of table \"a\": unexpected action encrypt"},
		{head + "\toption a undeclared=secret\n", `line 3: invalid configuration: unknown action "secret"`},
		{head + "\toption a selection\n\toption a selection\n", "line 4: option selection is out of order"},
		{head + "\toption b selection\n\toption a selection\n", "line 4: option selection is out of order"},
		{head + "\tattribute a secret default field=A type=int\n", `line 3: invalid configuration: unknown action "secret"`},
		{head + "\tattribute a encrypt perhaps field=A type=int\n", `line 3: "perhaps" is neither`},
		{head + "\tattribute a encrypt\n", "line 3: incomplete line"},
		{head + "\tattribute a encrypt default type=int\n", "line 3: want field=…"},
		{head + "\tattribute a encrypt default field=A\n", "line 3: want type=…"},
		{head + "\tattribute a encrypt default field=A type=int key=sort\n", `line 3: unexpected "key=sort"`},
		{head + "\tattribute a encrypt default key=none field=A type=int\n", `line 3: "none" is not a key role`},
		{head + "\tattribute a encrypt default key=sort key=sort field=A type=int\n", "line 3: want field=…"},
		{head + "\tattribute a encrypt default index=b field=A type=int\n", `line 3: "" is not a key role`},
		{head + "\tattribute a encrypt default index:sort=b index:sort=a field=A type=int\n",
			"line 3: indexes are out of order"},
		{head + "\tattribute a encrypt default beacon=64 field=A type=int\n", `line 3: beacon "64": begin with the length`},
		{head + "\tattribute a sign default beacon=6 field=A type=int\n", "line 3: it has a beacon, but its action is sign"},
		{head + "\tattribute a encrypt default beacon=6,shared=b,set field=A type=int\n", `written as "6,set,shared=b"`},
		{head + "\tattribute a encrypt default beacon=6 key=sort field=A type=int\n", "line 3: want field=…"},
		{head + "\tattribute b encrypt default field=A type=int\n\tattribute a encrypt default field=A type=int\n",
			`line 4: attribute "a" is out of order`},
		{head + "\tattribute a sign default key=sort field=A type=int\n\tattribute b sign default key=sort field=A " +
			"type=int\n", `line 4: attribute "b": "a" is already the sort key`},
		{head + "\ttable " + strings.Repeat("a", 1<<20) + "\n", "line 3: longer than 1048576 bytes"},
	} {
		_, err := lock.Parse(strings.NewReader(c.file))
		var wrong *lock.SyntaxError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%.80q:\n\tgot  %v\n\twant %s", c.file, err, c.err)
		}
	}
}

func TestParseTakesCommentsEmptyLinesAndOtherLineEnds(t *testing.T) {
	want := locked(t, newProgram())
	for name, text := range map[string]string{
		"as written":          shopFile,
		"without end of line": strings.TrimSuffix(shopFile, "\n"),
		"with CR LF":          strings.ReplaceAll(shopFile, "\n", "\r\n"),
		"with a comment":      strings.ReplaceAll(shopFile, "\n\t", "\n# why\n\n\t"),
	} {
		got, err := lock.Parse(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseReturnsTheReadersError(t *testing.T) {
	broken := errors.New("broken disk")
	if _, err := lock.Parse(failing{broken}); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// structs draws the structs of a program. Names are few, so that two programs
// have much in common.
func structs(t *rapid.T) []source.Struct {
	word := rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "c", "", "'", `"`, "a b", "=", "#", "\n", "\\", "`", "ü", "\xff", "\u202e", "key=sort"}), rapid.String())
	few := rapid.SampledFrom([]string{"a", "b"})
	index := rapid.Custom(func(t *rapid.T) tags.IndexRole {
		return tags.IndexRole{Index: word.Draw(t, "index"), Local: rapid.Bool().Draw(t, "local"), Role: rapid.SampledFrom([]tags.KeyRole{tags.Partition, tags.Sort}).Draw(t, "role")}
	})
	one := rapid.Custom(func(t *rapid.T) source.Struct {
		s := source.Struct{
			Package: few.Draw(t, "package"), Name: few.Draw(t, "name"), Declared: rapid.Bool().Draw(t, "declared"),
			Tables: rapid.SliceOfN(word, 0, 2).Draw(t, "tables"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "options") {
			option := source.TableOption{Table: few.Draw(t, "table"), Kind: rapid.SampledFrom(source.OptionKinds()).Draw(t, "kind")}
			if option.Kind == source.Undeclared {
				option.Action = crypto.Action(rapid.IntRange(1, 3).Draw(t, "undeclared"))
			}
			s.Options = append(s.Options, option)
		}
		roles := rapid.Permutation([]tags.KeyRole{tags.Partition, tags.Sort, tags.NoKey, tags.NoKey}).Draw(t, "keys")
		for i, name := range rapid.SliceOfNDistinct(word, 0, 4, func(s string) string { return s }).Draw(t, "attributes") {
			action := crypto.Action(rapid.IntRange(0, 3).Draw(t, "action"))
			var beacon *tags.Beacon
			if action == crypto.Encrypt && rapid.Bool().Draw(t, "has a beacon") {
				beacon = rapid.SampledFrom([]*tags.Beacon{{Length: 16}, {Length: 8, Set: true, Shared: "a b", Partitions: 2},
					{Length: 63, PartOnly: true}, {Length: 1, Shared: "="}}).Draw(t, "beacon")
			}
			s.Attributes = append(s.Attributes, source.Attribute{Attribute: tags.Attribute{
				Name: name, Action: action, Beacon: beacon, Defaulted: rapid.Bool().Draw(t, "defaulted"),
				Key: roles[i], Indexes: rapid.SliceOfN(index, 0, 2).Draw(t, "indexes"),
				Type: "T", Field: word.Draw(t, "field"), GoType: few.Draw(t, "type"),
			}})
		}
		return s
	})
	return rapid.SliceOfN(one, 0, 3).Draw(t, "structs")
}

func TestParseReadsWhatWriteWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, err := lock.Make(structs(t))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := want.Write(&b); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		got, err := lock.Parse(&b)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%+v\nwant\n%+v\nfrom\n%s", got, want, text)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(shopFile)
	f.Add("version 1\r\nstruct \"\" '\n\ttable \"\\x00\"\n\tattribute a sign,context default key=sort index:sort=a local:partition=b field=A type=\"a b\"")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := lock.Parse(strings.NewReader(text))
		if err != nil {
			var wrong *lock.SyntaxError
			if !errors.As(err, &wrong) || wrong.Line < 1 {
				t.Fatal(err)
			}
			return
		}
		again, err := lock.Parse(strings.NewReader(written(t, file)))
		if err != nil || !reflect.DeepEqual(again, file) {
			t.Fatalf("%v: got %+v, want %+v", err, again, file)
		}
	})
}
