// Package ddbec implements the item format of the DynamoDB Encryption Client. It
// reads items that the client's Java (1.x, 2.x) and Python (1 to 3) versions
// write, and they read items that it writes.
//
// Use it for tables that you share with those clients, and crypto/dbesdk for new
// tables. Create an [Encryptor] from a materials provider and pass it to
// mapper.TableOf. You do not need to call its methods yourself:
//
//	provider, err := wrapped.NewAES(wrappingKey, signing, signing)
//	encryptor, err := ddbec.New(provider)
//	db, err := mapper.New(client, mapper.TableOf[Account]("accounts", encryptor))
//
// Values are encrypted with AES-CBC, and the item is signed as a whole. CBC does
// not detect changes, so nothing is decrypted until the signature is verified.
// The signature covers the attribute actions, so they must be the same when an
// item is written and when it is read. The material description is not signed,
// and nothing in it is trusted.
package ddbec

import (
	"fmt"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/providers"
)

// The default names of the attributes that the format adds to an item. Both are
// binary (B).
const (
	// DescriptionAttribute holds the material description.
	DescriptionAttribute = "*amzn-ddb-map-desc*"
	// SignatureAttribute holds the item's signature.
	SignatureAttribute = "*amzn-ddb-map-sig*"
)

// defaultBase begins the names of the entries that the format itself adds to the
// material description.
const defaultBase = "amzn-ddb-map-"

const (
	entryMode      = "sym-mode"   // after the description base
	entryAlgorithm = "signingAlg" // after the description base
	modeCBC        = "/CBC/PKCS5Padding"
)

// Encryptor seals and opens items in this format. It implements
// [crypto.ItemEncryptor] and is safe for concurrent use.
type Encryptor struct {
	config
	provider providers.Provider
}

var _ crypto.ItemEncryptor = (*Encryptor)(nil)

// New returns an Encryptor that gets its keys from provider. The error wraps
// [crypto.ErrPolicy]. New fails if there is no provider or an option is invalid:
// names must not be empty, and the two attributes need distinct names.
func New(provider providers.Provider, options ...Option) (*Encryptor, error) {
	c, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	if provider == nil {
		return nil, fmt.Errorf("ddbec: %w: no materials provider", crypto.ErrPolicy)
	}
	return &Encryptor{config: c, provider: provider}, nil
}

// String returns the name of the format and the provider's type. It reveals
// nothing about the keys.
func (e *Encryptor) String() string { return fmt.Sprintf("ddbec(%T)", e.provider) }

// GoString returns the same as String, so that %#v does not print keys.
func (e *Encryptor) GoString() string { return e.String() }

// Reserved reports whether name is one of the two attributes that the format
// adds.
func (e *Encryptor) Reserved(name string) bool { return e.reserved(name) }

// ActionOf returns the action that actions has for the attribute.
func (e *Encryptor) ActionOf(actions crypto.Actions, name string) crypto.Action {
	return actions.Of(name)
}

// SignatureAttribute returns the name of the attribute that holds the signature.
func (e *Encryptor) SignatureAttribute() string { return e.signature }

// Recognizes reports whether item has one of the format's attributes. An item
// that has lost one of the two still belongs to this format: it fails to open
// instead of passing for plaintext.
func (e *Encryptor) Recognizes(item crypto.Item) bool { return e.recognizes(item) }

// Check returns an error for actions under which items could not be sealed. Keys
// must be signed, and the format's own attributes have no action. The format
// does not support [crypto.SignInContext].
func (e *Encryptor) Check(table crypto.TableInfo, actions crypto.Actions) error {
	if err := e.check(table, actions); err != nil {
		return failure.At("check", table, err)
	}
	return nil
}

func (e *Encryptor) check(table crypto.TableInfo, actions crypto.Actions) error {
	if table.Name == "" || table.PartitionKey == "" {
		return fmt.Errorf("%w: the table needs a name and a partition key", crypto.ErrPolicy)
	}
	for _, name := range table.KeyNames() {
		if action := actions.Of(name); action == crypto.Encrypt || action == crypto.None {
			return failure.Attribute(crypto.ErrPolicy, name, "keys must be signed and readable, not %q", action)
		}
	}
	if why := refused(actions.Default); why != "" {
		return fmt.Errorf("%w: %s", crypto.ErrPolicy, why)
	}
	for name, action := range actions.Attributes {
		if why := refused(action); why != "" {
			return failure.Attribute(crypto.ErrPolicy, name, "%s", why)
		}
		if e.Reserved(name) {
			return failure.Attribute(crypto.ErrPolicy, name, "the attribute name is reserved by the item format")
		}
	}
	return nil
}

// refused returns why the format does not support an action, or an empty string
// if it does. An unknown action must not be mistaken for one that leaves values
// readable.
func refused(action crypto.Action) string {
	switch action {
	case crypto.Encrypt, crypto.Sign, crypto.None:
		return ""
	case crypto.SignInContext:
		return `the action "sign,context" exists in the Database Encryption SDK format only; use "sign"`
	}
	return fmt.Sprintf("unknown action: %v", action)
}

// own reports whether a description entry is one that the format itself adds.
func (e *Encryptor) own(name string) bool { return strings.HasPrefix(name, e.base) }
