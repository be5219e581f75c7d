package keystore_test

import (
	"context"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n%#v\nwant\n%#v", what, got, want)
	}
}

// The names, types and values in requests to KMS and DynamoDB, written out as in
// the specification.
// (aws-encryption-sdk-specification, framework/branch-key-store.md)
func TestItemsAndEncryptionContextsAreThoseOfTheSpecification(t *testing.T) {
	var writes []*dynamodb.TransactWriteItemsInput
	var reads []*dynamodb.GetItemInput
	db := mappertest.New(mappertest.WithFault(func(_ context.Context, _ string, input any) error {
		switch in := input.(type) {
		case *dynamodb.TransactWriteItemsInput:
			writes = append(writes, in)
		case *dynamodb.GetItemInput:
			reads = append(reads, in)
		}
		return nil
	}))
	k := &recorder{KMS: providertest.NewKMS()}
	s, err := keystore.New(db, table, k, providertest.KeyARN, keystore.WithLogicalName("all-branch-keys"), keystore.WithGrantTokens("g1", "g2"))
	check(t, err)
	check(t, s.CreateTable(t.Context()))

	id, err := s.Create(t.Context(), "tenant-1", map[string]string{"department": "admin"})
	check(t, err)
	active, err := s.Active(t.Context(), id)
	check(t, err)
	decryptOnly := "branch:version:" + active.Version
	puts := writes[0].TransactItems
	created := puts[0].Put.Item["create-time"].(*types.AttributeValueMemberS).Value
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`).MatchString(created) {
		t.Errorf("created at %q", created)
	}

	context := func(created string, more map[string]string) map[string]string {
		ec := map[string]string{
			"branch-key-id":            "tenant-1",
			"create-time":              created,
			"tablename":                "all-branch-keys",
			"kms-arn":                  providertest.KeyARN,
			"hierarchy-version":        "1",
			"aws-crypto-ec:department": "admin",
		}
		maps.Copy(ec, more)
		return ec
	}
	item := func(created string, enc []byte, more map[string]string) crypto.Item {
		item := crypto.Item{
			"branch-key-id":            text("tenant-1"),
			"create-time":              text(created),
			"kms-arn":                  text(providertest.KeyARN),
			"hierarchy-version":        number("1"),
			"aws-crypto-ec:department": text("admin"),
			"enc":                      binary(enc),
		}
		for name, value := range more {
			item[name] = text(value)
		}
		return item
	}
	generate := func(context map[string]string) *kms.GenerateDataKeyWithoutPlaintextInput {
		return &kms.GenerateDataKeyWithoutPlaintextInput{
			KeyId:             aws.String(providertest.KeyARN),
			NumberOfBytes:     aws.Int32(32),
			EncryptionContext: context,
			GrantTokens:       []string{"g1", "g2"},
		}
	}
	rewrap := func(blob []byte, from, to map[string]string) *kms.ReEncryptInput {
		return &kms.ReEncryptInput{
			CiphertextBlob:               blob,
			SourceKeyId:                  aws.String(providertest.KeyARN),
			SourceEncryptionContext:      from,
			DestinationKeyId:             aws.String(providertest.KeyARN),
			DestinationEncryptionContext: to,
			GrantTokens:                  []string{"g1", "g2"},
		}
	}
	asVersion := func(v string) map[string]string { return map[string]string{"type": v} }
	asActive := func(v string) map[string]string { return map[string]string{"type": "branch:ACTIVE", "version": v} }
	asBeacon := map[string]string{"type": "beacon:ACTIVE"}

	// Create: a key for the version, the same key for the active item, and the
	// beacon key.
	equal(t, "the version's key", k.generates[0], generate(context(created, asVersion(decryptOnly))))
	equal(t, "the active item's key", k.rewraps[0], rewrap(k.blobs[0], context(created, asVersion(decryptOnly)), context(created, asActive(decryptOnly))))
	equal(t, "the beacon key", k.generates[1], generate(context(created, asBeacon)))
	equal(t, "the number of items", len(puts), 3)
	for i, want := range []crypto.Item{
		item(created, k.blobs[0], asVersion(decryptOnly)),
		item(created, k.blobs[1], asActive(decryptOnly)),
		item(created, k.blobs[2], asBeacon),
	} {
		equal(t, "an item", puts[i].Put, &types.Put{
			TableName:                aws.String(table),
			Item:                     want,
			ConditionExpression:      aws.String("attribute_not_exists(#id)"),
			ExpressionAttributeNames: map[string]string{"#id": "branch-key-id"},
		})
	}

	// Read.
	equal(t, "the read", reads[0], &dynamodb.GetItemInput{
		TableName:      aws.String(table),
		Key:            crypto.Item{"branch-key-id": text("tenant-1"), "type": text("branch:ACTIVE")},
		ConsistentRead: aws.Bool(true),
	})
	equal(t, "the active item's unwrapping", k.decrypts[0], &kms.DecryptInput{
		KeyId:             aws.String(providertest.KeyARN),
		CiphertextBlob:    k.blobs[1],
		EncryptionContext: context(created, asActive(decryptOnly)),
		GrantTokens:       []string{"g1", "g2"},
	})

	// Rotate: first the active item is authenticated.
	check(t, s.Rotate(t.Context(), id))
	rotated, err := s.Active(t.Context(), id)
	check(t, err)
	next := "branch:version:" + rotated.Version
	puts = writes[1].TransactItems
	later := puts[0].Put.Item["create-time"].(*types.AttributeValueMemberS).Value
	was := context(created, asActive(decryptOnly))
	equal(t, "the authentication", k.rewraps[1], rewrap(k.blobs[1], was, was))
	equal(t, "the next version's key", k.generates[2], generate(context(later, asVersion(next))))
	equal(t, "the next active item's key", k.rewraps[2], rewrap(k.blobs[4], context(later, asVersion(next)), context(later, asActive(next))))
	equal(t, "the rotation's writes", puts, []types.TransactWriteItem{
		{Put: &types.Put{
			TableName:                aws.String(table),
			Item:                     item(later, k.blobs[4], asVersion(next)),
			ConditionExpression:      aws.String("attribute_not_exists(#id)"),
			ExpressionAttributeNames: map[string]string{"#id": "branch-key-id"},
		}},
		{Put: &types.Put{
			TableName:                 aws.String(table),
			Item:                      item(later, k.blobs[5], asActive(next)),
			ConditionExpression:       aws.String("attribute_exists(#id) AND #enc = :old"),
			ExpressionAttributeNames:  map[string]string{"#id": "branch-key-id", "#enc": "enc"},
			ExpressionAttributeValues: crypto.Item{":old": binary(k.blobs[1])},
		}},
	})
	equal(t, "the number of requests", []int{len(k.generates), len(k.rewraps), len(writes)}, []int{3, 3, 2})
}

// foreign writes the items as another library would, with a time format and an
// attribute that this library does not write.
func foreign(t testing.TB, w *world, id, version, created string, more map[string]string) {
	t.Helper()
	wrap := func(fields map[string]string) crypto.Item {
		context := map[string]string{"branch-key-id": id, "create-time": created, "tablename": table, "kms-arn": providertest.KeyARN, "hierarchy-version": "1"}
		maps.Copy(context, fields)
		maps.Copy(context, more)
		out, err := w.kms.GenerateDataKeyWithoutPlaintext(t.Context(), &kms.GenerateDataKeyWithoutPlaintextInput{
			KeyId: aws.String(providertest.KeyARN), NumberOfBytes: aws.Int32(32), EncryptionContext: context,
		})
		check(t, err)
		item := crypto.Item{"enc": binary(out.CiphertextBlob)}
		for name, value := range context {
			item[name] = text(value)
		}
		item["hierarchy-version"] = number("1")
		delete(item, "tablename")
		return item
	}
	w.put(t, wrap(map[string]string{"type": "branch:version:" + version}))
	w.put(t, wrap(map[string]string{"type": "branch:ACTIVE", "version": "branch:version:" + version}))
	w.put(t, wrap(map[string]string{"type": "beacon:ACTIVE"}))
}

func TestAStoreOfAnotherLibraryIsReadAndRotated(t *testing.T) {
	const version = "83eec007-5659-4554-bf11-699b90f41ac6"
	for created, want := range map[string]time.Time{
		"2023-06-03T19:03:29.358000Z": time.Date(2023, 6, 3, 19, 3, 29, 358e6, time.UTC),
		"2023-06-03T19:03:29.358Z":    time.Date(2023, 6, 3, 19, 3, 29, 358e6, time.UTC),
		"2023-06-03T19:03:29:358000Z": time.Date(2023, 6, 3, 19, 3, 29, 358e6, time.UTC),
		"last Tuesday":                {},
	} {
		w := newWorld(t)
		foreign(t, w, "tenant-1", version, created, map[string]string{"made-by": "another library", "aws-crypto-ec:": "an empty name"})
		active := w.active(t, "tenant-1")
		if active.Version != version || !active.Created.Equal(want) || !maps.Equal(active.EncryptionContext, map[string]string{"": "an empty name"}) {
			t.Errorf("%s: %v, created %v, with %v", created, active, active.Created, active.EncryptionContext)
		}
		_, err := w.Version(t.Context(), "tenant-1", version)
		check(t, err)
		_, err = w.BeaconKey(t.Context(), "tenant-1")
		check(t, err)
		check(t, w.Rotate(t.Context(), "tenant-1"))
		if now := w.active(t, "tenant-1"); now.Version == version || time.Since(now.Created) > time.Minute {
			t.Errorf("%s: rotated to %v of %v", created, now, now.Created)
		}
		items := w.items(t, "tenant-1")
		for _, kind := range slices.Sorted(maps.Keys(items)) {
			if !reflect.DeepEqual(items[kind]["made-by"], text("another library")) {
				t.Errorf("%s: an attribute of the other library is gone", kind)
			}
		}
	}
}
