package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// progressMode is how the progress of a run is shown.
type progressMode string

const (
	progressAuto progressMode = "auto"
	progressText progressMode = "text"
	progressJSON progressMode = "json"
	progressNone progressMode = "none"
)

// tableProgress shows how far a run is: in a line on a terminal, and otherwise
// in a line now and then, of text or of JSON.
type tableProgress struct {
	command string
	mode    progressMode
	stderr  io.Writer
	line    *progress
	every   time.Duration
	next    time.Duration
	total   int64 // items of the table, about; 0 if it is not known
	latest  bulk.Progress
}

func (s *console) newTableProgress(command string, mode progressMode) *tableProgress {
	return &tableProgress{command: command, mode: mode, stderr: s.stderr, line: s.newProgress(mode == progressAuto),
		every: 30 * time.Second, next: 30 * time.Second}
}

// describe asks how large the table is, which is known to about six hours. Who
// may not ask sees no time left.
func (p *tableProgress) describe(ctx context.Context, api *dynamodb.Client, f bulkFlags) {
	if f.Segment != -1 || p.mode == progressNone {
		return
	}
	if out, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &f.Table}); err == nil {
		p.total = aws.ToInt64(out.Table.ItemCount)
	}
}

// progressLine is the JSON about the progress of a run.
type progressLine struct {
	Command string `json:"command"`
	bulk.Report
	ItemsPerSecond float64 `json:"itemsPerSecond"`
	ElapsedSeconds float64 `json:"elapsedSeconds"`
	// SecondsLeft is missing if it is not known.
	SecondsLeft  float64 `json:"secondsLeft,omitempty"`
	SegmentsDone int     `json:"segmentsDone"`
	Segments     int     `json:"segments"`
	// Ended is true for the last line of a run, even if it is to be continued.
	Ended bool `json:"ended,omitempty"`
}

func (p *tableProgress) show(now bulk.Progress) {
	p.latest = now
	if p.mode == progressJSON || p.mode == progressNone {
		if now.Elapsed >= p.next {
			p.next = now.Elapsed + p.every
			p.showJSON(now.Report, false)
		}
		return
	}
	text := fmt.Sprintf("%s, %.0f/s", p.counts(now.Report), now.ItemsPerSecond)
	if left := p.secondsLeft(now); left > 0 {
		text += fmt.Sprintf(", about %v left", time.Duration(left)*time.Second)
	}
	if now.Segments > 1 {
		text += fmt.Sprintf(" (%d of %d segments done)", now.SegmentsDone, now.Segments)
	}
	if p.line.w != nil {
		if time.Since(p.line.last) >= 200*time.Millisecond {
			p.line.text(text)
		}
		return
	}
	if now.Elapsed >= p.next {
		p.next = now.Elapsed + p.every
		fmt.Fprintf(p.stderr, "%s: %s\n", p.command, text)
	}
}

// secondsLeft estimates how long the run takes from now on, or returns 0.
func (p *tableProgress) secondsLeft(now bulk.Progress) float64 {
	if left := p.total - now.Items; p.total > 0 && left > 0 && now.ItemsPerSecond > 0 {
		return float64(left) / now.ItemsPerSecond
	}
	return 0
}

// showJSON writes a line of JSON, if that is wanted.
func (p *tableProgress) showJSON(r bulk.Report, ended bool) {
	if p.mode != progressJSON {
		return
	}
	now := p.latest
	line := progressLine{Command: p.command, Report: r, ItemsPerSecond: math.Round(now.ItemsPerSecond),
		ElapsedSeconds: math.Round(now.Elapsed.Seconds()*10) / 10, SecondsLeft: math.Round(p.secondsLeft(now)),
		SegmentsDone: now.SegmentsDone, Segments: now.Segments, Ended: ended}
	if ended {
		line.SecondsLeft = 0
	}
	_ = report.WriteJSON(p.stderr, line, "") // as with text, the run does not depend on it
}

func (p *tableProgress) counts(r bulk.Report) string {
	text := strconv.FormatInt(r.Items, 10) + " items"
	if r.Resealed > 0 || p.command == "reseal" {
		text += fmt.Sprintf(", %d resealed", r.Resealed)
	}
	if r.Gone > 0 {
		text += fmt.Sprintf(", %d deleted meanwhile", r.Gone)
	}
	if p.command != "census" || r.Failed > 0 {
		text += fmt.Sprintf(", %d failed", r.Failed)
	}
	return text
}

// end writes what the run has done. If it was interrupted, it returns an error
// that says how to go on.
func (p *tableProgress) end(ctx context.Context, f bulkFlags, r bulk.Report, err error) error {
	p.line.end()
	p.showJSON(r, true)
	if err != nil && ctx.Err() != nil {
		again := "the same command starts over"
		if f.Checkpoint != "" {
			again = fmt.Sprintf("the same command continues from %s", f.Checkpoint)
		}
		return fmt.Errorf("interrupted after %s: %s: %w", p.counts(r), again, ctx.Err())
	}
	if errors.Is(err, bulk.ErrTakenOver) {
		return fmt.Errorf("%w: give each run a checkpoint of its own; %s is that of the other run now", oneLine(err),
			f.Checkpoint)
	}
	if errors.Is(err, bulk.ErrCheckpoint) {
		return fmt.Errorf("%w: name another checkpoint, or remove %s to start over", oneLine(err), f.Checkpoint)
	}
	if err != nil {
		return oneLine(err)
	}
	if p.mode == progressAuto || p.mode == progressText {
		fmt.Fprintf(p.stderr, "%s: %s\n", p.command, p.counts(r))
	}
	if r.Failed > 0 {
		return &exitError{exitRefused, fmt.Errorf("%d of %d items failed", r.Failed, r.Items)}
	}
	return nil
}
