package keystore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

func TestStore_SaysWhetherAFailureIsFinal(t *testing.T) {
	var table error
	w := newWorld(t, mappertest.WithFault(func(context.Context, string, any) error { return table }))
	id := w.create(t)
	version := w.active(t, id).Version
	for what, c := range map[string]struct{ table, kms, kind error }{
		"the table is throttled": {&types.ProvisionedThroughputExceededException{}, nil, crypto.ErrKeyUnavailable},
		"the table is broken":    {&types.InternalServerError{}, nil, crypto.ErrKeyUnavailable},
		"the table is cut off":   {context.DeadlineExceeded, nil, crypto.ErrKeyUnavailable},
		"the table is denied":    {&smithy.GenericAPIError{Code: "AccessDeniedException"}, nil, crypto.ErrNoUsableKey},
		"the table is gone":      {&types.ResourceNotFoundException{}, nil, crypto.ErrNoUsableKey},
		"KMS is broken":          {nil, &kmstypes.KMSInternalException{}, crypto.ErrKeyUnavailable},
		"KMS is cut off":         {nil, context.Canceled, crypto.ErrKeyUnavailable},
		"the KMS key is pending": {nil, &kmstypes.KMSInvalidStateException{}, crypto.ErrNoUsableKey},
		"the wrapped key is bad": {nil, &kmstypes.InvalidCiphertextException{}, crypto.ErrTampered},
	} {
		table = c.table
		w.kms.Fail(c.kms)
		_, created := w.Create(t.Context(), "tenant-1", map[string]string{"tenant": "1"})
		tried := w.reads(t, id, version)
		tried["rotate"] = func() error { return w.Rotate(t.Context(), id) }
		for name, try := range tried {
			err := try()
			refused(t, what+", "+name, err, c.kind, id)
			if cause := errors.Join(c.table, c.kms); cause != nil && !errors.Is(err, c.table) && !errors.Is(err, c.kms) {
				t.Errorf("%s, %s: the cause is lost: %v", what, name, err)
			}
		}
		if !errors.Is(created, c.kind) {
			t.Errorf("%s, create: got %v, want %v", what, created, c.kind)
		}
	}
}
