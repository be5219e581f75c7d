package mapper

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
)

// call is an operation of the underlying client, as a method expression.
type call[In, Out any] = func(dynamodbiface.DynamoDBAPI, context.Context, *In, ...func(*dynamodb.Options)) (*Out, error)

// plan is a request that concerns declared tables, together with the checks of
// its reply. Only run sends it.
type plan[In, Out any] struct {
	// op is the name of the operation that the caller called.
	op string
	// call sends request, which contains nothing that DynamoDB must not see.
	call    call[In, Out]
	request *In

	// accept converts the server's reply to the caller's. It builds a new value
	// field by field, so a field that it does not mention, or that a later SDK
	// adds, never reaches the caller.
	accept func(ctx context.Context, out *Out) (*Out, error)

	// writes is true if the request changes what is stored. An error of accept
	// then wraps [ErrCarriedOut].
	writes bool

	// expected is the only exception with items that this operation may fail
	// with, and failed converts it to the caller's result. The items are removed
	// from the error first; failed puts back the items that it has verified.
	expected exception
	failed   func(ctx context.Context, f *failure) (*Out, error)
}

// run sends the request of a plan and checks the reply against it.
func run[In, Out any](ctx context.Context, c *Client, p plan[In, Out], optFns []func(*dynamodb.Options)) (*Out, error) {
	out, err := p.call(c.api, ctx, p.request, optFns...)
	if err != nil {
		f := takeItems(err)
		if err := f.check(p.op, p.expected); err != nil {
			return nil, err
		}
		if p.failed == nil {
			return nil, err
		}
		return p.failed(ctx, f)
	}
	if out == nil {
		err = noReply(p.op)
	} else {
		out, err = p.accept(ctx, out)
	}
	if err != nil {
		if p.writes {
			err = carriedOut(err)
		}
		return nil, err
	}
	return out, nil
}

// pass sends a request as it is. It is for requests that carry no items of
// declared tables. names are the tables that the request concerns.
func pass[In, Out any](ctx context.Context, c *Client, op string, names []*string, send call[In, Out], in *In,
	optFns []func(*dynamodb.Options)) (*Out, error) {
	if c.declaredOnly {
		for _, name := range names {
			if c.table(name) == nil {
				return nil, notDeclared(op, name)
			}
		}
	}
	out, err := send(c.api, ctx, in, optFns...)
	if out == nil && err == nil {
		return nil, noReply(op)
	}
	return out, err
}

// noReply returns the error for a client that returns neither reply nor error.
func noReply(op string) error {
	return &crypto.ItemError{Op: op, Err: fmt.Errorf("%w: the reply is missing", crypto.ErrTampered)}
}
