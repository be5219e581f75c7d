package mapper_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// result is what a caller knows of a change.
type result int

const (
	made result = iota
	notMade
	perhaps
)

// kind classifies an error.
type kind struct {
	name   string
	result result
}

var unclassified = kind{"unclassified", perhaps}

// outcome classifies an error by what is documented. An honest database causes
// none that speak of items which do not verify or of mistakes of the caller.
func outcome(err error) kind {
	for _, never := range []error{crypto.ErrTampered, crypto.ErrNotProtected, crypto.ErrNoUsableKey, crypto.ErrPolicy,
		crypto.ErrInvalidItem, crypto.ErrInvalidKey, crypto.ErrUnsupported, mapper.ErrDecode, mapper.ErrOtherType,
		mapper.ErrExpression, mapper.ErrNotDeclared} {
		if errors.Is(err, never) {
			return unclassified
		}
	}
	var canceled *aws.RequestCanceledError
	var api smithy.APIError
	var operation *smithy.OperationError
	switch {
	case err == nil:
		return kind{"success", made}
	case errors.Is(err, mapper.ErrCarriedOut):
		return kind{"carried out", made}
	case errors.Is(err, mapper.ErrOutcomeUnknown):
		return kind{"outcome unknown", perhaps}
	case errors.Is(err, crypto.ErrKeyUnavailable):
		return kind{"key unavailable", notMade}
	case errors.Is(err, mapper.ErrExists):
		return kind{"exists", notMade}
	case errors.Is(err, mapper.ErrConflict), errors.Is(err, keystore.ErrConflict), dynamo.IsCondCheckFailed(err):
		return kind{"conflict", notMade}
	case errors.Is(err, dynamo.ErrNotFound):
		return kind{"not found", notMade}
	case errors.As(err, &canceled), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return kind{"canceled", perhaps}
	case errors.As(err, &operation) && errors.As(err, &api) && api.ErrorCode() != "ValidationException":
		return kind{api.ErrorCode(), perhaps}
	case errors.As(err, &operation) && api == nil:
		return kind{"no reply", perhaps}
	}
	return unclassified
}

// ownItem is an item that one worker alone changes. Its count is one of those
// in may; absent is an item that does not exist.
type ownItem struct {
	Tally
	may []int
}

// soakWorker is one goroutine of a process.
type soakWorker struct {
	*soak
	db         *dynamo.DB
	repository *mapper.Repository[Tally]
	own        *ownItem
}

// step carries out one operation.
func (w *soakWorker) step(ctx context.Context) {
	if rand.IntN(50) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, rand.N(10*time.Millisecond))
		defer cancel()
	}
	c := w.counters[rand.IntN(len(w.counters))]
	switch n := rand.IntN(100); {
	case n < 20:
		w.count("Modify", w.modify(ctx, c.keys()), c)
	case n < 35:
		w.count("Update", w.table().Update("tenant", c.Tenant).Range("num", c.Number).Add("n", 1).Run(ctx), c)
	case n < 45:
		w.count("Update If", w.updateIf(ctx, c), c)
	case n < 47:
		w.transact(ctx, c)
	case n < 80:
		w.useOwn(ctx)
	case n < 90:
		_, err := w.repository.Get(ctx, c.keys())
		w.note("Get", err)
	case n < 94:
		w.query(ctx, c.Tenant)
	case n < 98:
		_, err := w.repository.GetAll(ctx, c.keys(), w.other(c).keys())
		w.note("GetAll", err)
	default:
		err := w.repository.Reseal(ctx, c.keys())
		w.note("Reseal", err)
	}
}

func (w *soakWorker) table() dynamo.Table { return w.db.Table(tableName) }

// other returns another counter than c.
func (w *soakWorker) other(c *counterOf) *counterOf {
	i := slices.Index(w.counters, c)
	return w.counters[(i+1+rand.IntN(len(w.counters)-1))%len(w.counters)]
}

// count notes a change by 1 of each of the counters.
func (w *soakWorker) count(operation string, err error, counters ...*counterOf) {
	r := w.note(operation, err)
	for _, c := range counters {
		switch r {
		case made:
			c.made.Add(1)
		case perhaps:
			c.maybe.Add(1)
		}
	}
}

func (w *soakWorker) modify(ctx context.Context, keys dynamo.Keys) error {
	id := w.changes.Add(1)
	_, err := w.repository.Modify(ctx, keys, func(t *Tally) error {
		if !t.change(id) {
			w.Errorf("Modify made a change, and makes it again")
		}
		return nil
	})
	return err
}

// updateIf reads a counter and adds 1 on condition that it is still the same.
func (w *soakWorker) updateIf(ctx context.Context, c *counterOf) error {
	read, err := w.repository.Get(ctx, c.keys())
	if err != nil {
		return err
	}
	return w.table().Update("tenant", c.Tenant).Range("num", c.Number).Set("n", read.Count+1).
		If("n = ?", read.Count).Run(ctx)
}

// transact adds 1 to a counter and to another one.
func (w *soakWorker) transact(ctx context.Context, c *counterOf) {
	other := w.other(c)
	tx := w.db.WriteTx().Idempotent(true)
	for _, c := range []*counterOf{c, other} {
		tx.Update(w.table().Update("tenant", c.Tenant).Range("num", c.Number).Add("n", 1))
	}
	w.count("WriteTx", tx.Run(ctx), c, other)
}

// query reads the items of a tenant.
func (w *soakWorker) query(ctx context.Context, tenant string) {
	found := 0
	for t, err := range w.repository.Query(ctx, tenant) {
		if err != nil {
			w.note("Query", err)
			return
		}
		if t.Label == "counter" {
			found++
		}
	}
	if w.note("Query", nil); found != soakCounters {
		w.Errorf("a query found %d counters of a tenant, want %d", found, soakCounters)
	}
}

// useOwn changes or reads the worker's own item.
func (w *soakWorker) useOwn(ctx context.Context) {
	item := w.own.Tally
	keys := dynamo.Keys{item.Tenant, item.Number}
	switch n := rand.IntN(10); {
	case n < 4:
		item.Count = rand.IntN(1 << 30)
		w.changeOwn(w.note("Put", w.repository.Put(ctx, item)), item.Count)
	case n < 5:
		item.Count = rand.IntN(1 << 30)
		w.changeOwn(w.note("Create", w.repository.Create(ctx, item)), item.Count)
	case n < 6:
		w.changeOwn(w.note("Delete", w.repository.Delete(ctx, keys)), absent)
	case n < 8:
		if slices.Contains(w.own.may, absent) {
			return
		}
		w.changeOwn(w.note("Modify own", w.modify(ctx, keys)), increased(w.own.may)...)
	default:
		read, err := w.repository.Get(ctx, keys)
		w.note("Get own", err)
		if errors.Is(err, dynamo.ErrNotFound) {
			read.Count = absent
		} else if err != nil {
			return
		}
		if !slices.Contains(w.own.may, read.Count) {
			w.Errorf("item %d is %d, want one of %d", item.Number, read.Count, w.own.may)
		}
		w.own.may = []int{read.Count}
	}
}

// changeOwn notes a change of the worker's own item to one of counts.
func (w *soakWorker) changeOwn(r result, counts ...int) {
	switch r {
	case made:
		w.own.may = counts
	case perhaps:
		w.own.may = append(w.own.may, counts...)
	}
}

func increased(counts []int) []int {
	more := make([]int, len(counts))
	for i, n := range counts {
		more[i] = n + 1
	}
	return more
}
