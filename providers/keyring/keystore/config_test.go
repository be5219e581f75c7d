package keystore_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

const (
	otherARN   = "arn:aws:kms:eu-west-1:111122223333:key/ffffffff-12ab-34cd-56ef-1234567890ab"
	primaryARN = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
	replicaARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
)

var withLogicalName = keystore.WithLogicalName

func newStore(t testing.TB, client keystore.Client, table string, keys keystore.KMS, keyARN string, options ...keystore.Option) *keystore.Store {
	t.Helper()
	s, err := keystore.New(client, table, keys, keyARN, options...)
	check(t, err)
	return s
}

// over returns the same world with another client for its table or its key service.
func (w *world) over(t testing.TB, client keystore.Client, keys keystore.KMS) *world {
	return &world{newStore(t, client, table, keys, providertest.KeyARN), w.db, w.kms}
}

// answering returns the same item for every read.
type answering struct {
	keystore.Client
	item crypto.Item
}

func (a *answering) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: a.item}, nil
}

func TestARecordOfAnotherKMSKeyIsRefusedBeforeKMSIsAsked(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	version := w.active(t, id).Version
	asked := w.kms.Calls("Decrypt") + w.kms.Calls("ReEncrypt")
	for name, s := range map[string]*keystore.Store{
		"another key":                    w.store(t, otherARN),
		"another key, multi-Region":      w.store(t, primaryARN, keystore.WithMultiRegion()),
		"the same ID elsewhere":          w.store(t, strings.Replace(providertest.KeyARN, "eu-west-1", "us-east-1", 1)),
		"the same ID elsewhere, MRK":     w.store(t, strings.Replace(providertest.KeyARN, "eu-west-1", "us-east-1", 1), keystore.WithMultiRegion()),
		"the same ID in another account": w.store(t, strings.Replace(providertest.KeyARN, "111122223333", "444455556666", 1)),
	} {
		other := &world{s, w.db, w.kms}
		for kind, read := range other.reads(t, id, version) {
			refused(t, name+", "+kind, read(), crypto.ErrNoUsableKey, id)
		}
		refused(t, name+", rotate", s.Rotate(t.Context(), id), crypto.ErrNoUsableKey, id)
	}
	if n := w.kms.Calls("Decrypt") + w.kms.Calls("ReEncrypt"); n != asked {
		t.Errorf("KMS was asked %d times", n-asked)
	}
}

// The record names the store's KMS key, but another key wrapped it.
func TestARecordThatLiesAboutItsKMSKeyIsRefused(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	item := w.items(t, id)["branch:ACTIVE"]
	ec := map[string]string{"tablename": table, "hierarchy-version": "1"}
	for _, name := range []string{"branch-key-id", "type", "version", "kms-arn", "create-time"} {
		ec[name] = stringOf(item, name)
	}
	out, err := w.kms.GenerateDataKeyWithoutPlaintext(t.Context(), &kms.GenerateDataKeyWithoutPlaintextInput{
		KeyId: aws.String(otherARN), NumberOfBytes: aws.Int32(32), EncryptionContext: ec,
	})
	check(t, err)
	item["enc"] = binary(out.CiphertextBlob)
	w.put(t, item)
	_, err = w.Active(t.Context(), id)
	refused(t, "active", err, crypto.ErrNoUsableKey, id)
	refused(t, "rotate", w.Rotate(t.Context(), id), crypto.ErrNoUsableKey, id)
}

func TestDiscoveryReadsUnderAnyKeyAndWritesNothing(t *testing.T) {
	w := newWorld(t)
	discovery := w.store(t, "", keystore.WithDiscovery())
	for _, arn := range []string{providertest.KeyARN, otherARN, primaryARN} {
		s := w.store(t, arn)
		id, err := s.Create(t.Context(), "", nil)
		check(t, err)
		want, err := s.Active(t.Context(), id)
		check(t, err)
		got, err := discovery.Active(t.Context(), id)
		check(t, err)
		if !bytes.Equal(got.Key(), want.Key()) {
			t.Errorf("%s: another key", arn)
		}
		reads, generates, rewraps := w.db.Calls("GetItem"), w.kms.Calls("GenerateDataKeyWithoutPlaintext"), w.kms.Calls("ReEncrypt")
		refused(t, "rotate", discovery.Rotate(t.Context(), id), crypto.ErrPolicy, id)
		_, err = discovery.Create(t.Context(), "", nil)
		refused(t, "create", err, crypto.ErrPolicy, "")
		if w.db.Calls("GetItem") != reads || w.kms.Calls("GenerateDataKeyWithoutPlaintext") != generates || w.kms.Calls("ReEncrypt") != rewraps {
			t.Error("a refused operation sent a request")
		}
	}

	// Discovery accepts the ARNs of keys only, not of aliases or anything else.
	id := w.create(t)
	item := w.items(t, id)["branch:ACTIVE"]
	asked := w.kms.Calls("Decrypt")
	for _, arn := range []string{"arn:aws:kms:eu-west-1:111122223333:alias/keys", "1234abcd", "alias/keys", "arn:aws:s3:eu-west-1:111122223333:key/1234"} {
		item["kms-arn"] = text(arn)
		w.put(t, item)
		_, err := discovery.Active(t.Context(), id)
		refused(t, arn, err, crypto.ErrNoUsableKey, id)
	}
	if w.kms.Calls("Decrypt") != asked {
		t.Error("KMS was asked")
	}
	// KMS refuses another key.
	item["kms-arn"] = text(otherARN)
	w.put(t, item)
	if _, err := discovery.Active(t.Context(), id); err == nil {
		t.Error("opened under another key")
	}
}

func TestAMultiRegionKeyIsUsedByItsReplicaInEitherRegion(t *testing.T) {
	w := newWorld(t)
	s := w.store(t, primaryARN, keystore.WithMultiRegion())
	id, err := s.Create(t.Context(), "tenant-1", map[string]string{"tenant": "1"})
	check(t, err)
	want, err := s.Active(t.Context(), id)
	check(t, err)

	there := w.kms.In("us-east-1")
	replica := newStore(t, w.db, table, there, replicaARN, withLogicalName(table), keystore.WithMultiRegion())
	got, err := replica.Active(t.Context(), id)
	check(t, err)
	discovered, err := newStore(t, w.db, table, there, "", keystore.WithMultiRegionDiscovery("us-east-1")).Active(t.Context(), id)
	check(t, err)
	if !bytes.Equal(got.Key(), want.Key()) || !bytes.Equal(discovered.Key(), want.Key()) {
		t.Error("the replica has another key")
	}

	// Without either option, the replica counts as another key.
	_, err = newStore(t, w.db, table, there, replicaARN).Active(t.Context(), id)
	refused(t, "the replica as a key of its own", err, crypto.ErrNoUsableKey, id)
	_, err = newStore(t, w.db, table, there, "", keystore.WithDiscovery()).Active(t.Context(), id)
	refused(t, "discovery without a Region", err, crypto.ErrNoUsableKey, id)

	// A rotation in the other Region keeps the key that the records name, so
	// that a store configured with that key keeps working.
	check(t, replica.Rotate(t.Context(), id))
	for kind, item := range w.items(t, id) {
		if stringOf(item, "kms-arn") != primaryARN {
			t.Errorf("%s names %s", kind, stringOf(item, "kms-arn"))
		}
	}
	if now, err := w.store(t, primaryARN).Active(t.Context(), id); err != nil || now.Version == want.Version {
		t.Errorf("%v, %v", now, err)
	}

	// A branch key that was created in the other Region is read here.
	id, err = replica.Create(t.Context(), "", nil)
	check(t, err)
	if _, err := s.Active(t.Context(), id); err != nil {
		t.Error(err)
	}
	if arn := stringOf(w.items(t, id)["branch:ACTIVE"], "kms-arn"); arn != replicaARN {
		t.Errorf("the record names %s", arn)
	}
}

func TestMultiRegionDiscoveryLeavesOtherKeysWhereTheyAre(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	if _, err := w.store(t, "", keystore.WithMultiRegionDiscovery("us-east-1")).Active(t.Context(), id); err != nil {
		t.Error(err)
	}
	there := w.kms.In("us-east-1")
	_, err := newStore(t, w.db, table, there, "", keystore.WithMultiRegionDiscovery("us-east-1")).Active(t.Context(), id)
	asked := providertest.Requests[*kms.DecryptInput](there)
	if err == nil || len(asked) != 1 || *asked[0].KeyId != providertest.KeyARN {
		t.Errorf("%v, having asked for %+v", err, asked)
	}
}

func TestAReplyOfAnotherKeyIsRefused(t *testing.T) {
	w := newWorld(t)
	id := w.create(t)
	version := w.active(t, id).Version
	for name, change := range map[string]func(*lying){
		"decrypted with another key": func(l *lying) { l.decrypt = func(o *kms.DecryptOutput) { o.KeyId = aws.String(otherARN) } },
		"decrypted with no key":      func(l *lying) { l.decrypt = func(o *kms.DecryptOutput) { o.KeyId = nil } },
		"decrypted otherwise": func(l *lying) {
			l.decrypt = func(o *kms.DecryptOutput) { o.EncryptionAlgorithm = kmstypes.EncryptionAlgorithmSpecRsaesOaepSha1 }
		},
		"a short key": func(l *lying) { l.decrypt = func(o *kms.DecryptOutput) { o.Plaintext = o.Plaintext[:31] } },
		"a long key":  func(l *lying) { l.decrypt = func(o *kms.DecryptOutput) { o.Plaintext = append(o.Plaintext, 0) } },
		"no key":      func(l *lying) { l.decrypt = func(o *kms.DecryptOutput) { o.Plaintext = nil } },
	} {
		l := &lying{KMS: w.kms}
		change(l)
		for kind, read := range w.over(t, w.db, l).reads(t, id, version) {
			refused(t, name+", "+kind, read(), crypto.ErrTampered, id)
		}
	}
	for name, l := range map[string]*lying{
		"generated with another key":    {generate: func(o *kms.GenerateDataKeyWithoutPlaintextOutput) { o.KeyId = aws.String(otherARN) }},
		"generated nothing":             {generate: func(o *kms.GenerateDataKeyWithoutPlaintextOutput) { o.CiphertextBlob = nil }},
		"rewrapped from another key":    {rewrap: func(o *kms.ReEncryptOutput) { o.SourceKeyId = aws.String(otherARN) }},
		"rewrapped for another key":     {rewrap: func(o *kms.ReEncryptOutput) { o.KeyId = aws.String(otherARN) }},
		"rewrapped to nothing":          {rewrap: func(o *kms.ReEncryptOutput) { o.CiphertextBlob = nil }},
		"rewrapped to more than can be": {rewrap: func(o *kms.ReEncryptOutput) { o.CiphertextBlob = make([]byte, 6145) }},
	} {
		l.KMS = w.kms
		s := w.over(t, w.db, l)
		refused(t, name, s.Rotate(t.Context(), id), crypto.ErrNoUsableKey, id)
		_, err := s.Create(t.Context(), "tenant-1", map[string]string{"a": "b"})
		refused(t, name, err, crypto.ErrNoUsableKey, "tenant-1")
	}
	if len(w.items(t, id)) != 3 || len(w.items(t, "tenant-1")) != 0 {
		t.Error("something was written")
	}
}

func TestAStoreIsRefusedThatCouldNotWork(t *testing.T) {
	db, keys := mappertest.New(), providertest.NewKMS()
	for name, c := range map[string]struct {
		client  keystore.Client
		table   string
		kms     keystore.KMS
		arn     string
		options []keystore.Option
	}{
		"no client":               {nil, table, keys, providertest.KeyARN, nil},
		"no KMS":                  {db, table, nil, providertest.KeyARN, nil},
		"no table":                {db, "", keys, providertest.KeyARN, nil},
		"an empty logical name":   {db, table, keys, providertest.KeyARN, []keystore.Option{withLogicalName("")}},
		"no key":                  {db, table, keys, "", nil},
		"a key ID":                {db, table, keys, "1234abcd-12ab-34cd-56ef-1234567890ab", nil},
		"an alias":                {db, table, keys, "arn:aws:kms:eu-west-1:111122223333:alias/keys", nil},
		"an alias's name":         {db, table, keys, "alias/keys", nil},
		"a key and discovery":     {db, table, keys, providertest.KeyARN, []keystore.Option{keystore.WithDiscovery()}},
		"multi-Region, no key":    {db, table, keys, "", []keystore.Option{keystore.WithMultiRegion()}},
		"discovery with replicas": {db, table, keys, "", []keystore.Option{keystore.WithDiscovery(), keystore.WithMultiRegion()}},
		"discovery in no Region":  {db, table, keys, "", []keystore.Option{keystore.WithMultiRegionDiscovery("")}},
		"discovery in two":        {db, table, keys, "", []keystore.Option{keystore.WithMultiRegionDiscovery("eu-west-1:us-east-1")}},
		"a key and a Region":      {db, table, keys, providertest.KeyARN, []keystore.Option{keystore.WithMultiRegionDiscovery("eu-west-1")}},
	} {
		if s, err := keystore.New(c.client, c.table, c.kms, c.arn, c.options...); !errors.Is(err, crypto.ErrPolicy) || s != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	s := newStore(t, db, table, keys, providertest.KeyARN)
	if s.LogicalName() != table {
		t.Errorf("the logical name is %q", s.LogicalName())
	}
}
