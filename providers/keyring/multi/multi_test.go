package multi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

var itemContext = keyring.EncryptionContext{"id": "a-1"}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func rawAES(t testing.TB, name string) keyring.Keyring {
	t.Helper()
	k, err := raw.NewAES("acme", name, keyring.NewIntermediateKey())
	check(t, err)
	return k
}

func newKeyring(t testing.TB, generator keyring.Keyring, children ...keyring.Keyring) *multi.Keyring {
	t.Helper()
	k, err := multi.New(generator, children...)
	check(t, err)
	return k
}

func sealed(t testing.TB, k keyring.Keyring) *keyring.EncryptionMaterials {
	t.Helper()
	m, err := keyring.NewEncryptionMaterials(itemContext)
	check(t, err)
	check(t, k.OnEncrypt(t.Context(), m))
	return m
}

func open(t testing.TB, k keyring.Keyring, keys []keyring.EncryptedDataKey) (*keyring.DecryptionMaterials, error) {
	t.Helper()
	m, err := keyring.NewDecryptionMaterials(itemContext)
	check(t, err)
	return m, k.OnDecrypt(t.Context(), m, keys)
}

// fake is a keyring that calls two functions.
type fake struct {
	encrypt func(context.Context, *keyring.EncryptionMaterials) error
	decrypt func(context.Context, *keyring.DecryptionMaterials, []keyring.EncryptedDataKey) error
}

func (f *fake) OnEncrypt(ctx context.Context, m *keyring.EncryptionMaterials) error {
	return f.encrypt(ctx, m)
}

func (f *fake) OnDecrypt(ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey) error {
	return f.decrypt(ctx, m, keys)
}

func (f *fake) String() string { return "a fake" }

func failing(err error) *fake {
	return &fake{
		func(context.Context, *keyring.EncryptionMaterials) error { return err },
		func(context.Context, *keyring.DecryptionMaterials, []keyring.EncryptedDataKey) error { return err },
	}
}

func TestAnItemIsSealedForEachInOrder(t *testing.T) {
	first, second, third := rawAES(t, "first"), rawAES(t, "second"), rawAES(t, "third")
	k := newKeyring(t, first, newKeyring(t, second, third))
	m := sealed(t, k)
	var names []string
	for _, key := range m.EncryptedDataKeys() {
		names = append(names, strings.SplitN(string(key.ProviderInfo), "\x00", 2)[0])
	}
	if got := strings.Join(names, " "); got != "first second third" {
		t.Errorf("it is sealed for %s", got)
	}
	for i, reader := range []keyring.Keyring{first, second, third} {
		o, err := open(t, reader, m.EncryptedDataKeys())
		check(t, err)
		if !bytes.Equal(o.DataKey(), m.DataKey()) || !bytes.Equal(o.SigningKey(), m.SigningKeys()[i]) {
			t.Errorf("keyring %d: other keys come out", i+1)
		}
	}
}

func TestTheFirstKeyringThatCanOpens(t *testing.T) {
	first, second, stranger := rawAES(t, "first"), rawAES(t, "second"), rawAES(t, "stranger")
	m := sealed(t, newKeyring(t, first, second))
	for name, c := range map[string]struct {
		keyring keyring.Keyring
		signing int
	}{
		"both":                                   {newKeyring(t, first, second), 0},
		"both, the other way around":             {newKeyring(t, second, first), 1},
		"a stranger before":                      {newKeyring(t, stranger, second), 1},
		"another key of that name before":        {newKeyring(t, rawAES(t, "first"), second), 1},
		"without a generator":                    {newKeyring(t, nil, stranger, first), 0},
		"nested":                                 {newKeyring(t, stranger, newKeyring(t, nil, second), first), 1},
		"one that says nothing and does nothing": {newKeyring(t, failing(nil), first), 0},
	} {
		o, err := open(t, c.keyring, m.EncryptedDataKeys())
		if err != nil || !bytes.Equal(o.DataKey(), m.DataKey()) || !bytes.Equal(o.SigningKey(), m.SigningKeys()[c.signing]) {
			t.Errorf("%s: other keys come out, with %v", name, err)
		}
	}
}

func TestIfNoneCanOpenTheErrorHasAllReasons(t *testing.T) {
	m := sealed(t, rawAES(t, "first"))
	down := errors.New("the service is down")
	locked := fmt.Errorf("%w: locked", crypto.ErrNoUsableKey)
	for _, c := range []struct {
		last error // of the child that follows a stranger and a wrong key
		is   []error
		not  []error
	}{
		{down, []error{down, crypto.ErrKeyUnavailable}, []error{crypto.ErrNoUsableKey, crypto.ErrTampered}},
		{fmt.Errorf("%w: %w", crypto.ErrKeyUnavailable, down), []error{down, crypto.ErrKeyUnavailable}, []error{crypto.ErrNoUsableKey, crypto.ErrTampered}},
		{context.DeadlineExceeded, []error{context.DeadlineExceeded, crypto.ErrKeyUnavailable}, []error{crypto.ErrNoUsableKey, crypto.ErrTampered}},
		{locked, []error{locked, crypto.ErrNoUsableKey, crypto.ErrTampered}, []error{crypto.ErrKeyUnavailable}},
		{crypto.ErrPolicy, []error{crypto.ErrPolicy, crypto.ErrNoUsableKey, crypto.ErrTampered}, []error{crypto.ErrKeyUnavailable}},
	} {
		k := newKeyring(t, rawAES(t, "stranger"), rawAES(t, "first"), failing(c.last), failing(nil))
		_, err := open(t, k, m.EncryptedDataKeys())
		for _, want := range c.is {
			if !errors.Is(err, want) {
				t.Errorf("got %v, which is not %v", err, want)
			}
		}
		for _, other := range c.not {
			if errors.Is(err, other) {
				t.Errorf("got %v, which is %v", err, other)
			}
		}
	}
	_, err := open(t, newKeyring(t, rawAES(t, "stranger"), failing(down), failing(nil)), m.EncryptedDataKeys())
	if !strings.HasPrefix(fmt.Sprint(err), "multi: ") || !strings.Contains(fmt.Sprint(err), "a fake did not unwrap a data key") {
		t.Errorf("got %v", err)
	}
	if _, err := open(t, newKeyring(t, failing(nil)), m.EncryptedDataKeys()); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("one that does nothing: got %v, want ErrNoUsableKey", err)
	}
}

func TestSealingFailsIfItIsNotForAll(t *testing.T) {
	down := errors.New("the service is down")
	for name, c := range map[string]struct {
		keyring keyring.Keyring
		want    error
	}{
		"without a generator":         {newKeyring(t, nil, rawAES(t, "first")), crypto.ErrPolicy},
		"the generator fails":         {newKeyring(t, failing(down), rawAES(t, "first")), down},
		"a child fails":               {newKeyring(t, rawAES(t, "first"), failing(down)), down},
		"the generator does nothing":  {newKeyring(t, failing(nil), rawAES(t, "first")), crypto.ErrNoUsableKey},
		"a child does nothing":        {newKeyring(t, rawAES(t, "first"), failing(nil)), crypto.ErrNoUsableKey},
		"a child is for opening only": {newKeyring(t, rawAES(t, "first"), newKeyring(t, nil, rawAES(t, "second"))), crypto.ErrPolicy},
	} {
		m, err := keyring.NewEncryptionMaterials(itemContext)
		check(t, err)
		if err := c.keyring.OnEncrypt(t.Context(), m); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestACanceledContextEndsTheSearch(t *testing.T) {
	m := sealed(t, rawAES(t, "first"))
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	slow := &fake{decrypt: func(context.Context, *keyring.DecryptionMaterials, []keyring.EncryptedDataKey) error {
		asked++
		cancel()
		return crypto.ErrNoUsableKey
	}}
	o, err := keyring.NewDecryptionMaterials(itemContext)
	check(t, err)
	if err := newKeyring(t, slow, slow).OnDecrypt(ctx, o, m.EncryptedDataKeys()); !errors.Is(err, context.Canceled) || !errors.Is(err, crypto.ErrKeyUnavailable) || asked != 1 {
		t.Errorf("got %v after asking %d", err, asked)
	}
}

func TestKeyringsThatMakeNoSenseAreRefused(t *testing.T) {
	k := rawAES(t, "first")
	for name, make := range map[string]func() (*multi.Keyring, error){
		"nothing":           func() (*multi.Keyring, error) { return multi.New(nil) },
		"a nil child":       func() (*multi.Keyring, error) { return multi.New(k, nil) },
		"a nil child alone": func() (*multi.Keyring, error) { return multi.New(nil, nil) },
		"a nil among them":  func() (*multi.Keyring, error) { return multi.New(k, k, nil, k) },
	} {
		if k, err := make(); k != nil || !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%s: got %v, want ErrPolicy", name, err)
		}
	}
}

func TestTheCallersSliceIsNotKept(t *testing.T) {
	first, second := rawAES(t, "first"), rawAES(t, "second")
	children := []keyring.Keyring{second}
	k := newKeyring(t, first, children...)
	children[0] = nil
	if m := sealed(t, k); len(m.EncryptedDataKeys()) != 2 {
		t.Errorf("it is sealed for %d", len(m.EncryptedDataKeys()))
	}
}

// careless is a third-party keyring that prints its key.
type careless struct{ key string }

func (careless) OnEncrypt(context.Context, *keyring.EncryptionMaterials) error { return nil }
func (careless) OnDecrypt(context.Context, *keyring.DecryptionMaterials, []keyring.EncryptedDataKey) error {
	return nil
}

func TestAKeyringThatPrintsItsKeyIsNotPrinted(t *testing.T) {
	k := newKeyring(t, &careless{"SECRET"})
	m, err := keyring.NewEncryptionMaterials(itemContext)
	check(t, err)
	if err := k.OnEncrypt(t.Context(), m); strings.Contains(fmt.Sprint(err), "SECRET") {
		t.Errorf("the error shows a key: %v", err)
	}
	if _, err := open(t, k, nil); strings.Contains(fmt.Sprint(err), "SECRET") {
		t.Errorf("the error shows a key: %v", err)
	}
}
