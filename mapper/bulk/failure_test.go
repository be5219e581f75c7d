package bulk

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

func TestErrors_AreAboutTheItemOrTemporaryOrEndTheRun(t *testing.T) {
	at := func(err error) error { return &crypto.ItemError{Op: "test", Err: fmt.Errorf("%w: because", err)} }
	api := func(code string, fault smithy.ErrorFault) error {
		return &smithy.OperationError{Err: &smithy.GenericAPIError{Code: code, Fault: fault}}
	}
	for _, c := range []struct {
		err       error
		reason    Reason
		temporary bool
	}{
		{at(crypto.ErrTampered), DoesNotVerify, false},
		{at(crypto.ErrNotProtected), NotProtected, false},
		{at(crypto.ErrNoUsableKey), NoUsableKey, false},
		{at(crypto.ErrInvalidItem), Invalid, false},
		{at(crypto.ErrInvalidKey), Invalid, false},
		{at(mapper.ErrConflict), KeptChanging, false},
		{api("ValidationException", smithy.FaultClient), Refused, false},
		{at(crypto.ErrKeyUnavailable), "", true},
		{errors.Join(at(crypto.ErrKeyUnavailable), at(crypto.ErrNoUsableKey)), "", true},
		{at(mapper.ErrOutcomeUnknown), "", true},
		{errors.Join(mapper.ErrCarriedOut, crypto.ErrTampered), "", true},
		{&types.ProvisionedThroughputExceededException{}, "", true},
		{api("ThrottlingException", smithy.FaultClient), "", true},
		{api("InternalServerError", smithy.FaultServer), "", true},
		{errors.New("connection reset"), "", true},
		{context.DeadlineExceeded, "", true},
		{context.Canceled, "", false},
		{api("AccessDeniedException", smithy.FaultClient), "", false},
		{&types.ResourceNotFoundException{}, "", false},
		{at(crypto.ErrPolicy), "", false},
		{at(crypto.ErrUnsupported), "", false},
		{at(mapper.ErrNotDeclared), "", false},
	} {
		if reason := reasonOf(c.err); reason != c.reason || temporary(c.err) != c.temporary {
			t.Errorf("%v: reason %q, temporary %v; want %q, %v", c.err, reason, temporary(c.err), c.reason, c.temporary)
		}
	}
}
