package main

import (
	"embed"
	"fmt"
)

// pages holds the help texts of commands, without their flags.
//
//go:embed help/*.txt
var pages embed.FS

func page(name string) (string, error) {
	text, err := pages.ReadFile("help/" + name + ".txt")
	if err != nil {
		return "", fmt.Errorf("no help for %s: %w", name, cause(err))
	}
	return string(text), nil
}

// detail is like page for a command.
func detail(name string) string {
	text, _ := page(name) // a test checks that each command has one
	return text
}

func (policyCommand) Help() string     { return detail("policy") }
func (lockCommand) Help() string       { return detail("lock") }
func (checkCommand) Help() string      { return detail("check") }
func (inspectCommand) Help() string    { return detail("inspect") }
func (openCommand) Help() string       { return detail("open") }
func (sealCommand) Help() string       { return detail("seal") }
func (verifyCommand) Help() string     { return detail("verify") }
func (resealCommand) Help() string     { return detail("reseal") }
func (censusCommand) Help() string     { return detail("census") }
func (beaconCommand) Help() string     { return detail("beacon") }
func (completionCommand) Help() string { return detail("completion") }
