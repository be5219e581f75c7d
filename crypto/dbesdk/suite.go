package dbesdk

import "fmt"

// Suite is an algorithm suite of the format. Both encrypt with AES-256-GCM,
// derive keys with HKDF-SHA-512, commit to the data key, and authenticate the
// item with HMAC-SHA-384 once for each of its encrypted data keys.
type Suite uint16

const (
	// SuiteECDSA, which is the default, also signs every item with an ECDSA
	// P-384 key of its own, whose public half is in the encryption context.
	// Who may unwrap data keys but not wrap them (kms:Decrypt alone) cannot
	// make items then.
	SuiteECDSA Suite = 0x6701
	// SuiteHMAC leaves that out, for less time and some 200 bytes less in each
	// item: right where everyone who may read may also write.
	SuiteHMAC Suite = 0x6700
)

// String returns the suite's number: "0x6701".
func (s Suite) String() string { return fmt.Sprintf("%#04x", uint16(s)) }

func (s Suite) flavor() byte { return byte(s) }

func suiteOf(flavor byte) Suite { return SuiteHMAC | Suite(flavor) }
