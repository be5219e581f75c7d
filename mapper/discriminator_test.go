package mapper_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

type patient struct {
	Owner  string `dynamo:"person,hash"`
	Number int    `dynamo:"num,range"`
	Kind   string `dynamo:"kind" ddbenc:"sign"`
	Name   string `dynamo:"name" ddbenc:"encrypt"`
}

type appointment struct {
	Owner  string `dynamo:"person,hash"`
	Number int    `dynamo:"num,range"`
	Kind   string `dynamo:"kind" ddbenc:"sign"`
	Room   string `dynamo:"room" ddbenc:"encrypt"`
	Count  string `dynamo:"count" ddbenc:"none"`
}

// byKind and byKey are two ways to tell patients, which have numbers below
// 100, from appointments.
func byKind(kind string) mapper.Discriminator {
	return mapper.Discriminator{Attribute: "kind", Value: kind}
}

func byKey(below bool) mapper.Discriminator {
	return mapper.Discriminator{Key: func(key crypto.Item) bool {
		n := key["num"].(*types.AttributeValueMemberN).Value
		return len(key) == 2 && (len(n) < 3) == below
	}}
}

func TestDiscriminator_TellsTypesApart(t *testing.T) {
	both := func(k, v mapper.Discriminator) mapper.Discriminator {
		k.Attribute, k.Value = v.Attribute, v.Value
		return k
	}
	for name, d := range map[string][2]mapper.Discriminator{
		"by attribute": {byKind("patient"), byKind("appointment")},
		"by key":       {byKey(true), byKey(false)},
		"by both":      {both(byKey(true), byKind("patient")), both(byKey(false), byKind("appointment"))},
	} {
		t.Run(name, func(t *testing.T) {
			forEachFormat(t, func(t *testing.T, f format) {
				w := newWorld(t, f)
				ctx := t.Context()
				db, err := mapper.New(w.spy, mapper.TableOf[patient](tableName, f.encryptor(t, 1),
					mapper.WithType[appointment](),
					mapper.WithDiscriminator[patient](d[0]), mapper.WithDiscriminator[*appointment](d[1])))
				check(t, err)
				patients, err := mapper.NewRepository[patient](db, tableName)
				check(t, err)
				appointments, err := mapper.NewRepository[appointment](db, tableName)
				check(t, err)
				p, a := patient{"ada", 1, "patient", "Ada"}, appointment{"ada", 100, "appointment", "1a", ""}
				check(t, patients.Put(ctx, p))
				check(t, appointments.Create(ctx, a))

				var got []patient
				for one, err := range patients.Query(ctx, "ada") {
					check(t, err)
					got = append(got, one)
				}
				for one, err := range patients.Scan(ctx) {
					check(t, err)
					got = append(got, one)
				}
				equal(t, got, []patient{p, p})
				one, err := appointments.Get(ctx, dynamo.Keys{"ada", 100})
				check(t, err)
				equal(t, one, a)

				other, before := dynamo.Keys{"ada", 100}, w.stored(t, 100)
				_, err = patients.Get(ctx, other)
				wantItemError(t, err, "Get", mapper.ErrOtherType)
				_, err = patients.Modify(ctx, other, func(p *patient) error {
					t.Error("called with another type")
					p.Kind = "patient"
					return nil
				})
				wantItemError(t, err, "Modify", mapper.ErrOtherType)
				bad := patient{"ada", 100, "appointment", "Eve"}
				wantItemError(t, patients.Put(ctx, bad), "Put", mapper.ErrOtherType)
				wantItemError(t, patients.Create(ctx, bad), "Create", mapper.ErrOtherType)
				wantItemError(t, patients.PutAll(ctx, p, bad), "PutAll", mapper.ErrOtherType)
				equal(t, w.stored(t, 100), before)

				some, err := patients.GetAll(ctx, dynamo.Keys{"ada", 1}, other)
				if d[0].Key != nil && err != nil {
					wantItemError(t, err, "GetAll", mapper.ErrOtherType)
				} else {
					check(t, err)
					equal(t, some, []patient{p})
				}
				if d[0].Key != nil {
					wantItemError(t, patients.Delete(ctx, other), "Delete", mapper.ErrOtherType)
					wantItemError(t, patients.DeleteAll(ctx, other), "DeleteAll", mapper.ErrOtherType)
					wantItemError(t, patients.Reseal(ctx, other), "Reseal", mapper.ErrOtherType)
				}
				if d[0].Attribute != "" {
					_, err = patients.Modify(ctx, dynamo.Keys{"ada", 1},
						func(p *patient) error { p.Kind = "appointment"; return nil })
					wantItemError(t, err, "Modify", mapper.ErrOtherType)
				}
				equal(t, w.stored(t, 100), before)
			})
		})
	}
}

func TestDiscriminator_MistakesAreRefused(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		e := f.encryptor(t, 1)
		for name, c := range map[string]struct {
			option mapper.TableOption
			want   string
		}{
			"of another type": {mapper.WithDiscriminator[Note](byKind("x")), "not declared for it"},
			"empty":           {mapper.WithDiscriminator[patient](mapper.Discriminator{}), "neither"},
			"value alone": {mapper.WithDiscriminator[patient](mapper.Discriminator{Key: byKey(true).Key,
				Value: "x"}), "Value is set without Attribute"},
			"unsigned": {mapper.WithDiscriminator[patient](mapper.Discriminator{Attribute: "count",
				Value: "x"}), "not signed"},
			"twice": {func() mapper.TableOption { return mapper.WithDiscriminator[patient](byKind("x")) }(), "two discriminators"},
			"fine":  {mapper.WithDiscriminator[patient](byKind("x")), ""},
			"fine, encrypted": {mapper.WithDiscriminator[patient](mapper.Discriminator{Attribute: "name",
				Value: "x"}), ""},
			"fine, by the key": {mapper.WithDiscriminator[patient](mapper.Discriminator{Attribute: "person",
				Value: "x"}), ""},
		} {
			options := []mapper.TableOption{mapper.WithType[appointment](), c.option}
			if name == "twice" {
				options = append(options, mapper.WithDiscriminator[*patient](byKind("y")))
			}
			_, err := mapper.NewClient(newWorld(t, f).spy, mapper.TableOf[patient]("t", e, options...))
			if c.want == "" {
				check(t, err)
				continue
			}
			wantError(t, err, crypto.ErrPolicy)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}
