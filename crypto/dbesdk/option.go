package dbesdk

import (
	"crypto/fips140"
	"fmt"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// config is what the options set.
type config struct {
	suite          Suite
	unsigned       map[string]bool
	unsignedPrefix string
	maxDataKeys    int
	verifier       Verifier
	remembered     int // signatures
}

// Option configures an [Encryptor] or [Inspect].
type Option func(*config)

// newConfig applies the options to the defaults and checks the result.
func newConfig(options []Option) (config, error) {
	c := config{suite: SuiteECDSA, unsigned: make(map[string]bool), maxDataKeys: defaultMaxDataKeys,
		verifier: standardVerifier{}, remembered: defaultRemembered}
	for _, option := range options {
		option(&c)
	}
	switch {
	case c.suite != SuiteECDSA && c.suite != SuiteHMAC:
		return config{}, fmt.Errorf("dbesdk: %w: unknown algorithm suite %v", crypto.ErrPolicy, c.suite)
	case c.maxDataKeys < 1 || c.maxDataKeys > maxDataKeys:
		return config{}, fmt.Errorf("dbesdk: %w: an item has 1 to %d encrypted data keys, not %d",
			crypto.ErrPolicy, maxDataKeys, c.maxDataKeys)
	}
	switch _, standard := c.verifier.(standardVerifier); {
	case c.verifier == nil:
		return config{}, fmt.Errorf("dbesdk: %w: nil verifier", crypto.ErrPolicy)
	case !standard && fips140.Enabled():
		return config{}, fmt.Errorf("dbesdk: %w: in FIPS 140-3 mode, signatures are verified by the standard library only",
			crypto.ErrPolicy)
	case c.remembered < 0:
		return config{}, fmt.Errorf("dbesdk: %w: %d signatures cannot be remembered", crypto.ErrPolicy, c.remembered)
	}
	return c, nil
}

// pinned reports whether an attribute is never signed, whatever its tag says.
func (c *config) pinned(name string) bool {
	return c.unsigned[name] || c.unsignedPrefix != "" && strings.HasPrefix(name, c.unsignedPrefix)
}

// WithSuite sets the algorithm suite that items are sealed with. The default is
// [SuiteECDSA]. Items of either suite can be opened.
func WithSuite(suite Suite) Option {
	return func(c *config) { c.suite = suite }
}

// WithUnsigned names attributes that are not signed, or were not signed at some
// time: those with the action "none". They are treated as "none" even if no tag
// names them any longer, and declaring a table fails if a tag gives one of them
// another action, because existing items with the attribute could no longer be
// opened.
func WithUnsigned(names ...string) Option {
	return func(c *config) {
		for _, name := range names {
			c.unsigned[name] = true
		}
	}
}

// WithUnsignedPrefix leaves every attribute whose name begins with prefix
// unsigned, as if each were named in [WithUnsigned], so that unprotected
// attributes can be added later. The official clients call it the allowed
// unsigned attribute prefix. It must be the same for everyone who shares a
// table.
func WithUnsignedPrefix(prefix string) Option {
	return func(c *config) { c.unsignedPrefix = prefix }
}

// WithMaxDataKeys sets how many encrypted data keys an item may have, from 1 to
// 255, when it is sealed and when it is opened. The default is 20. The limit
// keeps someone who can write to the table from causing many calls to KMS with
// a single item.
func WithMaxDataKeys(n int) Option {
	return func(c *config) { c.maxDataKeys = n }
}

// defaultRemembered takes about 1 MB.
const defaultRemembered = 10000

// WithRememberedSignatures sets how many signatures an [Encryptor] remembers, so that
// an item that is opened again is not verified again with ECDSA, which takes most of
// the time of opening a small item. The default is 10,000, which take about 1 MB; 0
// remembers none.
//
// Only the result for the same public key, the same signed content and the same
// signature is taken from memory. Everything else about an item is checked each
// time: its commitment, its authentication tag and its encryption context.
func WithRememberedSignatures(n int) Option {
	return func(c *config) { c.remembered = n }
}

// WithVerifier sets what verifies ECDSA signatures, in place of the standard library.
// Items are signed by the standard library in any case. In FIPS 140-3 mode, [New]
// returns an error.
func WithVerifier(v Verifier) Option {
	return func(c *config) { c.verifier = v }
}
