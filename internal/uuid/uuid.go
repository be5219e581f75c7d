// Package uuid writes and reads UUIDs (RFC 9562) in the one way in which branch
// key stores have them: 36 characters, in lower case.
package uuid

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
)

// UUID is a UUID's bytes.
type UUID [16]byte

// New returns a random UUID, of version 4.
func New() UUID {
	var u UUID
	rand.Read(u[:])
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u
}

// String returns the text.
func (u UUID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// Parse is the inverse of String, and takes no other spelling.
func Parse(text string) (u UUID, ok bool) {
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(b) != len(u) {
		return UUID{}, false
	}
	u = UUID(b)
	return u, u.String() == text
}
