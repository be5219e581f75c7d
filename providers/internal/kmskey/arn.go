// Package kmskey parses the ARNs of KMS keys and decrypts with them, checking
// each reply.
package kmskey

import (
	"errors"
	"strings"
)

// maxARN is the maximum length of an ARN in KMS requests, in bytes.
const maxARN = 2048

// errNoARN does not contain the text, which may come from an item.
var errNoARN = errors.New(
	"not the ARN of a KMS key, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")

// ARN names a KMS key. Its fields are never empty, and two are equal if and
// only if they are the same text.
type ARN struct{ Partition, Region, Account, ID string }

// ParseARN parses the ARN of a key. Alias ARNs are rejected.
// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-key-arn.md#a-valid-aws-kms-arn)
func ParseARN(s string) (ARN, error) {
	parts := strings.Split(s, ":")
	if len(s) > maxARN || strings.ContainsFunc(s, notGraphic) ||
		len(parts) != 6 || parts[0] != "arn" || parts[2] != "kms" {
		return ARN{}, errNoARN
	}
	id, isKey := strings.CutPrefix(parts[5], "key/")
	a := ARN{Partition: parts[1], Region: parts[3], Account: parts[4], ID: id}
	if !isKey || a.Partition == "" || a.Region == "" || a.Account == "" || a.ID == "" {
		return ARN{}, errNoARN
	}
	return a, nil
}

// notGraphic reports whether r is not a visible ASCII character.
func notGraphic(r rune) bool { return r < '!' || r > '~' }

// String returns the text that was parsed.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":kms:" + a.Region + ":" + a.Account + ":key/" + a.ID
}

// MultiRegion reports whether the key is a multi-Region key, which has
// replicas in other Regions.
func (a ARN) MultiRegion() bool { return strings.HasPrefix(a.ID, "mrk-") }

// In returns the ARN of a multi-Region key's replica in region.
func (a ARN) In(region string) ARN {
	a.Region = region
	return a
}

// RelatedTo reports whether a opens what b sealed: they are the same key, or
// replicas of one multi-Region key.
// (aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-mrk-match-for-decrypt.md#implementation)
func (a ARN) RelatedTo(b ARN) bool { return a == b || a.MultiRegion() && a.In(b.Region) == b }
