package multi_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/keyring"
	"github.com/ddbenc/ddbenc/providers/keyring/multi"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	opens := newKeyring(t, nil, rawAES(t, "a"), rawAES(t, "b"))
	m, err := keyring.NewEncryptionMaterials(itemContext)
	check(t, err)
	errtest.Golden(t, map[string]error{
		"no keyring":                second(multi.New(nil)),
		"nil child":                 second(multi.New(rawAES(t, "a"), nil)),
		"sealing without generator": opens.OnEncrypt(t.Context(), m),
		"opening":                   second(open(t, opens, nil)),
	})
}
