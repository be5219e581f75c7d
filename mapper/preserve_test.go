package mapper_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// Paper lacks much of what the tests store as papers.
type Paper struct {
	Owner  string   `dynamo:"person,hash"`
	Number int      `dynamo:"num,range"`
	Any    any      `dynamo:"any"`
	Nested Part     `dynamo:"nested"`
	Parts  []Part   `dynamo:"parts"`
	Float  float64  `dynamo:"float"`
	Bytes  []byte   `dynamo:"bytes"`
	Words  []string `dynamo:"words,set"`
	Text   string   `dynamo:"text" ddbenc:"sign"`
	Absent string   `dynamo:"absent"`
	Seen   int      `dynamo:"seen" ddbenc:"none"`
	Mark   []byte   `dynamo:"mark" ddbenc:"none"`
}

type Part struct {
	Name string `dynamo:"name"`
}

func m(item crypto.Item) types.AttributeValue { return &types.AttributeValueMemberM{Value: item} }

func l(values ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: values}
}

// paper returns a paper as another program stored it.
func paper() crypto.Item {
	null := &types.AttributeValueMemberNULL{Value: true}
	return crypto.Item{
		"person": str("ada"), "num": num("1"), "text": str(""), "seen": num("1"),
		"mark": &types.AttributeValueMemberB{Value: []byte("mark")},
		"any": m(crypto.Item{
			"empty": str(""), "null": null, "precise": num("12345678901234567890123456789012345678"),
			"numbers": &types.AttributeValueMemberNS{Value: []string{"1", "12345678901234567890123456789012345678"}},
			"strings": &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
			"bytes":   &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
			"list":    l(null, m(crypto.Item{"deep": num("0.12345678901234567890123456789")})),
		}),
		"nested": m(crypto.Item{"name": str("n"), "more": l(num("1"), null)}),
		"parts": l(m(crypto.Item{"name": str("one"), "more": str("1")}),
			m(crypto.Item{"name": str("two"), "more": str("2")}), m(crypto.Item{"more": null})),
		"float": num("0.12345678901234567890123456789"),
		"bytes": &types.AttributeValueMemberB{Value: []byte("bytes")},
		"words": &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
		"other": m(crypto.Item{"kept": null}),
	}
}

// papers is a world whose table holds the paper.
func papers(t *testing.T, f format) (*world, *mapper.Client, *mapper.Repository[Paper]) {
	t.Helper()
	w := newWorld(t, f)
	client, err := mapper.NewClient(w.spy, mapper.TableOf[Paper](tableName, f.encryptor(t, 1)))
	check(t, err)
	db := dynamo.NewFromIface(client)
	check(t, db.Table(tableName).Put(paper()).Run(t.Context()))
	repo, err := mapper.NewRepository[Paper](db, tableName)
	check(t, err)
	return w, client, repo
}

func openPaper(t *testing.T, c *mapper.Client) crypto.Item {
	t.Helper()
	out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: key("1")})
	check(t, err)
	return out.Item
}

// equalItems compares items independently of the order in sets.
func equalItems(t *testing.T, got, want crypto.Item) {
	t.Helper()
	if g, w := fmt.Sprintf("%q", lineStrings(got)), fmt.Sprintf("%q", lineStrings(want)); g != w {
		t.Errorf("got %s\nwant %s", g, w)
	}
	if valueString(got["seen"]) != valueString(want["seen"]) {
		t.Errorf("seen: got %s, want %s", valueString(got["seen"]), valueString(want["seen"]))
	}
}

func TestModify_ChangesOnlyWhatTheFunctionChanges(t *testing.T) {
	set := func(path string, value types.AttributeValue) crypto.Item {
		item := paper()
		item[path] = value
		return item
	}
	part := func(i crypto.Item) types.AttributeValue { return m(i) }
	one, two := part(crypto.Item{"name": str("one"), "more": str("1")}),
		part(crypto.Item{"name": str("two"), "more": str("2")})
	three := part(crypto.Item{"more": &types.AttributeValueMemberNULL{Value: true}})
	for name, c := range map[string]struct {
		change func(*Paper)
		want   crypto.Item
	}{
		"nothing":                 {func(*Paper) {}, paper()},
		"an attribute":            {func(p *Paper) { p.Text = "x" }, set("text", str("x"))},
		"an attribute that isn't": {func(p *Paper) { p.Absent = "x" }, set("absent", str("x"))},
		"a number":                {func(p *Paper) { p.Float = 2 }, set("float", num("2"))},
		"a field of a map": {func(p *Paper) { p.Nested.Name = "x" },
			set("nested", m(crypto.Item{"name": str("x"),
				"more": l(num("1"), &types.AttributeValueMemberNULL{Value: true})}))},
		"bytes in place": {func(p *Paper) { p.Bytes[0] = 'B' },
			set("bytes", &types.AttributeValueMemberB{Value: []byte("Bytes")})},
		"a set": {func(p *Paper) { p.Words = append(p.Words, "c") },
			set("words", &types.AttributeValueMemberSS{Value: []string{"a", "b", "c"}})},
		"a field in a list": {func(p *Paper) { p.Parts[1].Name = "x" },
			set("parts", l(one, part(crypto.Item{"name": str("x"), "more": str("2")}), three))},
		"a list gets longer": {func(p *Paper) { p.Parts = append(p.Parts, Part{"new"}) },
			set("parts", l(one, two, three, part(crypto.Item{"name": str("new")})))},
		"a list gets shorter": {func(p *Paper) { p.Parts = p.Parts[1:] }, set("parts", l(two, three))},
		"a field where it isn't": {func(p *Paper) { p.Parts[2].Name = "x" },
			set("parts", l(one, two, part(crypto.Item{"name": str("x"),
				"more": &types.AttributeValueMemberNULL{Value: true}})))},
		"something in any": {func(p *Paper) { p.Any.(map[string]any)["empty"] = "x" }, func() crypto.Item {
			item := paper()
			item["any"].(*types.AttributeValueMemberM).Value["empty"] = str("x")
			return item
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				_, client, repo := papers(t, f)
				_, err := repo.Modify(t.Context(), dynamo.Keys{"ada", 1},
					func(p *Paper) error { c.change(p); return nil })
				check(t, err)
				equalItems(t, openPaper(t, client), c.want)
			})
		})
	}
}

func TestReseal_ChangesNothingButTheSealing(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for name, reseal := range map[string]func(c *mapper.Client, r *mapper.Repository[Paper]) error{
			"client": func(c *mapper.Client, _ *mapper.Repository[Paper]) error {
				return c.Reseal(t.Context(), tableName, key("1"))
			},
			"client, whole item": func(c *mapper.Client, _ *mapper.Repository[Paper]) error {
				return c.Reseal(t.Context(), tableName, paper())
			},
			"repository": func(_ *mapper.Client, r *mapper.Repository[Paper]) error {
				return r.Reseal(t.Context(), dynamo.Keys{"ada", 1})
			},
		} {
			t.Run(name, func(t *testing.T) {
				w, client, repo := papers(t, f)
				before := w.stored(t, 1)
				check(t, reseal(client, repo))
				after := w.stored(t, 1)
				if valueString(before[f.signature]) == valueString(after[f.signature]) {
					t.Error("the item was not sealed again")
				}
				equalItems(t, openPaper(t, client), paper())
			})
		}
		t.Run("an item that does not fit its type", func(t *testing.T) {
			_, client, repo := papers(t, f)
			odd := edited(paper(), "", "nested", str("no map"))
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: odd})
			check(t, err)
			check(t, repo.Reseal(t.Context(), dynamo.Keys{"ada", 1}))
			equalItems(t, openPaper(t, client), odd)
		})
	})
}

func TestReseal_Fails(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w, client, repo := papers(t, f)
		ctx := t.Context()
		wantError(t, repo.Reseal(ctx, dynamo.Keys{"ada", 9}), dynamo.ErrNotFound)
		wantItemError(t, client.Reseal(ctx, "other", key("1")), "Reseal", mapper.ErrNotDeclared)
		wantItemError(t, client.Reseal(ctx, tableName, edited(key("1"), "num", "", nil)), "Reseal",
			crypto.ErrInvalidKey)
		wantItemError(t, repo.Reseal(ctx, dynamo.Keys{"ada"}), "Reseal", crypto.ErrInvalidKey)

		w.store(t, edited(w.stored(t, 1), "", "text", str("forged")))
		wantItemError(t, client.Reseal(ctx, tableName, key("1")), "Reseal", crypto.ErrTampered)
	})
}

func TestReseal_StartsOverWhenTheItemChanged(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w, client, _ := papers(t, f)
		attempts := 0
		w.putItem = func(*dynamodb.PutItemInput) error {
			if attempts++; attempts == 1 {
				w.store(t, edited(w.stored(t, 1), "", "seen", num("7")))
			}
			return nil
		}
		check(t, client.Reseal(t.Context(), tableName, key("1")))
		equal(t, attempts, 2)
		equalItems(t, openPaper(t, client), edited(paper(), "", "seen", num("7")))
	})
}

// notLike is a type whose attributes have other types than those of a note.
type notLike struct {
	Owner  string `dynamo:"person,hash"`
	Number int    `dynamo:"num,range"`
	Text   int    `dynamo:"body" ddbenc:"encrypt"`
	Tags   string `dynamo:"labels"`
}

func TestRepository_DecodeErrorsQuoteNoValue(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		client, err := mapper.NewClient(w.spy, mapper.TableOf[notLike](tableName, f.encryptor(t, 1)))
		check(t, err)
		db := dynamo.NewFromIface(client)
		repo, err := mapper.NewRepository[notLike](db, tableName)
		check(t, err)
		check(t, db.Table(tableName).Put(edited(key("1"), "", "body", num("4.111"))).Run(ctx))
		first := func(seq func(func(notLike, error) bool)) (failed error) {
			n := 0
			for _, err := range seq {
				if n++; n > 1 {
					t.Error("the iteration goes on after an error")
				}
				failed = err
			}
			return failed
		}
		k := dynamo.Keys{"ada", 1}
		_, get := repo.Get(ctx, k)
		_, all := repo.GetAll(ctx, k)
		_, modify := repo.Modify(ctx, k, func(*notLike) error { t.Error("called"); return nil })
		for op, err := range map[string]error{
			"Get": get, "GetAll": all, "Modify": modify, "Query": first(repo.Query(ctx, "ada")),
			"Scan": first(repo.Scan(ctx)),
		} {
			where := wantItemError(t, err, op, mapper.ErrDecode)
			equal(t, where.Attribute, "body")
			if text := fmt.Sprint(err); len(text) == 0 || containsAny(text, "4.111", "ada") {
				t.Errorf("%s: the error quotes a value: %s", op, text)
			}
		}
		for name, q := range map[string]func() error{
			"a word": func() error {
				return db.Table(tableName).Put(edited(key("1"), "", "body", str("4111 secret"))).Run(ctx)
			},
		} {
			check(t, q())
			_, err := repo.Get(ctx, k)
			wantItemError(t, err, "Get", mapper.ErrDecode)
			if containsAny(fmt.Sprint(err), "4111", "secret") {
				t.Errorf("%s: the error quotes a value: %v", name, err)
			}
		}
	})
}

// unfit cannot be encoded.
type unfit struct {
	Owner  string `dynamo:"person,hash"`
	Number int    `dynamo:"num,range"`
	Bad    failing
}

type failing struct{ Text string }

func (f failing) MarshalDynamo() (types.AttributeValue, error) {
	if f.Text != "" {
		return nil, errors.New("cannot encode " + f.Text)
	}
	return str(""), nil
}

func (f *failing) UnmarshalDynamo(v types.AttributeValue) error {
	f.Text = v.(*types.AttributeValueMemberS).Value
	return nil
}

func TestRepository_EncodeErrorsQuoteNoValue(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		db, err := mapper.New(w.spy, mapper.TableOf[unfit](tableName, f.encryptor(t, 1)))
		check(t, err)
		repo, err := mapper.NewRepository[unfit](db, tableName)
		check(t, err)
		check(t, repo.Put(ctx, unfit{Owner: "ada", Number: 1}))
		before := w.requests.Load()
		bad := unfit{Owner: "ada", Number: 1, Bad: failing{"secret"}}
		for op, err := range map[string]error{
			"Put": repo.Put(ctx, bad), "Create": repo.Create(ctx, bad),
			"PutAll": repo.PutAll(ctx, unfit{Owner: "ada", Number: 2}, bad),
		} {
			wantItemError(t, err, op, crypto.ErrInvalidItem)
			if containsAny(fmt.Sprint(err), "secret") {
				t.Errorf("%s: the error quotes a value: %v", op, err)
			}
		}
		equal(t, w.requests.Load(), before)
		check(t, db.Table(tableName).Put(edited(key("2"), "", "Bad", str("secret"))).Run(ctx))
		for number, change := range map[int]func(*unfit) error{
			1: func(u *unfit) error { u.Bad.Text = "secret"; return nil },
			2: func(*unfit) error { t.Error("called with an item that cannot be encoded"); return nil },
		} {
			_, err = repo.Modify(ctx, dynamo.Keys{"ada", number}, change)
			wantItemError(t, err, "Modify", crypto.ErrInvalidItem)
			if text := fmt.Sprint(err); containsAny(text, "secret") || !containsAny(text, "cannot be encoded") {
				t.Errorf("got %s", text)
			}
		}
	})
}
