package keystore_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// The test runs against the fakes that the other tests use, and against real
// services if DDBENC_KMS_ENDPOINT and DDBENC_DYNAMODB_ENDPOINT name them.
func TestTheStoreWorksAsAKeyServiceWantsIt(t *testing.T) {
	t.Run("fake", func(t *testing.T) {
		testService(t, mappertest.New(), providertest.NewKMS(otherARN), providertest.KeyARN, otherARN)
	})
	t.Run("real", func(t *testing.T) {
		keyEndpoint, tableEndpoint := os.Getenv("DDBENC_KMS_ENDPOINT"), os.Getenv("DDBENC_DYNAMODB_ENDPOINT")
		if keyEndpoint == "" || tableEndpoint == "" {
			t.Skip("DDBENC_KMS_ENDPOINT or DDBENC_DYNAMODB_ENDPOINT is not set: make interop runs this against a key service and a database")
		}
		credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		})
		keys := kms.New(kms.Options{Region: "eu-west-1", BaseEndpoint: &keyEndpoint, Credentials: credentials})
		client := dynamodb.New(dynamodb.Options{Region: "eu-west-1", BaseEndpoint: &tableEndpoint, Credentials: credentials})
		own, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
		check(t, err)
		other, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
		check(t, err)
		testService(t, client, keys, *own.KeyMetadata.Arn, *other.KeyMetadata.Arn)
	})
}

// tables has the operations of DynamoDB that the test calls.
type tables interface {
	keystore.Client
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	DeleteTable(context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteTableOutput, error)
}

func testService(t *testing.T, client tables, keys keystore.KMS, own, other string) {
	ctx := t.Context()
	name := fmt.Sprintf("branch-keys-%s", rand.Text())
	s := newStore(t, client, name, keys, own)
	check(t, s.CreateTable(ctx))
	t.Cleanup(func() {
		_, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name})
		check(t, err)
	})
	check(t, s.CreateTable(ctx))

	id, err := s.Create(ctx, "tenant-1", map[string]string{"tenant": "1", "ключ": "значение"})
	check(t, err)
	if _, err := s.Create(ctx, id, map[string]string{"tenant": "2"}); !errors.Is(err, keystore.ErrConflict) {
		t.Errorf("the same ID again: %v", err)
	}
	first, err := s.Active(ctx, id)
	check(t, err)
	check(t, s.Rotate(ctx, id))
	second, err := s.Active(ctx, id)
	check(t, err)
	if first.Version == second.Version || bytes.Equal(first.Key(), second.Key()) || second.EncryptionContext["ключ"] != "значение" {
		t.Errorf("%v was rotated to %v with %v", first, second, second.EncryptionContext)
	}
	for _, want := range []*keystore.BranchKey{first, second} {
		got, err := s.Version(ctx, id, want.Version)
		check(t, err)
		if !bytes.Equal(got.Key(), want.Key()) {
			t.Errorf("%v has another key than when it was active", want)
		}
	}
	beacon, err := s.BeaconKey(ctx, id)
	check(t, err)
	found, err := newStore(t, client, name, keys, "", keystore.WithDiscovery()).BeaconKey(ctx, id)
	check(t, err)
	if !bytes.Equal(beacon.Key(), found.Key()) {
		t.Error("discovery finds another beacon key")
	}
	if _, err := s.Active(ctx, "tenant-2"); !errors.Is(err, keystore.ErrNoKey) {
		t.Errorf("another branch key: %v", err)
	}

	// KMS itself refuses these.
	moved := newStore(t, client, name, keys, own, withLogicalName("another"))
	if _, err := moved.Active(ctx, id); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("under another logical name: %v", err)
	}
	if err := moved.Rotate(ctx, id); !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("rotated under another logical name: %v", err)
	}
	out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &name, Key: crypto.Item{"branch-key-id": text(id), "type": text("branch:ACTIVE")}})
	check(t, err)
	for what, change := range map[string]crypto.Item{
		"another time":    {"create-time": text("2023-06-03T19:03:29.358000Z")},
		"another context": {"aws-crypto-ec:tenant": text("2")},
		"another version": {"version": text("branch:version:" + first.Version)},
		"another key":     {"kms-arn": text(other)},
	} {
		for attribute, value := range change {
			was := out.Item[attribute]
			out.Item[attribute] = value
			_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &name, Item: out.Item})
			check(t, err)
			_, err = newStore(t, client, name, keys, "", withLogicalName(name), keystore.WithDiscovery()).Active(ctx, id)
			if !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("%s: %v", what, err)
			}
			if _, err = s.Active(ctx, id); !errors.Is(err, crypto.ErrTampered) && !errors.Is(err, crypto.ErrNoUsableKey) {
				t.Errorf("%s: %v", what, err)
			}
			if err := s.Rotate(ctx, id); err == nil {
				t.Errorf("%s: rotated", what)
			}
			out.Item[attribute] = was
		}
	}
}
