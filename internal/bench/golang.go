//go:build unix

package main

import (
	"bytes"
	"context"
	"runtime"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/internal/bench/cpu"
	"github.com/ddbenc/ddbenc/internal/bench/item"
	"github.com/ddbenc/ddbenc/internal/bench/report"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/keyring/raw"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// The keys of all clients. Nothing secret is sealed with them.
var (
	encryptionKey = bytes.Repeat([]byte{1}, 32)
	signingKey    = bytes.Repeat([]byte{2}, 32)
)

const (
	keyNamespace = "ddbenc benchmarks"
	keyName      = "aes-256"
)

// goParty is this project.
type goParty struct{}

func (*goParty) about() report.Program {
	return report.Program{ID: "go", Name: "ddbenc", Version: "this version", Runtime: runtime.Version()}
}

func (*goParty) takes(string) bool { return true }

// itemEncryptor is an encryptor of either format.
type itemEncryptor interface {
	EncryptItem(context.Context, crypto.TableInfo, crypto.Actions, crypto.Item) (crypto.Item, error)
	DecryptItem(context.Context, crypto.TableInfo, crypto.Actions, crypto.Item) (crypto.Item, error)
}

func encryptor(s subject) (itemEncryptor, error) {
	if s.format == "ddbec" {
		signing, err := providers.NewHMAC("HmacSHA256", signingKey)
		if err != nil {
			return nil, err
		}
		provider, err := wrapped.NewAES(encryptionKey, signing, signing)
		if err != nil {
			return nil, err
		}
		return ddbec.New(provider)
	}
	keys, err := raw.NewAES(keyNamespace, keyName, encryptionKey)
	if err != nil {
		return nil, err
	}
	suite := dbesdk.SuiteHMAC
	if s.suite == "ECDSA" {
		suite = dbesdk.SuiteECDSA
	}
	// Each item is opened many times here, which a memory of signatures would show.
	return dbesdk.New(keys, dbesdk.WithSuite(suite), dbesdk.WithRememberedSignatures(0))
}

func (*goParty) open(ctx context.Context, s subject) (crypto.Item, error) {
	e, err := encryptor(s)
	if err != nil {
		return nil, err
	}
	return e.DecryptItem(ctx, item.Table, s.actions, s.sealed)
}

// bench uses an encryptor of its own, and closes it: making key pairs in the
// background would count as the next measurement's time. While it is measured,
// it counts, as it does for the other clients.
func (*goParty) bench(ctx context.Context, s subject, op string, b cpu.Budget) (cpu.Taken, crypto.Item, error) {
	e, err := encryptor(s)
	if err != nil {
		return cpu.Taken{}, nil, err
	}
	if closing, ok := e.(*dbesdk.Encryptor); ok {
		defer closing.Close()
	}
	do := e.EncryptItem
	if op == "open" {
		do = e.DecryptItem
	}
	var last crypto.Item
	taken, err := cpu.Measure(b, func() (err error) {
		last, err = do(ctx, item.Table, s.actions, s.input(op))
		return err
	})
	return taken, last, err
}
