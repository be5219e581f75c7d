package dbesdk

import (
	"crypto/ecdsa"
	"crypto/rand"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/internal/attribute"
	"github.com/ddbenc/ddbenc/crypto/internal/itemtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
)

func newTestKeyring(t testing.TB) keyring.Keyring {
	t.Helper()
	keys, err := raw.NewAES("tests", "key", keyring.NewIntermediateKey())
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
			fields[i].Encoded, err = attribute.Encode(item[name])
		} else if plain, ok := f.plaintexts[name]; ok {
			fields[i].Encoded = attribute.Encoded{Type: attribute.Binary, Data: plain}
		} else {
			fields[i].Type = attribute.Binary
			fields[i].Data, err = attribute.EncodeWithRoom(item[name], tagSize)
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
	itemKeys, err := newItemKeys(materials.DataKey(), h.messageID)
	itemtest.Check(t, err)
	head, err := h.commit(itemKeys)
	itemtest.Check(t, err)
	if f.commitment != nil {
		f.commitment(head[len(head)-commitmentSize:])
	}
	// A tag for each data key, as there should be.
	signing := materials.SigningKeys()
	for len(signing) < len(h.keys) {
		signing = append(signing, newTestKey())
	}

	keys, err := itemKeys.fieldKeys()
	itemtest.Check(t, err)
	for i := range fields {
		if letters[i] != legendEncrypted {
			continue
		}
		aead, nonce, err := keys.next()
		itemtest.Check(t, err)
		v := fields[i].Data
		fields[i].Data = aead.Seal(slices.Clone(v[:2]), nonce, v[2:], appendPath(nil, table.Name, fields[i].name))
		if given, ok := f.ciphertexts[fields[i].name]; ok {
			fields[i].Data = given
		}
	}
	hash := canonicalHash(head, materials.AAD(), table.Name, fields, letters)
	foot, err := makeFooter(hash, signing[:len(h.keys)], private)
	itemtest.Check(t, err)
	if f.foot != nil {
		foot = f.foot(foot)
	}
	sealed := maps.Clone(item)
	for i, field := range fields {
		if letters[i] == legendEncrypted {
			sealed[field.name] = &types.AttributeValueMemberB{Value: field.Data}
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
