package mapper

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
)

// ErrOutcomeUnknown is returned for a change that may or may not have been made:
// the reply to a write was lost, and when the SDK repeated the write, the item
// had changed, or the keys to recognize it were unavailable. Read the item before
// you repeat the change.
var ErrOutcomeUnknown = errors.New("outcome of the write is unknown")

// attempts watches the attempts that the SDK makes for one request.
type attempts struct {
	// uncertain is true if an attempt failed and may still have been carried
	// out.
	uncertain bool
}

// option makes the SDK's client report its attempts, which are sequential.
func (a *attempts) option(o *dynamodb.Options) {
	switch retryer := o.Retryer.(type) {
	case nil:
	case aws.RetryerV2:
		o.Retryer = watchingV2{retryer, a}
	default:
		o.Retryer = watching{retryer, a}
	}
}

// with returns optFns and the option that watches the attempts.
func (a *attempts) with(optFns []func(*dynamodb.Options)) []func(*dynamodb.Options) {
	return append(slices.Clone(optFns), a.option)
}

// note records the error of an attempt.
func (a *attempts) note(err error) {
	var api smithy.APIError
	var response interface{ HTTPStatusCode() int } // the SDK does not classify a ServiceUnavailable as a server fault
	if !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer ||
		errors.As(err, &response) && response.HTTPStatusCode() >= 500 {
		a.uncertain = true
	}
}

// conflict returns the error of a conditional write that failed. It is
// ErrOutcomeUnknown for a conflict after an attempt with an uncertain outcome.
func (a *attempts) conflict(t *table, op string, err error) error {
	if !a.uncertain || !conflicted(err) {
		return err
	}
	return t.fail(op, "", fmt.Errorf("%w: a reply was lost, and the item has changed since: %v", ErrOutcomeUnknown, err))
}

type watching struct {
	aws.Retryer
	attempts *attempts
}

func (w watching) IsErrorRetryable(err error) bool {
	w.attempts.note(err)
	return w.Retryer.IsErrorRetryable(err)
}

type watchingV2 struct {
	aws.RetryerV2
	attempts *attempts
}

func (w watchingV2) IsErrorRetryable(err error) bool {
	w.attempts.note(err)
	return w.RetryerV2.IsErrorRetryable(err)
}
