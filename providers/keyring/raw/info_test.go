package raw

import (
	"bytes"
	"testing"
)

// This test is in the package because parseInfo is not exported.
func FuzzParseInfo(f *testing.F) {
	info, err := marshalInfo("2026-11", make([]byte, nonceSize))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(info, "2026-11")
	f.Add(info, "2026-1")
	f.Add([]byte{}, "")
	f.Fuzz(func(t *testing.T, info []byte, name string) {
		nonce, ok := parseInfo(info, name)
		if !ok {
			if nonce != nil {
				t.Fatal("a nonce is returned along with a failure")
			}
			return
		}
		if again, err := marshalInfo(name, nonce); err != nil || !bytes.Equal(again, info) || len(nonce) != nonceSize {
			t.Fatalf("%x becomes %x, %v", info, again, err)
		}
	})
}
