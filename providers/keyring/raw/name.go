package raw

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ddbenc/ddbenc/crypto"
)

// maxUint16 is the limit of each length in an encrypted data key.
const maxUint16 = 1<<16 - 1

// checkName returns an error unless a key can have this name in this namespace.
// Both must be non-empty UTF-8, and namespaces that begin with "aws-kms" belong
// to the keyrings for KMS. The error wraps [crypto.ErrPolicy].
func checkName(namespace, name string) error {
	switch {
	case namespace == "" || name == "":
		return fmt.Errorf("%w: a key needs a namespace and a name", crypto.ErrPolicy)
	case strings.HasPrefix(namespace, "aws-kms"):
		return fmt.Errorf("%w: the namespace %q is reserved: it begins with \"aws-kms\"", crypto.ErrPolicy, namespace)
	case !utf8.ValidString(namespace) || !utf8.ValidString(name):
		return fmt.Errorf("%w: namespace and name must be UTF-8", crypto.ErrPolicy)
	case len(namespace) > maxUint16 || len(name) > maxUint16:
		return fmt.Errorf("%w: the namespace or the name has more than %d bytes", crypto.ErrPolicy, maxUint16)
	}
	return nil
}
