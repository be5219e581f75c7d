package keyconfig

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/arn"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/directkms"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

type makeProvider func(m *maker, ctx context.Context, data []byte, where string) (providers.Provider, error)

// materials returns the kinds of providers. They have the names of their
// packages.
func materials() map[string]makeProvider {
	return map[string]makeProvider{
		"static": (*maker).static, "wrapped-aes": (*maker).wrappedAES, "wrapped-rsa": (*maker).wrappedRSA,
		"directkms": (*maker).directKMS, "mostrecent": (*maker).mostRecent,
	}
}

func (m *maker) provider(ctx context.Context, data json.RawMessage, where string) (providers.Provider, error) {
	make, err := ofKind("provider", materials(), data, where)
	if err != nil {
		return nil, err
	}
	return make(m, ctx, data, where)
}

func provided[P providers.Provider](made P, err error, where string) (providers.Provider, error) {
	if err != nil {
		return nil, at(where, err)
	}
	return made, nil
}

// signing configures a secret key for an HMAC, or a key pair.
type signing struct {
	Algorithm  string  `json:"algorithm"`
	Key        *secret `json:"key"`
	PrivateKey *secret `json:"privateKey"`
	PublicKey  *public `json:"publicKey"`
}

// signing returns the signer and the verifier. Each is nil if its key is
// missing.
func (m *maker) signing(s *signing, where string) (signer providers.Signer, verifier providers.Verifier, err error) {
	if s == nil {
		return nil, nil, at(where, errMissing)
	}
	if s.Key != nil {
		if s.PrivateKey != nil || s.PublicKey != nil {
			return nil, nil, fmt.Errorf("%s: either \"key\", for an HMAC, or \"privateKey\" and \"publicKey\"", where)
		}
		key, err := m.file.symmetric(s.Key, join(where, "key"))
		if err != nil {
			return nil, nil, err
		}
		hmac, err := providers.NewHMAC(s.Algorithm, key)
		if err != nil {
			return nil, nil, at(where, err)
		}
		return hmac, hmac, nil
	}
	private, err := m.file.private(s.PrivateKey, join(where, "privateKey"))
	if err != nil {
		return nil, nil, err
	}
	if private != nil {
		if signer, err = providers.NewSigner(s.Algorithm, private); err != nil {
			return nil, nil, at(where, err)
		}
	}
	public, err := m.file.public(s.PublicKey, join(where, "publicKey"))
	if err != nil {
		return nil, nil, err
	}
	if public != nil {
		if verifier, err = providers.NewVerifier(s.Algorithm, public); err != nil {
			return nil, nil, at(where, err)
		}
	}
	if signer == nil && verifier == nil {
		return nil, nil, fmt.Errorf("%s: the key is missing: \"key\", for an HMAC, or \"privateKey\" and "+
			"\"publicKey\"", where)
	}
	return signer, verifier, nil
}

func (m *maker) static(_ context.Context, data []byte, where string) (providers.Provider, error) {
	var c struct {
		Kind          string   `json:"kind"`
		EncryptionKey *secret  `json:"encryptionKey"`
		Signing       *signing `json:"signing"`

		Description providers.MaterialDescription `json:"description"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	signer, verifier, err := m.signing(c.Signing, join(where, "signing"))
	if err != nil {
		return nil, err
	}
	var key []byte
	if c.EncryptionKey != nil {
		if key, err = m.file.symmetric(c.EncryptionKey, join(where, "encryptionKey")); err != nil {
			return nil, err
		}
	}
	made, err := static.New(key, signer, verifier, static.WithDescription(c.Description))
	return provided(made, err, where)
}

func (m *maker) wrappedAES(_ context.Context, data []byte, where string) (providers.Provider, error) {
	var c struct {
		Kind        string   `json:"kind"`
		WrappingKey *secret  `json:"wrappingKey"`
		Signing     *signing `json:"signing"`

		Description providers.MaterialDescription `json:"description"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	signer, verifier, err := m.signing(c.Signing, join(where, "signing"))
	if err != nil {
		return nil, err
	}
	key, err := m.file.symmetric(c.WrappingKey, join(where, "wrappingKey"))
	if err != nil {
		return nil, err
	}
	made, err := wrapped.NewAES(key, signer, verifier, wrapped.WithDescription(c.Description))
	return provided(made, err, where)
}

func (m *maker) wrappedRSA(_ context.Context, data []byte, where string) (providers.Provider, error) {
	var c struct {
		Kind          string   `json:"kind"`
		PublicKey     *public  `json:"publicKey"`
		PrivateKey    *secret  `json:"privateKey"`
		Signing       *signing `json:"signing"`
		AllowPKCS1v15 bool     `json:"allowPKCS1v15"`

		Description providers.MaterialDescription `json:"description"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	signer, verifier, err := m.signing(c.Signing, join(where, "signing"))
	if err != nil {
		return nil, err
	}
	public, private, err := m.file.rsaPair(c.PublicKey, c.PrivateKey, where)
	if err != nil {
		return nil, err
	}
	options := []wrapped.Option{wrapped.WithDescription(c.Description)}
	if c.AllowPKCS1v15 {
		options = append(options, wrapped.WithPKCS1v15())
	}
	made, err := wrapped.NewRSA(public, private, signer, verifier, options...)
	return provided(made, err, where)
}

func (m *maker) directKMS(ctx context.Context, data []byte, where string) (providers.Provider, error) {
	var c struct {
		Kind        string   `json:"kind"`
		KeyID       string   `json:"keyID"`
		GrantTokens []string `json:"grantTokens"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	client, _, err := m.connect.KMS(ctx, arn.KeyRegion(c.KeyID))
	if err != nil {
		return nil, err
	}
	made, err := directkms.New(client, c.KeyID, directkms.WithGrantTokens(c.GrantTokens...))
	return provided(made, err, where)
}

func (m *maker) mostRecent(ctx context.Context, data []byte, where string) (providers.Provider, error) {
	var c struct {
		Kind     string `json:"kind"`
		Material string `json:"material"`
		TTL      string `json:"ttl"`
		Store    *struct {
			Table            string          `json:"table"`
			LogicalName      string          `json:"logicalName"`
			SignedAttributes []string        `json:"signedAttributes"`
			Provider         json.RawMessage `json:"provider"`
		} `json:"store"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	if c.Store == nil {
		return nil, at(join(where, "store"), errMissing)
	}
	ttl, err := duration(c.TTL, join(where, "ttl"))
	if err != nil {
		return nil, err
	}
	inner, err := m.provider(ctx, c.Store.Provider, join(where, "store.provider"))
	if err != nil {
		return nil, err
	}
	db, err := m.connect.DynamoDB(ctx)
	if err != nil {
		return nil, err
	}
	var options []metastore.Option
	if c.Store.LogicalName != "" {
		options = append(options, metastore.WithLogicalName(c.Store.LogicalName))
	}
	if len(c.Store.SignedAttributes) > 0 {
		options = append(options, metastore.WithSignedAttributes(c.Store.SignedAttributes, func(string,
			int64) crypto.Item {
			return nil
		}))
	}
	store, err := metastore.New(db, c.Store.Table, inner, options...)
	if err != nil {
		return nil, at(join(where, "store"), err)
	}
	made, err := mostrecent.New(store, c.Material, ttl)
	return provided(made, err, where)
}
