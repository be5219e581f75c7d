package mappertest

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// operationError wraps an error like the SDK's client.
func operationError(operation string, err error) error {
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: operation, Err: err}
}

// invalid returns a ValidationException.
func invalid(format string, args ...any) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: fmt.Sprintf(format, args...),
		Fault: smithy.FaultClient}
}

// parameters returns a ValidationException with the most common prefix.
func parameters(format string, args ...any) error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}

// unknown returns the error for requests that this database does not support.
func unknown(what string) error {
	return invalid("mappertest does not support %s", what)
}

// noTable returns the error for a table that does not exist. The text depends
// on the operation.
func noTable(format string, args ...any) error {
	return &types.ResourceNotFoundException{Message: aws.String(fmt.Sprintf(format, args...))}
}

// message returns the text of a service error without its code.
func message(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return err.Error()
}

// inExpression adds the kind of expression to an error, unless the error comes
// from the item and not from the expression's text.
func inExpression(kind string, err error) error {
	var e *expr.Error
	if !errors.As(err, &e) {
		return err
	}
	return invalid("Invalid %s: %s", kind, e.Reason)
}

// ofUpdate returns the error for an update that cannot be applied to the item.
func ofUpdate(err error) error {
	var e *expr.Error
	if !errors.As(err, &e) {
		return err
	}
	return invalid("%s", e.Reason)
}
