package awskms

import (
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
)

// Option configures a keyring of this package.
type Option func(*config)

type config struct {
	grantTokens []string
	region      *string // for discovery only; nil: not given
}

// WithGrantTokens sends grant tokens with each request, for grants that are too
// new to be known everywhere in KMS.
func WithGrantTokens(tokens ...string) Option {
	return func(c *config) { c.grantTokens = append(c.grantTokens, tokens...) }
}

// WithRegion sets the Region of the client of [NewDiscovery], such as
// "eu-west-1". The keyring then ignores keys of other Regions, except for
// multi-Region keys, for which it uses the replica in this Region. The other
// constructors reject this option.
func WithRegion(region string) Option {
	return func(c *config) { c.region = &region }
}

// configure returns the configuration of a keyring that has no Region other
// than its key's.
func configure(options []Option) (config, error) {
	c := apply(options)
	if c.region != nil {
		return config{}, fmt.Errorf("awskms: %w: WithRegion is for NewDiscovery; other keyrings use the Region of their key",
			crypto.ErrPolicy)
	}
	return c, nil
}

func apply(options []Option) config {
	var c config
	for _, option := range options {
		option(&c)
	}
	return c
}

func parse(keyARN string) (kmskey.ARN, error) {
	key, err := kmskey.ParseARN(keyARN)
	if err != nil {
		return kmskey.ARN{}, fmt.Errorf("awskms: %w: %q is %w", crypto.ErrPolicy, keyARN, err)
	}
	return key, nil
}
