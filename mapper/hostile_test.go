package mapper_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/guregu/dynamo/v2"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/virtualtime"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// Letter has attributes of every action and of many types.
type Letter struct {
	Person  string            `dynamo:"person,hash"`
	Number  int               `dynamo:"num,range"`
	Body    string            `dynamo:"body" ddbenc:"encrypt"`
	Weight  int               `dynamo:"weight"`
	Labels  map[string]string `dynamo:"labels,omitempty"`
	Stamps  []string          `dynamo:"stamps,set,omitempty"`
	Seal    []byte            `dynamo:"seal,omitempty"`
	Subject string            `dynamo:"subject" ddbenc:"sign" index:"by-topic,hash"`
	Score   int               `dynamo:"score" localIndex:"by-rank,range"`
	Seen    int               `dynamo:"seen" ddbenc:"none"`
}

// unsigned is the attribute that anybody may change.
const unsigned = "seen"

// tables are those of the hostile database: two declared ones, and one that is
// not.
var tables = []string{"letters", "drafts", "plain"}

// user uses a hostile database through the mapper.
type user struct {
	*rapid.T
	ctx     context.Context
	server  *hostile
	history *history
	db      *dynamo.DB
	client  *mapper.Client
	letters map[string]*mapper.Repository[Letter]
	tokens  []pageToken
	log     *bytes.Buffer
	beacons bool // the declared tables have beacons
}

// pageToken is a paging key that an application was given for a query.
type pageToken struct {
	index string
	key   dynamo.PagingKey
}

// newUser returns a user of fresh tables. Items that e sealed for one table
// are in the forger's hands for all, and so are items that a stranger sealed.
func newUser(t *rapid.T, e, stranger crypto.ItemEncryptor, output *bytes.Buffer, beacons []mapper.TableOption) *user {
	ctx := context.Background()
	u := &user{T: t, ctx: ctx, history: &history{versions: make(map[string]bool)},
		letters: make(map[string]*mapper.Repository[Letter]), log: output}
	u.server = &hostile{DynamoDBAPI: mappertest.New(), honest: true, forger: &forger{t: t, names: []string{
		"letters", "drafts", "plain", "by-topic", "by-rank", "arn:aws:dynamodb:eu-west-1:1:table/letters",
		"person", "num", "body", "subject", e.SignatureAttribute(), "HASH", "RANGE", "ACTIVE",
		"ConditionalCheckFailed", "None", "ALL", "",
	}}}
	u.server.leak = func(op, what string) { t.Errorf("%s sends %s", op, what) }
	known := recorder{e, u.history}
	var options []mapper.Option
	for _, table := range tables[:2] {
		options = append(options, mapper.TableOf[Letter](table, known, beacons...))
	}
	if below(t, 2, "damaged items are reported") == 1 {
		options = append(options, mapper.WithDamagedItems(func(context.Context, mapper.DamagedItem) {}))
	}
	client, err := mapper.NewClient(u.server, options...)
	u.check(err)
	u.client, u.db = client, dynamo.NewFromIface(client)

	strangers, err := mapper.New(u.server, mapper.TableOf[Letter]("letters", stranger))
	u.check(err)
	u.check(u.db.CreateTable("letters", Letter{}).OnDemand(true).Run(ctx))
	u.check(strangers.Table("letters").Put(u.letter(0)).Run(ctx))
	u.check(u.db.CreateTable("drafts", Letter{}).OnDemand(true).Run(ctx))
	if u.beacons = len(beacons) > 0; u.beacons {
		u.server.forger.names = append(u.server.forger.names, "by-body", "aws_dbe_b_body")
		for _, table := range tables[:2] {
			_, err := u.db.Table(table).UpdateTable().CreateIndex(dynamo.Index{Name: "by-body", HashKey: "body",
				HashKeyType: dynamo.StringType, ProjectionType: dynamo.AllProjection}).Run(ctx)
			u.check(err)
		}
	}
	u.check(dynamo.NewFromIface(u.server).CreateTable("plain", Letter{}).OnDemand(true).Run(ctx))
	for _, table := range tables[:2] {
		u.letters[table], err = mapper.NewRepository[Letter](u.db, table)
		u.check(err)
		for n := range 4 {
			u.check(u.db.Table(table).Put(u.letter(n)).Run(ctx))
		}
	}
	forged := Letter{Person: "ada", Number: 1, Body: "forged", Subject: "engines",
		Labels: map[string]string{"colour": "forged"}}
	plaintext, err := dynamo.MarshalItem(forged)
	u.check(err)
	u.server.loot = append(u.server.loot, plaintext)
	u.server.honest = false
	return u
}

// letter draws a letter. Everything in it that is to be encrypted has a
// canary.
func (u *user) letter(number int) Letter {
	text := pick(u.T, []string{canary + " a", canary + " b"}, "text")
	l := Letter{
		Person: pick(u.T, []string{"ada", "bob"}, "person"), Number: number,
		Body: text, Weight: 867530900 + number, Seal: []byte(text),
		Subject: pick(u.T, []string{"engines", "looms"}, "subject"),
		Score:   below(u.T, 4, "score"), Seen: below(u.T, 3, "seen"),
	}
	if below(u.T, 2, "more") == 1 {
		l.Labels = map[string]string{canary: text}
		l.Stamps = []string{canary + "1", canary + "2"}
	}
	return l
}

func (u *user) check(err error) {
	u.Helper()
	if err != nil {
		u.Fatal(err)
	}
}

// failed reports whether err is not nil, and checks that it tells nothing.
func (u *user) failed(err error) bool {
	u.Helper()
	if err == nil {
		return false
	}
	if text := err.Error(); strings.Contains(text, canary) || strings.Contains(text, canaryNumber) {
		u.Errorf("an error tells a plaintext: %s", text)
	}
	if errors.Is(err, errRewritten) {
		u.Error(err)
	}
	return true
}

// item checks an item that was returned without an error: it must be a version
// that was once stored of an item that was asked for.
func (u *user) item(table string, item crypto.Item, asked func(Letter) bool) {
	u.Helper()
	if item == nil {
		return
	}
	if !u.history.has(table, item) {
		u.Errorf("an item was returned that table %s never had: %s", table, versionString(table, item))
		return
	}
	var l Letter
	if dynamo.UnmarshalItem(edited(item, unsigned, "", nil), &l) != nil || !asked(l) {
		u.Errorf("an item was returned that was not asked for: %+v", l)
	}
}

// decoded is item for what a struct holds of it.
func (u *user) decoded(table string, l Letter, asked func(Letter) bool) {
	u.Helper()
	item, err := dynamo.MarshalItem(l)
	u.check(err)
	u.item(table+asLetter, item, asked)
}

// once checks that no two items have one key.
func (u *user) once(items []crypto.Item) {
	u.Helper()
	seen := make(map[string]bool)
	for _, item := range items {
		if id := valueString(item["person"]) + valueString(item["num"]); seen[id] {
			u.Errorf("an item was returned twice: %s", id)
		} else {
			seen[id] = true
		}
	}
}

// testHostile makes random use of a database that lies.
func testHostile(t *rapid.T, e, stranger crypto.ItemEncryptor, output *bytes.Buffer, beacons []mapper.TableOption) {
	u := newUser(t, e, stranger, output, beacons)
	all := maps.Clone(uses)
	maps.Copy(all, encryptedUses)
	if u.beacons {
		maps.Copy(all, beaconUses)
	}
	names := slices.Sorted(maps.Keys(all))
	for range 1 + below(t, 12, "uses") {
		u.server.calls = 0
		survive(func() { all[pick(t, names, "use")](u) })
		for _, token := range u.tokens {
			if what := findCanary(reflect.ValueOf(token.key)); what != "" {
				t.Errorf("a page token holds %s", what)
			}
		}
		if text := output.String(); strings.Contains(text, canary) || strings.Contains(text, canaryNumber) {
			t.Errorf("the log tells a plaintext: %s", text)
		}
	}
}

// stillTime runs f where time passes only while everything waits, for rapid,
// whose failures are panics.
func stillTime(t *testing.T, f func()) {
	var failure any
	synctest.Test(t, func(*testing.T) {
		defer func() { failure = recover() }()
		f()
	})
	// Rapid tells failures apart by where they come from.
	switch fmt.Sprintf("%T", failure) {
	case "<nil>":
	case "rapid.invalidData":
		panic(failure)
	default:
		panic(failure)
	}
}

// callers returns where the panic came from that is being recovered.
func callers() string {
	var b strings.Builder
	_, from, _ := strings.Cut(string(debug.Stack()), "runtime/panic.go")
	for _, line := range strings.Split(from, "\n")[1:] {
		if place, _, ok := strings.Cut(line, " +0x"); ok && strings.HasPrefix(line, "\t") {
			b.WriteString(place + "\n")
		}
	}
	return b.String()
}

// survive calls f, and survives the panics of guregu/dynamo itself, which
// follows the nil pointers of table descriptions.
func survive(f func()) {
	defer func() {
		failure := recover()
		if err, ok := failure.(runtime.Error); ok {
			from := callers()
			if !strings.Contains(strings.Split(from, "\n")[0], "guregu/dynamo") {
				panic(fmt.Sprintf("%v\n%s", err, from))
			}
		} else if failure != nil {
			panic(failure)
		}
	}()
	f()
}

// logged redirects the log to a buffer until the test ends.
func logged(t testing.TB) *bytes.Buffer {
	var output bytes.Buffer
	before := log.Writer()
	log.SetOutput(&output)
	t.Cleanup(func() { log.SetOutput(before) })
	return &output
}

// hostileTime returns how long to try, beyond the usual number of times. It is
// no fuzz target of the go command: sealing is random, so that coverage is
// too, and the fuzzer would spend its time on minimizing inputs that only seem
// to reach something new.
func hostileTime(t testing.TB) time.Duration {
	budget, err := time.ParseDuration(cmp.Or(os.Getenv("DDBENC_HOSTILE_TIME"), "0s"))
	check(t, err)
	return budget
}

func TestHostile_ServerLearnsAndForgesNothing(t *testing.T) {
	virtualtime.Skip(t)
	forEachFormat(t, func(t *testing.T, f format) {
		e, stranger, output := f.encryptor(t, 1), f.encryptor(t, 2), logged(t)
		end := time.Now().Add(hostileTime(t) / 2)
		for again := true; again && !t.Failed(); again = time.Now().Before(end) {
			rapid.Check(t, func(r *rapid.T) {
				stillTime(t, func() {
					var beacons []mapper.TableOption
					if f.name == dbesdkFormat.name && below(r, 2, "beacons") == 1 {
						beacons = letterBeacons(t)
					}
					testHostile(r, e, stranger, output, beacons)
				})
			})
		}
	})
}
