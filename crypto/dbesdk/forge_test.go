package dbesdk

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
	"github.com/ddbenc/ddbenc/providers/keyring/rawaes"
)

// Inside the package, to make items as only somebody can who has the keys and
// does not keep to the rules.

func newTestKeyring(t testing.TB) keyring.Keyring {
	t.Helper()
	keys, err := rawaes.New("tests", "key", keyring.NewIntermediateKey())
	itemtest.Check(t, err)
	return keys
}

func newTestEncryptor(t testing.TB, options ...Option) *Encryptor {
	t.Helper()
	e, err := New(newTestKeyring(t), options...)
	itemtest.Check(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

// forger says what of an item to make otherwise than it should be, with a
// commitment, tags and a signature that are right for that. Its zero value
// seals items as they should be.
type forger struct {
	version     byte // 0: as the actions say
	suite       Suite
	legend      func([]byte) []byte         // the header's
	stored      keyring.EncryptionContext   // more than the public key
	public      func(string) (string, bool) // in its place; false: none
	plaintexts  map[string][]byte           // type and encoding, of what is to encrypt
	ciphertexts map[string][]byte           // in place of what is to encrypt
	head        func(*header)               // before the commitment
	commitment  func([]byte)                // changes it, before it is signed
	signed      bool                        // also if the suite does not sign
	foot        func([]byte) []byte         // afterwards
}

func (f forger) seal(t testing.TB, e *Encryptor, actions crypto.Actions, item crypto.Item) crypto.Item {
	t.Helper()
	table := itemtest.Table()
	h := &header{version: versionOf(actions), suite: e.suite}
	if f.version != 0 {
		h.version = f.version
	}
	if f.suite != 0 {
		h.suite = f.suite
	}
	rand.Read(h.messageID[:])
	names := e.signedNames(actions, item)
	letters := e.legend(h.version, table, actions, names)
	h.legend = letters
	if f.legend != nil {
		h.legend = f.legend(slices.Clone(letters))
		if len(h.legend) == len(letters) {
			letters = h.legend
		}
	}
	fields := make([]field, len(names))
	for i, name := range names {
		fields[i].name = name
		var err error
		if letters[i] != legendEncrypted {
			fields[i].encoded, err = encode(item[name])
		} else if plain, ok := f.plaintexts[name]; ok {
			fields[i].encoded = encoded{typeBinary, plain}
		} else {
			fields[i].id = typeBinary
			fields[i].value, err = encodeWithRoom(item[name], tagSize)
		}
		itemtest.Check(t, err)
	}
	ec := baseContext(h.version, table, fields, letters)
	h.context = maps.Clone(f.stored)
	if h.context == nil {
		h.context = make(keyring.EncryptionContext)
	}
	var private *ecdsa.PrivateKey
	if h.suite == SuiteECDSA || f.signed {
		var err error
		private, err = newPair()
		itemtest.Check(t, err)
		h.context[contextPublicKey], err = encodePublicKey(&private.PublicKey)
		itemtest.Check(t, err)
	}
	if f.public != nil {
		if public, ok := f.public(h.context[contextPublicKey]); ok {
			h.context[contextPublicKey] = public
		} else {
			delete(h.context, contextPublicKey)
		}
	}
	maps.Copy(ec, h.context)
	materials, err := keyring.NewEncryptionMaterials(maps.Clone(ec))
	itemtest.Check(t, err)
	itemtest.Check(t, e.keyring.OnEncrypt(t.Context(), materials))
	h.keys = materials.EncryptedDataKeys()
	if f.head != nil {
		f.head(h)
	}
	head, err := h.commit(materials.DataKey())
	itemtest.Check(t, err)
	if f.commitment != nil {
		f.commitment(head[len(head)-commitmentSize:])
	}
	// A tag for each data key, as there should be.
	signing := materials.SigningKeys()
	for len(signing) < len(h.keys) {
		signing = append(signing, newTestKey())
	}

	keys, err := newFieldKeys(materials.DataKey(), h.messageID)
	itemtest.Check(t, err)
	for i := range fields {
		if letters[i] != legendEncrypted {
			continue
		}
		aead, nonce, err := keys.next()
		itemtest.Check(t, err)
		v := fields[i].value
		fields[i].value = aead.Seal(slices.Clone(v[:2]), nonce, v[2:], canonicalPath(table.Name, fields[i].name))
		if given, ok := f.ciphertexts[fields[i].name]; ok {
			fields[i].value = given
		}
	}
	hash, err := canonicalHash(head, ec, table.Name, fields, letters)
	itemtest.Check(t, err)
	foot, err := makeFooter(hash, signing[:len(h.keys)], private)
	itemtest.Check(t, err)
	if f.foot != nil {
		foot = f.foot(foot)
	}
	sealed := maps.Clone(item)
	for i, field := range fields {
		if letters[i] == legendEncrypted {
			sealed[field.name] = &types.AttributeValueMemberB{Value: field.value}
		}
	}
	sealed[HeadAttribute] = &types.AttributeValueMemberB{Value: head}
	sealed[FootAttribute] = &types.AttributeValueMemberB{Value: foot}
	return sealed
}

func contextActions() crypto.Actions {
	actions := itemtest.Actions()
	actions.Attributes["plan"] = crypto.SignInContext
	return actions
}

// What the forger makes is right but for what it is told to make wrong:
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
		"the public key of somebody else": {forger: forger{public: func(own string) (string, bool) {
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

// An item whose commitment is right and whose foot is not was made by somebody
// who has the data key, or is a trick. In any case nothing of it is decrypted:
// opening it does not take the memory that the plaintext would.
func TestNothingIsDecryptedBeforeTheFootIsVerified(t *testing.T) {
	const size = 8 << 20
	item := itemtest.Account()
	item["secret"] = &types.AttributeValueMemberB{Value: make([]byte, size)}
	for _, suite := range []Suite{SuiteECDSA, SuiteHMAC} {
		e := newTestEncryptor(t, WithSuite(suite))
		allocated := func(sealed crypto.Item) (uint64, error) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := e.DecryptItem(t.Context(), itemtest.Table(), itemtest.Actions(), sealed)
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc, err
		}
		if n, err := allocated(forger{}.seal(t, e, itemtest.Actions(), item)); err != nil || n < size {
			t.Fatalf("%v: opening allocates %d bytes, with %v", suite, n, err)
		}
		for what, foot := range map[string]func([]byte) []byte{
			"tag":                 func(foot []byte) []byte { foot[0] ^= 1; return foot },
			"end":                 func(foot []byte) []byte { foot[len(foot)-1] ^= 1; return foot },
			"length of the whole": func(foot []byte) []byte { return append(foot, 0) },
		} {
			n, err := allocated(forger{foot: foot}.seal(t, e, itemtest.Actions(), item))
			if !errors.Is(err, crypto.ErrTampered) || n >= size/2 {
				t.Errorf("%v, wrong %s: %d bytes were allocated, with %v", suite, what, n, err)
			}
		}
	}
}

// overhearing keeps what it unwraps, as anybody can who may read.
type overhearing struct {
	keyring.Keyring
	materials *keyring.DecryptionMaterials
}

func (o *overhearing) OnDecrypt(
	ctx context.Context, m *keyring.DecryptionMaterials, keys []keyring.EncryptedDataKey,
) error {
	err := o.Keyring.OnDecrypt(ctx, m, keys)
	o.materials = m
	return err
}

// Who may read an item has its data key and one of its signing keys. With
// SuiteECDSA that is not enough to change it; with SuiteHMAC it is, for those
// who read with the same key. Suite says so.
func TestAReaderCannotChangeWhatIsSigned(t *testing.T) {
	for _, suite := range []Suite{SuiteECDSA, SuiteHMAC} {
		mine, theirs := newTestKeyring(t), newTestKeyring(t)
		both, err := multi.New(mine, theirs)
		itemtest.Check(t, err)
		writer, err := New(both, WithSuite(suite))
		itemtest.Check(t, err)
		defer writer.Close()
		// All data keys are named alike: each keyring has one of them.
		insider := &overhearing{Keyring: mine}
		e, err := New(insider, WithSuite(suite))
		itemtest.Check(t, err)
		table, actions := itemtest.Table(), itemtest.Actions()
		sealed, err := writer.EncryptItem(t.Context(), table, actions, itemtest.Account())
		itemtest.Check(t, err)
		_, err = e.DecryptItem(t.Context(), table, actions, sealed)
		itemtest.Check(t, err)

		// The insider changes a signed value and makes the own tag anew. (What
		// else an insider could change is in the next test.)
		changed := maps.Clone(sealed)
		changed["plan"] = &types.AttributeValueMemberS{Value: "platinum"}
		head, _ := binaryOf(sealed[HeadAttribute])
		h, _, _, ok := parseHeader(head, 20)
		if !ok {
			t.Fatal("the header does not parse")
		}
		fields, ok := storedFields(e.signedNames(actions, changed), h, table, changed)
		if !ok {
			t.Fatal("the item does not fit its legend")
		}
		hash, err := canonicalHash(head, insider.materials.Context(), table.Name, fields, h.legend)
		itemtest.Check(t, err)
		foot, _ := binaryOf(sealed[FootAttribute])
		foot = append(recipientTag(insider.materials.SigningKey(), hash), foot[recipientTagSize:]...)
		changed[FootAttribute] = &types.AttributeValueMemberB{Value: foot}

		reader := func(keys keyring.Keyring) error {
			r, err := New(keys)
			itemtest.Check(t, err)
			_, err = r.DecryptItem(t.Context(), table, actions, changed)
			return err
		}
		if err := reader(theirs); !errors.Is(err, crypto.ErrTampered) {
			t.Errorf("%v: a reader with another key: got %v, want ErrTampered", suite, err)
		}
		switch err := reader(mine); {
		case suite == SuiteECDSA && !errors.Is(err, crypto.ErrTampered):
			t.Errorf("%v: a reader with the same key: got %v, want ErrTampered", suite, err)
		case suite == SuiteHMAC && err != nil:
			t.Errorf("%v: a reader with the same key: %v; if that is noticed now, say so in the doc of Suite", suite, err)
		}
	}
}

// What an insider changes in the header can be committed to anew: the
// signature covers the header too.
func TestAReaderCannotChangeTheHeader(t *testing.T) {
	insider := &overhearing{Keyring: newTestKeyring(t)}
	e, err := New(insider)
	itemtest.Check(t, err)
	defer e.Close()
	table, actions := itemtest.Table(), crypto.Actions{Default: crypto.Sign}
	sealed, err := e.EncryptItem(t.Context(), table, actions, itemtest.Account())
	itemtest.Check(t, err)
	_, err = e.DecryptItem(t.Context(), table, actions, sealed)
	itemtest.Check(t, err)
	materials := insider.materials
	head, _ := binaryOf(sealed[HeadAttribute])
	foot, _ := binaryOf(sealed[FootAttribute])

	for name, change := range map[string]func(h *header){
		"nothing":        func(*header) {},
		"the message ID": func(h *header) { h.messageID[0] ^= 1 },
		"another reader's data key": func(h *header) {
			h.keys = append(h.keys,
				keyring.EncryptedDataKey{ProviderID: "another"})
		},
		"stored context": func(h *header) { h.context["tenant"] = "acme" },
	} {
		h, _, _, ok := parseHeader(head, 20)
		if !ok {
			t.Fatal("the header does not parse")
		}
		change(h)
		committed, err := h.commit(materials.DataKey())
		itemtest.Check(t, err)
		fields, ok := storedFields(e.signedNames(actions, sealed), h, table, sealed)
		if !ok {
			t.Fatal("the item does not fit its legend")
		}
		ec := baseContext(h.version, table, fields, h.legend)
		maps.Copy(ec, h.context)
		hash, err := canonicalHash(committed, ec, table.Name, fields, h.legend)
		itemtest.Check(t, err)
		tags := slices.Repeat(recipientTag(materials.SigningKey(), hash), len(h.keys))
		changed := maps.Clone(sealed)
		changed[HeadAttribute] = &types.AttributeValueMemberB{Value: committed}
		changed[FootAttribute] = &types.AttributeValueMemberB{Value: append(tags, foot[recipientTagSize:]...)}
		_, err = e.DecryptItem(t.Context(), table, actions, changed)
		switch {
		case name == "nothing":
			itemtest.Check(t, err)
		case !errors.Is(err, crypto.ErrTampered):
			t.Errorf("%s: got %v, want ErrTampered", name, err)
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
