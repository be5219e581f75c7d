// Package ddbec is the item format of the DynamoDB Encryption Client: what its
// Java (1.x, 2.x) and Python (1 to 3) versions write, this package reads, and
// the reverse.
//
// Use it for tables that those clients share. Make an [Encryptor] from a
// materials provider and give it to mapper.TableOf; you need not call it
// yourself:
//
//	provider, err := wrapped.NewAES(wrappingKey, signing, signing)
//	encryptor, err := ddbec.New(provider)
//	db, err := mapper.New(client, mapper.TableOf[Account]("accounts", encryptor))
//
// Values are encrypted with AES-CBC, and the item is signed as a whole. CBC
// alone does not notice changes, so nothing is decrypted before the signature
// was verified. The attribute actions must be the same on write and on read:
// they are part of what is signed. The material description is not signed, and
// nothing in it is trusted.
package ddbec

import (
	"fmt"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/providers"
)

// Names that the official clients use unless told otherwise.
const (
	// DescriptionAttribute holds the material description (B).
	DescriptionAttribute = "*amzn-ddb-map-desc*"
	// SignatureAttribute holds the item's signature (B).
	SignatureAttribute = "*amzn-ddb-map-sig*"
	// DescriptionBase begins the names of the entries that the format itself
	// makes in the material description.
	DescriptionBase = "amzn-ddb-map-"
)

const (
	entryMode      = "sym-mode"   // after the description base
	entryAlgorithm = "signingAlg" // after the description base
	modeCBC        = "/CBC/PKCS5Padding"
)

// Encryptor seals and opens items in this format. It implements
// [crypto.ItemEncryptor] and is safe for concurrent use.
type Encryptor struct {
	provider    providers.Provider
	description string // attribute name
	signature   string // attribute name
	base        string
}

var _ crypto.ItemEncryptor = (*Encryptor)(nil)

// Option configures an [Encryptor]. Options must be the same for everyone who
// shares a table.
type Option func(*Encryptor)

// WithDescriptionAttribute renames the attribute that holds the material
// description, for tables whose Java clients do.
func WithDescriptionAttribute(name string) Option {
	return func(e *Encryptor) { e.description = name }
}

// WithSignatureAttribute renames the attribute that holds the signature, for
// tables whose Java clients do.
func WithSignatureAttribute(name string) Option {
	return func(e *Encryptor) { e.signature = name }
}

// WithDescriptionBase replaces "amzn-ddb-map-" at the beginning of the names
// that the format uses in the material description, for tables whose Java
// clients set a description base.
func WithDescriptionBase(base string) Option {
	return func(e *Encryptor) { e.base = base }
}

// New returns an Encryptor that gets its keys from provider. The error, which
// wraps [crypto.ErrPolicy], is for a missing provider and names that are empty
// or the same.
func New(provider providers.Provider, options ...Option) (*Encryptor, error) {
	e := &Encryptor{provider: provider, description: DescriptionAttribute, signature: SignatureAttribute, base: DescriptionBase}
	for _, option := range options {
		option(e)
	}
	switch {
	case provider == nil:
		return nil, fmt.Errorf("ddbec: %w: no materials provider", crypto.ErrPolicy)
	case e.description == "" || e.signature == "" || e.description == e.signature:
		return nil, fmt.Errorf("ddbec: %w: description attribute %q and signature attribute %q need distinct names", crypto.ErrPolicy, e.description, e.signature)
	case e.base == "":
		return nil, fmt.Errorf("ddbec: %w: empty description base", crypto.ErrPolicy)
	}
	return e, nil
}

// String names the format and the provider's type, and nothing of its keys.
func (e *Encryptor) String() string { return fmt.Sprintf("ddbec(%T)", e.provider) }

// GoString is String.
func (e *Encryptor) GoString() string { return e.String() }

// Reserved reports whether name is one of the two attributes that the format
// adds.
func (e *Encryptor) Reserved(name string) bool { return name == e.description || name == e.signature }

// ActionOf returns what the actions say of the attribute.
func (e *Encryptor) ActionOf(actions crypto.Actions, name string) crypto.Action {
	return actions.Of(name)
}

// SignatureAttribute names the attribute that holds the signature.
func (e *Encryptor) SignatureAttribute() string { return e.signature }

// Recognizes reports whether item has one of the format's attributes. An item
// that has lost one of the two is still this format's: it fails to open,
// rather than pass for plaintext.
func (e *Encryptor) Recognizes(item crypto.Item) bool {
	_, description := item[e.description]
	_, signature := item[e.signature]
	return description || signature
}

// Check refuses actions under which items could not be sealed: keys that are
// not signed, the action [crypto.SignInContext], which this format does not
// have, and an action for one of the format's own attributes.
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
			return failure.Attribute(crypto.ErrPolicy, name, "it belongs to the item format")
		}
	}
	return nil
}

// refused returns why the format does not have an action; empty if it does.
// What is no action at all must not pass for one that leaves values readable.
func refused(action crypto.Action) string {
	switch action {
	case crypto.Encrypt, crypto.Sign, crypto.None:
		return ""
	case crypto.SignInContext:
		return `the action "sign,context" exists in the Database Encryption SDK format only; use "sign"`
	}
	return fmt.Sprintf("no such action: %v", action)
}

// own reports whether a description entry is the format's to make.
func (e *Encryptor) own(name string) bool { return strings.HasPrefix(name, e.base) }
