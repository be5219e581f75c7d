package keyconfig

import (
	"context"
	"fmt"

	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/kms"
	"github.com/ddbenc/ddbenc/providers/keyring/kmsdiscovery"
	"github.com/ddbenc/ddbenc/providers/keyring/kmsmrk"
	"github.com/ddbenc/ddbenc/providers/keyring/kmsrsa"
)

// kmsKey configures a key of AWS KMS.
type kmsKey struct {
	Kind        string   `json:"kind"`
	KeyARN      string   `json:"keyARN"`
	GrantTokens []string `json:"grantTokens"`
}

func (m *maker) kms(ctx context.Context, data []byte, where string) (keyring.Keyring, error) {
	var c kmsKey
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	client, _, err := m.connect.KMS(ctx, arn.KeyRegion(c.KeyARN))
	if err != nil {
		return nil, err
	}
	made, err := kms.New(client, c.KeyARN, kms.WithGrantTokens(c.GrantTokens...))
	return result(made, err, where)
}

func (m *maker) kmsMRK(ctx context.Context, data []byte, where string) (keyring.Keyring, error) {
	var c kmsKey
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	client, _, err := m.connect.KMS(ctx, arn.KeyRegion(c.KeyARN))
	if err != nil {
		return nil, err
	}
	made, err := kmsmrk.New(client, c.KeyARN, kmsmrk.WithGrantTokens(c.GrantTokens...))
	return result(made, err, where)
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
	var padding kmsrsa.Padding
	switch c.Padding {
	case "OAEP_SHA256_MGF1":
		padding = kmsrsa.OAEPWithSHA256
	case "OAEP_SHA1_MGF1":
		padding = kmsrsa.OAEPWithSHA1
	default:
		return nil, fmt.Errorf("%s.padding: unknown padding (known: OAEP_SHA1_MGF1, OAEP_SHA256_MGF1)", where)
	}
	public, _, err := m.file.rsaPair(c.PublicKey, nil, where)
	if err != nil {
		return nil, err
	}
	client, _, err := m.connect.KMS(ctx, arn.KeyRegion(c.KeyARN))
	if err != nil {
		return nil, err
	}
	made, err := kmsrsa.New(c.KeyARN, padding, public, client, kmsrsa.WithGrantTokens(c.GrantTokens...))
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
	var filter kmsdiscovery.Filter
	switch {
	case c.AnyAccount && (c.Partition != "" || len(c.Accounts) > 0):
		return nil, fmt.Errorf("%s: either \"anyAccount\" or a partition and accounts", where)
	case c.AnyAccount:
		filter = kmsdiscovery.AnyAccount()
	default:
		filter = kmsdiscovery.Accounts(c.Partition, c.Accounts...)
	}
	tokens := kmsdiscovery.WithGrantTokens(c.GrantTokens...)
	if len(c.Regions) > 0 {
		made, err := kmsdiscovery.NewForRegions(ctx, func(ctx context.Context, region string) (kmsdiscovery.Client, error) {
			client, _, err := m.connect.KMS(ctx, region)
			return client, err
		}, c.Regions, filter, tokens)
		return result(made, err, where)
	}
	client, region, err := m.connect.KMS(ctx, "")
	if err != nil {
		return nil, err
	}
	options := []kmsdiscovery.Option{tokens}
	if region != "" {
		options = append(options, kmsdiscovery.InRegion(region))
	}
	made, err := kmsdiscovery.New(client, filter, options...)
	return result(made, err, where)
}
