package service_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/service"
)

var kinds = []error{crypto.ErrNoUsableKey, crypto.ErrKeyUnavailable, crypto.ErrTampered}

// isKind checks that an error is of one kind and no other, and wraps its cause.
func isKind(t *testing.T, err, cause, want error) {
	t.Helper()
	for _, kind := range kinds {
		if errors.Is(err, kind) != (kind == want) {
			t.Errorf("%v becomes %v: is %q: %t", cause, err, kind, errors.Is(err, kind))
		}
	}
	if !errors.Is(err, cause) {
		t.Errorf("%v has lost its cause", err)
	}
}

func api(code string) error { return &smithy.GenericAPIError{Code: code, Message: "…"} }

// operation is an error as the SDK's clients return it.
func operation(service string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: "Decrypt", Err: err}
}

func TestKMS_Kinds(t *testing.T) {
	for _, c := range []struct {
		err, kind error
	}{
		{&kmstypes.InvalidCiphertextException{}, crypto.ErrTampered},
		{&kmstypes.NotFoundException{}, crypto.ErrNoUsableKey},
		{&kmstypes.DisabledException{}, crypto.ErrNoUsableKey},
		{&kmstypes.KMSInvalidStateException{}, crypto.ErrNoUsableKey},
		{&kmstypes.IncorrectKeyException{}, crypto.ErrNoUsableKey},
		{&kmstypes.InvalidKeyUsageException{}, crypto.ErrNoUsableKey},
		{&kmstypes.InvalidArnException{}, crypto.ErrNoUsableKey},
		{&kmstypes.InvalidGrantTokenException{}, crypto.ErrNoUsableKey},
		{&kmstypes.UnsupportedOperationException{}, crypto.ErrNoUsableKey},
		{api("AccessDeniedException"), crypto.ErrNoUsableKey},
		{api("ValidationException"), crypto.ErrNoUsableKey},

		{&kmstypes.KMSInternalException{}, crypto.ErrKeyUnavailable},
		{&kmstypes.DependencyTimeoutException{}, crypto.ErrKeyUnavailable},
		{&kmstypes.KeyUnavailableException{}, crypto.ErrKeyUnavailable},
		{&kmstypes.LimitExceededException{}, crypto.ErrKeyUnavailable},
		{api("ThrottlingException"), crypto.ErrKeyUnavailable},
		{api("ExpiredTokenException"), crypto.ErrKeyUnavailable},
		{api("ResourceNotFoundException"), crypto.ErrKeyUnavailable},
		{api("SomethingNew"), crypto.ErrKeyUnavailable},
		{&aws.RequestCanceledError{Err: context.Canceled}, crypto.ErrKeyUnavailable},
		{context.DeadlineExceeded, crypto.ErrKeyUnavailable},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, crypto.ErrKeyUnavailable},
		{errors.New("anything"), crypto.ErrKeyUnavailable},
	} {
		isKind(t, service.KMS(c.err), c.err, c.kind)
		isKind(t, service.KMS(operation("KMS", c.err)), c.err, c.kind)
		// Another service refused the credentials for KMS.
		isKind(t, service.KMS(operation("KMS", fmt.Errorf("get identity: %w", operation("STS", c.err)))), c.err, crypto.ErrKeyUnavailable)
	}
}

func TestDynamoDB_Kinds(t *testing.T) {
	for _, c := range []struct {
		err, kind error
	}{
		{&dynamodbtypes.ResourceNotFoundException{}, crypto.ErrNoUsableKey},
		{api("AccessDeniedException"), crypto.ErrNoUsableKey},
		{api("ValidationException"), crypto.ErrNoUsableKey},

		{&dynamodbtypes.ProvisionedThroughputExceededException{}, crypto.ErrKeyUnavailable},
		{&dynamodbtypes.RequestLimitExceeded{}, crypto.ErrKeyUnavailable},
		{&dynamodbtypes.InternalServerError{}, crypto.ErrKeyUnavailable},
		{api("ThrottlingException"), crypto.ErrKeyUnavailable},
		{api("InvalidCiphertextException"), crypto.ErrKeyUnavailable},
		{context.Canceled, crypto.ErrKeyUnavailable},
		{errors.New("anything"), crypto.ErrKeyUnavailable},
	} {
		isKind(t, service.DynamoDB(c.err), c.err, c.kind)
	}
}

func TestCallback_IsFinalUnlessItShowsAnOutage(t *testing.T) {
	for _, c := range []struct {
		err, kind error
	}{
		{errors.New("no such tenant"), crypto.ErrNoUsableKey},
		{crypto.ErrNoUsableKey, crypto.ErrNoUsableKey},
		{crypto.ErrTampered, crypto.ErrTampered},
		{crypto.ErrKeyUnavailable, crypto.ErrKeyUnavailable},
		{fmt.Errorf("look up the tenant: %w", context.DeadlineExceeded), crypto.ErrKeyUnavailable},
		{context.Canceled, crypto.ErrKeyUnavailable},
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, crypto.ErrKeyUnavailable},
		{&net.DNSError{Err: "i/o timeout", IsTimeout: true}, crypto.ErrKeyUnavailable},
		{&fs.PathError{Op: "open", Path: "tenants/7.json", Err: syscall.ENOENT}, crypto.ErrNoUsableKey},
	} {
		got := service.Callback(c.err)
		isKind(t, got, c.err, c.kind)
		if errors.Is(c.err, c.kind) && got != c.err {
			t.Errorf("%v says its kind already, and becomes %v", c.err, got)
		}
	}
}

func TestUnavailable_IsSaidOnce(t *testing.T) {
	once := service.Unavailable(errors.New("x"))
	if twice := service.Unavailable(once); twice.Error() != once.Error() {
		t.Errorf("got %q", twice)
	}
}
