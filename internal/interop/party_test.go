package interop_test

import (
	"bufio"
	"cmp"
	"context"
	stdcrypto "crypto"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/directkms"
	"github.com/ddbenc/ddbenc/providers/keyfile"
	"github.com/ddbenc/ddbenc/providers/metastore"
	"github.com/ddbenc/ddbenc/providers/mostrecent"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// party is somebody who seals and opens items: Go, or an official client.
type party interface {
	seal(ctx context.Context, p providerSpec, c testCase) (crypto.Item, error)
	open(ctx context.Context, p providerSpec, c testCase, sealed crypto.Item) (crypto.Item, error)
}

// providerSpec describes a provider to all of them. Its JSON is what the
// clients' programs read.
type providerSpec struct {
	Kind          string `json:"kind"`
	EncryptionKey []byte `json:"encryptionKey,omitempty"`
	SigningKey    []byte `json:"signingKey,omitempty"`
	PrivateKey    []byte `json:"privateKey,omitempty"`
	PublicKey     []byte `json:"publicKey,omitempty"`

	// SigningAlgorithm is of the signing key, HmacSHA256 if empty, or of the
	// signing pair if there is one.
	SigningAlgorithm  string `json:"signingAlgorithm,omitempty"`
	SigningPrivateKey []byte `json:"signingPrivateKey,omitempty"`
	SigningPublicKey  []byte `json:"signingPublicKey,omitempty"`

	KMSKeyID         string `json:"kmsKeyID,omitempty"`
	KMSEndpoint      string `json:"kmsEndpoint,omitempty"`
	Region           string `json:"region,omitempty"`
	MaterialName     string `json:"materialName,omitempty"`
	MetaTable        string `json:"metaTable,omitempty"`
	DynamoDBEndpoint string `json:"dynamodbEndpoint,omitempty"`
}

// goParty is this project.
type goParty struct {
	kms   directkms.Client
	store metastore.Client
	made  map[string]*ddbec.Encryptor
}

func (g *goParty) encryptor(p providerSpec) (*ddbec.Encryptor, error) {
	id := fmt.Sprintf("%q", []any{p.Kind, p.KMSKeyID, p.MetaTable, p.EncryptionKey, p.PublicKey, p.SigningAlgorithm})
	if e, ok := g.made[id]; ok {
		return e, nil
	}
	provider, err := g.provider(p)
	if err != nil {
		return nil, err
	}
	e, err := ddbec.New(provider)
	if g.made == nil {
		g.made = make(map[string]*ddbec.Encryptor)
	}
	g.made[id] = e
	return e, err
}

func (g *goParty) provider(p providerSpec) (providers.Provider, error) {
	switch p.Kind {
	case "wrapped-rsa":
		private, err := keyfile.Private(p.PrivateKey)
		if err != nil {
			return nil, err
		}
		public, err := keyfile.Public(p.PublicKey)
		if err != nil {
			return nil, err
		}
		signer, verifier, err := signingPair("SHA256withRSA", p.PrivateKey, p.PublicKey)
		if err != nil {
			return nil, err
		}
		return wrapped.NewRSA(public.(*rsa.PublicKey), private.(stdcrypto.Decrypter), signer, verifier)
	case "kms":
		return directkms.New(g.kms, p.KMSKeyID)
	}
	if p.SigningPrivateKey != nil {
		signer, verifier, err := signingPair(p.SigningAlgorithm, p.SigningPrivateKey, p.SigningPublicKey)
		if err != nil {
			return nil, err
		}
		return wrapped.NewAES(p.EncryptionKey, signer, verifier)
	}
	signing, err := providers.NewHMAC(cmp.Or(p.SigningAlgorithm, "HmacSHA256"), p.SigningKey)
	if err != nil {
		return nil, err
	}
	if p.Kind == "static" {
		return static.New(p.EncryptionKey, signing, signing)
	}
	inner, err := wrapped.NewAES(p.EncryptionKey, signing, signing)
	if err != nil || p.Kind == "wrapped-aes" {
		return inner, err
	}
	store, err := metastore.New(g.store, p.MetaTable, inner)
	if err != nil {
		return nil, err
	}
	return mostrecent.New(store, p.MaterialName, time.Hour)
}

func signingPair(algorithm string, privateKey, publicKey []byte) (providers.Signer, providers.Verifier, error) {
	private, err := keyfile.Private(privateKey)
	if err != nil {
		return nil, nil, err
	}
	public, err := keyfile.Public(publicKey)
	if err != nil {
		return nil, nil, err
	}
	signer, err := providers.NewSigner(algorithm, private)
	if err != nil {
		return nil, nil, err
	}
	verifier, err := providers.NewVerifier(algorithm, public)
	return signer, verifier, err
}

// newMetaStore returns the meta store of a most-recent provider.
func newMetaStore(t *testing.T, client metastore.Client, p providerSpec) *metastore.Store {
	t.Helper()
	inner, err := (&goParty{}).provider(providerSpec{Kind: "wrapped-aes", EncryptionKey: p.EncryptionKey, SigningKey: p.SigningKey})
	check(t, err)
	store, err := metastore.New(client, p.MetaTable, inner)
	check(t, err)
	return store
}

func (g *goParty) seal(ctx context.Context, p providerSpec, c testCase) (crypto.Item, error) {
	e, err := g.encryptor(p)
	if err != nil {
		return nil, err
	}
	return e.EncryptItem(ctx, c.table(), c.allActions(), c.plaintext())
}

func (g *goParty) open(ctx context.Context, p providerSpec, c testCase, sealed crypto.Item) (crypto.Item, error) {
	e, err := g.encryptor(p)
	if err != nil {
		return nil, err
	}
	return e.DecryptItem(ctx, c.table(), c.allActions(), sealed)
}

// program is an official client's program: a request a line, a response a
// line.
type program struct {
	in  io.Writer
	out *bufio.Reader
}

// start runs a program until the test ends.
func start(t *testing.T, name string, args ...string) *program {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &program{in, bufio.NewReader(out)}
}

func (p *program) seal(_ context.Context, spec providerSpec, c testCase) (crypto.Item, error) {
	return p.ask("encrypt", spec, c, c.plaintext())
}

func (p *program) open(_ context.Context, spec providerSpec, c testCase, sealed crypto.Item) (crypto.Item, error) {
	return p.ask("decrypt", spec, c, sealed)
}

func (p *program) ask(op string, spec providerSpec, c testCase, item crypto.Item) (crypto.Item, error) {
	encoded, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		return nil, err
	}
	info, actions := c.table(), c.allActions()
	answer, err := p.send(map[string]any{
		"op": op, "provider": spec, "table": info.Name, "partitionKey": info.PartitionKey, "sortKey": info.SortKey,
		"default": actions.Default, "actions": actions.Attributes, "item": json.RawMessage(encoded),
	})
	if err != nil {
		return nil, err
	}
	return attributevalue.UnmarshalMapJSON(answer.Item)
}

// answer is a program's response.
type answer struct {
	Item        json.RawMessage
	Items       []json.RawMessage
	Sent        json.RawMessage
	BranchKeyID string
	Error       string
}

func (p *program) send(request map[string]any) (answer, error) {
	var a answer
	encoded, err := json.Marshal(request)
	if err != nil {
		return a, err
	}
	if _, err := p.in.Write(append(encoded, '\n')); err != nil {
		return a, err
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("the program ended: %w", err)
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
