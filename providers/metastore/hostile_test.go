package metastore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/metastore"
)

// hostile is a table that changes its replies or returns none.
type hostile struct {
	metastore.Client
	item  crypto.Item // returned instead of the requested one
	query func(*dynamodb.QueryOutput)
	err   error
}

func (h *hostile) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if h.err != nil {
		return nil, h.err
	}
	if h.item != nil {
		return &dynamodb.GetItemOutput{Item: h.item}, nil
	}
	return h.Client.GetItem(ctx, in, options...)
}

func (h *hostile) PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if h.err != nil {
		return nil, h.err
	}
	return h.Client.PutItem(ctx, in, options...)
}

func (h *hostile) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if h.err != nil {
		return nil, h.err
	}
	out, err := h.Client.Query(ctx, in, options...)
	if h.query != nil && err == nil {
		h.query(out)
	}
	return out, err
}

// hostileStore returns a store with versions 0 and 1 of "k" and version 0 of
// "j", in a hostile table.
func hostileStore(t *testing.T) (*metastore.Store, *hostile, *mappertest.DB) {
	db := mappertest.New()
	h := &hostile{Client: db}
	s := newStore(t, h, "keys")
	check(t, s.CreateTable(t.Context()))
	for _, name := range []string{"k", "k", "j"} {
		_, err := s.NewVersion(t.Context(), name)
		check(t, err)
	}
	return s, h, db
}

func TestStore_RefusesAnotherRecordThanTheOneAskedFor(t *testing.T) {
	s, h, db := hostileStore(t)
	without := stored(t, db, "keys", "k", "1")
	delete(without, "N")
	text := stored(t, db, "keys", "k", "1")
	text["V"] = &types.AttributeValueMemberS{Value: "1"}
	for what, record := range map[string]crypto.Item{
		"another material's":  stored(t, db, "keys", "j", "0"),
		"another version's":   stored(t, db, "keys", "k", "0"),
		"one of no material":  without,
		"a version as a text": text,
		"an empty one":        {},
	} {
		h.item = record
		if _, err := s.Provider(t.Context(), "k", 1); !errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNotProtected) {
			t.Errorf("%s: got %v, want ErrTampered", what, err)
		}
		if err := s.Replicate(t.Context(), "k", 1, newStore(t, db, "keys")); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s, to replicate: got %v, want ErrTampered", what, err)
		}
		// The put fails because the version exists, and the version is read.
		if _, err := s.GetOrCreate(t.Context(), "k", 1); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s, to have one: got %v, want ErrTampered", what, err)
		}
	}
	h.item = stored(t, db, "keys", "k", "1")
	_, err := s.Provider(t.Context(), "k", 1)
	check(t, err)
}

func TestStore_RefusesAnotherReplyThanTheHighestVersion(t *testing.T) {
	key := func(name, version string) crypto.Item {
		return crypto.Item{"N": &types.AttributeValueMemberS{Value: name}, "V": &types.AttributeValueMemberN{Value: version}}
	}
	for what, change := range map[string]func(*dynamodb.QueryOutput){
		"another material's":   func(o *dynamodb.QueryOutput) { o.Items[0] = key("j", "0") },
		"one more":             func(o *dynamodb.QueryOutput) { o.Items, o.Count = append(o.Items, key("k", "0")), 2 },
		"another count":        func(o *dynamodb.QueryOutput) { o.Count = 0 },
		"a count of nothing":   func(o *dynamodb.QueryOutput) { o.Items = nil },
		"a page without items": func(o *dynamodb.QueryOutput) { o.Items, o.Count, o.LastEvaluatedKey = nil, 0, key("k", "1") },
		"an attribute more":    func(o *dynamodb.QueryOutput) { o.Items[0]["t"] = key("k", "0")["N"] },
		"no version": func(o *dynamodb.QueryOutput) {
			o.Items[0] = crypto.Item{"N": key("k", "0")["N"], "X": key("k", "0")["V"]}
		},
		"no item":                   func(o *dynamodb.QueryOutput) { o.Items[0] = nil },
		"a version below zero":      func(o *dynamodb.QueryOutput) { o.Items[0] = key("k", "-1") },
		"half a version":            func(o *dynamodb.QueryOutput) { o.Items[0] = key("k", "0.5") },
		"a version as a text":       func(o *dynamodb.QueryOutput) { o.Items[0]["V"] = &types.AttributeValueMemberS{Value: "1"} },
		"a page of another key":     func(o *dynamodb.QueryOutput) { o.LastEvaluatedKey = key("j", "1") },
		"a page of another version": func(o *dynamodb.QueryOutput) { o.LastEvaluatedKey = key("k", "0") },
	} {
		s, h, db := hostileStore(t)
		h.query = func(o *dynamodb.QueryOutput) { o.LastEvaluatedKey = nil; change(o) }
		if v, err := s.MaxVersion(t.Context(), "k"); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s: got version %d and %v, want ErrTampered", what, v, err)
		}
		if _, err := s.NewVersion(t.Context(), "k"); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s, to make one: got %v, want ErrTampered", what, err)
		}
		if stored(t, db, "keys", "k", "2") != nil {
			t.Errorf("%s: a version was made", what)
		}
	}
	s, _, _ := hostileStore(t)
	if v, err := s.MaxVersion(t.Context(), "k"); err != nil || v != 1 {
		t.Errorf("got version %d and %v", v, err)
	}
}

func TestStore_SaysWhetherAFailureIsFinal(t *testing.T) {
	for _, c := range []struct{ err, kind error }{
		{&types.ProvisionedThroughputExceededException{}, crypto.ErrKeyUnavailable},
		{&types.InternalServerError{}, crypto.ErrKeyUnavailable},
		{context.DeadlineExceeded, crypto.ErrKeyUnavailable},
		{&types.ResourceNotFoundException{Message: aws.String("no table")}, crypto.ErrNoUsableKey},
		{&smithy.GenericAPIError{Code: "AccessDeniedException"}, crypto.ErrNoUsableKey},
	} {
		s, h, _ := hostileStore(t)
		h.err = c.err
		_, loading := s.Provider(t.Context(), "k", 0)
		_, asking := s.MaxVersion(t.Context(), "k")
		_, making := s.GetOrCreate(t.Context(), "k", 7)
		for what, err := range map[string]error{"load": loading, "ask for the highest": asking, "make": making} {
			if !errors.Is(err, c.kind) || !errors.Is(err, c.err) || errors.Is(err, crypto.ErrNoUsableKey) && errors.Is(err, crypto.ErrKeyUnavailable) {
				t.Errorf("%s, with %v: got %v, want %v", what, c.err, err, c.kind)
			}
		}
	}
	s, _, _ := hostileStore(t)
	if _, err := s.Provider(t.Context(), "k", 7); !errors.Is(err, metastore.ErrNoVersion) || !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("a missing version: got %v, want ErrNoVersion and ErrNoUsableKey", err)
	}
}
