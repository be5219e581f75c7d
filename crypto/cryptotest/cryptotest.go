// Package cryptotest tests implementations of [crypto.ItemEncryptor], as
// testing/fstest does for file systems.
//
//	func TestEncryptor_Conforms(t *testing.T) {
//		cryptotest.Run(t, newEncryptor(t))
//	}
package cryptotest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
)

// Option describes the encryptor that [Run] tests.
type Option func(*config)

type config struct{ subject itemtest.Subject }

// WithUnsigned names the format's own attributes that the signature does not
// cover. Changing one of them may make opening fail, and must not open anything
// else than was sealed. By default all of them are covered.
func WithUnsigned(names ...string) Option {
	return func(c *config) { c.subject.Unsigned = append(c.subject.Unsigned, names...) }
}

// WithSignInContext also tests the action [crypto.SignInContext], for formats
// that have it.
func WithSignInContext() Option {
	return func(c *config) { c.subject.InContext = true }
}

// WithSlowOpening changes some of the bytes of binary values instead of all,
// for encryptors that take long to open an item.
func WithSlowOpening() Option {
	return func(c *config) { c.subject.Slow = true }
}

// Run tests, in parallel subtests of t, that an encryptor notices every change
// to a sealed item, seals every type of value, neither changes nor shares what
// it is given, opens items as DynamoDB normalizes them, rejects plaintext and
// invalid names, is safe for concurrent use and returns errors of the right
// kind. It opens several thousand items of a table "accounts" with the
// partition key "id", a string, and the sort key "opened", a number.
func Run(t *testing.T, e crypto.ItemEncryptor, options ...Option) {
	t.Helper()
	c := config{itemtest.Subject{Encryptor: e, Refused: refused}}
	for _, option := range options {
		option(&c)
	}
	t.Run("DescribesItself", func(t *testing.T) { testDescription(t, e) })
	itemtest.Run(t, c.subject)
}

// refused returns what is wrong with the error for a changed item. Package
// itemtest has checked that it does not wrap [crypto.ErrKeyUnavailable].
func refused(_ itemtest.Change, err error) error {
	for _, kind := range []error{crypto.ErrTampered, crypto.ErrNoUsableKey, crypto.ErrNotProtected} {
		if errors.Is(err, kind) {
			return nil
		}
	}
	return fmt.Errorf("it wraps none of ErrTampered, ErrNoUsableKey and ErrNotProtected")
}

// testDescription tests the methods that answer without a key.
func testDescription(t *testing.T, e crypto.ItemEncryptor) {
	table, actions, item := itemtest.Table(), itemtest.Actions(), itemtest.Account()
	if err := e.Check(table, actions); err != nil {
		t.Fatalf("Check: %v", err)
	}
	sealed, err := e.EncryptItem(t.Context(), table, actions, item)
	if err != nil {
		t.Fatalf("EncryptItem: %v", err)
	}
	if !e.Recognizes(sealed) || e.Recognizes(item) || e.Recognizes(crypto.Item{}) {
		t.Error("Recognizes does not tell sealed items from others")
	}
	if signature := e.SignatureAttribute(); sealed[signature] == nil || !e.Reserved(signature) {
		t.Errorf("SignatureAttribute returns %q, which sealed items lack, or which is not Reserved", signature)
	}
	for name := range sealed {
		if _, own := item[name]; own == e.Reserved(name) {
			t.Errorf("Reserved(%q) is %t", name, e.Reserved(name))
		}
	}
	for name, before := range item {
		action := e.ActionOf(actions, name)
		if changed := !reflect.DeepEqual(sealed[name], before); changed != (action == crypto.Encrypt) {
			t.Errorf("ActionOf(%q) is %q, and sealing changes the attribute: %t", name, action, changed)
		}
	}
	again, err := e.EncryptItem(t.Context(), table, actions, item)
	if err != nil {
		t.Fatalf("EncryptItem: %v", err)
	}
	if reflect.DeepEqual(sealed[e.SignatureAttribute()], again[e.SignatureAttribute()]) {
		t.Error("an item that is sealed twice has the same signature: conditional writes could not tell them apart")
	}
}
