package itemtest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// Subject is an item format with keys to be tested by [Run].
type Subject struct {
	// Encryptor is the encryptor under test. It can seal and open.
	Encryptor crypto.ItemEncryptor

	// Repeated has the same keys as Encryptor but may cache them when it opens
	// items with the same header or description repeatedly. Nil means
	// Encryptor.
	Repeated crypto.ItemEncryptor

	// Unsigned holds the format's own attributes that are not signed. Changing
	// them results in the item or an error.
	Unsigned []string

	// InContext is true if the format supports the action "sign,context".
	InContext bool

	// Slow is true if opening an item takes a private key operation. Not every
	// byte is changed then, except for those of the signature.
	Slow bool

	// BitsElsewhere is true if the format has its own test that changes every
	// bit of the signature. Here, only one bit of each byte is changed then.
	BitsElsewhere bool

	// Others holds the start and end of the part of the signature that is for
	// readers with other keys, which this one cannot check.
	Others [2]int

	// Refused returns an error if err, which is nil or wraps one of the kinds,
	// is not the correct response to a change. Nil is for formats that respond
	// to each change in the same way: see [Same].
	Refused func(Change, error) error
}

// Change is a modification of a sealed item.
type Change int

const (
	// ChangedValue is another value of a signed attribute, its name, or the
	// signature.
	ChangedValue Change = iota + 1
	// ChangedContext is another value of an attribute in the encryption
	// context, or another table.
	ChangedContext
	// ChangedCount is an additional or missing signed attribute.
	ChangedCount
	// ChangedHead is another value of a signed attribute that describes how the
	// item was sealed.
	ChangedHead
)

// Same is for formats that respond to all changes with [crypto.ErrTampered] and
// the same text.
func Same(_ Change, err error) error {
	var at *crypto.ItemError
	switch {
	case !errors.Is(err, crypto.ErrTampered):
		return fmt.Errorf("it is not ErrTampered")
	case !errors.As(err, &at) || at.Err != crypto.ErrTampered:
		return fmt.Errorf("it says more than that the item does not verify")
	case at.Op != "decrypt" || at.Attribute != "" || !slices.Equal(at.Keys, Table().KeyNames()) &&
		!slices.Equal(at.Keys, renamedTable().KeyNames()):
		return fmt.Errorf("it says more than where the item is")
	case at.Table == Table().Name && slices.Equal(at.Keys, Table().KeyNames()) && err.Error() != Refusal:
		return fmt.Errorf("its text is another than that of others")
	}
	return nil
}

// Run tests that every change of a sealed item is detected, except for unsigned
// attributes, and that the encryptor neither modifies nor shares what does not
// belong to it.
func Run(t *testing.T, s Subject) {
	if s.Repeated == nil {
		s.Repeated = s.Encryptor
	}
	if s.Refused == nil {
		s.Refused = Same
	}
	for name, test := range map[string]func(*testing.T, Subject){
		"EveryChangeToAStoredItemIsNoticed":        everyChange,
		"NoValueOfAnyTypeCanBeReplaced":            replacedValues,
		"ARenamedAttributeIsNoticedInItsPlace":     renamedAttributes,
		"EveryBitOfSignatureAndCiphertextCounts":   flippedBits,
		"AttributesLeftAloneComeBackAsTheyAre":     unsignedAttributes,
		"ChangesThatNobodySignedChangeNoOther":     unsignedChanges,
		"UnsignedAttributesOfTheFormatOpenNoOther": unsignedOwn,
		"NothingInsideAnItemIsChanged":             inputsUnchanged,
		"WhatDynamoDBRewritesStillVerifies":        rewritten,
		"NamesThatDynamoDBWouldRefuseAreNotSealed": names,
		"PlaintextIsNotProtected":                  plaintext,
		"ManyMaySealAndOpenAtOnce":                 atOnce,
		"AnItemOpensAsItWasSealedUnderAnyDefault":  defaults,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

func (s Subject) seal(t *testing.T, actions crypto.Actions, item crypto.Item) crypto.Item {
	t.Helper()
	sealed, err := s.Encryptor.EncryptItem(t.Context(), Table(), actions, item)
	Check(t, err)
	return sealed
}

// refused checks that an item does not open.
func (s Subject) refused(
	t *testing.T, what string, change Change, table crypto.TableInfo, actions crypto.Actions, item crypto.Item,
) {
	t.Helper()
	refusedBy(t, s.Encryptor, s, what, change, table, actions, item)
}

func refusedBy(
	t *testing.T, e crypto.ItemEncryptor, s Subject, what string, change Change, table crypto.TableInfo,
	actions crypto.Actions, item crypto.Item,
) {
	t.Helper()
	opened, err := e.DecryptItem(t.Context(), table, actions, item)
	if opened != nil {
		t.Errorf("%s: %d attributes are returned, with %v", what, len(opened), err)
	}
	if err == nil {
		t.Errorf("%s: it opens", what)
	} else if errors.Is(err, crypto.ErrKeyUnavailable) {
		t.Errorf("%s: %v passes for an outage", what, err)
	} else if wrong := s.Refused(change, err); wrong != nil {
		t.Errorf("%s: got the error %q: %v", what, err, wrong)
	}
}

// opens checks that an item opens as want.
func (s Subject) opens(t *testing.T, what string, actions crypto.Actions, item, want crypto.Item) {
	t.Helper()
	opened, err := s.Encryptor.DecryptItem(t.Context(), Table(), actions, item)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	EqualItems(t, opened, want)
}

// unsigned reports whether an attribute of a sealed item can be changed without
// detection.
func (s Subject) unsigned(actions crypto.Actions, name string) bool {
	if s.Encryptor.Reserved(name) {
		return slices.Contains(s.Unsigned, name)
	}
	return !actions.Of(name).Signed()
}

// forOthers reports whether v differs from the signature of a sealed item only
// in the part for readers with other keys.
func (s Subject) forOthers(sealed crypto.Item, attribute string, v types.AttributeValue) bool {
	changed, ok := v.(*types.AttributeValueMemberB)
	if !ok || changed == nil || attribute != s.Encryptor.SignatureAttribute() {
		return false
	}
	signature := sealed[attribute].(*types.AttributeValueMemberB).Value
	return len(changed.Value) == len(signature) &&
		bytes.Equal(changed.Value[:s.Others[0]], signature[:s.Others[0]]) &&
		bytes.Equal(changed.Value[s.Others[1]:], signature[s.Others[1]:])
}

// kind returns the kind of change that another value of an attribute is.
func (s Subject) kind(actions crypto.Actions, names ...string) Change {
	kind := ChangedValue
	for _, name := range names {
		switch {
		case s.Encryptor.Reserved(name) && name != s.Encryptor.SignatureAttribute():
			return ChangedHead
		case Table().IsKey(name) || actions.Of(name) == crypto.SignInContext && !s.Encryptor.Reserved(name):
			kind = ChangedContext
		}
	}
	return kind
}

// missing returns the kind of change that the removal of an attribute is.
func (s Subject) missing(actions crypto.Actions, name string) Change {
	if s.Encryptor.Reserved(name) || Table().IsKey(name) {
		return s.kind(actions, name)
	}
	return ChangedCount
}

// both runs a test with every type of value, with and without the encryption
// context.
func (s Subject) both(t *testing.T, test func(t *testing.T, item crypto.Item, actions crypto.Actions)) {
	for _, inContext := range []bool{false, true} {
		if inContext && !s.InContext {
			continue
		}
		item, actions := Every(inContext)
		test(t, item, actions)
	}
}

// plainTable returns a table without a sort key. All its attributes are signed.
func plainTable() (crypto.TableInfo, crypto.Actions) {
	return crypto.TableInfo{Name: "t", PartitionKey: "id"},
		crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}, Default: crypto.Sign}
}

func replaced(item crypto.Item, name string, v types.AttributeValue) crypto.Item {
	changed := maps.Clone(item)
	changed[name] = v
	return changed
}
