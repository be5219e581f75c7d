package mapper_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// loseReplies makes the server carry out each PutItem, lose the reply, and
// answer the repetition, as the SDK sends it.
func (w *world) loseReplies(before func()) {
	w.lie = func(op string, in, out any, err error) (any, error) {
		if op != "PutItem" || err != nil {
			return out, err
		}
		if before != nil {
			before()
		}
		return w.DynamoDBAPI.PutItem(context.Background(), in.(*dynamodb.PutItemInput))
	}
}

func TestPut_WhoseReplyWasLostIsRecognized(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		ctx := t.Context()
		create := func(w *world) error { return repository(t, w).Create(ctx, note(1)) }
		for name, c := range map[string]struct {
			there  bool // another note is, before
			before func(w *world) func()
			write  func(w *world) error
			want   error
		}{
			"create": {write: create},
			"conditional put": {there: true, write: func(w *world) error {
				return w.table().Put(note(1)).If("attribute_not_exists(score) OR score > ?", 50).Run(ctx)
			}},
			"conditional put, old value": {there: true, want: mapper.ErrCarriedOut, write: func(w *world) error {
				_, err := w.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table,
					Item: edited(key("1"), "", "body", str("x")), ReturnValues: types.ReturnValueAllOld,
					ConditionExpression: aws.String("attribute_exists(score)")})
				return err
			}},
			"create, and somebody else stored another": {want: mapper.ErrExists, write: create,
				before: func(w *world) func() {
					return func() {
						sealed, err := w.client.Seal(ctx, tableName, edited(key("1"), "", "subject", str("x")))
						check(t, err)
						w.store(t, sealed)
					}
				}},
			"create, and somebody else stored the same": {want: mapper.ErrExists, write: create,
				before: func(w *world) func() {
					return func() {
						item, err := dynamo.MarshalItem(note(1))
						check(t, err)
						sealed, err := w.client.Seal(ctx, tableName, item)
						check(t, err)
						w.store(t, sealed)
					}
				}},
		} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t, f)
				if c.there {
					n := note(1)
					n.Rank = 100
					w.put(t, n)
				}
				var before func()
				if c.before != nil {
					before = c.before(w)
				}
				w.loseReplies(before)
				err := c.write(w)
				if c.want == nil {
					check(t, err)
				} else {
					wantError(t, err, c.want)
				}
			})
		}
	})
}

func TestModify_IsMadeOnceThoughTheReplyIsLost(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.put(t, note(1))
		w.loseReplies(nil)
		calls := 0
		got, err := repository(t, w).Modify(t.Context(), dynamo.Keys{"ada", 1},
			func(n *Note) error { calls++; n.Rank++; return nil })
		check(t, err)
		equal(t, []int{calls, got.Rank}, []int{1, note(1).Rank + 1})
		w.lie = nil
		stored, err := w.get(t, 1)
		check(t, err)
		equal(t, stored, got)
	})
}

// receipt has nothing that is encrypted.
type receipt struct {
	Owner  string `dynamo:"person,hash"`
	Number int    `dynamo:"num,range"`
	Text   string `dynamo:"text" ddbenc:"sign"`
}

func TestPut_WithASignatureThatAnotherCouldHaveMadeIsNotRecognized(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		db, err := mapper.New(w.spy, mapper.TableOf[receipt](tableName, f.encryptor(t, 1)))
		check(t, err)
		receipts, err := mapper.NewRepository[receipt](db, tableName)
		check(t, err)
		check(t, receipts.Create(ctx, receipt{"ada", 1, "x"}))
		wantError(t, receipts.Create(ctx, receipt{"ada", 1, "x"}), mapper.ErrExists)

		w.loseReplies(nil)
		err = receipts.Create(ctx, receipt{"ada", 2, "x"})
		if f.name == ddbecFormat.name {
			wantError(t, err, mapper.ErrExists)
		} else {
			check(t, err)
		}
	})
}

func TestPut_OfPlaintextIsNotRecognized(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f, mapper.WithPlaintextWrites())
		repo := repository(t, w)
		check(t, repo.Create(t.Context(), note(1)))
		wantError(t, repo.Create(t.Context(), note(1)), mapper.ErrExists)
	})
}

func TestTransaction_ForgottenTokenIsExplained(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		ctx := t.Context()
		tx := w.db.WriteTx().Put(w.table().Put(note(1))).IdempotentWithToken(rand.Text())
		w.lie = func(op string, _, out any, err error) (any, error) {
			return nil, &types.IdempotentParameterMismatchException{}
		}
		var mismatch *types.IdempotentParameterMismatchException
		if err := tx.Run(ctx); !errors.As(err, &mismatch) || !containsAny(err.Error(),
			"client request token was used for another transaction") {
			t.Errorf("got %v", err)
		}
		// Sent again as it was, it is the server that is wrong.
		if err := tx.Run(ctx); !errors.As(err, &mismatch) || containsAny(err.Error(),
			"client request token was used for another transaction") {
			t.Errorf("got %v", err)
		}
		first := w.sent[0].(*dynamodb.TransactWriteItemsInput).TransactItems[0].Put.Item
		second := w.sent[1].(*dynamodb.TransactWriteItemsInput).TransactItems[0].Put.Item
		equal(t, second, first)
	})
}

func TestTransaction_DoesNotShareItsItemsWithTheCaller(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.lie = func(op string, _, out any, err error) (any, error) { return out, err }
		token := rand.Text()
		in := func(v types.AttributeValue) *dynamodb.TransactWriteItemsInput {
			return &dynamodb.TransactWriteItemsInput{ClientRequestToken: &token,
				TransactItems: []types.TransactWriteItem{
					{Put: &types.Put{TableName: table, Item: edited(key("1"), "", "info", v)}}}}
		}
		mine := &types.AttributeValueMemberB{Value: []byte("topic")}
		_, err := w.client.TransactWriteItems(t.Context(), in(mine))
		check(t, err)
		mine.Value[0] = 'T'
		_, err = w.client.TransactWriteItems(t.Context(), in(&types.AttributeValueMemberB{Value: []byte("topic")}))
		check(t, err)
		got := w.sent[1].(*dynamodb.TransactWriteItemsInput).TransactItems[0].Put.Item["info"]
		equal(t, got, types.AttributeValue(&types.AttributeValueMemberB{Value: []byte("topic")}))
	})
}

// failsLater is an encryptor whose keys are unavailable once it has sealed.
type failsLater struct {
	crypto.ItemEncryptor
	sealed bool
}

func (f *failsLater) EncryptItem(ctx context.Context, table crypto.TableInfo, actions crypto.Actions,
	item crypto.Item) (crypto.Item, error) {
	if f.sealed {
		return nil, crypto.ErrKeyUnavailable
	}
	f.sealed = true
	return f.ItemEncryptor.EncryptItem(ctx, table, actions, item)
}

func TestCreate_WhoseReplyWasLostIsNotDeniedIfKeysBecomeUnavailable(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f)
		w.loseReplies(nil)
		db, _ := w.open(t, &failsLater{ItemEncryptor: f.encryptor(t, 1)})
		notes, err := mapper.NewRepository[Note](db, tableName)
		check(t, err)
		err = notes.Create(t.Context(), note(1))
		wantError(t, err, mapper.ErrOutcomeUnknown)
		if errors.Is(err, mapper.ErrExists) {
			t.Errorf("got %v, although the item is the one created", err)
		}
	})
}
