//go:build unix

package main

import (
	"bytes"
	"context"
	"os"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/bench/cpu"
	"github.com/ddbenc/ddbenc/internal/bench/report"
)

// fields is the AWS Encryption SDK for Go, which encrypts fields and not items.
type fields struct{ *program }

// startFields starts the program in esdk, if the environment names it.
func startFields(ctx context.Context) (party, error) {
	path := os.Getenv("DDBENC_BENCH_ESDK")
	if path == "" {
		return nil, nil
	}
	version, err := pinned("internal/bench/esdk/go.mod", `aws-encryption-sdk/releases/go/encryption-sdk (\S+)`)
	if err != nil {
		return nil, err
	}
	about := report.Program{
		ID: "esdk-go", Name: "ESDK for Go", Version: "aws-encryption-sdk " + version,
		Note: "one field of the size of the item, for scale. All of it is encrypted, where half of an item is, " +
			"but an item's attributes are also encrypted and signed one by one.",
	}
	p, err := start(ctx, about, "dbesdk", path)
	if err != nil {
		return nil, err
	}
	return fields{p}, nil
}

// open cannot open items. The program itself checks that it opens its fields.
func (fields) open(_ context.Context, s subject) (crypto.Item, error) { return s.plain, nil }

func (f fields) bench(_ context.Context, s subject, op string, b cpu.Budget) (cpu.Taken, crypto.Item, error) {
	request := s.settings()
	request["bench"] = map[string]any{"op": words[op], "warmUp": b.WarmUp, "seconds": b.Seconds}
	request["field"] = bytes.Repeat([]byte("field..."), s.size/8)
	a, err := f.send(request)
	if err == nil {
		f.program.program.Runtime = a.Runtime
	}
	return a.Taken, nil, err
}
