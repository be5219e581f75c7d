package mapper_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// Page is an item of the cost test. With its text of textSize bytes it is
// under 3 KB plain and sealed, so that a write of it is 3 units either way.
type Page struct {
	Book   string `dynamo:"book,hash"`
	Number int    `dynamo:"number,range"`
	Text   string `dynamo:"body" ddbenc:"encrypt"`
	Stage  string `dynamo:"stage" ddbenc:"sign" index:"by-stage,hash"`
	Reads  int    `dynamo:"reads" ddbenc:"none"`
}

const (
	textSize  = 2200
	pageCount = 10
)

func bookPage(number int) Page {
	return Page{Book: "b", Number: number, Text: fmt.Sprintf("%*d", textSize, number), Stage: "draft"}
}

// cost is what an operation asks of DynamoDB.
type cost struct {
	requests    string // names of the operations sent, joined by " + "
	read, write float64
}

func (c cost) String() string {
	return fmt.Sprintf("%s\t%g\t%g", c.requests, c.read, c.write)
}

// costWorld is a database to measure on, plain or sealed.
type costWorld struct {
	db     *dynamo.DB
	client *mapper.Client           // nil if plain
	repo   *mapper.Repository[Page] // nil if plain
}

func (w costWorld) book() dynamo.Table { return w.db.Table("pages") }

func (w costWorld) update() *dynamo.Update {
	return w.book().Update("book", "b").Range("number", 1)
}

// row returns the cost as three cells of a table; empty ones for no cost.
func (c cost) row() string {
	if c == (cost{}) {
		return "| | | "
	}
	return fmt.Sprintf("| %s | %g | %g ", c.requests, c.read, c.write)
}

// performancePage returns docs/performance.md without marks for bold text and
// code.
func performancePage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../docs/performance.md")
	check(t, err)
	return strings.NewReplacer("**", "", "`", "").Replace(string(page))
}

// TestCost_RequestsAndUnits measures docs/performance.md's table of requests
// and capacity units, and compares the two; -v prints the result.
func TestCost_RequestsAndUnits(t *testing.T) {
	text := bookPage(1).Text
	key := dynamo.Keys{"b", 1}
	var all []Page
	tests := []struct {
		name          string
		do            func(ctx context.Context, w costWorld) error
		plain, sealed cost // plain is zero for what only the mapper has
	}{
		{"get", func(ctx context.Context, w costWorld) error {
			return w.book().Get("book", "b").Range("number", dynamo.Equal, 1).One(ctx, new(Page))
		}, cost{"GetItem", 0.5, 0}, cost{"GetItem", 0.5, 0}},
		{"get, consistent, one attribute", func(ctx context.Context, w costWorld) error {
			q := w.book().Get("book", "b").Range("number", dynamo.Equal, 1)
			return q.Project("stage").Consistent(true).One(ctx, new(Page))
		}, cost{"GetItem", 1, 0}, cost{"GetItem", 1, 0}},
		{"put", func(ctx context.Context, w costWorld) error {
			return w.book().Put(bookPage(1)).Run(ctx)
		}, cost{"PutItem", 0, 3}, cost{"PutItem", 0, 3}},
		{"put, condition on a signed attribute", func(ctx context.Context, w costWorld) error {
			return w.book().Put(bookPage(1)).If("stage = ?", "draft").Run(ctx)
		}, cost{"PutItem", 0, 3}, cost{"PutItem", 0, 3}},
		{"put, condition on an encrypted attribute", func(ctx context.Context, w costWorld) error {
			return w.book().Put(bookPage(1)).If("body = ?", text).Run(ctx)
		}, cost{"PutItem", 0, 3}, cost{"GetItem + PutItem", 1, 3}},
		{"delete", func(ctx context.Context, w costWorld) error {
			return w.book().Delete("book", "b").Range("number", 1).Run(ctx)
		}, cost{"DeleteItem", 0, 3}, cost{"DeleteItem", 0, 3}},
		{"delete, condition on an encrypted attribute", func(ctx context.Context, w costWorld) error {
			return w.book().Delete("book", "b").Range("number", 1).If("body = ?", text).Run(ctx)
		}, cost{"DeleteItem", 0, 3}, cost{"GetItem + DeleteItem", 1, 3}},
		{"update of an unsigned attribute", func(ctx context.Context, w costWorld) error {
			return w.update().Add("reads", 1).Run(ctx)
		}, cost{"UpdateItem", 0, 3}, cost{"UpdateItem", 0, 3}},
		{"update of a signed or encrypted attribute", func(ctx context.Context, w costWorld) error {
			return w.update().Set("stage", "final").Run(ctx)
		}, cost{"UpdateItem", 0, 3}, cost{"GetItem + PutItem", 1, 3}},
		{"update, condition on an encrypted attribute", func(ctx context.Context, w costWorld) error {
			return w.update().Add("reads", 1).If("body = ?", text).Run(ctx)
		}, cost{"UpdateItem", 0, 3}, cost{"GetItem + PutItem", 1, 3}},
		{"Repository.Modify", func(ctx context.Context, w costWorld) error {
			_, err := w.repo.Modify(ctx, key, func(p *Page) error { p.Stage = "final"; return nil })
			return err
		}, cost{}, cost{"GetItem + PutItem", 1, 3}},
		{"Repository.Reseal", func(ctx context.Context, w costWorld) error {
			return w.repo.Reseal(ctx, key)
		}, cost{}, cost{"GetItem + PutItem", 1, 3}},
		{"query, 10 items", func(ctx context.Context, w costWorld) error {
			return w.book().Get("book", "b").All(ctx, &all)
		}, cost{"Query", 3, 0}, cost{"Query", 3.5, 0}},
		{"query, 10 items, filter on a signed attribute", func(ctx context.Context, w costWorld) error {
			return w.book().Get("book", "b").Filter("stage = ?", "final").All(ctx, &all)
		}, cost{"Query", 3, 0}, cost{"Query", 3.5, 0}},
		{"query, 10 items, filter on an encrypted attribute", func(ctx context.Context, w costWorld) error {
			return w.book().Get("book", "b").Filter("body = ?", text).All(ctx, &all)
		}, cost{"Query", 3, 0}, cost{"Query", 3.5, 0}},
		{"scan, 10 items, filter on an encrypted attribute", func(ctx context.Context, w costWorld) error {
			return w.book().Scan().Filter("body = ?", text).All(ctx, &all)
		}, cost{"Scan", 3, 0}, cost{"Scan", 3.5, 0}},
		{"count, 10 items", func(ctx context.Context, w costWorld) error {
			_, err := w.book().Get("book", "b").Count(ctx)
			return err
		}, cost{"Query", 3, 0}, cost{"Query", 3.5, 0}},
		{"query of an index that projects all attributes, 10 items", func(ctx context.Context, w costWorld) error {
			return w.book().Get("stage", "draft").Index("by-stage").All(ctx, &all)
		}, cost{"Query", 3, 0}, cost{"Query", 3.5, 0}},
		{"query of an index that projects the keys only, 10 items", func(ctx context.Context, w costWorld) error {
			return w.db.Table("keys-only").Get("stage", "draft").Index("by-stage").All(ctx, &all)
		}, cost{"Query", 0.5, 0}, cost{"Query + BatchGetItem", 10.5, 0}},
		{"batch get, 10 items", func(ctx context.Context, w costWorld) error {
			keys := make([]dynamo.Keyed, pageCount)
			for i := range keys {
				keys[i] = dynamo.Keys{"b", i + 1}
			}
			return w.book().Batch("book", "number").Get(keys...).All(ctx, &all)
		}, cost{"BatchGetItem", 5, 0}, cost{"BatchGetItem", 5, 0}},
		{"batch write, 10 items", func(ctx context.Context, w costWorld) error {
			batch := w.book().Batch("book", "number").Write()
			for i := range pageCount {
				batch.Put(bookPage(i + 1))
			}
			_, err := batch.Run(ctx)
			return err
		}, cost{"BatchWriteItem", 0, 30}, cost{"BatchWriteItem", 0, 30}},
		{"transactional get, 2 items", func(ctx context.Context, w costWorld) error {
			tx := w.db.GetTx()
			for i := range 2 {
				tx.GetOne(w.book().Get("book", "b").Range("number", dynamo.Equal, i+1), new(Page))
			}
			return tx.Run(ctx)
		}, cost{"TransactGetItems", 4, 0}, cost{"TransactGetItems", 4, 0}},
		{"transaction, 2 puts", func(ctx context.Context, w costWorld) error {
			return w.db.WriteTx().Put(w.book().Put(bookPage(1))).Put(w.book().Put(bookPage(2))).Run(ctx)
		}, cost{"TransactWriteItems", 0, 12}, cost{"TransactWriteItems", 0, 12}},
		{"transaction, a put and an update of a signed attribute", func(ctx context.Context, w costWorld) error {
			return w.db.WriteTx().Put(w.book().Put(bookPage(2))).Update(w.update().Set("stage", "final")).Run(ctx)
		}, cost{"TransactWriteItems", 0, 12}, cost{"TransactGetItems + TransactWriteItems", 2, 12}},
	}

	page := performancePage(t)
	var report strings.Builder
	out := tabwriter.NewWriter(&report, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "\noperation\tplain\tread\twrite\tsealed\tread\twrite")
	for _, test := range tests {
		var plain cost
		if test.plain != (cost{}) {
			plain = measure(t, nil, test.do)
		}
		sealed := measure(t, sdkEncryptor(t, "cost"), test.do)
		if plain != test.plain || sealed != test.sealed {
			t.Errorf("%s costs %v plain and %v sealed, want %v and %v", test.name, plain, sealed, test.plain, test.sealed)
		}
		if row := "| " + test.name + " " + plain.row() + sealed.row() + "|\n"; !strings.Contains(page, row) {
			t.Errorf("docs/performance.md lacks the row\n%s", row)
		}
		fmt.Fprintf(out, "%s\t%v\t%v\n", test.name, plain, sealed)
	}
	out.Flush()
	t.Log(report.String())
}

// measure returns what do costs, on tables that are sealed with e, or plain
// for nil.
func measure(t *testing.T, e crypto.ItemEncryptor, do func(context.Context, costWorld) error) cost {
	t.Helper()
	m := &meter{DynamoDBAPI: mappertest.New()}
	w := costWorld{db: dynamo.NewFromIface(m)}
	if e != nil {
		var err error
		w.client, err = mapper.NewClient(m, mapper.TableOf[Page]("pages", e), mapper.TableOf[Page]("keys-only", e))
		check(t, err)
		w.db = dynamo.NewFromIface(w.client)
		w.repo, err = mapper.NewRepository[Page](w.db, "pages")
		check(t, err)
	}
	check(t, w.db.CreateTable("pages", Page{}).OnDemand(true).Run(t.Context()))
	keysOnly := w.db.CreateTable("keys-only", Page{}).OnDemand(true).Project("by-stage", dynamo.KeysOnlyProjection)
	check(t, keysOnly.Run(t.Context()))
	for _, table := range []string{"pages", "keys-only"} {
		for i := range pageCount {
			check(t, w.db.Table(table).Put(bookPage(i+1)).Run(t.Context()))
		}
	}
	m.requests, m.read, m.write = nil, 0, 0
	check(t, do(t.Context(), w))
	return cost{strings.Join(m.requests, " + "), m.read, m.write}
}
