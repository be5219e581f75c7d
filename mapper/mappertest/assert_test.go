package mappertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// reported records the errors of an assertion.
type reported struct {
	testing.TB
	errors []string
}

func (r *reported) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

type member struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email,omitempty" ddbenc:"encrypt"`
	Plan  string `dynamo:"plan" ddbenc:"sign"`
}

func newMembers(t *testing.T) (db, raw *dynamo.DB) {
	t.Helper()
	api := mappertest.New()
	db, err := mapper.New(api, mapper.TableOf[member]("members", providertest.Encryptor(t)))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.CreateTable("members", member{}).OnDemand(true).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db, dynamo.NewFromIface(api)
}

func put(t *testing.T, db *dynamo.DB, item any) {
	t.Helper()
	if err := db.Table("members").Put(item).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAssertSealed_AcceptsSealedItems(t *testing.T) {
	db, _ := newMembers(t)
	for i := range 300 {
		put(t, db, member{ID: fmt.Sprint(i), Email: strings.Repeat("ada@example.com", 400), Plan: "gold"})
	}
	mappertest.AssertSealed(t, db, "members", "email")
	mappertest.AssertSealed(t, db, "members")
}

func TestAssertSealed_ReportsWhatIsNot(t *testing.T) {
	plain := dynamo.Item{"id": &types.AttributeValueMemberS{Value: "p"},
		"email": &types.AttributeValueMemberS{Value: "secret@example.com"}}
	for what, c := range map[string]struct {
		prepare    func(t *testing.T, db, raw *dynamo.DB)
		attributes []string
		want       string
	}{
		"no items": {func(*testing.T, *dynamo.DB, *dynamo.DB) {}, nil, "has no items"},
		"a plaintext item": {func(t *testing.T, _, raw *dynamo.DB) { put(t, raw, plain) }, []string{"email"},
			"item is not protected"},
		"a readable attribute": {func(t *testing.T, db, _ *dynamo.DB) { put(t, db, member{ID: "1", Plan: "gold"}) },
			[]string{"plan"}, `attribute "plan" is stored readably`},
		"an attribute that no item has": {func(t *testing.T, db, _ *dynamo.DB) { put(t, db, member{ID: "1"}) },
			[]string{"email"}, `no item has attribute "email"`},
		"an item that was changed": {func(t *testing.T, db, raw *dynamo.DB) {
			put(t, db, member{ID: "1", Email: "secret@example.com"})
			if err := raw.Table("members").Update("id", "1").Set("plan", "free").Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, nil, "item does not verify"},
	} {
		t.Run(what, func(t *testing.T) {
			db, raw := newMembers(t)
			c.prepare(t, db, raw)
			r := &reported{TB: t}
			mappertest.AssertSealed(r, db, "members", c.attributes...)
			all := strings.Join(r.errors, "\n")
			if !strings.Contains(all, c.want) || strings.Contains(all, "secret@") {
				t.Errorf("reported %q, want %q", all, c.want)
			}
		})
	}
	t.Run("a database of its own", func(t *testing.T) {
		_, raw := newMembers(t)
		r := &reported{TB: t}
		mappertest.AssertSealed(r, raw, "members")
		if len(r.errors) != 1 || !strings.Contains(r.errors[0], "mapper.New") {
			t.Errorf("reported %q", r.errors)
		}
	})
}
