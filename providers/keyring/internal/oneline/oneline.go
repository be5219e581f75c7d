// Package oneline joins the failures of several keys or keyrings into one error.
package oneline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// Join returns an error with the texts of errs, separated by semicolons. There
// must be at least one. It wraps all of them, unless some wrap
// [crypto.ErrKeyUnavailable]. In that case it wraps only those, since a key that
// could not be reached might have been the right one.
func Join(errs ...error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	var unavailable bool
	for _, err := range errs {
		unavailable = unavailable || errors.Is(err, crypto.ErrKeyUnavailable)
	}
	verbs, args := make([]string, len(errs)), make([]any, len(errs))
	for i, err := range errs {
		verbs[i], args[i] = "%w", err
		if unavailable && !errors.Is(err, crypto.ErrKeyUnavailable) {
			verbs[i] = "%v"
		}
	}
	return fmt.Errorf(strings.Join(verbs, "; "), args...)
}
