package keyring

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
)

// CheckName reports why a key that you hold cannot be called name in
// namespace: both have to be there and be UTF-8, and namespaces that begin
// with "aws-kms" are for the keyrings of KMS. The error wraps
// [crypto.ErrPolicy].
func CheckName(namespace, name string) error {
	switch {
	case namespace == "" || name == "":
		return fmt.Errorf("%w: a key needs a namespace and a name", crypto.ErrPolicy)
	case strings.HasPrefix(namespace, "aws-kms"):
		return fmt.Errorf("%w: the namespace %q is reserved: it begins with \"aws-kms\"", crypto.ErrPolicy, namespace)
	case !utf8.ValidString(namespace) || !utf8.ValidString(name):
		return fmt.Errorf("%w: namespace and name have to be UTF-8", crypto.ErrPolicy)
	case len(namespace) > maxUint16 || len(name) > maxUint16:
		return fmt.Errorf("%w: namespace or name have more than %d bytes", crypto.ErrPolicy, maxUint16)
	}
	return nil
}
