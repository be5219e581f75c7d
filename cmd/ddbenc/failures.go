package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// failedItem is a line about an item that failed.
type failedItem struct {
	Table  string      `json:"table"`
	Key    rawJSON     `json:"key"`
	Reason bulk.Reason `json:"reason"`
	Error  string      `json:"error"`
}

type rawJSON []byte

// MarshalJSON returns the JSON.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// failureFlags say where items that fail are reported.
type failureFlags struct {
	Failures string `placeholder:"FILE" help:"Append the lines about items that fail to this file instead of writing them to standard output. Only its owner can read it. {segment} stands for the number of the segment."`
}

// failureLog writes a line for each item that failed.
type failureLog struct {
	w    io.Writer
	file *os.File // nil for standard output
	p    *tableProgress
}

// open opens the log. A file is appended to, so that a run that continues keeps
// the lines of the one before.
func (f *failureFlags) open(s *console, flags *bulkFlags, p *tableProgress) (*failureLog, error) {
	if f.Failures == "" {
		return &failureLog{w: s.stdout, p: p}, nil
	}
	if err := flags.ofSegment("--failures", &f.Failures); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(f.Failures, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", f.Failures, cause(err))
	}
	return &failureLog{w: file, file: file, p: p}, nil
}

// report writes a line. A message of DynamoDB may quote values of the item, so it
// is left out.
func (l *failureLog) report(f bulk.Failure) error {
	key, err := itemjson.Append(nil, f.Key)
	if err != nil {
		return err
	}
	line := failedItem{f.Table, key, f.Reason, oneLine(f.Err).Error()}
	if f.Reason == bulk.Refused {
		line.Error = "DynamoDB refused the item: it is larger than 400 KB when it is sealed, or has a value that cannot be " +
			"stored"
	}
	l.p.line.end()
	if err := report.WriteJSON(l.w, line, ""); err != nil {
		return fmt.Errorf("%w %s: %w", errOutput, l.name(), cause(err))
	}
	return nil
}

func (l *failureLog) name() string {
	if l.file == nil {
		return "standard output"
	}
	return l.file.Name()
}

// close closes the file, and returns err or what went wrong.
func (l *failureLog) close(err error) error {
	if l.file == nil {
		return err
	}
	if closed := l.file.Close(); closed != nil {
		return errors.Join(err, fmt.Errorf("cannot write %s: %w", l.name(), cause(closed)))
	}
	return err
}
