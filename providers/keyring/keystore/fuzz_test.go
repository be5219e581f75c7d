package keystore_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// willing is a KMS that unwraps everything and keeps the last request.
type willing struct {
	keystore.KMS
	asked *kms.DecryptInput
}

func (w *willing) Decrypt(_ context.Context, in *kms.DecryptInput, _ ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	w.asked = in
	return &kms.DecryptOutput{KeyId: in.KeyId, Plaintext: make([]byte, 32)}, nil
}

// KMS authenticates every attribute of a record, whatever is stored.
func FuzzARecordIsRefusedOrAuthenticated(f *testing.F) {
	const version = "branch:version:83eec007-5659-4554-bf11-699b90f41ac6"
	f.Add("tenant-1", "branch:ACTIVE", version, providertest.KeyARN, "2023-06-03T19:03:29.358000Z", "1", []byte("wrapped"), "aws-crypto-ec:a", "b", byte(0))
	f.Add("tenant-1", "branch:ACTIVE", "branch:version:", providertest.KeyARN, "", "1", []byte{}, "tablename", "branch-keys", byte(0))
	f.Add("tenant-2", version, version, otherARN, "x", "2", []byte("wrapped"), "enc", "b", byte(1))
	f.Fuzz(func(t *testing.T, id, kind, version, arn, created, hierarchy string, enc []byte, name, value string, more byte) {
		item := crypto.Item{
			"branch-key-id": text(id), "type": text(kind), "version": text(version), "kms-arn": text(arn),
			"create-time": text(created), "hierarchy-version": number(hierarchy), "enc": binary(enc),
		}
		switch more % 3 {
		case 0:
			item[name] = text(value)
		case 1:
			item[name] = number(value)
		case 2:
			delete(item, name)
		}
		keys := &willing{KMS: providertest.NewKMS()}
		s := newStore(t, &answering{item: item}, table, keys, providertest.KeyARN)
		key, err := s.Active(t.Context(), "tenant-1")
		if err != nil {
			return
		}
		if key.ID != "tenant-1" || len(key.Version) != 36 || "branch:version:"+key.Version != stringOf(item, "version") {
			t.Errorf("%v of %v", key, item)
		}
		if !bytes.Equal(keys.asked.CiphertextBlob, enc) || len(keys.asked.EncryptionContext) != len(item) || keys.asked.EncryptionContext["tablename"] != table {
			t.Errorf("KMS was asked about %v", keys.asked.EncryptionContext)
		}
		for name := range item {
			if name != "enc" && keys.asked.EncryptionContext[name] != stringOf(item, name) {
				t.Errorf("KMS was asked about %q: %q", name, keys.asked.EncryptionContext[name])
			}
		}
	})
}

// stringOf returns the text of a string or number attribute.
func stringOf(item crypto.Item, name string) string {
	switch v := item[name].(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	}
	return ""
}
