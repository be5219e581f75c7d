// Package service gives the errors of AWS KMS, DynamoDB and an application's
// own callbacks their kinds: whether the answer about a key is final, or there
// was no answer.
package service

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
)

// answers are the error codes with which a service says something about the
// key or record that was asked for, which asking again does not change. Every
// other error says nothing about it: throttling, internal errors, missing or
// expired credentials, codes that are not known.
type answers map[string]error

var kmsAnswers = answers{
	// The ciphertext was changed, or the encryption context is another one.
	"InvalidCiphertextException": crypto.ErrTampered,

	"AccessDeniedException":      crypto.ErrNoUsableKey,
	"DisabledException":          crypto.ErrNoUsableKey,
	"IncorrectKeyException":      crypto.ErrNoUsableKey,
	"InvalidArnException":        crypto.ErrNoUsableKey,
	"InvalidGrantTokenException": crypto.ErrNoUsableKey,
	"InvalidKeyUsageException":   crypto.ErrNoUsableKey,
	"KMSInvalidStateException":   crypto.ErrNoUsableKey,
	"NotFoundException":          crypto.ErrNoUsableKey,
	// Whoever writes to the table can cause a malformed request, so it must not
	// pass for an outage.
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

// DynamoDB returns an error of DynamoDB, as the store of keys, with its kind:
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

// ofAnotherService reports whether an operation failed because one of another
// service did: AWS STS denies credentials, for example, which is no answer of
// KMS.
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
// It is [crypto.ErrNoUsableKey], because an item that was changed also fails
// there, unless the error shows an outage: it wraps [crypto.ErrKeyUnavailable]
// already, a context ended, or the network failed.
func Callback(err error) error {
	switch {
	case errors.Is(err, crypto.ErrKeyUnavailable), errors.Is(err, context.Canceled), ofNetwork(err):
		return Unavailable(err)
	case errors.Is(err, crypto.ErrNoUsableKey), errors.Is(err, crypto.ErrTampered):
		return err
	}
	return fmt.Errorf("%w: %w", crypto.ErrNoUsableKey, err)
}

// ofNetwork reports whether a connection failed or something took too long. A
// [net.Error] alone does not show that: a missing file's error is one too.
func ofNetwork(err error) bool {
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
