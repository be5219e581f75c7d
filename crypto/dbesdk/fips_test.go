package dbesdk_test

import (
	"bytes"
	"crypto/fips140"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
)

// The test runs itself again in the mode that the format cannot work in.
func TestNew_SaysWhyItCannotWorkInFIPSOnlyMode(t *testing.T) {
	if fips140.Enforced() {
		if e, err := dbesdk.New(&multi.Keyring{}); e != nil || !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("got %v, want ErrPolicy", err)
		}
		return
	}
	again := exec.Command(os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
	again.Env = append(os.Environ(), "GODEBUG=fips140=only")
	if out, err := again.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Errorf("%v: %s", err, out)
	}
}
