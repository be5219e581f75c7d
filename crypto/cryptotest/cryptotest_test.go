package cryptotest_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/cryptotest"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/providertest"
	"github.com/ddbenc/ddbenc/providers/static"
)

// The tests of each format run the same suite over all keyrings and providers.
func TestRun_PassesTheFormatsOfThisModule(t *testing.T) {
	t.Run("dbesdk", func(t *testing.T) {
		cryptotest.Run(t, providertest.Encryptor(t), cryptotest.WithSignInContext())
	})
	t.Run("ddbec", func(t *testing.T) {
		hmac, err := providers.NewHMAC("HmacSHA256", bytes.Repeat([]byte{5}, 32))
		if err != nil {
			t.Fatal(err)
		}
		provider, err := static.New(bytes.Repeat([]byte{6}, 32), hmac, hmac)
		if err != nil {
			t.Fatal(err)
		}
		e, err := ddbec.New(provider)
		if err != nil {
			t.Fatal(err)
		}
		cryptotest.Run(t, e, cryptotest.WithUnsigned(ddbec.DescriptionAttribute))
	})
}

// broken is an encryptor with a mistake.
type broken struct {
	*dbesdk.Encryptor
	encrypt func(given, sealed crypto.Item)
	decrypt func(given, opened crypto.Item, err error) (crypto.Item, error)
	action  func(name string) (crypto.Action, bool)
}

func (b broken) EncryptItem(ctx context.Context, table crypto.TableInfo, actions crypto.Actions, item crypto.Item) (crypto.Item, error) {
	sealed, err := b.Encryptor.EncryptItem(ctx, table, actions, item)
	if err == nil && b.encrypt != nil {
		b.encrypt(item, sealed)
	}
	return sealed, err
}

func (b broken) DecryptItem(ctx context.Context, table crypto.TableInfo, actions crypto.Actions, item crypto.Item) (crypto.Item, error) {
	opened, err := b.Encryptor.DecryptItem(ctx, table, actions, item)
	if b.decrypt != nil {
		return b.decrypt(item, opened, err)
	}
	return opened, err
}

func (b broken) ActionOf(actions crypto.Actions, name string) crypto.Action {
	if b.action != nil {
		if action, ok := b.action(name); ok {
			return action
		}
	}
	return b.Encryptor.ActionOf(actions, name)
}

// mistakes are named by the subtest that finds them.
var mistakes = map[string]broken{
	"DescribesItself": {action: func(name string) (crypto.Action, bool) { return crypto.Encrypt, name == "plan" }},
	"EveryChangeToAStoredItemIsNoticed": {decrypt: func(_, opened crypto.Item, err error) (crypto.Item, error) {
		if err != nil {
			return nil, errors.New("it does not verify") // of no kind
		}
		return opened, nil
	}},
	"NothingInsideAnItemIsChanged": {encrypt: func(given, _ crypto.Item) { delete(given, "signed-S") }},
	"PlaintextIsNotProtected": {decrypt: func(given, opened crypto.Item, err error) (crypto.Item, error) {
		if errors.Is(err, crypto.ErrNotProtected) {
			return given, nil
		}
		return opened, err
	}},
	"AttributesLeftAloneComeBackAsTheyAre": {decrypt: func(_, opened crypto.Item, err error) (crypto.Item, error) {
		for name := range opened {
			if name == "visits" || name == "unsigned-N" {
				opened[name] = &types.AttributeValueMemberN{Value: "0"}
			}
		}
		return opened, err
	}},
}

// TestRun_FindsMistakes runs itself in another process, where the test of a
// mistake has to fail.
func TestRun_FindsMistakes(t *testing.T) {
	const variable = "DDBENC_CRYPTOTEST_MISTAKE"
	if name := os.Getenv(variable); name != "" {
		e := mistakes[name]
		e.Encryptor = providertest.Encryptor(t)
		cryptotest.Run(t, e)
		return
	}
	for name := range mistakes {
		t.Run(name, func(t *testing.T) {
			command := exec.Command(os.Args[0], "-test.run=^TestRun_FindsMistakes$/^"+name+"$", "-test.v")
			command.Env = append(os.Environ(), variable+"="+name)
			output, err := command.CombinedOutput()
			if err == nil || !bytes.Contains(output, []byte("--- FAIL: TestRun_FindsMistakes/"+name)) {
				t.Errorf("the mistake is not found: %v\n%.2000s", err, output)
			}
		})
	}
}
