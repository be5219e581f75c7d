// Package providertest provides test doubles for code that uses ddbenc: an AWS
// KMS in memory, a branch key store in memory, and an encryptor with a fixed
// key. It is to keys what package mapper/mappertest is to DynamoDB.
//
//	encryptor := providertest.Encryptor(t)
//
// To test with the keyring that you use in production, and to see what your
// code does when KMS fails:
//
//	service := providertest.NewKMS()
//	keys, err := awskms.New(service, providertest.KeyARN)
//	…
//	service.Fail(providertest.ErrThrottled)
//	…
//	service.Fail(nil)
//
// For implementers of [providers.Provider], [Run] tests a provider. Package
// keyringtest does the same for keyrings.
package providertest
