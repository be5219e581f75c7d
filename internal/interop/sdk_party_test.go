package interop_test

import (
	"context"
	stdcrypto "crypto"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/providers/keyfile"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

// keyringSpec describes a keyring to all parties. Its JSON is what the
// clients' programs read.
type keyringSpec struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`

	Key        []byte `json:"key,omitempty"`
	Padding    string `json:"padding,omitempty"`
	PrivateKey []byte `json:"privateKey,omitempty"`
	PublicKey  []byte `json:"publicKey,omitempty"`

	KeyARN    string   `json:"keyARN,omitempty"`
	Algorithm string   `json:"algorithm,omitempty"`
	Partition string   `json:"partition,omitempty"`
	Accounts  []string `json:"accounts,omitempty"`
	Endpoint  string   `json:"endpoint,omitempty"`
	Region    string   `json:"region,omitempty"`

	Generator *keyringSpec   `json:"generator,omitempty"`
	Children  []*keyringSpec `json:"children,omitempty"`

	BranchKeyID      string `json:"branchKeyID,omitempty"`
	KeyStoreTable    string `json:"keyStoreTable,omitempty"`
	LogicalName      string `json:"logicalKeyStoreName,omitempty"`
	DynamoDBEndpoint string `json:"dynamodbEndpoint,omitempty"`
	TTLSeconds       int    `json:"ttlSeconds,omitempty"`

	// Tenants are the branch keys of items by their partition key "id", a
	// string, in place of BranchKeyID.
	Tenants map[string]string `json:"tenants,omitempty"`
}

// sdkWay is how an item is sealed, beside what its case says.
type sdkWay struct {
	keyring keyringSpec
	ecdsa   bool
}

func (w sdkWay) suite() dbesdk.Suite {
	if w.ecdsa {
		return dbesdk.SuiteECDSA
	}
	return dbesdk.SuiteHMAC
}

// sdkParty is somebody who seals and opens items in the Database Encryption
// SDK format, and makes branch keys: Go, or an official client.
type sdkParty interface {
	sealSDK(ctx context.Context, w sdkWay, c testCase) (crypto.Item, error)
	openSDK(ctx context.Context, w sdkWay, c testCase, sealed crypto.Item) (crypto.Item, error)
	createStore(ctx context.Context, k keyringSpec) error
	createBranchKey(ctx context.Context, k keyringSpec, ec map[string]string) (id string, err error)
	rotateBranchKey(ctx context.Context, k keyringSpec) error
}

// sdkGo is this project.
type sdkGo struct {
	kms interface {
		awskms.Client
		keystore.KMS
	}
	store keystore.Client
	made  map[string]*dbesdk.Encryptor
}

func (g *sdkGo) encryptor(w sdkWay, c testCase) (*dbesdk.Encryptor, error) {
	spec, err := json.Marshal(w.keyring)
	if err != nil {
		return nil, err
	}
	id := fmt.Sprint(w.ecdsa, c.unsignedPrefix, string(spec))
	if e, ok := g.made[id]; ok {
		return e, nil
	}
	keys, err := g.keyring(&w.keyring)
	if err != nil {
		return nil, err
	}
	e, err := dbesdk.New(keys, dbesdk.WithSuite(w.suite()), dbesdk.WithUnsignedPrefix(c.unsignedPrefix))
	if err != nil {
		return nil, err
	}
	if g.made == nil {
		g.made = make(map[string]*dbesdk.Encryptor)
	}
	g.made[id] = e
	return e, nil
}

var paddings = map[string]raw.Padding{
	"OAEP_SHA1_MGF1": raw.OAEPWithSHA1, "OAEP_SHA256_MGF1": raw.OAEPWithSHA256,
	"OAEP_SHA384_MGF1": raw.OAEPWithSHA384, "OAEP_SHA512_MGF1": raw.OAEPWithSHA512,
}

func (g *sdkGo) keyring(k *keyringSpec) (keyring.Keyring, error) {
	switch k.Kind {
	case "raw-aes":
		return raw.NewAES(k.Namespace, k.Name, k.Key)
	case "raw-rsa":
		private, err := keyfile.Private(k.PrivateKey)
		if err != nil {
			return nil, err
		}
		public, err := keyfile.Public(k.PublicKey)
		if err != nil {
			return nil, err
		}
		return raw.NewRSA(k.Namespace, k.Name, paddings[k.Padding], public.(*rsa.PublicKey), private.(stdcrypto.Decrypter))
	case "kms":
		return awskms.New(g.kms, k.KeyARN)
	case "kms-discovery":
		return awskms.NewDiscovery(g.kms, awskms.Accounts(k.Partition, k.Accounts...))
	case "kms-mrk":
		return awskms.NewMultiRegion(clientFor(k), k.KeyARN)
	case "kms-rsa":
		public, err := keyfile.Public(k.PublicKey)
		if err != nil {
			return nil, err
		}
		return awskms.NewRSA(k.KeyARN, awskms.OAEPWithSHA256, public.(*rsa.PublicKey), clientFor(k))
	case "multi":
		generator, err := g.keyring(k.Generator)
		if err != nil {
			return nil, err
		}
		var children []keyring.Keyring
		for _, child := range k.Children {
			made, err := g.keyring(child)
			if err != nil {
				return nil, err
			}
			children = append(children, made)
		}
		return multi.New(generator, children...)
	case "hierarchical":
		store, err := g.keyStore(*k)
		if err != nil {
			return nil, err
		}
		supplier := hierarchical.BranchKey(k.BranchKeyID)
		if k.Tenants != nil {
			supplier = k.tenant
		}
		return hierarchical.New(store, supplier, time.Duration(k.TTLSeconds)*time.Second)
	}
	return nil, fmt.Errorf("no keyring of kind %q", k.Kind)
}

// tenant is a hierarchical.Supplier.
func (k *keyringSpec) tenant(_ context.Context, ec keyring.EncryptionContext) (string, error) {
	attributes, err := dbesdk.Attributes(ec)
	if err != nil {
		return "", err
	}
	if id, ok := attributes["id"].(*types.AttributeValueMemberS); ok && k.Tenants[id.Value] != "" {
		return k.Tenants[id.Value], nil
	}
	return "", errors.New("the item is of no known tenant")
}

// clientFor returns a client for the key service that a keyring names.
func clientFor(k *keyringSpec) *kms.Client {
	return kms.New(kms.Options{Region: k.Region, BaseEndpoint: &k.Endpoint, Credentials: local})
}

func (g *sdkGo) keyStore(k keyringSpec) (*keystore.Store, error) {
	return keystore.New(g.store, k.KeyStoreTable, g.kms, k.KeyARN, keystore.WithLogicalName(k.LogicalName))
}

func (g *sdkGo) sealSDK(ctx context.Context, w sdkWay, c testCase) (crypto.Item, error) {
	e, err := g.encryptor(w, c)
	if err != nil {
		return nil, err
	}
	return e.EncryptItem(ctx, c.table(), c.allActions(), c.plaintext())
}

func (g *sdkGo) openSDK(ctx context.Context, w sdkWay, c testCase, sealed crypto.Item) (crypto.Item, error) {
	e, err := g.encryptor(w, c)
	if err != nil {
		return nil, err
	}
	return e.DecryptItem(ctx, c.table(), c.allActions(), sealed)
}

func (g *sdkGo) createStore(ctx context.Context, k keyringSpec) error {
	store, err := g.keyStore(k)
	if err != nil {
		return err
	}
	return store.CreateTable(ctx)
}

func (g *sdkGo) createBranchKey(ctx context.Context, k keyringSpec, ec map[string]string) (string, error) {
	store, err := g.keyStore(k)
	if err != nil {
		return "", err
	}
	return store.Create(ctx, k.BranchKeyID, ec)
}

func (g *sdkGo) rotateBranchKey(ctx context.Context, k keyringSpec) error {
	store, err := g.keyStore(k)
	if err != nil {
		return err
	}
	return store.Rotate(ctx, k.BranchKeyID)
}

func (p *program) sealSDK(_ context.Context, w sdkWay, c testCase) (crypto.Item, error) {
	return p.askSDK("encrypt", w, c, c.plaintext())
}

func (p *program) openSDK(_ context.Context, w sdkWay, c testCase, sealed crypto.Item) (crypto.Item, error) {
	return p.askSDK("decrypt", w, c, sealed)
}

// askSDK names the action of each attribute, as the official clients want it.
func (p *program) askSDK(op string, w sdkWay, c testCase, item crypto.Item) (crypto.Item, error) {
	encoded, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		return nil, err
	}
	info, actions := c.table(), make(map[string]crypto.Action)
	var unsigned []string
	inContext := slices.Contains(slices.Collect(maps.Values(c.actions.Attributes)), crypto.SignInContext)
	for name := range c.plaintext() {
		action := c.allActions().Of(name)
		if inContext && info.IsKey(name) {
			action = crypto.SignInContext
		}
		actions[name] = action
		if action == crypto.None && c.unsignedPrefix == "" {
			unsigned = append(unsigned, name)
		}
	}
	answer, err := p.send(map[string]any{
		"op": op, "keyring": w.keyring, "ecdsa": w.ecdsa, "table": info.Name, "partitionKey": info.PartitionKey, "sortKey": info.SortKey,
		"actions": actions, "unsigned": unsigned, "unsignedPrefix": c.unsignedPrefix, "item": json.RawMessage(encoded),
	})
	if err != nil {
		return nil, err
	}
	return attributevalue.UnmarshalMapJSON(answer.Item)
}

func (p *program) createStore(_ context.Context, k keyringSpec) error {
	_, err := p.send(map[string]any{"op": "create-store", "keyring": k})
	return err
}

func (p *program) createBranchKey(_ context.Context, k keyringSpec, ec map[string]string) (string, error) {
	request := map[string]any{"op": "create-branch-key", "keyring": k}
	if ec != nil {
		request["encryptionContext"] = ec
	}
	answer, err := p.send(request)
	if err == nil && answer.BranchKeyID == "" {
		err = errors.New("no branch key ID")
	}
	return answer.BranchKeyID, err
}

func (p *program) rotateBranchKey(_ context.Context, k keyringSpec) error {
	_, err := p.send(map[string]any{"op": "rotate-branch-key", "keyring": k})
	return err
}
