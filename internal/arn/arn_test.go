package arn_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/internal/arn"
)

func TestTableName_NamesAndARNs(t *testing.T) {
	for s, want := range map[string]string{
		"":         "",
		"accounts": "accounts",
		"arn":      "arn",
		"arn.x":    "arn.x",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/accounts":                                "accounts",
		"arn:aws-cn:dynamodb:cn-north-1:111122223333:table/accounts":                            "accounts",
		"arn:aws-us-gov:dynamodb:us-gov-west-1:444455556666:table/a.b_c-d":                      "a.b_c-d",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/accounts/index/by-plan":                  "accounts",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/accounts/stream/2026-01-01T00:00:00.000": "accounts",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/accounts/":                               "accounts",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/":                                        "",
		"arn:aws:dynamodb:ddblocal:000000000000:table/table":                                    "table",
		// Not a table's ARN.
		"arn:aws:dynamodb::111122223333:global-table/accounts": "arn:aws:dynamodb::111122223333:global-table/accounts",
		"arn:aws:s3:::table":                              "arn:aws:s3:::table",
		"ARN:aws:dynamodb:eu-west-1:111122223333:table/a": "ARN:aws:dynamodb:eu-west-1:111122223333:table/a",
		"x:table/accounts":                                "x:table/accounts",
	} {
		if got := arn.TableName(s); got != want {
			t.Errorf("TableName(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestSameTable_NameAndARN(t *testing.T) {
	const table = "arn:aws:dynamodb:eu-west-1:111122223333:table/accounts"
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"accounts", "accounts", true},
		{"accounts", table, true},
		{table + "/index/by-plan", table, true},
		{"accounts", "account", false},
		{table, table + "2", false},
	} {
		if got := arn.SameTable(c.a, c.b); got != c.want {
			t.Errorf("SameTable(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestKeyRegion_KeysAndOthers(t *testing.T) {
	for s, want := range map[string]string{
		"":                                     "",
		"1234abcd-12ab-34cd-56ef-1234567890ab": "",
		"alias/accounts":                       "",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd":                 "eu-west-1",
		"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1234":      "us-gov-west-1",
		"arn:aws:kms:eu-west-1:111122223333:alias/accounts":               "eu-west-1",
		"arn:aws:kms::111122223333:key/1234abcd":                          "",
		"arn:aws:kms:eu-west-1":                                           "",
		"arn:aws:dynamodb:eu-west-1:111122223333:table/accounts":          "",
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd:with:more:parts": "eu-west-1",
	} {
		if got := arn.KeyRegion(s); got != want {
			t.Errorf("KeyRegion(%q) = %q, want %q", s, got, want)
		}
	}
}
