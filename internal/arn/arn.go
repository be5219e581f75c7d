// Package arn takes apart the Amazon Resource Names of DynamoDB tables and KMS
// keys.
//
// DynamoDB accepts a table's ARN wherever a request names a table. Everything
// that looks up a table by name therefore has to call [TableName] first: the
// mapper, the analyzer, the lock file, the command and the in-memory database.
package arn

import "strings"

// TableName returns the name of the table in s, which is either a table's name
// or the ARN of the table or of something that belongs to it, such as an index
// or a stream. It returns anything else unchanged.
//
// It does not validate the ARN. Partition, Region and account are ignored, so
// that a declared table is found under every ARN that can name it.
func TableName(s string) string {
	if !strings.HasPrefix(s, "arn:") {
		return s
	}
	_, name, ok := strings.Cut(s, ":table/")
	if !ok {
		return s
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}

// SameTable reports whether two names or ARNs name a table of the same name.
func SameTable(a, b string) bool { return TableName(a) == TableName(b) }

// KeyRegion returns the Region in the ARN of a KMS key or alias. It returns an
// empty string for anything else, such as a key's ID.
func KeyRegion(s string) string {
	parts := strings.SplitN(s, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "kms" {
		return ""
	}
	return parts[3]
}
