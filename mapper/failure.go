package mapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// conditionFailure returns the failed condition check in err, or nil.
func conditionFailure(err error) *types.ConditionalCheckFailedException {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return failed
	}
	return nil
}

// openInError opens the item that a failed condition check carries, so that
// guregu/dynamo's CurrentValue and UnmarshalItemFromCondCheckFailed work. The
// error is this reply's own, so the item is replaced where it is: errors.As
// then finds it at whatever depth.
func (t *table) openInError(ctx context.Context, op string, err error) error {
	failed := conditionFailure(err)
	if failed == nil || failed.Item == nil {
		return err
	}
	opened, openErr := t.open(ctx, op, "", failed.Item)
	failed.Item = opened
	if openErr != nil {
		return fmt.Errorf("%w (the stored item in this reply is left out: %w)", err, openErr)
	}
	return err
}

// carriedOut marks an error that came after the write itself had succeeded.
func carriedOut(err error) error {
	return fmt.Errorf("the write was carried out, but the item in its reply cannot be returned: %w", err)
}
