// Package dbesdk is the item format of the AWS Database Encryption SDK for
// DynamoDB: what its Java (from version 3), .NET and Rust clients write, this
// package reads, and the reverse. It is the format to choose for a new table.
//
// Make an [Encryptor] from a keyring and give it to mapper.TableOf; you need
// not call it yourself:
//
//	keys, err := hierarchical.New(store, hierarchical.BranchKey(id), 10*time.Minute)
//	encryptor, err := dbesdk.New(keys)
//	defer encryptor.Close()
//	db, err := mapper.New(client, mapper.TableOf[Account]("accounts", encryptor))
//
// Values are encrypted with AES-256-GCM, each under a key of its own; the item
// as a whole commits to its data key and is authenticated for every key that
// may open it and, unless told otherwise, signed with ECDSA P-384.
//
// # Changing the actions of attributes
//
// An item says itself which of its signed attributes are encrypted, so an
// attribute may move between "encrypt", "sign" and "sign,context" at any time:
// items are written the new way and read either way.
//
// Which attributes are signed at all is not in the item. It follows from the
// tags, so an attribute that was once "none" must stay that: otherwise no item
// that has it opens any more, with an error that says so. Name such attributes
// in [WithUnsigned], which makes a later change of the tag an error when the
// table is declared.
package dbesdk

import (
	"crypto/fips140"
	"fmt"
	"runtime"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/failure"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// The attributes that the format adds to an item.
const (
	// HeadAttribute holds the header: how the item was sealed (B).
	HeadAttribute = "aws_dbe_head"
	// FootAttribute holds what authenticates the item (B).
	FootAttribute = "aws_dbe_foot"
	// ReservedPrefix begins the names that the format keeps for itself.
	ReservedPrefix = "aws_dbe_"
)

// defaultMaxDataKeys is how many encrypted data keys an item may have unless
// told otherwise. A keyring may ask KMS about each.
const defaultMaxDataKeys = 20

// Encryptor seals and opens items in this format. It implements
// [crypto.ItemEncryptor] and is safe for concurrent use.
type Encryptor struct {
	keyring        keyring.Keyring
	suite          Suite
	unsigned       map[string]bool
	unsignedPrefix string
	maxDataKeys    int
	pairs          *pairs
}

var _ crypto.ItemEncryptor = (*Encryptor)(nil)

// Option configures an [Encryptor].
type Option func(*Encryptor)

// WithSuite chooses the algorithm suite to seal items with; both are read. The
// default is [SuiteECDSA].
func WithSuite(suite Suite) Option {
	return func(e *Encryptor) { e.suite = suite }
}

// WithUnsigned names attributes that are, or once were, not signed: those with
// the action "none". They are treated as "none" even if no tag names them any
// more, and a tag that gives one another action is refused when the table is
// declared, because items that have it could not be opened again.
func WithUnsigned(names ...string) Option {
	return func(e *Encryptor) {
		for _, name := range names {
			e.unsigned[name] = true
		}
	}
}

// WithUnsignedPrefix leaves every attribute unsigned whose name begins with
// prefix, as if each were named in [WithUnsigned], so that attributes can be
// added that are not to be protected. The official clients call it the allowed
// unsigned attribute prefix; it must be the same for all who share a table.
func WithUnsignedPrefix(prefix string) Option {
	return func(e *Encryptor) { e.unsignedPrefix = prefix }
}

// WithMaxDataKeys sets how many encrypted data keys an item may have, at most
// 255, on write and on read. The default is 20: a header that names more asks
// for more calls to KMS than somebody who can write to a table should be able
// to cause.
func WithMaxDataKeys(n int) Option {
	return func(e *Encryptor) { e.maxDataKeys = n }
}

// New returns an Encryptor that gets its data keys from a keyring. The error,
// which wraps [crypto.ErrPolicy], is for a missing keyring, options that make
// no sense, and GODEBUG=fips140=only, under which the format cannot work.
//
// Close it when it is not needed any more.
func New(keys keyring.Keyring, options ...Option) (*Encryptor, error) {
	e := &Encryptor{keyring: keys, suite: SuiteECDSA, unsigned: make(map[string]bool), maxDataKeys: defaultMaxDataKeys, pairs: newPairs()}
	for _, option := range options {
		option(e)
	}
	switch {
	case fips140.Enforced():
		return nil, fmt.Errorf("dbesdk: %w: the format derives the nonces of AES-GCM, "+
			"which GODEBUG=fips140=only forbids; fips140=on does not", crypto.ErrPolicy)
	case keys == nil:
		return nil, fmt.Errorf("dbesdk: %w: no keyring", crypto.ErrPolicy)
	case e.suite != SuiteECDSA && e.suite != SuiteHMAC:
		return nil, fmt.Errorf("dbesdk: %w: unknown algorithm suite %v", crypto.ErrPolicy, e.suite)
	case e.maxDataKeys < 1 || e.maxDataKeys > 255:
		return nil, fmt.Errorf("dbesdk: %w: an item has 1 to 255 encrypted data keys, not %d", crypto.ErrPolicy, e.maxDataKeys)
	}
	runtime.AddCleanup(e, (*pairs).close, e.pairs)
	return e, nil
}

// Close stops making key pairs ahead of need. The Encryptor remains usable, but
// slower.
func (e *Encryptor) Close() error {
	e.pairs.close()
	return nil
}

// String names the format and the keyring's type, and nothing of its keys.
func (e *Encryptor) String() string { return fmt.Sprintf("dbesdk(%T)", e.keyring) }

// GoString is String.
func (e *Encryptor) GoString() string { return e.String() }

// Reserved reports whether name begins with [ReservedPrefix].
func (e *Encryptor) Reserved(name string) bool { return strings.HasPrefix(name, ReservedPrefix) }

// SignatureAttribute returns [FootAttribute], which no two sealings of an item
// share.
func (e *Encryptor) SignatureAttribute() string { return FootAttribute }

// Recognizes reports whether item has one of the format's attributes. An item
// that has lost one of the two is still this format's: it fails to open,
// rather than pass for plaintext.
func (e *Encryptor) Recognizes(item crypto.Item) bool { return recognizes(item) }

func recognizes(item crypto.Item) bool {
	_, head := item[HeadAttribute]
	_, foot := item[FootAttribute]
	return head || foot
}

// ActionOf returns what is done with an attribute under the given actions:
// what they say of it by name, or else, if [WithUnsigned] or
// [WithUnsignedPrefix] is about it, nothing, or else their default.
func (e *Encryptor) ActionOf(actions crypto.Actions, name string) crypto.Action {
	action, named := actions.Attributes[name]
	switch {
	case named:
		return action
	case e.pinned(name):
		return crypto.None
	}
	return actions.Default
}

// pinned reports whether an attribute is one of those that are never signed.
func (e *Encryptor) pinned(name string) bool {
	return e.unsigned[name] || e.unsignedPrefix != "" && strings.HasPrefix(name, e.unsignedPrefix)
}

const reservedInContext = "names that begin with %q belong to the encryption context"

// Check refuses actions under which items could not be sealed, or under which
// items that were sealed before could not be opened: keys that are not signed,
// an action for a reserved name, and any but "none" for an attribute that
// [WithUnsigned] or [WithUnsignedPrefix] is about. Names that begin with
// "aws-crypto-" are refused too, as the official clients do.
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
		if strings.HasPrefix(name, contextReserved) {
			return failure.Attribute(crypto.ErrPolicy, name, reservedInContext, contextReserved)
		}
		if action := e.ActionOf(actions, name); action == crypto.Encrypt || action == crypto.None {
			return failure.Attribute(crypto.ErrPolicy, name, "keys must be signed and readable, not %q", action)
		}
	}
	if !known(actions.Default) {
		return fmt.Errorf("%w: no such action: %v", crypto.ErrPolicy, actions.Default)
	}
	for name, action := range actions.Attributes {
		switch {
		case !known(action):
			return failure.Attribute(crypto.ErrPolicy, name, "no such action: %v", action)
		case e.Reserved(name):
			return failure.Attribute(crypto.ErrPolicy, name, "names that begin with %q belong to the item format", ReservedPrefix)
		case strings.HasPrefix(name, contextReserved):
			return failure.Attribute(crypto.ErrPolicy, name, reservedInContext, contextReserved)
		case action != crypto.None && e.pinned(name):
			return failure.Attribute(crypto.ErrPolicy, name,
				"it is %q now, and must stay \"none\": items that have it unsigned could not be opened any more", action)
		}
	}
	return nil
}

func known(action crypto.Action) bool {
	switch action {
	case crypto.Encrypt, crypto.Sign, crypto.SignInContext, crypto.None:
		return true
	}
	return false
}

// versionOf returns the header version that items are sealed with under these
// actions: it does not depend on what a single item has.
func versionOf(actions crypto.Actions) byte {
	if actions.Default == crypto.SignInContext {
		return versionContext
	}
	for _, action := range actions.Attributes {
		if action == crypto.SignInContext {
			return versionContext
		}
	}
	return versionPlain
}
