//go:build unix

// Command bench measures how long ddbenc and the official clients of both item
// formats take to seal and to open the same items, and writes the results into
// the documentation. "make peers" runs it with all clients built.
//
// It measures CPU time, as the programs themselves see it after warming up, and
// takes turns between the programs, so that what disturbs one disturbs all.
// First, each program has to open what Go sealed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/ddbenc/ddbenc/internal/bench/cpu"
	"github.com/ddbenc/ddbenc/internal/bench/report"
)

// options are the command's flags.
type options struct {
	measure    bool
	rounds     int
	budget     cpu.Budget
	without    string
	file, page string
}

func main() {
	var o options
	flag.BoolVar(&o.measure, "measure", false, "measure, instead of only writing the page of the last run")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each program measures each operation")
	flag.Float64Var(&o.budget.Seconds, "seconds", 1, "least CPU time of each measurement")
	flag.Float64Var(&o.budget.WarmUp, "warmup", 3, "CPU time before the first measurement of an operation")
	flag.StringVar(&o.without, "without", "", "programs to do without, separated by commas")
	flag.StringVar(&o.file, "file", "internal/bench/peers.json", "file of the results")
	flag.StringVar(&o.page, "page", "docs/performance.md", "page to write tables into")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.measure {
		if err := record(ctx, o); err != nil {
			return err
		}
	}
	r, err := report.Read(o.file)
	if err != nil {
		return err
	}
	return r.Update(o.page)
}

// record measures, and writes the results.
func record(ctx context.Context, o options) error {
	before := load()
	parties, err := startAll(ctx, strings.Split(o.without, ","))
	if err != nil {
		return err
	}
	results, err := measure(ctx, parties, o.rounds, o.budget)
	if err != nil {
		return err
	}
	r := &report.Run{
		Date: time.Now().UTC().Format(time.DateOnly), Machine: machine(), Rounds: o.rounds, Seconds: o.budget.Seconds,
		Results: results,
	}
	r.Machine.Load = [2]float64{before, load()}
	for _, p := range parties {
		r.Programs = append(r.Programs, p.about())
	}
	return r.Write(o.file)
}
