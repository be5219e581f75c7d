package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper"
)

// version is a deployed version of the program: how it declares its table.
type version struct {
	encryptor crypto.ItemEncryptor
	options   []mapper.TableOption
}

// migration is what docs/migrating.md describes: versions of the program, each
// of which can run beside the next. Old items are sealed anew after the last
// but one has reached every process.
type migration struct {
	versions []version
	// left reports whether a stored item is still as it was before.
	left func(crypto.Item) bool
}

func migrations(t *testing.T) map[string]migration {
	old, next := ddbecEncryptor(t, 1), sdkEncryptor(t, "next")
	other := sdkEncryptor(t, "other")
	options := func(o ...mapper.TableOption) []mapper.TableOption { return o }
	has := func(name string) func(crypto.Item) bool {
		return func(item crypto.Item) bool { return item[name] != nil }
	}
	return map[string]migration{
		"ddbec to dbesdk": {[]version{
			{old, nil},
			{old, options(mapper.WithReaders(next))},
			{next, options(mapper.WithReaders(old))},
			{next, nil},
		}, has(ddbec.SignatureAttribute)},
		"plaintext to dbesdk": {[]version{
			{next, options(mapper.WithPlaintextWrites())},
			{next, options(mapper.WithPlaintextReads())},
			{next, nil},
		}, func(item crypto.Item) bool { return item[dbesdk.HeadAttribute] == nil }},
		"key to key": {[]version{
			{next, nil},
			{next, options(mapper.WithReaders(other))},
			{other, options(mapper.WithReaders(next))},
			{other, nil},
		}, func(item crypto.Item) bool {
			seen, err := dbesdk.Inspect(item, dbesdk.WithUnsigned("seen"))
			check(t, err)
			return seen.DataKeys[0].KeyID == "next"
		}},
	}
}

func TestTablesAreMovedOverWhileTwoVersionsOfTheProgramRun(t *testing.T) {
	for name, m := range migrations(t) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, ddbecFormat)
			dbs := make([]*dynamo.DB, len(m.versions))
			for i, v := range m.versions {
				dbs[i], _ = w.open(t, v.encryptor, v.options...)
			}
			const notes = 5
			for n := range notes {
				check(t, dbs[0].Table(tableName).Put(note(n)).Run(t.Context()))
			}

			last := len(dbs) - 1
			for i := range last {
				if i == last-1 {
					// Every process runs the last but one: seal what is left.
					sealAnew(t, dbs[i])
					check(t, nothingLeft(t.Context(), w, m.left))
				}
				// Every process runs version i, and i+1 is being deployed.
				use(t, notes, dbs[i], dbs[i+1])
			}
			check(t, nothingLeft(t.Context(), w, m.left))
			for n := range notes {
				read(t, dbs[last], n)
			}

			// What the migration was for: the version before it is out.
			var got Note
			err := dbs[0].Table(tableName).Get("person", "ada").Range("num", dynamo.Equal, 1).One(t.Context(), &got)
			if name != "plaintext to dbesdk" && !errors.Is(err, crypto.ErrNotProtected) && !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("the first version reads what the last one wrote: %v", err)
			}
		})
	}
}

// use has two versions of the program read and write the same items at once,
// in every way that programs do. Nothing may fail, and no update may be lost.
func use(t *testing.T, notes int, versions ...*dynamo.DB) {
	t.Helper()
	const rounds = 2
	before := make([]Note, notes)
	for n := range notes {
		before[n] = read(t, versions[0], n)
	}
	group, ctx := errgroup.WithContext(t.Context())
	for _, db := range versions {
		repo, err := mapper.NewRepository[Note](db, tableName)
		check(t, err)
		for n := range notes {
			group.Go(func() error {
				for range rounds {
					if err := everyRequest(ctx, db, repo, n); err != nil {
						return fmt.Errorf("note %d: %w", n, err)
					}
				}
				return nil
			})
		}
	}
	check(t, group.Wait())
	for n := range notes {
		got, want := read(t, versions[0], n), before[n]
		more := rounds * len(versions)
		want.Text += strings.Repeat("+", more)
		want.Reads += more
		equal(t, got, want)
	}
}

func everyRequest(ctx context.Context, db *dynamo.DB, repo *mapper.Repository[Note], n int) error {
	if _, err := repo.Modify(ctx, dynamo.Keys{"ada", n}, func(n *Note) error { n.Text += "+"; return nil }); err != nil {
		return fmt.Errorf("modify: %w", err)
	}
	table := db.Table(tableName)
	if err := table.Update("person", "ada").Range("num", n).Add("seen", 1).Run(ctx); err != nil {
		return fmt.Errorf("update in place: %w", err)
	}
	var one Note
	if err := table.Get("person", "ada").Range("num", dynamo.Equal, n).One(ctx, &one); err != nil {
		return fmt.Errorf("get: %w", err)
	}
	var all []Note
	if err := table.Get("person", "ada").All(ctx, &all); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	if err := table.Get("subject", "engines").Index("by-topic").All(ctx, &all); err != nil {
		return fmt.Errorf("query of the index: %w", err)
	}
	if err := table.Scan().Filter("score > ?", -100).All(ctx, &all); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	// Items that only one process has, written in the other ways.
	mine := 1000 + 10*n
	own := note(mine)
	own.Owner = fmt.Sprintf("bob %p", db)
	if _, err := table.Batch("person", "num").Write().Put(own).Run(ctx); err != nil {
		return fmt.Errorf("batch write: %w", err)
	}
	if err := db.WriteTx().Put(table.Put(own).If("attribute_exists(person)")).Run(ctx); err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	if err := table.Delete("person", own.Owner).Range("num", mine).OldValue(ctx, &one); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nil
}

// sealAnew is the loop of docs/migrating.md.
func sealAnew(t *testing.T, db *dynamo.DB) {
	t.Helper()
	client := db.Client().(*mapper.Client)
	items := db.Table(tableName).Scan().Iter()
	for {
		var item dynamo.Item
		if !items.Next(t.Context(), &item) {
			check(t, items.Err())
			return
		}
		check(t, client.Reseal(t.Context(), tableName, item))
	}
}

func nothingLeft(ctx context.Context, w *world, left func(crypto.Item) bool) error {
	var items []crypto.Item
	if err := w.raw.Table(tableName).Scan().Consistent(true).All(ctx, &items); err != nil {
		return err
	}
	for _, item := range items {
		if left(item) {
			return errors.New("an item is as it was before the migration")
		}
	}
	return nil
}

func read(t *testing.T, db *dynamo.DB, number int) Note {
	t.Helper()
	var got Note
	check(t, db.Table(tableName).Get("person", "ada").Range("num", dynamo.Equal, number).Consistent(true).One(t.Context(), &got))
	return got
}
