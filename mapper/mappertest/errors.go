package mappertest

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// operationError wraps an error as the SDK's client does.
func operationError(operation string, err error) error {
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: operation, Err: err}
}

// invalid is a ValidationException.
func invalid(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, args...), Fault: smithy.FaultClient}
}

// parameters is a ValidationException that begins as most do.
func parameters(format string, args ...any) error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}

// unknown is the error for requests that this database does not know.
func unknown(what string) error {
	return invalid("mappertest does not support %s", what)
}

// noTable is the error for a table that is not there. Its words depend on the
// kind of operation.
func noTable(format string, args ...any) error {
	return &types.ResourceNotFoundException{Message: aws.String(fmt.Sprintf(format, args...))}
}

// message is what the service says of an error, without its code.
func message(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return err.Error()
}

// inExpression says in which expression an error is. What does not come from
// the expression's text, but from the item, stands alone.
func inExpression(kind string, err error) error {
	var e *expr.Error
	if !errors.As(err, &e) {
		return err
	}
	return invalid("Invalid %s: %s", kind, e.Reason)
}

// ofUpdate is the error of an update that does not fit the item.
func ofUpdate(err error) error {
	var e *expr.Error
	if !errors.As(err, &e) {
		return err
	}
	return invalid("%s", e.Reason)
}
