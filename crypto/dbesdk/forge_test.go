package dbesdk

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
)

// Inside the package, to make items as only someone can who has the keys and
// does not keep to the rules.

// What the forger makes is right but for what it is asked to do wrong:
// otherwise its items would be refused for other reasons.
func TestAForgerWithoutInstructionsMakesItemsThatOpen(t *testing.T) {
	for _, suite := range []Suite{SuiteECDSA, SuiteHMAC} {
		for _, actions := range []crypto.Actions{itemtest.Actions(), contextActions()} {
			e := newTestEncryptor(t, WithSuite(suite))
			opened, err := e.DecryptItem(t.Context(), itemtest.Table(), actions,
				forger{}.seal(t, e, actions, itemtest.Account()))
			itemtest.Check(t, err)
			itemtest.EqualItems(t, opened, itemtest.Account())
		}
	}
}

func TestItemsAgainstTheRulesAreRefusedThoughTheyAreCommittedAndSigned(t *testing.T) {
	same := func(legend []byte) []byte { return legend }
	letter := func(i int, to byte) func([]byte) []byte {
		return func(legend []byte) []byte { legend[i] = to; return legend }
	}
	storing := func(n, size int) keyring.EncryptionContext {
		ec := make(keyring.EncryptionContext)
		for i := range n {
			ec[fmt.Sprintf("entry %03d", i)] = strings.Repeat("x", size)
		}
		return ec
	}
	public := func(text string) func(string) (string, bool) {
		return func(string) (string, bool) { return text, true }
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	itemtest.Check(t, err)
	point, err := p256.PublicKey.Bytes()
	itemtest.Check(t, err)
	// Canonical order: id, plan, tags, email, score, opened, places, secret.
	const id, plan, opened = 0, 1, 5
	for name, c := range map[string]struct {
		forger  forger
		context bool // sealed under contextActions
		suite   Suite
	}{
		"c in version 1":                {forger: forger{version: 1, legend: letter(plan, 'c')}},
		"c for a key in version 1":      {forger: forger{version: 1, legend: letter(id, 'c')}},
		"an unknown letter":             {forger: forger{legend: letter(plan, 'x')}},
		"a capital":                     {forger: forger{legend: letter(plan, 'S')}},
		"letter zero":                   {forger: forger{legend: letter(plan, 0)}},
		"no letters":                    {forger: forger{legend: func([]byte) []byte { return nil }}},
		"a key in version 2 not c":      {forger: forger{legend: letter(id, 's')}, context: true},
		"a sort key in version 2 not c": {forger: forger{legend: letter(opened, 's')}, context: true},
		"version 0":                     {forger: forger{head: func(h *header) { h.version = 0 }}},
		"version 3":                     {forger: forger{legend: same, head: func(h *header) { h.version = 3 }}},
		"flavor 2":                      {forger: forger{head: func(h *header) { h.suite = 0x6702 }}},
		"no data key":                   {forger: forger{head: func(h *header) { h.keys = nil }}},
		"more data keys than are read":  {forger: forger{head: func(h *header) { h.keys = slices.Repeat(h.keys, 21) }}},
		"a provider ID that is no UTF-8": {forger: forger{head: func(h *header) {
			h.keys = append(h.keys,
				keyring.EncryptedDataKey{ProviderID: "\xff"})
		}}},
		"stored context, 65 entries":     {forger: forger{stored: storing(64, 1)}},
		"stored context, 65 without key": {forger: forger{stored: storing(65, 1)}, suite: SuiteHMAC},
		"stored context, over 16 KB":     {forger: forger{stored: storing(5, 4000)}},
		"another table in the context":   {forger: forger{stored: keyring.EncryptionContext{contextTable: "other"}}},
		"another key in the context": {forger: forger{stored: keyring.EncryptionContext{contextAttribute +
			"id": "AAEx"}}},
		"another legend in the context": {forger: forger{stored: keyring.EncryptionContext{contextLegend: "SS"}},
			context: true},
		"no public key": {forger: forger{public: func(string) (string, bool) { return "", false }}},
		"a public key without signature": {forger: forger{public: public(base64.StdEncoding.EncodeToString(make([]byte,
			49)))}, suite: SuiteHMAC},
		"an empty public key":        {forger: forger{public: public("")}},
		"a public key not in base64": {forger: forger{public: public("%%%%")}},
		"a public key of zeros": {forger: forger{public: public(base64.StdEncoding.EncodeToString(make([]byte,
			49)))}},
		"the point at infinity": {forger: forger{public: public("AA==")}},
		"an uncompressed public key": {forger: forger{public: public(base64.StdEncoding.EncodeToString(append([]byte{4},
			make([]byte, 96)...)))}},
		"a point not on the curve": {forger: forger{public: public(base64.StdEncoding.EncodeToString(append([]byte{2},
			bytes.Repeat([]byte{0xff}, 48)...)))}},
		"a key of P-256": {forger: forger{public: public(base64.StdEncoding.EncodeToString(append([]byte{2 | point[64]&1}, point[1:33]...)))}},
		"the public key of someone else": {forger: forger{public: func(own string) (string, bool) {
			pair, err := newPair()
			itemtest.Check(t, err)
			text, err := encodePublicKey(&pair.PublicKey)
			itemtest.Check(t, err)
			return text, true
		}}},
		"the other half of the point": {forger: forger{public: func(own string) (string, bool) {
			point, err := base64.StdEncoding.DecodeString(own)
			itemtest.Check(t, err)
			point[0] ^= 1
			return base64.StdEncoding.EncodeToString(point), true
		}}},
		"neither public key nor signature": {forger: forger{public: func(string) (string, bool) { return "", false },
			foot: func(foot []byte) []byte { return foot[:recipientTagSize] }}},
		"a signature that the suite has not": {forger: forger{signed: true}, suite: SuiteHMAC},
		"a public key with stray bits": {forger: forger{public: func(own string) (string, bool) {
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			last := strings.IndexByte(alphabet, own[65])
			return own[:65] + string(alphabet[last|1]) + own[66:], true
		}}},
		"a wrong commitment": {forger: forger{commitment: func(c []byte) { c[0] ^= 1 }}},
		"a wrong commitment at its end": {forger: forger{commitment: func(c []byte) { c[commitmentSize-1] ^= 0x80 }},
			suite: SuiteHMAC},
		"flavor 2 without signature":   {forger: forger{head: func(h *header) { h.suite = 0x6702 }}, suite: SuiteHMAC},
		"flavor 255 without signature": {forger: forger{head: func(h *header) { h.suite = 0x67ff }}, suite: SuiteHMAC},
		"no signature":                 {forger: forger{foot: func(foot []byte) []byte { return foot[:recipientTagSize] }}},
		"a signature of zeros":         {forger: forger{foot: func(foot []byte) []byte { return append(foot[:recipientTagSize], make([]byte, signatureSize)...) }}},
		"a wrong tag":                  {forger: forger{foot: func(foot []byte) []byte { foot[0] ^= 1; return foot }}},
		"a wrong tag, not signed": {forger: forger{foot: func(foot []byte) []byte { foot[47] ^= 1; return foot }},
			suite: SuiteHMAC},
		"no footer":                {forger: forger{foot: func([]byte) []byte { return nil }}, suite: SuiteHMAC},
		"no ciphertext":            {forger: forger{ciphertexts: map[string][]byte{"email": {}}}},
		"a ciphertext of one byte": {forger: forger{ciphertexts: map[string][]byte{"email": {0}}}},
		"a ciphertext without tag": {forger: forger{ciphertexts: map[string][]byte{"email": {0, 0}}}},
		"a ciphertext cut off":     {forger: forger{ciphertexts: map[string][]byte{"email": make([]byte, 2+tagSize-1)}}},
		"a ciphertext of zeros":    {forger: forger{ciphertexts: map[string][]byte{"email": make([]byte, 2+tagSize)}}},
		"a plaintext cut off":      {forger: forger{plaintexts: map[string][]byte{"email": {2, 0, 0}}}},
		"a plaintext of no type":   {forger: forger{plaintexts: map[string][]byte{"email": {9, 9}}}},
		"a plaintext with a rest":  {forger: forger{plaintexts: map[string][]byte{"email": {0, 0, 1}}}},
	} {
		actions := itemtest.Actions()
		if c.context {
			actions = contextActions()
		}
		if c.suite == 0 {
			c.suite = SuiteECDSA
		}
		e := newTestEncryptor(t, WithSuite(c.suite))
		sealed := c.forger.seal(t, e, actions, itemtest.Account())
		got, err := e.DecryptItem(t.Context(), itemtest.Table(), actions, sealed)
		if got != nil || !errors.Is(err, crypto.ErrTampered) || err.Error() != itemtest.Refusal {
			t.Errorf("%s: got %d attributes and %v, want %s", name, len(got), err, itemtest.Refusal)
		}
	}
}

// A binary may be readable as text, and the footer covers the bytes of an
// encrypted attribute alone: what says its type is that it is a binary.
func TestOnlyBinariesCanBeEncrypted(t *testing.T) {
	h := &header{version: versionPlain, legend: []byte("se")}
	table := crypto.TableInfo{Name: "t", PartitionKey: "id"}
	item := crypto.Item{"id": &types.AttributeValueMemberS{Value: "i"}}
	text := strings.Repeat("7", 2+tagSize)
	for want, v := range map[bool][]types.AttributeValue{
		true: {&types.AttributeValueMemberB{Value: []byte(text)}},
		false: {&types.AttributeValueMemberS{Value: text}, &types.AttributeValueMemberN{Value: text},
			&types.AttributeValueMemberSS{Value: []string{text}}},
	} {
		for _, v := range v {
			item["email"] = v
			if _, ok := storedFields([]string{"id", "email"}, h, table, item); ok != want {
				t.Errorf("%T as an encrypted attribute: %v", v, ok)
			}
		}
	}
}

// What the format takes beyond what it writes: entries of the stored context
// that other clients add.
func TestStoredContextOfOthersIsReadUpToALimit(t *testing.T) {
	e := newTestEncryptor(t)
	for name, stored := range map[string]keyring.EncryptionContext{
		"one more entry": {"tenant": "acme"},
		"64 entries": func() keyring.EncryptionContext {
			ec := make(keyring.EncryptionContext)
			for i := range maxStoredContext - 1 { // and the public key
				ec[fmt.Sprint("entry ", i)] = "value"
			}
			return ec
		}(),
		"16 KB": {"large": strings.Repeat("x", 16<<10-200)},
	} {
		opened, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(),
			forger{stored: stored}.seal(t, e, itemtest.Actions(), itemtest.Account()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		itemtest.EqualItems(t, opened, itemtest.Account())
	}
}

func TestALegendOfAnotherLengthTellsBothNumbers(t *testing.T) {
	e := newTestEncryptor(t)
	for _, n := range []int{1, 7, 9, 300} {
		sealed := forger{legend: func([]byte) []byte { return bytes.Repeat([]byte("s"), n) }}.seal(t, e, itemtest.Actions(),
			itemtest.Account())
		_, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
		var legend *LegendError
		if !errors.As(err, &legend) || legend.Sealed != n || legend.Found != 8 || !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%d letters: got %v, want a LegendError", n, err)
		}
	}
}

func TestDecryptItem_ValuesThatDynamoDBWouldRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		plaintext []byte // type and value
		want      types.AttributeValue
	}{
		"an empty set":    {[]byte{1, 1, 0, 0, 0, 0}, &types.AttributeValueMemberSS{Value: []string{}}},
		"no number":       {append([]byte{0, 2}, "Infinity"...), &types.AttributeValueMemberN{Value: "Infinity"}},
		"text in no UTF8": {[]byte{0, 1, 0xff}, nil},
	} {
		e := newTestEncryptor(t)
		sealed := forger{plaintexts: map[string][]byte{"email": c.plaintext}}.seal(t, e, itemtest.Actions(),
			itemtest.Account())
		got, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
		if c.want != nil {
			if err != nil || !reflect.DeepEqual(got["email"], c.want) {
				t.Errorf("%s: got %#v, %v", name, got["email"], err)
			}
			continue
		}
		at, ok := errors.AsType[*crypto.ItemError](err)
		if got != nil || !ok || at.Attribute != "email" || !errors.Is(err, crypto.ErrInvalidItem) ||
			errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%s: got %v, want ErrInvalidItem of the attribute", name, err)
		}
	}
}
