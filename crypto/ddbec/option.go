package ddbec

import (
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
)

// config is what the options set.
type config struct {
	description string // attribute name
	signature   string // attribute name
	base        string
}

// Option configures an [Encryptor] or [Inspect]. Options must be the same for
// everyone who shares a table.
type Option func(*config)

// newConfig applies the options to the defaults and checks the result.
func newConfig(options []Option) (config, error) {
	c := config{description: DescriptionAttribute, signature: SignatureAttribute, base: defaultBase}
	for _, option := range options {
		option(&c)
	}
	switch {
	case c.description == "" || c.signature == "" || c.description == c.signature:
		return config{}, fmt.Errorf("ddbec: %w: description attribute %q and signature attribute %q need distinct names",
			crypto.ErrPolicy, c.description, c.signature)
	case c.base == "":
		return config{}, fmt.Errorf("ddbec: %w: empty description base", crypto.ErrPolicy)
	}
	return c, nil
}

// reserved reports whether name is one of the two attributes that the format
// adds.
func (c *config) reserved(name string) bool { return name == c.description || name == c.signature }

// recognizes reports whether item has one of the format's attributes.
func (c *config) recognizes(item crypto.Item) bool {
	_, description := item[c.description]
	_, signature := item[c.signature]
	return description || signature
}

// WithDescriptionAttribute renames the attribute that holds the material
// description, for tables whose Java clients rename it.
func WithDescriptionAttribute(name string) Option {
	return func(c *config) { c.description = name }
}

// WithSignatureAttribute renames the attribute that holds the signature, for
// tables whose Java clients rename it.
func WithSignatureAttribute(name string) Option {
	return func(c *config) { c.signature = name }
}

// WithDescriptionBase replaces "amzn-ddb-map-" at the beginning of the names
// that the format uses in the material description, for tables whose Java
// clients set a description base.
func WithDescriptionBase(base string) Option {
	return func(c *config) { c.base = base }
}
