//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/bench/cpu"
	"github.com/ddbenc/ddbenc/internal/bench/item"
	"github.com/ddbenc/ddbenc/internal/bench/report"
)

// program is an official client's program of internal/interop, or one like
// them: a request a line, a response a line.
type program struct {
	program report.Program
	format  string
	in      io.Writer
	out     *bufio.Reader
}

// start runs a program until the context ends.
func start(ctx context.Context, about report.Program, format, name string, args ...string) (*program, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", about.Name, err)
	}
	return &program{about, format, in, bufio.NewReaderSize(out, 1<<20)}, nil
}

func (p *program) about() report.Program { return p.program }

func (p *program) takes(format string) bool { return format == p.format }

// answer is a program's response. Runtime is what it runs on.
type answer struct {
	cpu.Taken
	Item    json.RawMessage
	Runtime string
	Error   string
}

var words = map[string]string{"seal": "encrypt", "open": "decrypt"}

func (p *program) open(_ context.Context, s subject) (crypto.Item, error) {
	_, opened, err := p.ask(s, "open", map[string]any{"op": words["open"]})
	return opened, err
}

func (p *program) bench(_ context.Context, s subject, op string, b cpu.Budget) (cpu.Taken, crypto.Item, error) {
	settings := map[string]any{"op": words[op], "warmUp": b.WarmUp, "seconds": b.Seconds}
	return p.ask(s, op, map[string]any{"op": "bench", "bench": settings})
}

func (p *program) ask(s subject, op string, request map[string]any) (cpu.Taken, crypto.Item, error) {
	encoded, err := attributevalue.MarshalMapJSON(s.input(op))
	if err != nil {
		return cpu.Taken{}, nil, err
	}
	request["item"] = json.RawMessage(encoded)
	maps.Copy(request, s.settings())
	a, err := p.send(request)
	if err != nil {
		return a.Taken, nil, err
	}
	if a.Runtime != "" {
		p.program.Runtime = a.Runtime
	}
	result, err := attributevalue.UnmarshalMapJSON(a.Item)
	return a.Taken, result, err
}

// settings describe a subject to the programs.
func (s subject) settings() map[string]any {
	actions := make(map[string]crypto.Action)
	for name := range s.plain {
		actions[name] = s.actions.Of(name)
	}
	settings := map[string]any{
		"table": item.Table.Name, "partitionKey": item.Table.PartitionKey, "sortKey": "", "actions": actions,
	}
	if s.format == "ddbec" {
		settings["default"] = "sign"
		settings["provider"] = map[string]any{
			"kind": "wrapped-aes", "encryptionKey": encryptionKey, "signingKey": signingKey,
		}
		return settings
	}
	settings["ecdsa"] = s.suite == "ECDSA"
	settings["keyring"] = map[string]any{
		"kind": "raw-aes", "namespace": keyNamespace, "name": keyName, "key": encryptionKey,
	}
	return settings
}

func (p *program) send(request map[string]any) (answer, error) {
	var a answer
	encoded, err := json.Marshal(request)
	if err != nil {
		return a, err
	}
	if _, err := p.in.Write(append(encoded, '\n')); err != nil {
		return a, err
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return a, fmt.Errorf("the program ended: %w", err)
	}
	if err := json.Unmarshal(line, &a); err != nil {
		return a, err
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}
