// Package raw provides keyrings for keys that you hold: [NewAES] for an AES key,
// and [NewRSA] for an RSA key pair.
//
//	keys, err := raw.NewAES("acme", "2026-11", wrappingKey)
//	encryptor, err := dbesdk.New(keys)
//
// Every item stores the namespace and the name, which select the key that opens
// it. They are not secret, and must be the same in all clients that share a
// table. To rotate a key, combine the new keyring with the old ones in package
// multi, the new one first.
//
// You decide where the key is kept, who may read it and when it is replaced. To
// leave that to KMS, use package hierarchical instead.
package raw
