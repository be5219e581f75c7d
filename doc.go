// Package ddbenc is client-side encryption and signing for Amazon DynamoDB,
// driven by struct tags. This package contains only documentation and
// examples; it has no code to import.
//
// Tags on a struct say what happens to each attribute of its items:
//
//	type Account struct {
//		ID     string `dynamo:"id,hash"`                // key: signed, never encrypted
//		Email  string `dynamo:"email" ddbenc:"encrypt"` // encrypted and signed, as without a tag
//		Plan   string `dynamo:"plan" ddbenc:"sign"`     // readable, signed
//		Visits int    `dynamo:"visits" ddbenc:"none"`   // not protected
//	}
//
// A keyring says where keys come from, an encryptor seals and opens items in
// one of two item formats, and a mapper puts the encryptor below
// [github.com/guregu/dynamo/v2]:
//
//	keys, err := hierarchical.New(store, hierarchical.BranchKey(id), 10*time.Minute)
//	encryptor, err := dbesdk.New(keys)
//	db, err := mapper.New(dynamodb.NewFromConfig(cfg),
//		mapper.TableOf[Account]("accounts", encryptor),
//		mapper.WithDeclaredTablesOnly())
//	err = db.Table("accounts").Put(account).Run(ctx)
//
// Items are sealed before they leave the process, and verified before they are
// decrypted. Anyone who reads the table, its backups or its streams sees only
// ciphertext of what is encrypted, and no change to what is signed goes
// undetected. docs/security.md in the repository says what is not protected.
//
// The item formats are those of the AWS Database Encryption SDK (Java 3, .NET,
// Rust) and of the older DynamoDB Encryption Client (Java 1 and 2, Python),
// byte for byte, so programs in these languages can share a table.
//
// # Which package to open
//
//   - To read and write protected items: [github.com/ddbenc/ddbenc/mapper].
//   - To tell failures apart, or to call or write an item encryptor:
//     [github.com/ddbenc/ddbenc/crypto].
//   - To choose the item format: [github.com/ddbenc/ddbenc/crypto/dbesdk] for
//     new tables, [github.com/ddbenc/ddbenc/crypto/ddbec] for tables that a
//     DynamoDB Encryption Client shares.
//   - To choose where keys come from in dbesdk, or to write a keyring:
//     [github.com/ddbenc/ddbenc/providers/keyring] and the packages below it,
//     above all [github.com/ddbenc/ddbenc/providers/keyring/hierarchical].
//   - To choose where keys come from in ddbec, or to write a provider:
//     [github.com/ddbenc/ddbenc/providers] and the packages below it.
//   - To load key files: [github.com/ddbenc/ddbenc/providers/keyfile].
//   - To inspect what the tags of a type say: [github.com/ddbenc/ddbenc/tags].
//   - To find mistakes in tags and requests as part of go vet:
//     [github.com/ddbenc/ddbenc/tags/vet].
//   - To test code that uses any of this, without DynamoDB and KMS:
//     [github.com/ddbenc/ddbenc/mapper/mappertest] and
//     [github.com/ddbenc/ddbenc/providers/providertest].
//   - To test a keyring, a provider or an item format of your own:
//     [github.com/ddbenc/ddbenc/providers/keyring/keyringtest],
//     [github.com/ddbenc/ddbenc/providers/providertest] and
//     [github.com/ddbenc/ddbenc/crypto/cryptotest].
//   - To review policies and to inspect, open and seal stored items from the
//     command line: [github.com/ddbenc/ddbenc/cmd/ddbenc].
//
// # Stability
//
// From version 1.0.0 on, this module follows semantic versioning:
//
//   - Exported names of packages outside internal keep their meaning for as
//     long as the major version stays the same. Text that is printed for
//     people, such as error messages and reports, may change; test for errors
//     with errors.Is and errors.As.
//   - Formats that are stored or exchanged (key configurations, lock files,
//     JSON reports) stay readable. They may gain fields.
//
// Item formats have a stronger promise, which a new major version does not end:
// stored items stay readable for ever. Every release can read what earlier
// releases could read, with the same keys, tags and logical table name. A
// release may stop writing a format or an algorithm; it will not stop reading
// it. Items that the official clients wrote are in the test data of this
// module, so that every change is checked against them.
package ddbenc
