// Package oneline joins errors as package errors does, in one line.
package oneline

import (
	"fmt"
	"strings"
)

// Join returns an error that wraps all of errs, of which there is at least one.
// Its text is theirs, with semicolons between them.
func Join(errs ...error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	args := make([]any, len(errs))
	for i, err := range errs {
		args[i] = err
	}
	return fmt.Errorf(strings.Repeat("%w; ", len(errs)-1)+"%w", args...)
}
