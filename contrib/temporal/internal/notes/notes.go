// Package notes has a table in memory, and machines that work on it, for tests.
package notes

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// Name is the name of the table.
const Name = "notes"

// Note is an item of the table.
type Note struct {
	ID   string `dynamo:"id,hash"`
	Text string `dynamo:"body" ddbenc:"encrypt"`
}

// Secret is in the text of each note.
const Secret = "top secret"

// Table is a table in memory, whose notes are plaintext in the beginning.
type Table struct {
	db        dynamodbiface.DynamoDBAPI
	encryptor crypto.ItemEncryptor

	mu     sync.Mutex
	writes map[string]int
	times  []time.Time
}

// New returns a table with notes.
func New(t testing.TB, notes int) *Table {
	t.Helper()
	key := make([]byte, 32)
	keys, err := raw.NewAES("test", "key", key)
	check(t, err)
	// Without ECDSA signatures, which are slow under the race detector.
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	table := &Table{db: mappertest.New(), encryptor: e, writes: make(map[string]int)}
	db := dynamo.NewFromIface(table.db)
	check(t, db.CreateTable(Name, Note{}).OnDemand(true).Run(t.Context()))
	all := make([]any, notes)
	for i := range all {
		all[i] = Note{ID: fmt.Sprintf("note-%05d", i), Text: fmt.Sprintf("%s %d", Secret, i)}
	}
	if notes > 0 {
		_, err = db.Table(Name).Batch().Write().Put(all...).Run(t.Context())
		check(t, err)
	}
	return table
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Put stores an item past the mapper.
func (table *Table) Put(t testing.TB, item crypto.Item) {
	t.Helper()
	check(t, dynamo.NewFromIface(table.db).Table(Name).Put(item).Run(t.Context()))
}

// Contents returns all items opened, by key.
func (table *Table) Contents(t testing.TB) map[string]crypto.Item {
	t.Helper()
	items := make(map[string]crypto.Item)
	iter := dynamo.NewFromIface(table.Machine().Client(t)).Table(Name).Scan().Consistent(true).Iter()
	for {
		var item crypto.Item
		if !iter.Next(t.Context(), &item) {
			check(t, iter.Err())
			return items
		}
		items[id(item)] = item
	}
}

// Writes returns how often each item was written by machines.
func (table *Table) Writes() map[string]int {
	table.mu.Lock()
	defer table.mu.Unlock()
	all := make(map[string]int, len(table.writes))
	for key, n := range table.writes {
		all[key] = n
	}
	return all
}

// WritesBetween returns how many items machines wrote in some time.
func (table *Table) WritesBetween(from, to time.Time) int {
	table.mu.Lock()
	defer table.mu.Unlock()
	n := 0
	for _, at := range table.times {
		if at.After(from) && at.Before(to) {
			n++
		}
	}
	return n
}

func id(item crypto.Item) string { return item["id"].(*types.AttributeValueMemberS).Value }

// Machine is a machine that reaches the table until it dies.
type Machine struct {
	dynamodbiface.DynamoDBAPI
	// Delay is how long each write takes.
	Delay time.Duration
	// DiesAfter is the number of writes after which the machine dies; 0 for never.
	DiesAfter int64
	// Denied makes the table refuse reads.
	Denied atomic.Bool
	table  *Table
	dead   atomic.Bool
	writes atomic.Int64
}

// Machine returns a machine.
func (table *Table) Machine() *Machine { return &Machine{DynamoDBAPI: table.db, table: table} }

// ErrDead is returned for the requests of a dead machine, which reach nothing.
var ErrDead = errors.New("the machine is dead")

// Kill kills the machine.
func (m *Machine) Kill() { m.dead.Store(true) }

// Dead reports whether the machine was killed.
func (m *Machine) Dead() bool { return m.dead.Load() }

// Client is a process on the machine that declares the table.
func (m *Machine) Client(t testing.TB) *mapper.Client {
	t.Helper()
	c, err := mapper.NewClient(m, mapper.TableOf[Note](Name, m.table.encryptor, mapper.WithPlaintextReads()))
	check(t, err)
	return c
}

// Scan reads a page.
func (m *Machine) Scan(
	ctx context.Context, in *dynamodb.ScanInput, o ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	if m.Dead() {
		return nil, ErrDead
	}
	if m.Denied.Load() {
		denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Fault: smithy.FaultClient}
		return nil, &smithy.OperationError{Err: denied}
	}
	return m.DynamoDBAPI.Scan(ctx, in, o...)
}

// PutItem counts the write.
func (m *Machine) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	time.Sleep(m.Delay)
	if m.Dead() {
		return nil, ErrDead
	}
	out, err := m.DynamoDBAPI.PutItem(ctx, in, o...)
	if err == nil {
		if m.writes.Add(1) == m.DiesAfter {
			m.Kill()
		}
		m.table.mu.Lock()
		defer m.table.mu.Unlock()
		m.table.writes[id(in.Item)]++
		m.table.times = append(m.table.times, time.Now())
	}
	return out, err
}
