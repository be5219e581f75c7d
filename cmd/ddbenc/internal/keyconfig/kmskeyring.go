package keyconfig

import (
	"context"
	"fmt"

	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
)

// kmsKey configures a key of AWS KMS.
type kmsKey struct {
	Kind        string   `json:"kind"`
	KeyARN      string   `json:"keyARN"`
	GrantTokens []string `json:"grantTokens"`
}

// kms returns the function for the keyrings that a constructor of awskms makes
// from one symmetric key.
func kms(construct func(awskms.Client, string, ...awskms.Option) (*awskms.Keyring, error)) makeKeyring {
	return func(m *maker, ctx context.Context, data []byte, where string) (keyring.Keyring, error) {
		var c kmsKey
		if err := decode(data, where, &c); err != nil {
			return nil, err
		}
		client, _, err := m.connect.KMS(ctx, arn.KeyRegion(c.KeyARN))
		if err != nil {
			return nil, err
		}
		made, err := construct(client, c.KeyARN, awskms.WithGrantTokens(c.GrantTokens...))
		return result(made, err, where)
	}
}

func (m *maker) kmsRSA(ctx context.Context, data []byte, where string) (keyring.Keyring, error) {
	var c struct {
		kmsKey
		Padding   string  `json:"padding"`
		PublicKey *public `json:"publicKey"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	paddings := map[string]awskms.Padding{
		"OAEP_SHA256_MGF1": awskms.OAEPWithSHA256, "OAEP_SHA1_MGF1": awskms.OAEPWithSHA1,
	}
	padding, err := oneOf("padding", paddings, c.Padding, join(where, "padding"))
	if err != nil {
		return nil, err
	}
	public, _, err := m.file.rsaPair(c.PublicKey, nil, where)
	if err != nil {
		return nil, err
	}
	client, _, err := m.connect.KMS(ctx, arn.KeyRegion(c.KeyARN))
	if err != nil {
		return nil, err
	}
	made, err := awskms.NewRSA(c.KeyARN, padding, public, client, awskms.WithGrantTokens(c.GrantTokens...))
	return result(made, err, where)
}

func (m *maker) kmsDiscovery(ctx context.Context, data []byte, where string) (keyring.Keyring, error) {
	var c struct {
		Kind        string   `json:"kind"`
		Partition   string   `json:"partition"`
		Accounts    []string `json:"accounts"`
		AnyAccount  bool     `json:"anyAccount"`
		Regions     []string `json:"regions"`
		GrantTokens []string `json:"grantTokens"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	var filter awskms.Filter
	switch {
	case c.AnyAccount && (c.Partition != "" || len(c.Accounts) > 0):
		return nil, fmt.Errorf("%s: either \"anyAccount\" or a partition and accounts", where)
	case c.AnyAccount:
		filter = awskms.AnyAccount()
	default:
		filter = awskms.Accounts(c.Partition, c.Accounts...)
	}
	tokens := awskms.WithGrantTokens(c.GrantTokens...)
	if len(c.Regions) > 0 {
		made, err := awskms.NewDiscoveryForRegions(ctx, func(ctx context.Context, region string) (awskms.Decrypter, error) {
			client, _, err := m.connect.KMS(ctx, region)
			return client, err
		}, c.Regions, filter, tokens)
		return result(made, err, where)
	}
	client, region, err := m.connect.KMS(ctx, "")
	if err != nil {
		return nil, err
	}
	options := []awskms.Option{tokens}
	if region != "" {
		options = append(options, awskms.WithRegion(region))
	}
	made, err := awskms.NewDiscovery(client, filter, options...)
	return result(made, err, where)
}
