package bulk_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

func TestCensus_CountsByFormatAndKeyWithoutAKey(t *testing.T) {
	s := newServer(t)
	fill(t, s.client(t, staticEncryptor(t, 1)), 30) // overwritten in part
	fill(t, s.client(t, sdkEncryptor(t, "a")), 20)  //
	fill(t, s.client(t, sdkEncryptor(t, "b")), 8)   //
	s.put(t, crypto.Item{"id": &types.AttributeValueMemberS{Value: "plain"}})
	s.put(t, crypto.Item{"id": &types.AttributeValueMemberS{Value: "odd"}, dbesdk.HeadAttribute: &types.AttributeValueMemberB{Value: []byte{1}}})

	want := []bulk.Group{
		{Format: bulk.DBESDK, Suite: dbesdk.SuiteHMAC.String(), HeaderVersion: 1, Keys: "test a", Items: 12},
		{Format: bulk.DDBEC, Suite: "CBC/PKCS5Padding HmacSHA256", Keys: "static", Items: 10},
		{Format: bulk.DBESDK, Suite: dbesdk.SuiteHMAC.String(), HeaderVersion: 1, Keys: "test b", Items: 8},
		{Format: bulk.Malformed, Items: 1},
		{Format: bulk.Plaintext, Items: 1},
	}
	for name, client := range map[string]bulk.Scanner{"client": s, "mapper's client": s.client(t, sdkEncryptor(t, "c"))} {
		got, err := bulk.Census(t.Context(), client, table, bulk.WithPageSize(5))
		check(t, err)
		if !reflect.DeepEqual(got.Groups, want) || got.Items != 32 || got.Others != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}

	got, err := bulk.Census(t.Context(), s, table, bulk.WithLegends())
	check(t, err)
	if got.Groups[0].Legend != "sees" && len(got.Groups[0].Legend) != 4 {
		t.Errorf("legend %q", got.Groups[0].Legend)
	}
}
