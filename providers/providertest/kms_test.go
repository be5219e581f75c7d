package providertest_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"github.com/ddbenc/ddbenc/providers/providertest"
)

func generate(t *testing.T, k *providertest.KMS, keyID string) (*kms.GenerateDataKeyOutput, error) {
	t.Helper()
	return k.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: &keyID, NumberOfBytes: aws.Int32(32)})
}

func TestKMS_FailsUntilToldOtherwise(t *testing.T) {
	k := providertest.NewKMS()
	made, err := generate(t, k, providertest.KeyARN)
	check(t, err)
	decrypt := func() error {
		_, err := k.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob})
		return err
	}
	for _, fault := range []error{providertest.ErrThrottled, providertest.ErrDenied, providertest.ErrDown} {
		k.Fail(fault)
		_, generating := generate(t, k, providertest.KeyARN)
		for operation, err := range map[string]error{"GenerateDataKey": generating, "Decrypt": decrypt()} {
			if of, ok := errors.AsType[*smithy.OperationError](err); !ok || of.OperationName != operation || !errors.Is(err, fault) {
				t.Errorf("%s: %v, want %v", operation, err, fault)
			}
		}
		k.Fail(fault, "Decrypt")
		if _, err := generate(t, k, providertest.KeyARN); err != nil {
			t.Errorf("only Decrypt should fail: %v", err)
		}
		if err := decrypt(); !errors.Is(err, fault) {
			t.Errorf("Decrypt: %v, want %v", err, fault)
		}
		k.Fail(nil)
		check(t, decrypt())
	}
	if _, ok := errors.AsType[*net.OpError](providertest.ErrDown); !ok {
		t.Error("ErrDown is not a network error")
	}
	if calls := k.Calls("Decrypt"); calls != 9 {
		t.Errorf("%d calls of Decrypt, want 9", calls)
	}
	if asked := providertest.Requests[*kms.DecryptInput](k); len(asked) != 9 || string(asked[0].CiphertextBlob) != string(made.CiphertextBlob) {
		t.Errorf("%d requests are recorded, want 9", len(asked))
	}
}

func TestKMS_CallsFunctionsOnRequestAndReply(t *testing.T) {
	k := providertest.NewKMS()
	var seen []string
	k.OnRequest(func(_ context.Context, operation string, input any) error {
		seen = append(seen, operation+" "+*input.(*kms.GenerateDataKeyInput).KeyId)
		return nil
	})
	k.OnReply(func(output any) { output.(*kms.GenerateDataKeyOutput).KeyId = aws.String("another") })
	made, err := generate(t, k, providertest.KeyARN)
	check(t, err)
	if len(seen) != 1 || seen[0] != "GenerateDataKey "+providertest.KeyARN || *made.KeyId != "another" {
		t.Errorf("seen %q, replied %s", seen, *made.KeyId)
	}
	k.OnReply(nil)
	if made, err = generate(t, k, providertest.KeyARN); err != nil || *made.KeyId != providertest.KeyARN {
		t.Errorf("replied %s, %v", *made.KeyId, err)
	}
}

func TestKMS_FindsKeysByARNIDAndAlias(t *testing.T) {
	k := providertest.NewKMS()
	k.AddAlias("alias/accounts", providertest.KeyARN)
	for _, id := range []string{providertest.KeyARN, "1234abcd-12ab-34cd-56ef-1234567890ab", "alias/accounts"} {
		if made, err := generate(t, k, id); err != nil || *made.KeyId != providertest.KeyARN {
			t.Errorf("%s: %v", id, err)
		}
	}
	for _, id := range []string{"", "34cd-56ef-1234567890ab", "alias/other"} {
		_, err := generate(t, k, id)
		if _, missing := errors.AsType[*types.NotFoundException](err); !missing {
			t.Errorf("%q: %v, want NotFoundException", id, err)
		}
	}
	if _, err := generate(t, k.In("us-east-1"), providertest.KeyARN); err == nil {
		t.Error("the key is found in another Region")
	}
}
