package kmskey_test

import (
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
)

func TestAnARNIsThatOfAKeyAndNothingElse(t *testing.T) {
	for text, valid := range map[string]bool{
		keytest.Key: true,
		keytest.MRK: true,
		"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd": true,
		"arn:aws:kms:eu-west-1:111122223333:key/with/more":           true,
		"":                                     false,
		"1234abcd-12ab-34cd-56ef-1234567890ab": false,
		"mrk-1234abcd12ab34cd56ef1234567890ab": false,
		"alias/accounts":                       false,
		"arn:aws:kms:eu-west-1:111122223333:alias/accounts":     false,
		"arn:aws:kms:eu-west-1:111122223333:alias/mrk-accounts": false,
		"arn:aws:kms:eu-west-1:111122223333:key/":               false,
		"arn:aws:kms:eu-west-1:111122223333:key":                false,
		"arn:aws:kms:eu-west-1:111122223333:key:1234abcd":       false,
		"arn:aws:kms:eu-west-1:111122223333:key/1234:abcd":      false,
		"arn:aws:kms:eu-west-1:111122223333:KEY/1234abcd":       false,
		"arn:aws:kms:eu-west-1::key/1234abcd":                   false,
		"arn:aws:kms::111122223333:key/1234abcd":                false,
		"arn::kms:eu-west-1:111122223333:key/1234abcd":          false,
		"arn:aws:s3:eu-west-1:111122223333:key/1234abcd":        false,
		"nra:aws:kms:eu-west-1:111122223333:key/1234abcd":       false,
		" " + keytest.Key:  false,
		keytest.Key + "\n": false,
		"arn:aws:kms:eu-west-1:111122223333:key/1234\xff":                          false,
		"arn:aws:kms:eu-west-1:111122223333:key/ключ":                              false,
		"arn:aws:kms:eu-west-1:111122223333:key/" + strings.Repeat("a", 2048-39):   true,
		"arn:aws:kms:eu-west-1:111122223333:key/" + strings.Repeat("a", 2048-39+1): false,
	} {
		key, err := kmskey.ParseARN(text)
		if (err == nil) != valid {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && key.String() != text {
			t.Errorf("%q is printed as %q", text, key)
		}
	}
}

func TestOnlyMultiRegionKeysAreRelatedAcrossRegions(t *testing.T) {
	const mrk = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234"
	for _, c := range []struct {
		a, b    string
		related bool
	}{
		{mrk, mrk, true},
		{mrk, "arn:aws:kms:us-east-1:111122223333:key/mrk-1234", true},
		{mrk, "arn:aws:kms:us-east-1:111122223333:key/mrk-12345", false},
		{mrk, "arn:aws:kms:us-east-1:444455556666:key/mrk-1234", false},
		{mrk, "arn:aws-cn:kms:us-east-1:111122223333:key/mrk-1234", false},
		{mrk, "arn:aws:kms:us-east-1:111122223333:key/1234", false},
		{keytest.Key, keytest.Key, true},
		{keytest.Key, keytest.KeyElse, false},
		{keytest.Key, keytest.OtherKey, false},
		{keytest.Key, keytest.ForeignKey, false},
		{"arn:aws:kms:eu-west-1:111122223333:key/MRK-1234", "arn:aws:kms:us-east-1:111122223333:key/MRK-1234", false},
	} {
		a, err := kmskey.ParseARN(c.a)
		keytest.Check(t, err)
		b, err := kmskey.ParseARN(c.b)
		keytest.Check(t, err)
		if a.RelatedTo(b) != c.related || b.RelatedTo(a) != c.related {
			t.Errorf("%s and %s: %t and %t, want %t", a, b, a.RelatedTo(b), b.RelatedTo(a), c.related)
		}
	}
}

func FuzzARN(f *testing.F) {
	f.Add(keytest.Key)
	f.Add(keytest.MRK)
	f.Add("arn:aws:kms:eu-west-1:111122223333:alias/accounts")
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := kmskey.ParseARN(text); err == nil && key.String() != text {
			t.Errorf("%q is printed as %q", text, key)
		}
	})
}
