// Package virtualtime runs tests in which time passes only while all goroutines
// wait.
package virtualtime

import (
	"crypto/fips140"
	"testing"
	"testing/synctest"
)

// Test is [synctest.Test] for tests that need random bytes. It skips them in
// FIPS 140-3 mode, as [Skip] says.
func Test(t *testing.T, test func(*testing.T)) {
	t.Helper()
	Skip(t)
	synctest.Test(t, test)
}

// Skip skips a test in FIPS 140-3 mode if it needs random bytes while time is
// virtual. The entropy source of that mode measures how long the processor takes,
// finds no noise in a clock that stands still, and panics. The CI run has all
// tests in the other mode, too.
func Skip(t testing.TB) {
	t.Helper()
	if fips140.Enabled() {
		t.Skip("the entropy source of FIPS 140-3 mode needs a clock that runs; the test runs in the other mode")
	}
}
