package tags_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

type Audit struct {
	CreatedBy string    `dynamo:"created_by" ddbenc:"sign"`
	CreatedAt time.Time `dynamo:"created_at,unixtime" localIndex:"by-creation,range"`
}

type Account struct {
	ID     string    `dynamo:"id,hash"`
	Opened time.Time `dynamo:"opened,range" ddbenc:"sign,context"`
	Email  string    `dynamo:"email"`
	Phone  string    `ddbenc:"encrypt"`
	//lint:ignore SA5008 guregu/dynamo reads every index tag of a field
	Plan   string `dynamo:"plan" ddbenc:"sign" index:"by-plan,hash" index:"by-place,sort"`
	City   string `dynamo:"city" ddbenc:"none" index:"by-place,partition"`
	Visits int    `dynamo:"visits,omitempty" ddbenc:"none"`
	Audit
	cache  []byte
	Parent *Account `dynamo:"-"`
}

var _ = Account{}.cache // unexported fields are fine, and not attributes

func ExampleOf() {
	policy, err := tags.Of[Account]()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(policy)
	// Output:
	// tags_test.Account (attributes not listed: encrypt)
	// ATTRIBUTE   ACTION        BECAUSE  KEY        INDEXES                          FIELD            GO TYPE
	// id          sign,context  default  partition  -                                ID               string
	// opened      sign,context  tag      sort       -                                Opened           time.Time
	// email       encrypt       default  -          -                                Email            string
	// Phone       encrypt       tag      -          -                                Phone            string
	// plan        sign          tag      -          by-plan:partition,by-place:sort  Plan             string
	// city        none          tag      -          by-place:partition               City             string
	// visits      none          tag      -          -                                Visits           int
	// created_by  sign          tag      -          -                                Audit.CreatedBy  string
	// created_at  sign          default  -          by-creation:sort(local)          Audit.CreatedAt  time.Time
}

func ExampleError() {
	type Card struct {
		ID     string `dynamo:"id,hash"`
		Number string `dynamo:"number" ddbenc:"encrypted"`
	}
	_, err := tags.Of[Card]()
	fmt.Println(err)
	// Output:
	// ddbenc: type tags_test.Card: field Number, tag `dynamo:"number" ddbenc:"encrypted"`: unknown action "encrypted" (known: encrypt, sign, sign,context, none)
}

func mustOf[T any](t testing.TB) *tags.Policy {
	t.Helper()
	p, err := tags.Of[T]()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPolicyTellsKeysAndIndexes(t *testing.T) {
	p := mustOf[Account](t)
	if p.PartitionKey() != "id" || p.SortKey() != "opened" {
		t.Errorf("keys %q, %q", p.PartitionKey(), p.SortKey())
	}
	for _, want := range []tags.Index{
		{Name: "by-plan", Partition: []string{"plan"}},
		{Name: "by-place", Partition: []string{"city"}, Sort: []string{"plan"}},
		{Name: "by-creation", Local: true, Partition: []string{"id"}, Sort: []string{"created_at"}},
	} {
		got, ok := p.Index(want.Name)
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("Index(%q) = %+v, %v; want %+v", want.Name, got, ok, want)
		}
	}
	if got, ok := p.Index("by-email"); ok {
		t.Errorf("an index nobody declared: %+v", got)
	}
	if got := p.Types(); len(got) != 1 || got[0] != reflect.TypeFor[Account]() {
		t.Errorf("Types() = %v", got)
	}
}

func TestPolicyDefaultsToEncrypt(t *testing.T) {
	actions := mustOf[Account](t).Actions()
	if got := actions.Of("an attribute of another program"); got != crypto.Encrypt {
		t.Errorf("unknown attribute: %v", got)
	}
	if got := actions.Of("created_at"); got != crypto.Sign {
		t.Errorf("index key without a tag: %v, want sign", got)
	}
}

func TestPolicyCannotBeChangedThroughItsResults(t *testing.T) {
	p := mustOf[Account](t)
	before := p.String()
	p.Actions().Attributes["email"] = crypto.None
	for _, a := range p.Attributes() {
		for i := range a.Indexes {
			a.Indexes[i].Index = "changed"
		}
	}
	index, _ := p.Index("by-plan")
	index.Partition[0] = "changed"
	p.Types()[0] = nil
	again, _ := p.Index("by-plan")
	if after := p.String(); after != before || p.Actions().Of("email") != crypto.Encrypt || again.Partition[0] != "plan" {
		t.Errorf("the policy changed:\n%s", after)
	}
}

func TestPolicyIsComputedOncePerType(t *testing.T) {
	type fresh struct{ A, B string }
	got := make([]*tags.Policy, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i], _ = tags.Of[fresh]() })
	}
	wg.Wait()
	byPointer, err := tags.Of[*fresh]()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range got {
		if p == nil || p != byPointer {
			t.Fatalf("different policies for one type: %p and %p", p, byPointer)
		}
	}
}

func TestPolicyAsJSON(t *testing.T) {
	type order struct {
		ID   string `dynamo:"id,hash"`
		When int64  `dynamo:"when" localIndex:"by-when,range" ddbenc:"none"`
		Note string
	}
	got, err := json.Marshal(mustOf[order](t))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"types":["tags_test.order"],"partitionKey":"id","default":"encrypt","attributes":[` +
		`{"name":"id","action":"sign","defaulted":true,"key":"partition","type":"tags_test.order","field":"ID","goType":"string"},` +
		`{"name":"when","action":"none","indexes":[{"index":"by-when","local":true,"role":"sort"}],"type":"tags_test.order","field":"When","goType":"int64"},` +
		`{"name":"Note","action":"encrypt","defaulted":true,"type":"tags_test.order","field":"Note","goType":"string"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAttributeNamesCannotFakeRowsOfTheTable(t *testing.T) {
	type sly struct {
		A string `dynamo:"a\nsecret  encrypt  tag" ddbenc:"none"`
	}
	const want = "tags_test.sly (attributes not listed: encrypt)\n" +
		"ATTRIBUTE                  ACTION  BECAUSE  KEY  INDEXES  FIELD  GO TYPE\n" +
		`"a\nsecret  encrypt  tag"  none    tag      -    -        A      string` + "\n"
	if got := mustOf[sly](t).String(); got != want {
		t.Errorf("got\n%s", got)
	}
}

type (
	listOfItself []listOfItself
	mapOfItself  map[string]mapOfItself
)

func TestTypesThatContainThemselvesAreReadOnce(t *testing.T) {
	type tree struct {
		ID   string `dynamo:"id,hash"`
		List listOfItself
		Map  mapOfItself
	}
	policy, err := tags.Of[tree]()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(policy.Attributes()); n != 3 {
		t.Errorf("%d attributes, want 3", n)
	}
}
