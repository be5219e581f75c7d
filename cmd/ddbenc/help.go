package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// pages are what the help of a command says beside its flags.
//
//go:embed help/*.txt
var pages embed.FS

type helpCommand struct {
	Command string `arg:"" optional:"" help:"The command."`
}

// Run prints a page.
func (c *helpCommand) Run(s *console) error {
	if c.Command == "" {
		return s.help(nil)
	}
	return s.help([]string{c.Command})
}

// help prints the page of the command that the arguments name, or the first
// page.
func (s *console) help(args []string) error {
	var b strings.Builder
	if i := slices.IndexFunc(args, func(a string) bool { return !strings.HasPrefix(a, "-") }); i >= 0 {
		node := s.command(args[i])
		if node == nil {
			return fmt.Errorf("there is no command of this name (see \"ddbenc help\")")
		}
		if err := commandPage(&b, node); err != nil {
			return err
		}
	} else if err := s.firstPage(&b); err != nil {
		return err
	}
	_, err := io.WriteString(s.stdout, b.String())
	return err
}

// command returns a command by its name; nil for none.
func (s *console) command(name string) *kong.Node {
	for _, node := range s.model.Children {
		if node.Name == name {
			return node
		}
	}
	return nil
}

func (s *console) firstPage(b *strings.Builder) error {
	b.WriteString("usage: ddbenc COMMAND [arguments]\n\ncommands\n")
	var rows [][]string
	for _, node := range s.model.Children {
		rows = append(rows, []string{node.Name, node.Help})
	}
	if err := table(b, "  ", rows); err != nil {
		return err
	}
	return page(b, "ddbenc")
}

func page(b *strings.Builder, name string) error {
	text, err := pages.ReadFile("help/" + name + ".txt")
	if err != nil {
		return errors.New("this command has no page")
	}
	b.WriteString("\n")
	b.Write(text)
	return nil
}

func commandPage(b *strings.Builder, node *kong.Node) error {
	fmt.Fprintf(b, "usage: ddbenc %s", node.Name)
	if len(node.Flags) > 0 {
		b.WriteString(" [flags]")
	}
	for _, p := range node.Positional {
		fmt.Fprintf(b, " [%s%s]", strings.ToUpper(p.Name), map[bool]string{true: " …"}[p.IsCumulative()])
	}
	fmt.Fprintf(b, "\n\n%s\n", node.Help)
	for _, p := range node.Positional {
		definition(b, strings.ToUpper(p.Name), p.Help)
	}
	if len(node.Flags) > 0 {
		b.WriteString("\nflags\n")
	}
	for _, f := range node.Flags {
		name := "-" + f.Name
		if !f.IsBool() {
			name += " " + placeholder(f)
		}
		text := f.Help
		if f.Required {
			text += " Required."
		}
		if f.HasDefault && f.Default != "" {
			text += " The default is " + f.Default + "."
		}
		definition(b, name, text)
	}
	return page(b, node.Name)
}

func placeholder(f *kong.Flag) string {
	if f.PlaceHolder != "" {
		return f.PlaceHolder
	}
	return strings.ToUpper(f.Name)
}

const width = 88 // of a page, in characters

// definition writes a term, and what it means below it.
func definition(b *strings.Builder, term, text string) {
	fmt.Fprintf(b, "  %s\n", term)
	line := "     "
	for word := range strings.FieldsSeq(text) {
		if len([]rune(line))+1+len([]rune(word)) > width {
			b.WriteString(line + "\n")
			line = "     "
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}
