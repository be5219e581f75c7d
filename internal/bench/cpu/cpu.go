//go:build unix

// Package cpu measures operations by the CPU time that they take, which other
// programs on the machine disturb less than the time that passes.
package cpu

import (
	"fmt"
	"syscall"
	"time"
)

// Budget is how long to measure, in seconds of CPU time. Its JSON is a part of
// the requests to the programs that measure other clients.
type Budget struct {
	WarmUp  float64 `json:"warmUp"`
	Seconds float64 `json:"seconds"`
}

// Taken is how long a number of operations took. Its JSON is a part of the
// programs' responses.
type Taken struct {
	Operations  int64
	Nanoseconds int64
}

// Each returns the time of one operation in nanoseconds.
func (t Taken) Each() float64 { return float64(t.Nanoseconds) / float64(t.Operations) }

// Measure repeats an operation, first without measuring it.
func Measure(b Budget, operation func() error) (Taken, error) {
	if _, err := repeat(b.WarmUp, operation); err != nil {
		return Taken{}, err
	}
	return repeat(b.Seconds, operation)
}

func repeat(seconds float64, operation func() error) (Taken, error) {
	start, err := used()
	if err != nil {
		return Taken{}, err
	}
	for n := int64(1); ; n++ {
		if err := operation(); err != nil {
			return Taken{}, err
		}
		now, err := used()
		if err != nil {
			return Taken{}, err
		}
		if taken := now - start; taken.Seconds() >= seconds {
			return Taken{n, taken.Nanoseconds()}, nil
		}
	}
}

// used returns the CPU time of all threads of the process so far, those of the
// garbage collector included.
func used() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("reading the CPU time of the process: %w", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
