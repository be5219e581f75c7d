package mapper

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
)

// Requests that are evaluated in this package fail with the same errors that
// DynamoDB would return.

// serviceError wraps an error as the SDK's client does.
func serviceError(op string, err error) error {
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: op, Err: err}
}

// validation returns a ValidationException.
func validation(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, args...),
		Fault: smithy.FaultClient}
}

const conditionFailedMessage = "The conditional request failed"

// conditionFailure returns the error for a condition that does not hold. It
// carries the item if the request asks for it.
func conditionFailure(op string, asked types.ReturnValuesOnConditionCheckFailure, item crypto.Item) error {
	failed := &types.ConditionalCheckFailedException{Message: aws.String(conditionFailedMessage)}
	if asked == types.ReturnValuesOnConditionCheckFailureAllOld {
		failed.Item = item
	}
	return serviceError(op, failed)
}

// checkReturnValues refuses a value that the operation does not support.
func checkReturnValues(op string, v types.ReturnValue, allowed ...types.ReturnValue) error {
	if v == "" || v == types.ReturnValueNone || slices.Contains(allowed, v) {
		return nil
	}
	return serviceError(op, validation("Return values set to invalid value"))
}

// addCapacity returns the sum of the capacity that two requests to one table
// consumed.
func addCapacity(a, b *types.ConsumedCapacity) *types.ConsumedCapacity {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	sum := *a
	sum.CapacityUnits = addUnits(a.CapacityUnits, b.CapacityUnits)
	sum.ReadCapacityUnits = addUnits(a.ReadCapacityUnits, b.ReadCapacityUnits)
	sum.WriteCapacityUnits = addUnits(a.WriteCapacityUnits, b.WriteCapacityUnits)
	if a.Table != nil || b.Table != nil {
		table := addCapacities(pointed(a.Table), pointed(b.Table))
		sum.Table = &table
	}
	sum.GlobalSecondaryIndexes = addByIndex(a.GlobalSecondaryIndexes, b.GlobalSecondaryIndexes)
	sum.LocalSecondaryIndexes = addByIndex(a.LocalSecondaryIndexes, b.LocalSecondaryIndexes)
	return &sum
}

func addByIndex(a, b map[string]types.Capacity) map[string]types.Capacity {
	if a == nil && b == nil {
		return nil
	}
	sum := make(map[string]types.Capacity, len(a)+len(b))
	for _, indexes := range []map[string]types.Capacity{a, b} {
		for name, capacity := range indexes {
			sum[name] = addCapacities(sum[name], capacity)
		}
	}
	return sum
}

func addCapacities(a, b types.Capacity) types.Capacity {
	return types.Capacity{
		CapacityUnits:      addUnits(a.CapacityUnits, b.CapacityUnits),
		ReadCapacityUnits:  addUnits(a.ReadCapacityUnits, b.ReadCapacityUnits),
		WriteCapacityUnits: addUnits(a.WriteCapacityUnits, b.WriteCapacityUnits),
	}
}

func addUnits(a, b *float64) *float64 {
	if a == nil && b == nil {
		return nil
	}
	return aws.Float64(aws.ToFloat64(a) + aws.ToFloat64(b))
}

func pointed[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// validationMessage returns the message of a ValidationException.
func validationMessage(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return err.Error()
}
