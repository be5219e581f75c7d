package lock_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/static"
	"github.com/ddbenc/ddbenc/tags"
)

func ddbecEncryptor(t *testing.T) crypto.ItemEncryptor {
	t.Helper()
	signing, err := providers.NewHMAC("HmacSHA256", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	provider, err := static.New(make([]byte, 32), signing, signing)
	if err != nil {
		t.Fatal(err)
	}
	encryptor, err := ddbec.New(provider)
	if err != nil {
		t.Fatal(err)
	}
	return encryptor
}

func dbesdkEncryptor(t *testing.T, options ...dbesdk.Option) crypto.ItemEncryptor {
	t.Helper()
	keys, err := raw.NewAES("tests", "key", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	encryptor, err := dbesdk.New(keys, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = encryptor.Close() })
	return encryptor
}

// absent stands for no declaration of the attribute.
const absent crypto.Action = 255

// policy is a program's with an attribute under an action, and what the mapper
// makes of it.
func policy(action crypto.Action) (program, crypto.Actions) {
	p := newProgram()
	p.drop("Account")
	p.drop("Order")
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"day": crypto.Sign, "text": crypto.Encrypt}}
	if action != absent {
		p.add("Entry", tags.Attribute{Name: "who", Action: action, Field: "Who", GoType: "string"})
		actions.Attributes["who"] = action
	}
	return p, actions
}

// What Compare says of stored items is what the item formats do with them.
func TestVerdictsAreThoseOfTheItemFormats(t *testing.T) {
	table := crypto.TableInfo{Name: "audit", PartitionKey: "day"}
	every := []crypto.Action{crypto.Encrypt, crypto.Sign, crypto.SignInContext, crypto.None, absent}
	for format, encryptor := range map[string]crypto.ItemEncryptor{"ddbec": ddbecEncryptor(t),
		"dbesdk": dbesdkEncryptor(t)} {
		for _, from := range every {
			for _, to := range every {
				if from == to {
					continue
				}
				t.Run(fmt.Sprintf("%s/%v to %v", format, from, to), func(t *testing.T) {
					before, old := policy(from)
					after, now := policy(to)
					changes := lock.Compare(locked(t, before), after)
					if len(changes) != 1 {
						t.Fatalf("%v", changes)
					}
					reading := changes[0].Stored.DDBEC
					if format == "dbesdk" {
						reading = changes[0].Stored.DBESDK
					}

					item := crypto.Item{"day": &types.AttributeValueMemberS{Value: "d"},
						"text": &types.AttributeValueMemberS{Value: "t"}}
					if from != absent {
						item["who"] = &types.AttributeValueMemberS{Value: "w"}
					}
					sealed, err := encryptor.EncryptItem(t.Context(), table, old, item)
					if err != nil {
						if format == "ddbec" && from == crypto.SignInContext && reading.Verdict == lock.StillReadable {
							return // there are no such items
						}
						t.Fatal(err)
					}
					opened, err := encryptor.DecryptItem(t.Context(), table, now, sealed)
					refused := format == "ddbec" && to == crypto.SignInContext && errors.Is(err, crypto.ErrPolicy)
					switch {
					case err == nil && reading.Verdict == lock.Unreadable:
						t.Errorf("the item opens; verdict: %+v", reading)
					case err != nil && reading.Verdict != lock.Unreadable && !(refused && from == absent):
						t.Errorf("%v; verdict: %+v", err, reading)
					case err != nil && !refused && !errors.Is(err, crypto.ErrTampered):
						t.Error(err)
					case err == nil && len(opened) != len(item):
						t.Errorf("opened %v", opened)
					}
				})
			}
		}
	}
}

// What Compare advises for an unsigned attribute that is removed.
func TestItemsKeepTheirUnsignedAttributesByWithUnsigned(t *testing.T) {
	table := crypto.TableInfo{Name: "audit", PartitionKey: "day"}
	before, old := policy(crypto.None)
	after, now := policy(absent)
	changes := lock.Compare(locked(t, before), after)
	if len(changes) != 1 || !strings.Contains(changes[0].Do, `dbesdk.WithUnsigned("who")`) {
		t.Fatalf("%+v", changes)
	}
	item := crypto.Item{"day": &types.AttributeValueMemberS{Value: "d"}, "who": &types.AttributeValueMemberS{Value: "w"}}
	sealed, err := dbesdkEncryptor(t).EncryptItem(t.Context(), table, old, item)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dbesdkEncryptor(t, dbesdk.WithUnsigned("who")).DecryptItem(t.Context(), table, now, sealed); err != nil {
		t.Error(err)
	}
}
