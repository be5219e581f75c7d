package keystore

import (
	"errors"
	"fmt"

	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
)

// kmsKey is the KMS key of a store, and the rule for accepting others.
// (aws-encryption-sdk-specification,
// framework/branch-key-store.md#aws-kms-configuration)
type kmsKey struct {
	arn         string     // as passed to New
	own         kmskey.ARN // arn, parsed; unused with discovery
	multiRegion bool
	discovery   bool
	region      *string // of replicas, with discovery
}

// parse parses and checks the arguments of [New].
func (k *kmsKey) parse() (err error) {
	switch {
	case k.discovery && (k.arn != "" || k.multiRegion):
		return errors.New("a store with discovery does not take a KMS key")
	case k.region != nil:
		replica := kmskey.ARN{Partition: "aws", Region: *k.region, Account: "0", ID: "0"}
		if _, err := kmskey.ParseARN(replica.String()); err != nil {
			return fmt.Errorf("%q is not the name of a Region", *k.region)
		}
		return nil
	case k.discovery:
		return nil
	}
	if k.own, err = kmskey.ParseARN(k.arn); err != nil {
		return fmt.Errorf("%q is %w", k.arn, err)
	}
	return nil
}

var errReadOnly = errors.New("a store with discovery is read-only")

// forWriting returns the key to wrap with.
func (k *kmsKey) forWriting() (string, error) {
	if k.discovery {
		return "", errReadOnly
	}
	return k.arn, nil
}

// forRecord returns the KMS key that unwraps a record, given the key that the
// record names.
func (k *kmsKey) forRecord(named string) (string, error) {
	of, err := kmskey.ParseARN(named)
	switch {
	case err != nil:
		return "", fmt.Errorf("the KMS key in its record is %w", err)
	case k.discovery && k.region != nil && of.MultiRegion():
		return of.In(*k.region).String(), nil
	case k.discovery:
		return named, nil
	case of == k.own, k.multiRegion && of.RelatedTo(k.own):
		return k.arn, nil
	}
	return "", errors.New("its record names another KMS key than the store's")
}
