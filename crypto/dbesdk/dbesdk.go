// Package dbesdk implements the item format of the AWS Database Encryption SDK
// for DynamoDB. It reads items that the SDK's Java (version 3 and later), .NET
// and Rust clients write, and they read items that it writes. Use this format
// for new tables.
//
// Create an [Encryptor] from a keyring and pass it to mapper.TableOf. You do
// not need to call its methods yourself:
//
//	keys, err := hierarchical.New(store, hierarchical.BranchKey(id), 10*time.Minute)
//	encryptor, err := dbesdk.New(keys)
//	defer encryptor.Close()
//	db, err := mapper.New(client, mapper.TableOf[Account]("accounts", encryptor))
//
// Each value is encrypted with AES-256-GCM under its own key. The item commits
// to its data key, and it is authenticated for each key that can open it. By
// default it is also signed with ECDSA P-384; see [WithSuite].
//
// # Changing the actions of attributes
//
// An item records which of its signed attributes are encrypted. An attribute
// can therefore move between "encrypt", "sign" and "sign,context" at any time.
// New items are written the new way, and existing items remain readable.
//
// An item does not record which attributes are signed. That follows from the
// tags, so an attribute that was ever "none" must remain "none": otherwise items
// that have it no longer open and fail with a [*LegendError]. Name such
// attributes in [WithUnsigned]. If the tag changes later, declaring the table
// fails.
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

// The attributes that the format adds to an item. Both are binary (B).
const (
	// HeadAttribute holds the header, which describes how the item was sealed.
	HeadAttribute = "aws_dbe_head"
	// FootAttribute holds the item's authentication tags and its signature.
	FootAttribute = "aws_dbe_foot"
)

// reservedPrefix begins the attribute names that are reserved for the format.
const reservedPrefix = "aws_dbe_"

const (
	// defaultMaxDataKeys limits the encrypted data keys of an item by default.
	// A keyring may call KMS for each of them.
	defaultMaxDataKeys = 20

	// maxDataKeys is how many the header has room for.
	maxDataKeys = 255
)

// Encryptor seals and opens items in this format. It implements
// [crypto.ItemEncryptor] and is safe for concurrent use.
type Encryptor struct {
	config
	keyring  keyring.Keyring
	pairs    *pairs
	verified *verified
}

var _ crypto.ItemEncryptor = (*Encryptor)(nil)

// New returns an Encryptor that gets its data keys from a keyring. Close it when
// it is no longer needed.
//
// The error wraps [crypto.ErrPolicy]. New fails if there is no keyring, if an
// option is invalid, and under GODEBUG=fips140=only, which forbids the way in
// which the format derives nonces.
func New(keys keyring.Keyring, options ...Option) (*Encryptor, error) {
	c, err := newConfig(options)
	if err != nil {
		return nil, err
	}
	switch {
	case fips140.Enforced():
		return nil, fmt.Errorf("dbesdk: %w: the format derives the nonces of AES-GCM, "+
			"which GODEBUG=fips140=only forbids; fips140=on does not", crypto.ErrPolicy)
	case keys == nil:
		return nil, fmt.Errorf("dbesdk: %w: no keyring", crypto.ErrPolicy)
	}
	e := &Encryptor{config: c, keyring: keys, pairs: newPairs(), verified: newVerified(c.remembered)}
	runtime.AddCleanup(e, (*pairs).close, e.pairs)
	return e, nil
}

// Close stops generating key pairs in the background. The Encryptor remains
// usable, but slower. It never returns an error.
func (e *Encryptor) Close() error {
	e.pairs.close()
	return nil
}

// String returns the name of the format and the keyring's type. It reveals
// nothing about the keys.
func (e *Encryptor) String() string { return fmt.Sprintf("dbesdk(%T)", e.keyring) }

// GoString returns the same as String, so that %#v does not print keys.
func (e *Encryptor) GoString() string { return e.String() }

// Reserved reports whether name begins with "aws_dbe_".
func (e *Encryptor) Reserved(name string) bool { return strings.HasPrefix(name, reservedPrefix) }

// SignatureAttribute returns [FootAttribute]. Its value is different each time
// an item is sealed.
func (e *Encryptor) SignatureAttribute() string { return FootAttribute }

// Recognizes reports whether item has [HeadAttribute] or [FootAttribute]. An
// item that has lost one of the two still belongs to this format: it fails to
// open instead of passing for plaintext.
func (e *Encryptor) Recognizes(item crypto.Item) bool { return recognizes(item) }

func recognizes(item crypto.Item) bool {
	_, head := item[HeadAttribute]
	_, foot := item[FootAttribute]
	return head || foot
}

// ActionOf returns the action for an attribute: the one that actions has for its
// name, or else [crypto.None] if [WithUnsigned] or [WithUnsignedPrefix] covers
// it, or else the default of actions.
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

const reservedInContext = "names that begin with %q are reserved by the encryption context"

// Check returns an error for actions under which items could not be sealed, or
// under which existing items could not be opened. Keys must be signed, reserved
// names have no action, and attributes that [WithUnsigned] or
// [WithUnsignedPrefix] covers must have the action "none". Like the official
// clients, Check rejects names that begin with "aws-crypto-".
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
		return fmt.Errorf("%w: unknown action: %v", crypto.ErrPolicy, actions.Default)
	}
	for name, action := range actions.Attributes {
		switch {
		case !known(action):
			return failure.Attribute(crypto.ErrPolicy, name, "unknown action: %v", action)
		case e.Reserved(name):
			return failure.Attribute(crypto.ErrPolicy, name, "names that begin with %q are reserved by the item format",
				reservedPrefix)
		case strings.HasPrefix(name, contextReserved):
			return failure.Attribute(crypto.ErrPolicy, name, reservedInContext, contextReserved)
		case action != crypto.None && e.pinned(name):
			return failure.Attribute(crypto.ErrPolicy, name,
				"its action is %q but must remain \"none\": existing items that have it unsigned could no longer be opened", action)
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

// versionOf returns the header version of items that are sealed under these
// actions. It does not depend on which attributes a single item has.
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
