package providertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
)

// Run tests, in subtests of t, that a provider's materials seal and open items,
// that the materials for opening fit those for sealing, and that it survives
// any material description and returns errors of the right kind:
//
//	func TestProvider_Conforms(t *testing.T) {
//		providertest.Run(t, newProvider(t))
//	}
//
// The items are of a table "accounts" with the partition key "id" and the sort
// key "tenant", both strings.
func Run(t *testing.T, p providers.Provider) {
	t.Helper()
	c := conformance{p}
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"SealsAndOpensItems", c.testItems},
		{"ReturnsMatchingMaterials", c.testMaterials},
		{"VerifiesOnlyWhatWasSigned", c.testVerifier},
		{"SurvivesAnyDescription", c.testDescriptions},
		{"ReturnsContextErrors", c.testCanceled},
		{"IsSafeForConcurrentUse", c.testConcurrency},
	} {
		t.Run(test.name, test.run)
	}
}

type conformance struct{ provider providers.Provider }

var conformTable = crypto.TableInfo{Name: "accounts", PartitionKey: "id", SortKey: "tenant"}

func conformItem(id string) crypto.Item {
	return crypto.Item{
		"id":     &types.AttributeValueMemberS{Value: id},
		"tenant": &types.AttributeValueMemberS{Value: "tenant-1"},
		"email":  &types.AttributeValueMemberS{Value: "ada@example.com"},
		"plan":   &types.AttributeValueMemberS{Value: "gold"},
	}
}

func itemContext(id string) providers.EncryptionContext {
	return providers.EncryptionContext{Table: conformTable, Key: conformTable.Key(conformItem(id))}
}

func (c conformance) encryptor(t *testing.T) *ddbec.Encryptor {
	t.Helper()
	e, err := ddbec.New(c.provider)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// materials returns materials to seal an item, and those to open it.
func (c conformance) materials(
	t *testing.T, id string,
) (*providers.EncryptionMaterials, *providers.DecryptionMaterials) {
	t.Helper()
	sealing, err := c.provider.EncryptionMaterials(t.Context(), itemContext(id))
	if err != nil {
		t.Fatalf("EncryptionMaterials: %v", err)
	}
	if sealing == nil || sealing.Signer == nil {
		t.Fatal("EncryptionMaterials returns no materials, or materials without a Signer")
	}
	opening, err := c.provider.DecryptionMaterials(t.Context(), itemContext(id), maps.Clone(sealing.Description))
	if err != nil {
		t.Fatalf("DecryptionMaterials: %v", err)
	}
	if opening == nil || opening.Verifier == nil {
		t.Fatal("DecryptionMaterials returns no materials, or materials without a Verifier")
	}
	return sealing, opening
}

func (c conformance) testItems(t *testing.T) {
	sealing, _ := c.materials(t, "a-1")
	actions := crypto.Actions{Attributes: map[string]crypto.Action{
		"id": crypto.Sign, "tenant": crypto.Sign, "plan": crypto.Sign,
	}}
	if sealing.EncryptionKey == nil {
		actions.Default = crypto.Sign // the provider is for signing only
	}
	e := c.encryptor(t)
	sealed, err := e.EncryptItem(t.Context(), conformTable, actions, conformItem("a-1"))
	if err != nil {
		t.Fatalf("sealing: %v", err)
	}
	opened, err := e.DecryptItem(t.Context(), conformTable, actions, sealed)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	if !reflect.DeepEqual(opened, conformItem("a-1")) {
		t.Errorf("opened, the item is %v", opened)
	}
	changed := maps.Clone(sealed)
	changed["plan"] = &types.AttributeValueMemberS{Value: "platinum"}
	moved := maps.Clone(sealed)
	moved["id"] = &types.AttributeValueMemberS{Value: "a-2"}
	for what, item := range map[string]crypto.Item{"with a changed attribute": changed, "under another key": moved} {
		switch _, err := e.DecryptItem(t.Context(), conformTable, actions, item); {
		case err == nil:
			t.Errorf("an item %s opens", what)
		case errors.Is(err, crypto.ErrKeyUnavailable):
			t.Errorf("an item %s: the error is taken for an outage, and callers retry it: %v", what, err)
		}
	}
}

func (c conformance) testMaterials(t *testing.T) {
	sealing, opening := c.materials(t, "a-1")
	switch len(sealing.EncryptionKey) {
	case 0, 16, 24, 32:
	default:
		t.Errorf("the encryption key has %d bytes, not 16, 24 or 32", len(sealing.EncryptionKey))
	}
	if !bytes.Equal(sealing.EncryptionKey, opening.DecryptionKey) {
		t.Error("the decryption key is not the encryption key")
	}
	for name := range sealing.Description {
		if strings.HasPrefix(name, "amzn-ddb-map-") {
			t.Errorf("the description has the name %q, which the format reserves", name)
		}
	}
	if sealing.Signer.Algorithm() == "" {
		t.Error("the Signer names no algorithm")
	}
}

func (c conformance) testVerifier(t *testing.T) {
	sealing, opening := c.materials(t, "a-1")
	message := []byte("a message to sign")
	signature, err := sealing.Signer.Sign(bytes.Clone(message))
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	algorithm := sealing.Signer.Algorithm()
	if err := opening.Verifier.Verify(algorithm, message, signature); err != nil {
		t.Fatalf("Verify: %v", err)
	}
	for i := range signature {
		changed := bytes.Clone(signature)
		changed[i] ^= 1
		if opening.Verifier.Verify(algorithm, message, changed) == nil {
			t.Errorf("a signature verifies whose byte %d is changed", i)
		}
	}
	for name, forged := range map[string][]byte{
		"empty":    nil,
		"cut":      signature[:len(signature)-1],
		"extended": append(bytes.Clone(signature), 0),
	} {
		if opening.Verifier.Verify(algorithm, message, forged) == nil {
			t.Errorf("an %s signature verifies", name)
		}
	}
	// The algorithm is the attacker's to choose.
	for _, named := range []string{
		algorithm, "", "none", "NONEwithRSA", "HmacSHA256", "HmacMD5", "SHA1withRSA", "SHA256withECDSA",
	} {
		for name, forged := range map[string][]byte{
			"the message": message, "nothing": nil, "zeros": make([]byte, len(signature)),
		} {
			if opening.Verifier.Verify(named, message, forged) == nil {
				t.Errorf("with the algorithm %q, %s verifies as a signature", named, name)
			}
		}
		if opening.Verifier.Verify(named, []byte("another message"), signature) == nil {
			t.Errorf("with the algorithm %q, the signature verifies for another message", named)
		}
	}
}

// An attacker can write any description.
func (c conformance) testDescriptions(t *testing.T) {
	sealing, _ := c.materials(t, "a-1")
	var all []providers.MaterialDescription
	all = append(all, nil, providers.MaterialDescription{}, providers.MaterialDescription{"": ""},
		providers.MaterialDescription{
			"amzn-ddb-env-alg": "AES/256", "amzn-ddb-env-key": "AAAA", "amzn-ddb-wrap-alg": "AESWrap",
		})
	for name, value := range sealing.Description {
		without := maps.Clone(sealing.Description)
		delete(without, name)
		all = append(all, without)
		values := []string{
			"", "x", "../../etc/passwd", "http://169.254.169.254/", "\x00\xff", strings.Repeat("x", 1<<16), value + "x",
		}
		for i := range min(len(value), 100) {
			changed := []byte(value)
			changed[i] ^= 1
			values = append(values, string(changed), value[:i])
		}
		for _, v := range values {
			changed := maps.Clone(sealing.Description)
			changed[name] = v
			all = append(all, changed)
		}
	}
	for _, description := range all {
		given := maps.Clone(description)
		materials, err := c.provider.DecryptionMaterials(t.Context(), itemContext("a-1"), given)
		shown := fmt.Sprintf("%.200q", description)
		switch {
		case err == nil && (materials == nil || materials.Verifier == nil):
			t.Errorf("%s: neither materials with a Verifier nor an error", shown)
		case err != nil && !final(err):
			t.Errorf("%s: the error is taken for an outage, and callers retry it: %v", shown, err)
		}
		if !maps.Equal(given, description) {
			t.Errorf("%s: the description was changed", shown)
		}
	}
}

// final reports whether a caller takes an error for a final answer.
func final(err error) bool {
	return !errors.Is(err, crypto.ErrKeyUnavailable) &&
		(errors.Is(err, crypto.ErrNoUsableKey) || errors.Is(err, crypto.ErrTampered))
}

// A provider that asks no service may ignore that the context ended.
func (c conformance) testCanceled(t *testing.T) {
	sealing, _ := c.materials(t, "a-1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, encryption := c.provider.EncryptionMaterials(ctx, itemContext("a-1"))
	_, decryption := c.provider.DecryptionMaterials(ctx, itemContext("a-1"), maps.Clone(sealing.Description))
	for name, err := range map[string]error{"EncryptionMaterials": encryption, "DecryptionMaterials": decryption} {
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a canceled context: the error does not wrap context.Canceled: %v", name, err)
		}
		if errors.Is(err, crypto.ErrNoUsableKey) || errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s with a canceled context: the error is a final one: %v", name, err)
		}
	}
}

func (c conformance) testConcurrency(t *testing.T) {
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			ec := itemContext(fmt.Sprint(i))
			sealing, err := c.provider.EncryptionMaterials(t.Context(), ec)
			if err != nil {
				t.Errorf("EncryptionMaterials: %v", err)
				return
			}
			opening, err := c.provider.DecryptionMaterials(t.Context(), ec, maps.Clone(sealing.Description))
			if err != nil {
				t.Errorf("DecryptionMaterials: %v", err)
			} else if !bytes.Equal(opening.DecryptionKey, sealing.EncryptionKey) {
				t.Error("the decryption key is not the encryption key")
			}
		})
	}
	group.Wait()
}
