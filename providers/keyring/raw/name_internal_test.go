package raw

import (
	"errors"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/crypto"
)

func TestCheckName_RejectsNamesOfTheKMSKeyrings(t *testing.T) {
	for _, c := range []struct{ namespace, name string }{
		{"", "name"}, {"namespace", ""}, {"aws-kms", "name"}, {"aws-kms-hierarchy", "name"}, {"\xff", "name"}, {"namespace", "\xff"},
		{strings.Repeat("n", 1<<16), "name"}, {"namespace", strings.Repeat("n", 1<<16)},
	} {
		if err := checkName(c.namespace, c.name); !errors.Is(err, crypto.ErrPolicy) {
			t.Errorf("%.20q, %.20q: got %v, want ErrPolicy", c.namespace, c.name, err)
		}
	}
	for _, c := range []struct{ namespace, name string }{{"acme", "2026-11"}, {"aws", "kms"}, {"ünï", "😀"}, {"AWS-KMS", "aws-kms"}} {
		if err := checkName(c.namespace, c.name); err != nil {
			t.Errorf("%q, %q: %v", c.namespace, c.name, err)
		}
	}
}
