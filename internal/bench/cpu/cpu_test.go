//go:build unix

package cpu_test

import (
	"errors"
	"testing"

	"github.com/ddbenc/ddbenc/internal/bench/cpu"
)

func TestMeasure_CountsOperationsAfterTheWarmUp(t *testing.T) {
	called := int64(0)
	work := func() error {
		called++
		for i, x := 0, 1; i < 1e6; i++ {
			x += x * i
		}
		return nil
	}
	taken, err := cpu.Measure(cpu.Budget{WarmUp: 0.02, Seconds: 0.05}, work)
	if err != nil {
		t.Fatal(err)
	}
	if taken.Operations < 1 || taken.Operations >= called {
		t.Errorf("measured %d operations of %d", taken.Operations, called)
	}
	if taken.Nanoseconds < 5e7 || taken.Each() <= 0 {
		t.Errorf("measured %+v, want at least 50 ms", taken)
	}
}

func TestMeasure_ReturnsTheErrorOfTheOperation(t *testing.T) {
	broken := errors.New("broken")
	if _, err := cpu.Measure(cpu.Budget{Seconds: 1}, func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
