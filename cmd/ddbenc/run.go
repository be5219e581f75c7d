package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
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
	exitBad     = 2 // bad usage or input, or something that is not available
)

// console holds the input and output of a command.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	model          *kong.Application
}

// commands is the grammar of the command line.
type commands struct {
	Version versionFlag `help:"Print the version and exit."`

	Policy     policyCommand     `cmd:"" help:"Show from source code how each attribute is protected."`
	Lock       lockCommand       `cmd:"" help:"Write the policies of a program to ddbenc.lock."`
	Check      checkCommand      `cmd:"" help:"Compare the policies of a program with ddbenc.lock."`
	Inspect    inspectCommand    `cmd:"" help:"Explain sealed items without a key."`
	Open       openCommand       `cmd:"" help:"Verify and decrypt items."`
	Seal       sealCommand       `cmd:"" help:"Encrypt and sign items."`
	Verify     verifyCommand     `cmd:"" help:"Verify all items of a table."`
	Reseal     resealCommand     `cmd:"" help:"Seal the items of a table again that are not as declared."`
	Census     censusCommand     `cmd:"" help:"Count the items of a table by format and key, without any key."`
	Beacon     beaconCommand     `cmd:"" help:"Choose the length of a beacon from a sample of values."`
	Completion completionCommand `cmd:"" help:"Print a completion script for a shell."`
}

// run runs the program and returns the exit code.
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
	parser, err := s.parser()
	if err != nil {
		return err
	}
	s.model = parser.Model
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, all, err := parseArgs(parser, args)
	if err != nil {
		return usageError(err, args)
	}
	if all {
		return nil
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return parsed.Run(s)
}

// helpWidth limits the length of lines in help texts, in characters.
const helpWidth = 100

func (s *console) parser() (*kong.Kong, error) {
	about, err := page("ddbenc")
	if err != nil {
		return nil, err
	}
	return kong.New(&commands{}, kong.Name("ddbenc"), kong.Description(about), kong.Writers(s.stdout, s.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: helpWidth}),
		kong.Exit(func(int) { panic(done{}) }))
}

// done is the panic value with which --help and --version end the parsing.
type done struct{}

// parseArgs parses the command line. all is true if nothing else is to be done.
func parseArgs(parser *kong.Kong, args []string) (parsed *kong.Context, all bool, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case done:
			all = true
		default:
			panic(r)
		}
	}()
	parsed, err = parser.Parse(args)
	return parsed, false, err
}

// usageError adds a hint to an error in the command line.
func usageError(err error, args []string) error {
	help := "ddbenc --help"
	parse, ok := errors.AsType[*kong.ParseError](err)
	if !ok {
		return err // from --help or --version: the output
	}
	if command := parse.Context.Selected(); command != nil {
		help = "ddbenc " + command.Name + " --help"
	}
	if slices.ContainsFunc(args, looksLikeItem) && strings.ContainsAny(err.Error(), "{[") {
		err = errors.New("bad arguments") // kong would repeat the argument
	}
	return fmt.Errorf("%w (see \"%s\")", err, help)
}

// looksLikeItem reports whether an argument is JSON instead of a file name. It
// may contain values, so errors do not contain it.
func looksLikeItem(arg string) bool {
	return strings.HasPrefix(arg, "{") || strings.HasPrefix(arg, "[")
}

// exitError is an error with its own exit code.
type exitError struct {
	code int
	error
}

// Unwrap returns the error.
func (e *exitError) Unwrap() error { return e.error }

// exitCode distinguishes "no" from "cannot determine".
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	if errors.Is(err, crypto.ErrTampered) || errors.Is(err, crypto.ErrNotProtected) || errors.Is(err, errNotOpened) {
		return exitRefused
	}
	return exitBad
}

// errNotOpened marks an item that no key of the configuration opens. It belongs
// to someone else, or its header or the attribute that selects the key was
// changed.
var errNotOpened = errors.New("no key of the configuration opens this item, or the item was changed")

// complain writes an error, with one line for each of several joined errors. A
// line break in a text, such as a file name, does not start a new line.
func (s *console) complain(err error) {
	for _, one := range joined(err) {
		line := strings.ReplaceAll(strings.TrimPrefix(one.Error(), "ddbenc: "), ": ddbenc: ", ": ")
		fmt.Fprintf(s.stderr, "ddbenc: %s\n", report.Visible(line))
	}
}

// joined returns the errors that errors.Join combined.
func joined(err error) []error {
	if exit, ok := err.(*exitError); ok {
		return joined(exit.error)
	}
	several, ok := err.(interface{ Unwrap() []error })
	if !ok || reflect.TypeOf(err) != reflect.TypeOf(errors.Join(io.EOF)) {
		return []error{err} // fmt.Errorf with several %w is a single error
	}
	var all []error
	for _, one := range several.Unwrap() {
		all = append(all, joined(one)...)
	}
	return all
}

// oneLine puts the text of an error, of which several may be joined, on one
// line.
func oneLine(err error) error {
	return &flat{strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' }), "; "), err}
}

type flat struct {
	text string
	err  error
}

func (f *flat) Error() string { return f.text }
func (f *flat) Unwrap() error { return f.err }
