package mapper_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// badNetwork is the SDK's client on a bad network to a database. Requests and
// replies are delayed and lost, requests arrive twice, and some are refused for
// their rate. As the SDK's client does, it makes up to three attempts and asks the
// retryer of the request about each error.
type badNetwork struct{ dynamodbiface.DynamoDBAPI }

const networkAttempts = 3

func send[In, Out any](ctx context.Context, in *In, optFns []func(*dynamodb.Options),
	carryOut func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error)) (*Out, error) {
	options := dynamodb.Options{Retryer: retry.NewStandard()}
	for _, f := range optFns {
		f(&options)
	}
	for attempt := 1; ; attempt++ {
		out, err := transmit(ctx, func() (*Out, error) { return carryOut(ctx, in, optFns...) })
		if err == nil {
			return out, nil
		}
		if !options.Retryer.IsErrorRetryable(err) || attempt == networkAttempts {
			operation := strings.TrimSuffix(reflect.TypeFor[In]().Name(), "Input")
			return nil, &smithy.OperationError{ServiceID: "DynamoDB", OperationName: operation, Err: err}
		}
	}
}

// transmit makes one attempt.
func transmit[Out any](ctx context.Context, carryOut func() (*Out, error)) (*Out, error) {
	lost := &smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF}
	if err := travel(ctx); err != nil {
		return nil, err
	}
	switch rand.IntN(100) {
	case 0, 1:
		return nil, lost // the request
	case 2:
		return nil, &types.ProvisionedThroughputExceededException{Message: aws.String("slow down")}
	case 3:
		return nil, broken("not carried out")
	case 4:
		if _, err := carryOut(); err != nil {
			return nil, err
		}
		return nil, broken("carried out")
	case 5, 6:
		if _, err := carryOut(); err != nil {
			return nil, err
		}
		return nil, lost // the reply
	case 7, 8:
		// The request arrives once more, later. The client gets the first reply: it
		// cannot know of a repetition whose reply it gets instead, and would make a
		// change twice if another writer came in between.
		defer func() { _, _ = carryOut() }()
	}
	out, err := carryOut()
	if late := travel(ctx); late != nil {
		return nil, late
	}
	return out, err
}

// broken returns the error for a reply with status 500.
func broken(message string) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusInternalServerError}},
		Err:      &types.InternalServerError{Message: &message},
	}
}

// travel takes a while: seldom long.
func travel(ctx context.Context) error {
	d := rand.N(500 * time.Microsecond)
	if rand.IntN(200) == 0 {
		d = rand.N(100 * time.Millisecond)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return &aws.RequestCanceledError{Err: ctx.Err()}
	}
}

func (n badNetwork) GetItem(ctx context.Context, in *dynamodb.GetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.GetItem)
}

func (n badNetwork) PutItem(ctx context.Context, in *dynamodb.PutItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.PutItem)
}

func (n badNetwork) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.UpdateItem)
}

func (n badNetwork) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.DeleteItem)
}

func (n badNetwork) Query(ctx context.Context, in *dynamodb.QueryInput,
	o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.Query)
}

func (n badNetwork) Scan(ctx context.Context, in *dynamodb.ScanInput,
	o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.Scan)
}

func (n badNetwork) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.BatchGetItem)
}

func (n badNetwork) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput,
	o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.BatchWriteItem)
}

func (n badNetwork) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.TransactGetItems)
}

func (n badNetwork) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput,
	o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return send(ctx, in, o, n.DynamoDBAPI.TransactWriteItems)
}
