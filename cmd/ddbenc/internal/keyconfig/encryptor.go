package keyconfig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
)

// encryptor configures an item format and its keys. It has the fields of both
// formats; those of the other format must be missing.
type encryptor struct {
	Format string `json:"format"`

	// dbesdk
	Keyring        json.RawMessage `json:"keyring"`
	Suite          string          `json:"suite"`
	Unsigned       []string        `json:"unsigned"`
	UnsignedPrefix string          `json:"unsignedPrefix"`
	MaxDataKeys    *int            `json:"maxDataKeys"`

	// ddbec
	Provider             json.RawMessage `json:"provider"`
	DescriptionAttribute string          `json:"descriptionAttribute"`
	SignatureAttribute   string          `json:"signatureAttribute"`
	DescriptionBase      string          `json:"descriptionBase"`
}

// maker creates encryptors from the contents of a file.
type maker struct {
	file    *File
	connect Connect
}

func (m *maker) encryptor(ctx context.Context, e encryptor, where string) (crypto.ItemEncryptor, error) {
	switch e.Format {
	case "dbesdk":
		return m.dbesdk(ctx, e, where)
	case "ddbec":
		return m.ddbec(ctx, e, where)
	case "":
		return nil, fmt.Errorf("%s.format: missing (known: dbesdk, ddbec)", where)
	}
	return nil, fmt.Errorf("%s.format: unknown item format (known: dbesdk, ddbec)", where)
}

var suites = map[string]dbesdk.Suite{"": dbesdk.SuiteECDSA, "ecdsa": dbesdk.SuiteECDSA, "hmac": dbesdk.SuiteHMAC}

func (m *maker) dbesdk(ctx context.Context, e encryptor, where string) (crypto.ItemEncryptor, error) {
	if e.Provider != nil || e.DescriptionAttribute != "" || e.SignatureAttribute != "" || e.DescriptionBase != "" {
		return nil, fmt.Errorf("%s: provider, descriptionAttribute, signatureAttribute and descriptionBase belong to "+
			"the format ddbec", where)
	}
	suite, ok := suites[e.Suite]
	if !ok {
		return nil, fmt.Errorf("%s.suite: unknown algorithm suite (known: ecdsa, hmac)", where)
	}
	options := []dbesdk.Option{dbesdk.WithSuite(suite), dbesdk.WithUnsigned(e.Unsigned...),
		dbesdk.WithUnsignedPrefix(e.UnsignedPrefix)}
	if e.MaxDataKeys != nil {
		options = append(options, dbesdk.WithMaxDataKeys(*e.MaxDataKeys))
	}
	keys, err := m.keyring(ctx, e.Keyring, join(where, "keyring"))
	if err != nil {
		return nil, err
	}
	made, err := dbesdk.New(keys, options...)
	if err != nil { // a nil *Encryptor is not a nil ItemEncryptor
		return nil, at(where, err)
	}
	return made, nil
}

func (m *maker) ddbec(ctx context.Context, e encryptor, where string) (crypto.ItemEncryptor, error) {
	if e.Keyring != nil || e.Suite != "" || e.Unsigned != nil || e.UnsignedPrefix != "" || e.MaxDataKeys != nil {
		return nil, fmt.Errorf("%s: keyring, suite, unsigned, unsignedPrefix and maxDataKeys belong to the format dbesdk",
			where)
	}
	var options []ddbec.Option
	for _, o := range []struct {
		name string
		with func(string) ddbec.Option
	}{
		{e.DescriptionAttribute, ddbec.WithDescriptionAttribute},
		{e.SignatureAttribute, ddbec.WithSignatureAttribute},
		{e.DescriptionBase, ddbec.WithDescriptionBase},
	} {
		if o.name != "" {
			options = append(options, o.with(o.name))
		}
	}
	provider, err := m.provider(ctx, e.Provider, join(where, "provider"))
	if err != nil {
		return nil, err
	}
	made, err := ddbec.New(provider, options...)
	if err != nil {
		return nil, at(where, err)
	}
	return made, nil
}

var errMissing = errors.New("missing")

// ofKind returns the element of known that the field "kind" of an object names.
func ofKind[T any](what string, known map[string]T, data json.RawMessage, where string) (T, error) {
	var none T
	if data == nil {
		return none, at(where, errMissing)
	}
	var of struct {
		Kind string `json:"kind"`
	}
	if err := unmarshal(data, &of); err != nil {
		return none, at(where, wordless(err))
	}
	if of.Kind == "" {
		return none, at(join(where, "kind"), errMissing)
	}
	return oneOf(what, known, of.Kind, join(where, "kind"))
}

// oneOf returns the element of known that a field names.
func oneOf[T any](what string, known map[string]T, name, where string) (T, error) {
	named, ok := known[name]
	if !ok {
		return named, fmt.Errorf("%s: unknown %s (known: %s)", where, what,
			strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	}
	return named, nil
}
