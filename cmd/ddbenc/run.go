package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/crypto"
)

// Exit codes.
const (
	exitFine    = 0
	exitRefused = 1 // the check found changes, or an item does not verify
	exitBad     = 2 // bad usage or input, or something that cannot be had
)

// console is what a command reads from and writes to.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	model          *kong.Application
}

// commands is the grammar of the command line.
type commands struct {
	Policy     policyCommand     `cmd:"" help:"Show what is done with each attribute, from source code."`
	Lock       lockCommand       `cmd:"" help:"Write the policies of a program to ddbenc.lock."`
	Check      checkCommand      `cmd:"" help:"Compare the policies of a program with ddbenc.lock."`
	Inspect    inspectCommand    `cmd:"" help:"Explain sealed items, without any key."`
	Open       openCommand       `cmd:"" help:"Verify and decrypt items."`
	Seal       sealCommand       `cmd:"" help:"Encrypt and sign items."`
	Completion completionCommand `cmd:"" help:"Print a completion script for a shell."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
	Help       helpCommand       `cmd:"" help:"Explain a command."`
}

// run is the whole program but for the process around it. It returns the exit
// code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	s := &console{stdin: stdin, stdout: stdout, stderr: stderr}
	err := s.run(ctx, args)
	if err == nil {
		return exitFine
	}
	s.complain(err)
	return exitCode(err)
}

func (s *console) run(ctx context.Context, args []string) error {
	parser, err := kong.New(&commands{}, kong.Name("ddbenc"), kong.NoDefaultHelp(), kong.Writers(s.stdout, s.stderr), kong.Exit(func(int) {}))
	if err != nil {
		return err
	}
	s.model = parser.Model
	args, wantsHelp := doubleDashes(args)
	if wantsHelp || len(args) == 0 {
		return s.help(args)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return usageError(err, args)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(s)
}

// doubleDashes turns -format into --format, so that flags may be written as
// those of the go command. It also reports whether help is asked for.
func doubleDashes(args []string) (out []string, help bool) {
	for i, arg := range args {
		switch {
		case arg == "--":
			return append(out, args[i:]...), help
		case arg == "-h", arg == "-help", arg == "--help":
			help = true
			continue
		case len(arg) > 2 && arg[0] == '-' && arg[1] != '-':
			arg = "-" + arg
		}
		out = append(out, arg)
	}
	return out, help
}

// usageError says what is wrong with the command line and where to look.
func usageError(err error, args []string) error {
	command := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command = " " + args[0]
	}
	text := strings.ReplaceAll(err.Error(), " --", " -")
	if slices.ContainsFunc(args, looksLikeItem) && strings.ContainsAny(text, "{[") {
		text = "bad arguments" // kong repeats what it does not know
	}
	if strings.Contains(text, "unexpected argument") && command != "" {
		command = ""
	}
	return fmt.Errorf("%s (see \"ddbenc help%s\")", text, command)
}

// looksLikeItem reports whether an argument is JSON, rather than the name of a
// file: it may hold values, and is in no error.
func looksLikeItem(arg string) bool {
	return strings.HasPrefix(arg, "{") || strings.HasPrefix(arg, "[")
}

// exitError is an error with an exit code of its own.
type exitError struct {
	code int
	error
}

// Unwrap returns the error.
func (e *exitError) Unwrap() error { return e.error }

// exitCode tells "no" from "I cannot say".
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	if errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNotProtected) {
		return exitRefused
	}
	return exitBad
}

// complain writes an error, with one line for each of several that are joined.
// A line break in a text, such as a file's name, does not begin another line.
func (s *console) complain(err error) {
	for _, one := range joined(err) {
		line := strings.ReplaceAll(strings.TrimPrefix(one.Error(), "ddbenc: "), ": ddbenc: ", ": ")
		fmt.Fprintf(s.stderr, "ddbenc: %s\n", report.Visible(line))
	}
}

// joined returns the errors that errors.Join made one of.
func joined(err error) []error {
	if exit, ok := err.(*exitError); ok {
		return joined(exit.error)
	}
	several, ok := err.(interface{ Unwrap() []error })
	if !ok || err.Error() != errors.Join(several.Unwrap()...).Error() {
		return []error{err}
	}
	var all []error
	for _, one := range several.Unwrap() {
		all = append(all, joined(one)...)
	}
	return all
}

// oneLine makes the text of an error, of which several may be joined, one line.
func oneLine(err error) error {
	text := strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "; ")
	if text == err.Error() {
		return err
	}
	return &flat{text, err}
}

type flat struct {
	text string
	err  error
}

func (f *flat) Error() string { return f.text }
func (f *flat) Unwrap() error { return f.err }
