package keyconfig

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

type makeKeyring func(m *maker, ctx context.Context, data []byte, where string) (keyring.Keyring, error)

// keyrings maps each "kind" in a key file to the function that makes the keyring.
func keyrings() map[string]makeKeyring {
	return map[string]makeKeyring{
		"rawaes": (*maker).rawAES, "rawrsa": (*maker).rawRSA, "multi": (*maker).multi,
		"kms": kms(awskms.New), "kmsmrk": kms(awskms.NewMultiRegion),
		"kmsrsa": (*maker).kmsRSA, "kmsdiscovery": (*maker).kmsDiscovery,
		"hierarchical": (*maker).hierarchical,
	}
}

func (m *maker) keyring(ctx context.Context, data json.RawMessage, where string) (keyring.Keyring, error) {
	make, err := ofKind("keyring", keyrings(), data, where)
	if err != nil {
		return nil, err
	}
	return make(m, ctx, data, where)
}

// result returns the result of a constructor, with the path in the file added
// to the error. It does not turn a nil pointer into a keyring.
func result[K keyring.Keyring](made K, err error, where string) (keyring.Keyring, error) {
	if err != nil {
		return nil, at(where, err)
	}
	return made, nil
}

func (m *maker) rawAES(_ context.Context, data []byte, where string) (keyring.Keyring, error) {
	var c struct {
		Kind      string  `json:"kind"`
		Namespace string  `json:"namespace"`
		Name      string  `json:"name"`
		Key       *secret `json:"key"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	key, err := m.file.symmetric(c.Key, join(where, "key"))
	if err != nil {
		return nil, err
	}
	made, err := raw.NewAES(c.Namespace, c.Name, key)
	return result(made, err, where)
}

// paddings are named as in the official clients.
var paddings = map[string]raw.Padding{
	"OAEP_SHA256_MGF1": raw.OAEPWithSHA256, "OAEP_SHA384_MGF1": raw.OAEPWithSHA384,
	"OAEP_SHA512_MGF1": raw.OAEPWithSHA512,
	"OAEP_SHA1_MGF1":   raw.OAEPWithSHA1, "PKCS1": raw.PKCS1v15,
}

func (m *maker) rawRSA(_ context.Context, data []byte, where string) (keyring.Keyring, error) {
	var c struct {
		Kind       string  `json:"kind"`
		Namespace  string  `json:"namespace"`
		Name       string  `json:"name"`
		Padding    string  `json:"padding"`
		PublicKey  *public `json:"publicKey"`
		PrivateKey *secret `json:"privateKey"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	padding, err := oneOf("padding", paddings, c.Padding, join(where, "padding"))
	if err != nil {
		return nil, err
	}
	public, private, err := m.file.rsaPair(c.PublicKey, c.PrivateKey, where)
	if err != nil {
		return nil, err
	}
	made, err := raw.NewRSA(c.Namespace, c.Name, padding, public, private)
	return result(made, err, where)
}

func (m *maker) multi(ctx context.Context, data []byte, where string) (keyring.Keyring, error) {
	var c struct {
		Kind      string            `json:"kind"`
		Generator json.RawMessage   `json:"generator"`
		Children  []json.RawMessage `json:"children"`
	}
	if err := decode(data, where, &c); err != nil {
		return nil, err
	}
	var generator keyring.Keyring
	var err error
	if c.Generator != nil {
		if generator, err = m.keyring(ctx, c.Generator, join(where, "generator")); err != nil {
			return nil, err
		}
	}
	children := make([]keyring.Keyring, len(c.Children))
	for i, child := range c.Children {
		if children[i], err = m.keyring(ctx, child, fmt.Sprintf("%s.children[%d]", where, i)); err != nil {
			return nil, err
		}
	}
	made, err := multi.New(generator, children...)
	return result(made, err, where)
}
