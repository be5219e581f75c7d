package awskms_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/internal/keytest"
	"github.com/ddbenc/ddbenc/providers/keyring/awskms"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	service := keytest.NewKMS(nil)
	ours := awskms.AnyAccount()
	errtest.Golden(t, map[string]error{
		"no client":                second(awskms.New(nil, keytest.Key)),
		"ARN":                      second(awskms.New(service, "alias/accounts")),
		"Region without discovery": second(awskms.New(service, keytest.Key, awskms.WithRegion("eu-west-1"))),
		"discovery: no Region":     second(awskms.NewDiscovery(service, ours, awskms.WithRegion(""))),
		"discovery: no client":     second(awskms.NewDiscovery(nil, ours)),
		"discovery: no filter":     second(awskms.NewDiscovery(service, awskms.Filter{})),
		"discovery: no clients":    second(awskms.NewDiscoveryForRegions(t.Context(), nil, nil, ours)),
		"RSA: padding":             second(awskms.NewRSA(keytest.RSAKey, 0, nil, service)),
		"RSA: no key":              second(awskms.NewRSA(keytest.RSAKey, awskms.OAEPWithSHA256, nil, nil)),
	})
}
