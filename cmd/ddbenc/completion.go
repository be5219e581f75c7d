package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script. It contains the whole command line, so completion does
// not run the program.
func (c *completionCommand) Run(s *console) error {
	script := map[string]func(*kong.Application) string{"bash": bashCompletion, "zsh": zshCompletion,
		"fish": fishCompletion}[c.Shell]
	_, err := io.WriteString(s.stdout, script(s.model))
	return err
}

// takesFile reports whether a flag's value is a file name.
func takesFile(f *kong.Flag) bool { return f.PlaceHolder == "FILE" || f.PlaceHolder == "DIR" }

// words returns the possible values of a command's first argument, if there is
// a list of them.
func words(node *kong.Node) []string {
	for _, p := range node.Positional {
		if p.Enum != "" {
			return strings.Split(p.Enum, ",")
		}
	}
	return nil
}

// allFlags returns the flags of a command, and --help.
func allFlags(app *kong.Application, node *kong.Node) []*kong.Flag {
	return append([]*kong.Flag{app.HelpFlag}, node.Flags...)
}

// spellings returns the spellings of a flag, such as --format and -f.
func spellings(f *kong.Flag) []string {
	all := []string{"--" + f.Name}
	if f.Short != 0 {
		all = append(all, "-"+string(f.Short))
	}
	return all
}

// takesFiles reports whether a command's arguments are files or packages.
func takesFiles(node *kong.Node) bool {
	for _, p := range node.Positional {
		if p.IsCumulative() {
			return true
		}
	}
	return false
}

func bashCompletion(app *kong.Application) string {
	var b strings.Builder
	var commands, cases []string
	for _, node := range app.Children {
		commands = append(commands, node.Name)
		var flags, values []string
		for _, f := range allFlags(app, node) {
			flags = append(flags, spellings(f)...)
			pattern := node.Name + ":" + strings.Join(spellings(f), "|"+node.Name+":")
			switch {
			case f.Enum != "":
				values = append(values, fmt.Sprintf("\t%s) COMPREPLY=($(compgen -W %s -- \"$word\")); return ;;\n", pattern,
					quoted(strings.ReplaceAll(f.Enum, ",", " "))))
			case takesFile(f):
				values = append(values, fmt.Sprintf("\t%s) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n", pattern))
			case !f.IsBool():
				values = append(values, fmt.Sprintf("\t%s) return ;;\n", pattern))
			}
		}
		cases = append(cases, values...)
		choice := fmt.Sprintf("compgen -W %s -- \"$word\"", quoted(strings.Join(append(flags, words(node)...), " ")))
		if takesFiles(node) {
			choice += "; compgen -f -- \"$word\""
		}
		fmt.Fprintf(&b, "\t%s) COMPREPLY=($(%s)) ;;\n", node.Name, choice)
	}
	return `# bash completion for ddbenc: source <(ddbenc completion bash)
_ddbenc() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W ` + quoted(strings.Join(append(commands, "--help", "--version"), " ")) + ` -- "$word"))
		return
	fi
	case $command:$before in
` + strings.Join(cases, "") + `	esac
	case $command in
` + b.String() + `	esac
}
complete -o filenames -F _ddbenc ddbenc
`
}

func zshCompletion(app *kong.Application) string {
	var commands, cases strings.Builder
	for _, node := range app.Children {
		fmt.Fprintf(&commands, "\t\t%s\n", quoted(node.Name+":"+node.Help))
		fmt.Fprintf(&cases, "\t%s)\n\t\t_arguments \\\n", node.Name)
		for _, f := range allFlags(app, node) {
			spec := "[" + zshText(f.Help) + "]"
			switch {
			case f.Enum != "":
				spec += ":" + strings.ToLower(f.Name) + ":(" + strings.ReplaceAll(f.Enum, ",", " ") + ")"
			case takesFile(f):
				spec += ":file:_files"
			case !f.IsBool():
				spec += ":" + strings.ToLower(f.FormatPlaceHolder()) + ": "
			}
			for _, name := range spellings(f) {
				fmt.Fprintf(&cases, "\t\t\t%s \\\n", quoted(name+spec))
			}
		}
		switch all := words(node); {
		case all != nil:
			fmt.Fprintf(&cases, "\t\t\t%s\n", quoted("1:word:("+strings.Join(all, " ")+")"))
		case takesFiles(node):
			fmt.Fprintf(&cases, "\t\t\t'*:file:_files'\n")
		default:
			fmt.Fprintf(&cases, "\t\t\t'*: : '\n")
		}
		cases.WriteString("\t\t;;\n")
	}
	return `#compdef ddbenc
# zsh completion for ddbenc: source <(ddbenc completion zsh)
_ddbenc() {
	local -a commands
	commands=(
` + commands.String() + `	)
	if (( CURRENT == 2 )); then
		_describe command commands
		return
	fi
	local command=$words[2]
	shift words
	(( CURRENT-- ))
	case $command in
` + cases.String() + `	esac
}
compdef _ddbenc ddbenc
`
}

// zshText escapes characters that are special in the specifications of
// _arguments.
func zshText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`).Replace(s)
}

func fishCompletion(app *kong.Application) string {
	var b strings.Builder
	b.WriteString("# fish completion for ddbenc: ddbenc completion fish | source\ncomplete -c ddbenc -f\n")
	for _, node := range app.Children {
		fmt.Fprintf(&b, "complete -c ddbenc -n __fish_use_subcommand -a %s -d %s\n", node.Name, fishQuoted(node.Help))
		on := fmt.Sprintf("complete -c ddbenc -n '__fish_seen_subcommand_from %s'", node.Name)
		for _, f := range allFlags(app, node) {
			line := fmt.Sprintf("%s -l %s", on, f.Name)
			if f.Short != 0 {
				line += " -s " + string(f.Short)
			}
			line += " -d " + fishQuoted(f.Help)
			switch {
			case f.Enum != "":
				line += " -x -a " + fishQuoted(strings.ReplaceAll(f.Enum, ",", " "))
			case takesFile(f):
				line += " -r -F"
			case !f.IsBool():
				line += " -x"
			}
			b.WriteString(line + "\n")
		}
		if all := words(node); all != nil {
			fmt.Fprintf(&b, "%s -a %s\n", on, fishQuoted(strings.Join(all, " ")))
		} else if takesFiles(node) {
			b.WriteString(on + " -F\n")
		}
	}
	return b.String()
}

// quoted quotes text for bash and zsh.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func fishQuoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}
