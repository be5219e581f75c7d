package directkms_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/directkms"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

const (
	account  = "arn:aws:kms:eu-west-1:111122223333:"
	keyARN   = providertest.KeyARN
	otherARN = account + "key/ffffffff-12ab-34cd-56ef-1234567890ab"
)

func newKMS() *providertest.KMS { return providertest.NewKMS(otherARN) }

func generated(k *providertest.KMS) []*kms.GenerateDataKeyInput {
	return providertest.Requests[*kms.GenerateDataKeyInput](k)
}

func decrypted(k *providertest.KMS) []*kms.DecryptInput {
	return providertest.Requests[*kms.DecryptInput](k)
}

// from changes the key ID in replies.
func from(keyID string) func(any) {
	return func(output any) {
		switch out := output.(type) {
		case *kms.GenerateDataKeyOutput:
			out.KeyId = aws.String(keyID)
		case *kms.DecryptOutput:
			out.KeyId = aws.String(keyID)
		}
	}
}

var (
	table   = crypto.TableInfo{Name: "accounts", PartitionKey: "id", SortKey: "number"}
	actions = crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign, "number": crypto.Sign}}
)

func item() crypto.Item {
	return crypto.Item{
		"id":     &types.AttributeValueMemberB{Value: []byte{1, 255}},
		"number": &types.AttributeValueMemberN{Value: "1.0"},
		"email":  &types.AttributeValueMemberS{Value: "ada@example.com"},
	}
}

func newEncryptor(t testing.TB, f *providertest.KMS, keyID string, options ...directkms.Option) *ddbec.Encryptor {
	t.Helper()
	provider, err := directkms.New(f, keyID, options...)
	check(t, err)
	e, err := ddbec.New(provider)
	check(t, err)
	return e
}

func TestEachItemTakesOneCallToSealAndOneToOpen(t *testing.T) {
	f := newKMS()
	e := newEncryptor(t, f, keyARN, directkms.WithGrantTokens("a", "b"))
	for range 3 {
		sealed, err := e.EncryptItem(t.Context(), table, actions, item())
		check(t, err)
		sealed["number"] = &types.AttributeValueMemberN{Value: "1"} // as DynamoDB returns it
		opened, err := e.DecryptItem(t.Context(), table, actions, sealed)
		check(t, err)
		if opened["email"].(*types.AttributeValueMemberS).Value != "ada@example.com" {
			t.Error("the item changed")
		}
	}
	if len(generated(f)) != 3 || len(decrypted(f)) != 3 {
		t.Fatalf("%d and %d calls, want 3 and 3", len(generated(f)), len(decrypted(f)))
	}
	want := map[string]string{
		"*amzn-ddb-env-alg*": "AES/256", "*amzn-ddb-sig-alg*": "HmacSHA256/256", "*aws-kms-table*": "accounts", "id": "Af8=", "number": "1",
	}
	for _, got := range []map[string]string{generated(f)[0].EncryptionContext, decrypted(f)[0].EncryptionContext} {
		if !maps.Equal(got, want) {
			t.Errorf("encryption context %v, want %v", got, want)
		}
	}
	if *generated(f)[0].KeyId != keyARN || *decrypted(f)[0].KeyId != keyARN || *generated(f)[0].NumberOfBytes != 32 {
		t.Error("KMS was asked for another key or key size")
	}
	if !slices.Equal(generated(f)[0].GrantTokens, []string{"a", "b"}) || !slices.Equal(decrypted(f)[0].GrantTokens, []string{"a", "b"}) {
		t.Error("the grant tokens were not sent")
	}
}

func TestAnItemOpensOnlyWithItsOwnKeyTableAndDescription(t *testing.T) {
	f := newKMS()
	e := newEncryptor(t, f, keyARN)
	sealed, err := e.EncryptItem(t.Context(), table, actions, item())
	check(t, err)
	moved := maps.Clone(sealed)
	moved["number"] = &types.AttributeValueMemberN{Value: "2"}
	_, err = e.DecryptItem(t.Context(), table, actions, moved)
	var invalid *kmstypes.InvalidCiphertextException
	if !errors.Is(err, crypto.ErrTampered) || !errors.As(err, &invalid) {
		t.Errorf("another key: %v", err)
	}
	_, err = e.DecryptItem(t.Context(), crypto.TableInfo{Name: "other", PartitionKey: "id", SortKey: "number"}, actions, sealed)
	if !errors.Is(err, crypto.ErrTampered) {
		t.Errorf("another table: %v", err)
	}

	provider, err := directkms.New(f, keyARN)
	check(t, err)
	ec := providers.EncryptionContext{Table: table, Key: table.Key(item())}
	materials, err := provider.EncryptionMaterials(t.Context(), ec)
	check(t, err)
	for _, c := range []struct {
		name, value string
		want        error
	}{
		{"amzn-ddb-env-alg", "AES/128", crypto.ErrTampered},
		{"amzn-ddb-sig-alg", "HmacSHA512/256", crypto.ErrTampered},
		{"amzn-ddb-wrap-alg", "AESWrap", crypto.ErrNoUsableKey},
		{"amzn-ddb-env-key", "?", crypto.ErrNoUsableKey},
		{"amzn-ddb-env-key", "", crypto.ErrNoUsableKey},
		{"amzn-ddb-env-key", base64.StdEncoding.EncodeToString(make([]byte, 6145)), crypto.ErrNoUsableKey},
	} {
		changed := maps.Clone(materials.Description)
		changed[c.name] = c.value
		if _, err := provider.DecryptionMaterials(t.Context(), ec, changed); !errors.Is(err, c.want) {
			t.Errorf("%s is %.10q: %v, want %v", c.name, c.value, err, c.want)
		}
	}
	delete(materials.Description, "amzn-ddb-env-key")
	if _, err := provider.DecryptionMaterials(t.Context(), ec, materials.Description); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("no wrapped key: %v", err)
	}
}

func TestAReplyFromAnotherKeyIsRefused(t *testing.T) {
	const mrk = "key/mrk-1234abcd12ab34cd56ef1234567890ab"
	for _, c := range []struct {
		asked, answered string
		ok              bool
	}{
		{keyARN, keyARN, true},
		{keyARN, otherARN, false},
		{keyARN, "", false},
		{"1234abcd-12ab-34cd-56ef-1234567890ab", keyARN, true},
		{"1234abcd-12ab-34cd-56ef-1234567890ab", otherARN, false},
		{"34cd-56ef-1234567890ab", keyARN, false},
		{"alias/accounts", keyARN, true},
		{account + "alias/accounts", keyARN, true},
		{"alias/accounts", "garbage", false},
		{account + mrk, "arn:aws:kms:us-east-1:111122223333:" + mrk, true},
		{account + mrk, "arn:aws:kms:us-east-1:444455556666:" + mrk, false},
		{account + mrk, "arn:aws-cn:kms:us-east-1:111122223333:" + mrk, false},
		{keyARN, strings.Replace(keyARN, "eu-west-1", "us-east-1", 1), false},
		{account + "alias/accounts", strings.Replace(keyARN, "eu-west-1", "us-east-1", 1), false},
		{account + "alias/accounts", strings.Replace(keyARN, "111122223333", "444455556666", 1), false},
		{"alias/accounts", account + "alias/accounts", false},
		{"alias/accounts", strings.Replace(keyARN, ":kms:", ":s3:", 1), false},
		{"arn:garbage", keyARN, false},
	} {
		f := newKMS()
		f.AddAlias(c.asked, keyARN) // KMS resolves every key that is requested
		f.OnReply(from(c.answered))
		_, err := newEncryptor(t, f, c.asked).EncryptItem(t.Context(), table, actions, item())
		if (err == nil) != c.ok {
			t.Errorf("seal: asked for %s, answered by %s: %v", c.asked, c.answered, err)
		}
		honest := c.asked
		if strings.Contains(c.asked, "alias") {
			honest = keyARN
		}
		f.OnReply(from(honest))
		if !c.ok && strings.HasPrefix(c.asked, account) {
			sealed, err := newEncryptor(t, f, c.asked).EncryptItem(t.Context(), table, actions, item())
			check(t, err)
			f.OnReply(from(c.answered))
			if _, err := newEncryptor(t, f, c.asked).DecryptItem(t.Context(), table, actions, sealed); !errors.Is(err, crypto.ErrTampered) {
				t.Errorf("open: asked for %s, answered by %s: %v", c.asked, c.answered, err)
			}
		}
	}
	f := newKMS()
	f.OnReply(func(output any) { output.(*kms.GenerateDataKeyOutput).Plaintext = []byte("short") })
	if _, err := newEncryptor(t, f, keyARN).EncryptItem(t.Context(), table, actions, item()); !errors.Is(err, crypto.ErrNoUsableKey) {
		t.Errorf("a data key of another size: %v", err)
	}
}

func TestErrorsOfKMSStayInTheChainAndNameTableAndKey(t *testing.T) {
	f := newKMS()
	e := newEncryptor(t, f, keyARN)
	sealed, err := e.EncryptItem(t.Context(), table, actions, item())
	check(t, err)
	f.Fail(&kmstypes.DisabledException{Message: aws.String("it is disabled")})
	_, sealErr := e.EncryptItem(t.Context(), table, actions, item())
	_, openErr := e.DecryptItem(t.Context(), table, actions, sealed)
	for _, err := range []error{sealErr, openErr} {
		var disabled *kmstypes.DisabledException
		if !errors.As(err, &disabled) || !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Fatalf("got %v", err)
		}
		for _, part := range []string{"accounts", keyARN, "it is disabled"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q is not in %v", part, err)
			}
		}
		if strings.Contains(err.Error(), "ada@") || strings.Contains(err.Error(), "Af8=") {
			t.Errorf("the error shows a value: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.DecryptItem(ctx, table, actions, sealed); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestAKeyAttributeCannotTakeAReservedNameInTheContext(t *testing.T) {
	for _, name := range []string{"*amzn-ddb-env-alg*", "*amzn-ddb-sig-alg*", "*aws-kms-table*"} {
		f := newKMS()
		odd := crypto.TableInfo{Name: "accounts", PartitionKey: name}
		_, err := newEncryptor(t, f, keyARN).EncryptItem(t.Context(), odd,
			crypto.Actions{Default: crypto.Sign}, crypto.Item{name: &types.AttributeValueMemberS{Value: "x"}})
		if !errors.Is(err, crypto.ErrPolicy) || len(generated(f)) > 0 {
			t.Errorf("%s: %v, %d calls", name, err, len(generated(f)))
		}
	}
}

func TestAKeySelectorChoosesForEachItem(t *testing.T) {
	f := newKMS()
	own := errors.New("unknown tenant")
	e := newEncryptor(t, f, "", directkms.WithKeySelector(func(_ context.Context, ec providers.EncryptionContext) (string, error) {
		switch ec.Key["number"].(*types.AttributeValueMemberN).Value {
		case "1":
			return keyARN, nil
		case "2":
			return "", nil
		}
		return "", own
	}))
	sealed, err := e.EncryptItem(t.Context(), table, actions, item())
	check(t, err)
	if _, err := e.DecryptItem(t.Context(), table, actions, sealed); err != nil {
		t.Error(err)
	}
	for number, want := range map[string]error{"2": crypto.ErrNoUsableKey, "3": own} {
		i := item()
		i["number"] = &types.AttributeValueMemberN{Value: number}
		if _, err := e.EncryptItem(t.Context(), table, actions, i); !errors.Is(err, want) || !errors.Is(err, crypto.ErrNoUsableKey) {
			t.Errorf("number %s: %v", number, err)
		}
	}
}

func TestTheReadCacheAnswersForTheSameItemOnly(t *testing.T) {
	f := newKMS()
	e := newEncryptor(t, f, keyARN, directkms.WithReadCache(2, time.Hour))
	var sealed []crypto.Item
	for n := range 3 {
		i := item()
		i["number"] = &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
		s, err := e.EncryptItem(t.Context(), table, actions, i)
		check(t, err)
		sealed = append(sealed, s)
	}
	open := func(n int) error {
		_, err := e.DecryptItem(t.Context(), table, actions, sealed[n])
		return err
	}
	for _, n := range []int{0, 0, 1, 0, 1, 2, 1, 2} { // 0 is evicted
		check(t, open(n))
	}
	if len(decrypted(f)) != 3 {
		t.Errorf("%d calls, want 3", len(decrypted(f)))
	}
	check(t, open(0))
	if len(decrypted(f)) != 4 {
		t.Errorf("%d calls, want 4: an evicted key is requested again", len(decrypted(f)))
	}
	// A cached wrapped key that was moved to another item.
	moved := maps.Clone(sealed[0])
	moved["number"] = &types.AttributeValueMemberN{Value: "7"}
	if _, err := e.DecryptItem(t.Context(), table, actions, moved); err == nil {
		t.Error("the cache answers for another item")
	}

	f = newKMS()
	e = newEncryptor(t, f, keyARN, directkms.WithReadCache(2, time.Nanosecond))
	s, err := e.EncryptItem(t.Context(), table, actions, item())
	check(t, err)
	for range 2 {
		time.Sleep(time.Microsecond)
		_, err := e.DecryptItem(t.Context(), table, actions, s)
		check(t, err)
	}
	if len(decrypted(f)) != 2 {
		t.Errorf("%d calls, want 2: the entry is too old", len(decrypted(f)))
	}
}

func TestProvidersThatCannotWorkAreRefused(t *testing.T) {
	selector := directkms.WithKeySelector(func(context.Context, providers.EncryptionContext) (string, error) { return keyARN, nil })
	for name, make := range map[string]func() (*directkms.Provider, error){
		"no client":      func() (*directkms.Provider, error) { return directkms.New(nil, keyARN) },
		"no key":         func() (*directkms.Provider, error) { return directkms.New(newKMS(), "") },
		"key and choice": func() (*directkms.Provider, error) { return directkms.New(newKMS(), keyARN, selector) },
		"cache of none": func() (*directkms.Provider, error) {
			return directkms.New(newKMS(), keyARN, directkms.WithReadCache(0, time.Hour))
		},
		"cache of no age": func() (*directkms.Provider, error) {
			return directkms.New(newKMS(), keyARN, directkms.WithReadCache(1, 0))
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	var _ directkms.Client = (*kms.Client)(nil)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
