package mapper_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

func TestAPlaintextTableIsMigratedInThreeSteps(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		e := f.encryptor(t, 1)
		step1, _ := w.open(t, e, mapper.WithPlaintextWrites())
		step2, _ := w.open(t, e, mapper.WithPlaintextReads(), mapper.WithoutRewrites())
		step3, _ := w.open(t, e)
		reads := func(db *dynamo.DB, numbers ...int) error {
			for _, n := range numbers {
				var got Note
				if err := db.Table(tableName).Get("person", "ada").Range("num", dynamo.Equal, n).One(ctx, &got); err != nil {
					return err
				}
				equal(t, got, note(n))
			}
			return nil
		}

		plain, err := dynamo.MarshalItem(note(1))
		check(t, err)
		w.store(t, plain)

		// Steps 1 and 2 run side by side.
		check(t, step1.Table(tableName).Put(note(2)).Run(ctx))
		stored, err := dynamo.MarshalItem(note(2))
		check(t, err)
		equal(t, w.stored(t, 2), stored)
		check(t, step2.Table(tableName).Put(note(3)).Run(ctx))
		w.sealed(t, 3)
		check(t, reads(step1, 1, 2, 3))
		check(t, reads(step2, 1, 2, 3))

		// In step 1 updates may create items, as before; in step 2 they may not.
		check(t, step1.Table(tableName).Update("person", "ada").Range("num", 7).Add("seen", 1).Run(ctx))
		check(t, step2.Table(tableName).Update("person", "ada").Range("num", 7).Add("seen", 1).Run(ctx))
		if err := step2.Table(tableName).Update("person", "ada").Range("num", 8).Add("seen", 1).Run(ctx); !dynamo.IsCondCheckFailed(err) {
			t.Errorf("an update of a missing item is not a failed condition: %v", err)
		}
		equal(t, w.stored(t, 8), crypto.Item(nil))
		check(t, w.raw.Table(tableName).Delete("person", "ada").Range("num", 7).Run(ctx))

		// Step 3 does not take plaintext, so the rest is sealed first.
		wantError(t, reads(step3, 1), crypto.ErrNotProtected)
		repo, err := mapper.NewRepository[Note](step2, tableName)
		check(t, err)
		for n, err := range repo.Scan(ctx) {
			check(t, err)
			check(t, repo.Reseal(ctx, dynamo.Keys{n.Owner, n.Number}))
		}
		for n := 1; n <= 3; n++ {
			w.sealed(t, n)
		}
		check(t, reads(step2, 1, 2, 3))
		check(t, reads(step3, 1, 2, 3))

		// A half-stripped item is never taken for plaintext.
		item := w.stored(t, 1)
		delete(item, f.signature)
		w.store(t, item)
		wantError(t, reads(step2, 1), crypto.ErrTampered)
	})
}

func TestATableIsReadWithSeveralEncryptorsAndWrittenWithOne(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		old, next := f.encryptor(t, 1), f.encryptor(t, 2)
		w.put(t, note(1))
		db, _ := w.open(t, next, mapper.WithReaders(old))
		check(t, db.Table(tableName).Put(note(2)).Run(ctx))
		var notes []Note
		check(t, db.Table(tableName).Get("person", "ada").All(ctx, &notes))
		equal(t, notes, []Note{note(1), note(2)})

		onlyNext, _ := w.open(t, next)
		var got Note
		wantError(t, onlyNext.Table(tableName).Get("person", "ada").Range("num", dynamo.Equal, 1).One(ctx, &got), f.otherKey)
		check(t, onlyNext.Table(tableName).Get("person", "ada").Range("num", dynamo.Equal, 2).One(ctx, &got))
	})
}

func TestTheLogicalNameIsWhatItemsAreBoundTo(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		w.put(t, note(1))
		check(t, w.raw.CreateTable("restored", Note{}).OnDemand(true).Run(ctx))
		check(t, w.raw.Table("restored").Put(w.stored(t, 1)).Run(ctx))
		read := func(options ...mapper.TableOption) error {
			db, err := mapper.New(w.spy, mapper.TableOf[Note]("restored", f.encryptor(t, 1), options...))
			check(t, err)
			var got Note
			return db.Table("restored").Get("person", "ada").Range("num", dynamo.Equal, 1).One(ctx, &got)
		}
		wantError(t, read(), crypto.ErrTampered)
		check(t, read(mapper.WithLogicalName(tableName)))
	})
}

func TestOnlySelectedItemsAreProtected(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		even := func(key crypto.Item) bool {
			if len(key) != 2 {
				t.Errorf("the predicate got %d attributes", len(key))
			}
			n := key["num"].(*types.AttributeValueMemberN).Value
			return (n[len(n)-1]-'0')%2 == 0
		}
		db, _ := w.open(t, f.encryptor(t, 1), mapper.WithSelection(even), mapper.WithoutRewrites())
		table := db.Table(tableName)
		_, err := table.Batch().Write().Put(note(1), note(2)).Run(ctx)
		check(t, err)
		check(t, db.WriteTx().Put(table.Put(note(3))).Put(table.Put(note(4))).Run(ctx))
		for _, n := range []int{1, 3} {
			plain, err := dynamo.MarshalItem(note(n))
			check(t, err)
			equal(t, w.stored(t, n), plain)
		}
		w.sealed(t, 2)
		w.sealed(t, 4)

		var notes []Note
		check(t, table.Get("person", "ada").All(ctx, &notes))
		equal(t, notes, []Note{note(1), note(2), note(3), note(4)})
		notes = nil
		check(t, table.Get("person", "ada").Project("num", "body").All(ctx, &notes))
		equal(t, notes[0], Note{Number: 1, Text: "secret text"})
		equal(t, notes[1], Note{Number: 2, Text: "secret text"})

		// What is not protected may be updated and compared freely…
		check(t, table.Update("person", "ada").Range("num", 1).Set("subject", "x").If("body = ?", "secret text").Run(ctx))
		var got Note
		check(t, table.Get("person", "ada").Range("num", dynamo.Equal, 1).Project("subject").One(ctx, &got))
		equal(t, got, Note{Topic: "x"})
		// …and what is may not, nor may it come without protection.
		wantError(t, table.Update("person", "ada").Range("num", 2).Set("subject", "x").Run(ctx), crypto.ErrUnsupported)
		item, err := dynamo.MarshalItem(note(2))
		check(t, err)
		w.store(t, item)
		wantError(t, table.Get("person", "ada").Range("num", dynamo.Equal, 2).One(ctx, &got), crypto.ErrNotProtected)
	})
}

func TestUndeclaredAttributesAreEncryptedUnlessTheTableSaysOtherwise(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for action, check_ := range map[crypto.Action]func(stored types.AttributeValue, changed error) bool{
			crypto.Encrypt: func(v types.AttributeValue, err error) bool {
				_, sealed := v.(*types.AttributeValueMemberB)
				return sealed && err != nil
			},
			crypto.Sign: func(v types.AttributeValue, err error) bool {
				_, readable := v.(*types.AttributeValueMemberS)
				return readable && err != nil
			},
			crypto.None: func(v types.AttributeValue, err error) bool {
				_, readable := v.(*types.AttributeValueMemberS)
				return readable && err == nil
			},
		} {
			t.Run(action.String(), func(t *testing.T) {
				w := newWorld(t, f, mapper.WithUndeclared(action))
				ctx := t.Context()
				item, err := dynamo.MarshalItem(note(1))
				check(t, err)
				item["extra"] = str("more")
				check(t, w.table().Put(item).Run(ctx))
				var got crypto.Item
				check(t, w.table().Get("person", "ada").Range("num", dynamo.Equal, 1).One(ctx, &got))
				equal(t, got, item)

				stored := w.stored(t, 1)
				forged := w.stored(t, 1)
				forged["extra2"] = str("slipped in")
				w.store(t, forged)
				_, err = w.get(t, 1)
				if !check_(stored["extra"], err) {
					t.Errorf("stored as %T; with another attribute added: %v", stored["extra"], err)
				}
			})
		}
	})
}

func TestSeveralTypesShareATable(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		type Reply struct {
			Owner  string `dynamo:"person,hash"`
			Number int    `dynamo:"num,range"`
			Body   string `dynamo:"body" ddbenc:"encrypt"`
			Likes  int    `dynamo:"likes" ddbenc:"none"`
		}
		w := newWorld(t, f)
		ctx := t.Context()
		db, _ := w.open(t, f.encryptor(t, 1), mapper.WithType[Reply]())
		reply := Reply{Owner: "ada", Number: 2, Body: "secret", Likes: 1}
		check(t, db.Table(tableName).Put(note(1)).Run(ctx))
		check(t, db.Table(tableName).Put(reply).Run(ctx))
		check(t, db.Table(tableName).Update("person", "ada").Range("num", 2).Add("likes", 1).Run(ctx))
		replies, err := mapper.NewRepository[Reply](db, tableName)
		check(t, err)
		got, err := replies.Get(ctx, dynamo.Keys{"ada", 2})
		check(t, err)
		reply.Likes = 2
		equal(t, got, reply)
		w.sealed(t, 1)
	})
}

func TestAttributesThatNoFieldDeclaresMayBeUnsignedByTheirPrefix(t *testing.T) {
	w := newWorld(t, ddbecFormat)
	ctx := t.Context()
	keys, err := raw.NewAES("test", "1", make([]byte, 32))
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithUnsignedPrefix(":"))
	check(t, err)
	db, _ := w.open(t, e, mapper.WithoutRewrites())
	table := db.Table(tableName)
	check(t, table.Put(note(1)).Run(ctx))

	check(t, table.Update("person", "ada").Range("num", 1).Add("':hits'", 2).Run(ctx))
	wantError(t, table.Update("person", "ada").Range("num", 1).Add("'hits'", 2).Run(ctx), crypto.ErrUnsupported)
	var item crypto.Item
	check(t, table.Get("person", "ada").Range("num", dynamo.Equal, 1).One(ctx, &item))
	equal(t, item[":hits"], num("2"))
	count, err := table.Scan().Filter("':hits' = ?", 2).Count(ctx)
	check(t, err)
	equal(t, count, 1)

	// Modify does not undo an update of such an attribute.
	repo, err := mapper.NewRepository[Note](db, tableName)
	check(t, err)
	calls := 0
	_, err = repo.Modify(ctx, dynamo.Keys{"ada", 1}, func(n *Note) error {
		if calls++; calls == 1 {
			check(t, table.Update("person", "ada").Range("num", 1).Add("':hits'", 1).Run(ctx))
		}
		n.Topic = "changed"
		return nil
	})
	check(t, err)
	check(t, table.Get("person", "ada").Range("num", dynamo.Equal, 1).Consistent(true).One(ctx, &item))
	equal(t, []any{calls, item[":hits"], item["subject"]}, []any{2, num("3"), str("changed")})
}
