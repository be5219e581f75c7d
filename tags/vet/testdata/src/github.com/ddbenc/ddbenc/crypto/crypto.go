// Package crypto stands in for ddbenc's: the actions.
package crypto

type Action uint8

const (
	Encrypt Action = iota
	Sign
	SignInContext
	None
)
