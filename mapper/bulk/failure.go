package bulk

import (
	"context"
	"errors"

	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// Failure describes an item that could not be processed. The item is unchanged.
type Failure struct {
	// Table is the table as the caller named it.
	Table string
	// Key holds the item's key attributes, which are not verified.
	Key crypto.Item
	// Reason classifies Err.
	Reason Reason
	// Err is the cause. It contains no plaintext, unless DynamoDB refused the
	// item: its messages may quote values that are not encrypted.
	Err error
}

// Reason classifies why an item could not be processed.
type Reason string

const (
	// DoesNotVerify is for [crypto.ErrTampered].
	DoesNotVerify Reason = "does-not-verify"
	// NotProtected is for [crypto.ErrNotProtected].
	NotProtected Reason = "not-protected"
	// NoUsableKey is for [crypto.ErrNoUsableKey].
	NoUsableKey Reason = "no-usable-key"
	// Invalid is for an item that cannot be sealed ([crypto.ErrInvalidItem]),
	// or lacks its key.
	Invalid Reason = "invalid"
	// KeptChanging is for [mapper.ErrConflict]. A later run may succeed.
	KeptChanging Reason = "kept-changing"
	// Refused is for an item that DynamoDB refused, usually because sealing
	// made it larger than 400 KB.
	Refused Reason = "refused"
)

// reasons lists the errors about an item. The first that matches counts.
var reasons = []struct {
	err    error
	reason Reason
}{
	{crypto.ErrTampered, DoesNotVerify},
	{crypto.ErrNotProtected, NotProtected},
	{crypto.ErrNoUsableKey, NoUsableKey},
	{crypto.ErrInvalidItem, Invalid},
	{crypto.ErrInvalidKey, Invalid},
	{mapper.ErrConflict, KeptChanging},
}

// reasonOf returns the reason for an error, or "" for an error that is not about
// an item.
func reasonOf(err error) Reason {
	if errors.Is(err, crypto.ErrKeyUnavailable) || errors.Is(err, mapper.ErrCarriedOut) {
		return "" // takes precedence over errors about the item
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.reason
		}
	}
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationException" {
		return Refused
	}
	return ""
}

// throttled reports whether a service asked to slow down.
func throttled(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "ThrottledException", "RequestLimitExceeded",
		"RequestThrottled", "RequestThrottledException", "TooManyRequestsException", "SlowDown":
		return true
	}
	return false
}

// temporary reports whether a request should be repeated, because a service was
// busy or could not be reached, or because the reply was lost.
func temporary(err error) bool {
	switch {
	case reasonOf(err) != "", errors.Is(err, context.Canceled), errors.Is(err, crypto.ErrUnsupported),
		errors.Is(err, crypto.ErrPolicy), errors.Is(err, mapper.ErrNotDeclared), errors.Is(err, ErrCheckpoint),
		errors.Is(err, ErrTakenOver):
		return false
	case errors.Is(err, mapper.ErrOutcomeUnknown), errors.Is(err, mapper.ErrCarriedOut),
		errors.Is(err, crypto.ErrKeyUnavailable), throttled(err):
		return true
	}
	var api smithy.APIError
	return !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer
}
