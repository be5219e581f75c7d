//go:build unix

package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/bench/cpu"
	"github.com/ddbenc/ddbenc/internal/bench/report"
)

// fake is a client that measures nothing. What it opens and seals may be wrong.
type fake struct {
	goParty
	id     string
	turns  *[]string
	opened func(crypto.Item) crypto.Item
	last   func(op string, s subject) crypto.Item
}

func (f *fake) about() report.Program { return report.Program{ID: f.id, Name: f.id} }

func (f *fake) takes(format string) bool { return format == "ddbec" }

func (f *fake) open(ctx context.Context, s subject) (crypto.Item, error) {
	item, err := f.goParty.open(ctx, s)
	if f.opened != nil {
		item = f.opened(item)
	}
	return item, err
}

func (f *fake) bench(_ context.Context, s subject, op string, _ cpu.Budget) (cpu.Taken, crypto.Item, error) {
	*f.turns = append(*f.turns, f.id)
	last := map[string]crypto.Item{"seal": s.sealed, "open": s.plain}[op]
	if f.last != nil {
		last = f.last(op, s)
	}
	return cpu.Taken{Operations: 2, Nanoseconds: 3000}, last, nil
}

func TestMeasure_ProgramsTakeTurns(t *testing.T) {
	var turns []string
	parties := []party{&fake{id: "a", turns: &turns}, &fake{id: "b", turns: &turns}}
	results, err := measure(t.Context(), parties, 3, cpu.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	if cells := len(sizes) * 2; len(results) != 2*cells || len(turns) != 3*2*cells {
		t.Fatalf("got %d results of %d turns", len(results), len(turns))
	}
	for i := 0; i < len(turns); i += 2 {
		if !slices.Equal(turns[i:i+2], []string{"a", "b"}) {
			t.Fatalf("turn %d is of %s, and the next of %s", i, turns[i], turns[i+1])
		}
	}
	for _, r := range results {
		if !slices.Equal(r.Nanoseconds, []float64{1500, 1500, 1500}) {
			t.Errorf("%+v: want 1500 ns in each of 3 rounds", r)
		}
	}
}

func TestMeasure_WrongItemsAreNoResults(t *testing.T) {
	changed := func(item crypto.Item) crypto.Item {
		item = maps.Clone(item)
		item["another"] = &types.AttributeValueMemberS{Value: "attribute"}
		return item
	}
	for name, f := range map[string]*fake{
		"opens another item": {opened: changed},
		"opens another item after a while": {last: func(op string, s subject) crypto.Item {
			if op == "open" {
				return changed(s.plain)
			}
			return s.sealed
		}},
		"seals what does not open": {last: func(_ string, s subject) crypto.Item { return s.plain }},
	} {
		f.id, f.turns = name, new([]string)
		if _, err := measure(t.Context(), []party{f}, 1, cpu.Budget{}); err == nil {
			t.Errorf("a client that %s is measured", name)
		} else if name != "seals what does not open" && !errors.Is(err, errAnother) {
			t.Errorf("a client that %s: %v", name, err)
		}
	}
}

func TestGoParty_MeasuresBothFormats(t *testing.T) {
	all, err := subjects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		for _, op := range []string{"seal", "open"} {
			taken, err := benched(t.Context(), &goParty{}, s, op, cpu.Budget{Seconds: 0.001})
			if err != nil || taken.Operations < 1 {
				t.Errorf("%s %v: %+v, %v", op, s, taken, err)
			}
		}
	}
}
