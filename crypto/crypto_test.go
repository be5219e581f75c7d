package crypto_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

func TestActionsAreSpelledAsInTags(t *testing.T) {
	for word, action := range map[string]crypto.Action{
		"encrypt": crypto.Encrypt, "sign": crypto.Sign, "sign,context": crypto.SignInContext, "none": crypto.None,
	} {
		if got, err := crypto.ParseAction(word); err != nil || got != action || got.String() != word {
			t.Errorf("%q is %v, %v", word, got, err)
		}
		text, err := json.Marshal(action)
		var back crypto.Action
		if err != nil || string(text) != `"`+word+`"` || json.Unmarshal(text, &back) != nil || back != action {
			t.Errorf("%v in JSON is %s, %v, and back %v", action, text, err, back)
		}
	}
	for _, word := range []string{"", "Encrypt", "encrypt ", "nothing", "sign, context"} {
		var a crypto.Action
		if _, err := crypto.ParseAction(word); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%q: %v", word, err)
		}
		if err := a.UnmarshalText([]byte(word)); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%q in JSON: %v", word, err)
		}
	}
	if _, err := crypto.Action(9).MarshalText(); !errors.Is(err, crypto.ErrPolicy) {
		t.Errorf("an unknown action is marshaled: %v", err)
	}
	if s := crypto.Action(9).String(); s != "Action(9)" {
		t.Errorf("an unknown action is %q", s)
	}
}

func TestWhatNobodyDecidedAboutIsEncrypted(t *testing.T) {
	var actions crypto.Actions
	if a := actions.Of("anything"); a != crypto.Encrypt || !a.Signed() {
		t.Errorf("got %v", a)
	}
	actions = crypto.Actions{Default: crypto.None, Attributes: map[string]crypto.Action{"a": crypto.Sign}}
	if actions.Of("a") != crypto.Sign || actions.Of("b") != crypto.None || actions.Of("b").Signed() {
		t.Error("the attribute's own action, or else the default")
	}
}

func TestAnItemErrorSaysWhereAndKeepsItsCause(t *testing.T) {
	err := error(&crypto.ItemError{Op: "decrypt", Table: "accounts", Keys: []string{"id", "opened"}, Attribute: "email",
		Err: crypto.ErrTampered})
	if got, want := err.Error(), `ddbenc: decrypt: table "accounts" (key id, opened): attribute "email": item does not verify`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if !errors.Is(err, crypto.ErrTampered) {
		t.Error("the cause is lost")
	}
	if got := (&crypto.ItemError{Op: "decrypt",
		Err: crypto.ErrTampered}).Error(); got != "ddbenc: decrypt: item does not verify" {
		t.Errorf("got %s", got)
	}
}

func TestTableInfoKnowsTheKey(t *testing.T) {
	item := crypto.Item{"id": &types.AttributeValueMemberS{}, "opened": &types.AttributeValueMemberS{},
		"email": &types.AttributeValueMemberS{}}
	both := crypto.TableInfo{PartitionKey: "id", SortKey: "opened"}
	one := crypto.TableInfo{PartitionKey: "id"}
	if len(both.Key(item)) != 2 || len(one.Key(item)) != 1 || len(both.Key(crypto.Item{})) != 0 ||
		len(one.KeyNames()) != 1 || len(both.KeyNames()) != 2 {
		t.Error("the key has other attributes")
	}
	if !both.IsKey("opened") || one.IsKey("opened") || one.IsKey("") || !one.IsKey("id") {
		t.Error("IsKey is wrong")
	}
}
