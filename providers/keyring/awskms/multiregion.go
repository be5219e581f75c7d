package awskms

// NewMultiRegion returns a [Keyring] for a multi-Region KMS key: the key in one
// Region opens what a replica in another Region sealed. Use it for global
// tables. Each Region uses its own client and the ARN of its own replica:
//
//	keys, err := awskms.NewMultiRegion(kms.NewFromConfig(cfg), "arn:aws:kms:eu-west-1:111122223333:key/mrk-…")
//
// Replicas share the key material but neither policy nor log, so anyone who may
// use one replica can open what any other sealed. keyARN may also be the ARN of
// a single-Region key, which then opens only what it sealed. An error wraps
// [crypto.ErrPolicy] or, without a client, [crypto.ErrNoUsableKey].
func NewMultiRegion(client Client, keyARN string, options ...Option) (*Keyring, error) {
	return newKeyring(client, keyARN, true, options)
}
