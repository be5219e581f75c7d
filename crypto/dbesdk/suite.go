package dbesdk

import "fmt"

// Suite is an algorithm suite of the format. Both suites encrypt with
// AES-256-GCM, derive keys with HKDF-SHA-512, commit to the data key, and
// authenticate the item with HMAC-SHA-384 for each of its encrypted data keys.
type Suite uint16

const (
	// SuiteECDSA also signs each item with a new ECDSA P-384 key, whose public
	// half is in the encryption context. Someone who may unwrap data keys but
	// not wrap them (kms:Decrypt alone) therefore cannot forge items. It is the
	// default.
	SuiteECDSA Suite = 0x6701
	// SuiteHMAC has no signature. It is faster and saves about 200 bytes in
	// each item. Use it if everyone who may read items may also write them.
	SuiteHMAC Suite = 0x6700
)

// String returns the suite's number, such as "0x6701".
func (s Suite) String() string { return fmt.Sprintf("%#04x", uint16(s)) }

func (s Suite) flavor() byte { return byte(s) }

func suiteOf(flavor byte) Suite { return SuiteHMAC | Suite(flavor) }
