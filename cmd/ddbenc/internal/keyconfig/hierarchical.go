package keyconfig

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
)

// defaultTTL is how long keys of a store are cached by default.
const defaultTTL = 10 * time.Minute

// branchKeys selects the branch key of an item by the value of an attribute in
// the encryption context.
type branchKeys struct {
	Attribute string            `json:"attribute"`
	IDs       map[string]string `json:"ids"`
}

type keyStore struct {
	Table       string   `json:"table"`
	LogicalName string   `json:"logicalName"`
	KeyARN      string   `json:"keyARN"`
	MultiRegion bool     `json:"multiRegion"`
	Discovery   bool     `json:"discovery"`
	GrantTokens []string `json:"grantTokens"`
}

func (m *maker) hierarchical(ctx context.Context, data []byte, where string) (keyring.Keyring, error) {
	var c struct {
		Kind       string      `json:"kind"`
		KeyStore   *keyStore   `json:"keyStore"`
		BranchKey  string      `json:"branchKey"`
		BranchKeys *branchKeys `json:"branchKeys"`
		TTL        string      `json:"ttl"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	var supplier hierarchical.Supplier
	switch {
	case (c.BranchKey == "") == (c.BranchKeys == nil):
		return nil, fmt.Errorf("%s: specify the branch key: either \"branchKey\" or \"branchKeys\"", where)
	case c.BranchKeys == nil:
		supplier = hierarchical.BranchKey(c.BranchKey)
	case c.BranchKeys.Attribute == "":
		return nil, at(join(where, "branchKeys.attribute"), errMissing)
	default:
		supplier = c.BranchKeys.supply
	}
	ttl, err := duration(c.TTL, join(where, "ttl"))
	if err != nil {
		return nil, err
	}
	store, err := m.keyStore(ctx, c.KeyStore, join(where, "keyStore"))
	if err != nil {
		return nil, err
	}
	made, err := hierarchical.New(store, supplier, ttl)
	return result(made, err, where)
}

func (m *maker) keyStore(ctx context.Context, c *keyStore, where string) (*keystore.Store, error) {
	if c == nil {
		return nil, at(where, errMissing)
	}
	keys, region, err := m.connect.KMS(ctx, arn.KeyRegion(c.KeyARN))
	if err != nil {
		return nil, err
	}
	db, err := m.connect.DynamoDB(ctx)
	if err != nil {
		return nil, err
	}
	options := []keystore.Option{keystore.WithGrantTokens(c.GrantTokens...)}
	if c.LogicalName != "" {
		options = append(options, keystore.WithLogicalName(c.LogicalName))
	}
	switch {
	case c.Discovery && c.MultiRegion:
		options = append(options, keystore.WithMultiRegionDiscovery(region))
	case c.Discovery:
		options = append(options, keystore.WithDiscovery())
	case c.MultiRegion:
		options = append(options, keystore.WithMultiRegion())
	}
	store, err := keystore.New(db, c.Table, keys, c.KeyARN, options...)
	return store, at(where, err)
}

// supply returns the branch key for the attribute's text: the listed one or,
// without a list, the text itself. Its errors do not contain the text.
func (b *branchKeys) supply(_ context.Context, ec keyring.EncryptionContext) (string, error) {
	attributes, err := dbesdk.Attributes(ec)
	if err != nil {
		return "", err
	}
	value, ok := attributes[b.Attribute].(*types.AttributeValueMemberS)
	if !ok {
		return "", fmt.Errorf("%w: branchKeys: attribute %q is not text in the encryption context (only keys and "+
			"\"sign,context\" are)", crypto.ErrNoUsableKey, b.Attribute)
	}
	if b.IDs == nil {
		return value.Value, nil
	}
	id, ok := b.IDs[value.Value]
	if !ok {
		return "", fmt.Errorf("%w: branchKeys: no branch key is listed for the value of attribute %q",
			crypto.ErrNoUsableKey, b.Attribute)
	}
	return id, nil
}

// duration parses a time to live, such as "10m".
func duration(text, where string) (time.Duration, error) {
	if text == "" {
		return defaultTTL, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, at(where, errors.New("not a duration such as \"10m\" or \"90s\""))
	}
	return d, nil
}
