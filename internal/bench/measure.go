//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/bench/cpu"
	"github.com/ddbenc/ddbenc/internal/bench/item"
	"github.com/ddbenc/ddbenc/internal/bench/report"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// party is a client that is measured.
type party interface {
	about() report.Program

	// takes reports whether the client has the format.
	takes(format string) bool

	// open opens what Go sealed.
	open(ctx context.Context, s subject) (crypto.Item, error)

	// bench measures an operation, and returns its last result.
	bench(ctx context.Context, s subject, op string, b cpu.Budget) (cpu.Taken, crypto.Item, error)
}

// subject is what is sealed and opened.
type subject struct {
	format, suite string
	size          int
	plain, sealed crypto.Item
	actions       crypto.Actions
}

func (s subject) String() string { return fmt.Sprintf("%s %s, %d KB", s.format, s.suite, s.size>>10) }

// input returns the item that an operation starts from.
func (s subject) input(op string) crypto.Item {
	if op == "seal" {
		return s.plain
	}
	return s.sealed
}

// sizes are in KB and attributes.
var sizes = [][2]int{{1, 10}, {10, 30}, {100, 20}, {390, 20}}

// subjects returns all of them, sealed by Go.
func subjects(ctx context.Context) ([]subject, error) {
	var all []subject
	for _, way := range [][2]string{{"dbesdk", "HMAC"}, {"dbesdk", "ECDSA"}, {"ddbec", ""}} {
		for _, size := range sizes {
			s := subject{format: way[0], suite: way[1], size: size[0] << 10}
			s.plain, s.actions = item.New(s.size, size[1])
			sealing, err := encryptor(s)
			if err != nil {
				return nil, err
			}
			if s.sealed, err = sealing.EncryptItem(ctx, item.Table, s.actions, s.plain); err != nil {
				return nil, fmt.Errorf("%v: %w", s, err)
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// measure lets the parties take turns.
func measure(ctx context.Context, parties []party, rounds int, budget cpu.Budget) ([]report.Result, error) {
	all, err := subjects(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkAll(ctx, parties, all); err != nil {
		return nil, err
	}
	var results []report.Result
	for round := range rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
		for _, s := range all {
			for _, op := range []string{"seal", "open"} {
				for _, p := range parties {
					if !p.takes(s.format) {
						continue
					}
					taken, err := benched(ctx, p, s, op, budget)
					if err != nil {
						return nil, fmt.Errorf("%s, %s %v: %w", p.about().Name, op, s, err)
					}
					cell := report.Cell{Format: s.format, Suite: s.suite, Size: s.size, Op: op}
					results = added(results, cell, p.about().ID, taken)
				}
			}
		}
		budget.WarmUp = budget.Seconds / 5 // programs are warm; only caches are not
	}
	return results, nil
}

// checkAll lets every party open what Go sealed.
func checkAll(ctx context.Context, parties []party, all []subject) error {
	for _, s := range all {
		for _, p := range parties {
			if !p.takes(s.format) {
				continue
			}
			opened, err := p.open(ctx, s)
			if err == nil && !same(opened, s.plain) {
				err = errAnother
			}
			if err != nil {
				return fmt.Errorf("%s opens what Go sealed (%v): %w", p.about().Name, s, err)
			}
		}
	}
	return nil
}

func added(results []report.Result, c report.Cell, program string, taken cpu.Taken) []report.Result {
	i := slices.IndexFunc(results, func(r report.Result) bool { return r.Cell == c && r.Program == program })
	if i < 0 {
		i = len(results)
		results = append(results, report.Result{Cell: c, Program: program})
	}
	results[i].Nanoseconds = append(results[i].Nanoseconds, float64(int64(taken.Each())))
	return results
}

// benched measures, and checks that the operation still did what it should at
// the end.
func benched(ctx context.Context, p party, s subject, op string, budget cpu.Budget) (cpu.Taken, error) {
	taken, last, err := p.bench(ctx, s, op, budget)
	if err != nil || last == nil {
		return taken, err
	}
	if op == "seal" {
		s.sealed = last
		if last, err = (&goParty{}).open(ctx, s); err != nil {
			return taken, fmt.Errorf("opening the last item: %w", err)
		}
	}
	if !same(last, s.plain) {
		return taken, errAnother
	}
	return taken, nil
}

var errAnother = errors.New("the item is another one")

func same(a, b crypto.Item) bool {
	return expr.Equal(&types.AttributeValueMemberM{Value: a}, &types.AttributeValueMemberM{Value: b})
}
