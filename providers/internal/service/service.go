// Package service adds kinds to the errors of AWS KMS, DynamoDB and callbacks of
// the application. The kind says whether the answer about a key is final or
// there was no answer.
package service

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
)

// answers has the kinds of the error codes that are final answers about the
// requested key or record. Other errors say nothing about it: throttling,
// internal errors, missing or expired credentials, unknown codes.
type answers map[string]error

var kmsAnswers = answers{
	// The ciphertext was changed, or the encryption context differs.
	"InvalidCiphertextException": crypto.ErrTampered,

	"AccessDeniedException":      crypto.ErrNoUsableKey,
	"DisabledException":          crypto.ErrNoUsableKey,
	"IncorrectKeyException":      crypto.ErrNoUsableKey,
	"InvalidArnException":        crypto.ErrNoUsableKey,
	"InvalidGrantTokenException": crypto.ErrNoUsableKey,
	"InvalidKeyUsageException":   crypto.ErrNoUsableKey,
	"KMSInvalidStateException":   crypto.ErrNoUsableKey,
	"NotFoundException":          crypto.ErrNoUsableKey,
	// Anyone who can write to the table can cause a malformed request, so it must
	// not look like an outage.
	"UnsupportedOperationException": crypto.ErrNoUsableKey,
	"ValidationException":           crypto.ErrNoUsableKey,
}

var dynamoDBAnswers = answers{
	"AccessDeniedException":     crypto.ErrNoUsableKey,
	"ResourceNotFoundException": crypto.ErrNoUsableKey,
	// An ID that is too long for a key attribute, for example.
	"ValidationException": crypto.ErrNoUsableKey,
}

// KMS returns an error of AWS KMS with its kind: [crypto.ErrTampered],
// [crypto.ErrNoUsableKey] or [crypto.ErrKeyUnavailable].
func KMS(err error) error { return kmsAnswers.of(err) }

// DynamoDB returns an error of DynamoDB with its kind for a store of keys:
// [crypto.ErrNoUsableKey] or [crypto.ErrKeyUnavailable].
func DynamoDB(err error) error { return dynamoDBAnswers.of(err) }

func (a answers) of(err error) error {
	if answer, ok := errors.AsType[smithy.APIError](err); ok && !ofAnotherService(err) {
		if kind, final := a[answer.ErrorCode()]; final {
			return fmt.Errorf("%w: %w", kind, err)
		}
	}
	return Unavailable(err)
}

// ofAnotherService reports whether an operation failed because an operation of
// another service failed. If AWS STS denies credentials, for example, KMS has
// given no answer.
func ofAnotherService(err error) bool {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return false
	}
	_, nested := errors.AsType[*smithy.OperationError](operation.Err)
	return nested
}

// Unavailable returns err as one that wraps [crypto.ErrKeyUnavailable].
func Unavailable(err error) error {
	if errors.Is(err, crypto.ErrKeyUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", crypto.ErrKeyUnavailable, err)
}

// Callback returns an error of code that chooses or uses a key for an item,
// such as a branch key supplier or a hardware security module, with its kind.
// The kind is [crypto.ErrNoUsableKey], since changed items also fail there,
// unless the error shows an outage: it already wraps [crypto.ErrKeyUnavailable],
// a context ended, or the network failed.
func Callback(err error) error {
	switch {
	case errors.Is(err, crypto.ErrKeyUnavailable), errors.Is(err, context.Canceled), ofNetwork(err):
		return Unavailable(err)
	case errors.Is(err, crypto.ErrNoUsableKey), errors.Is(err, crypto.ErrTampered):
		return err
	}
	return fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
}

// ofNetwork reports whether a connection failed or timed out. A [net.Error] alone
// does not show that: the error for a missing file is one too.
func ofNetwork(err error) bool {
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
