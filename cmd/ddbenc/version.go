package main

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// versionFlag is --version.
type versionFlag bool

// BeforeReset prints one line: the version, the revision if the build recorded
// it, and the version of Go.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without module information")
	}
	if _, err := fmt.Fprintln(app.Stdout, versionOf(info)); err != nil {
		return err
	}
	app.Exit(exitFine)
	return nil
}

func versionOf(info *debug.BuildInfo) string {
	version := info.Main.Version
	if version == "" {
		version = "(devel)"
	}
	settings := make(map[string]string)
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	line := "ddbenc " + version
	if revision := settings["vcs.revision"]; revision != "" {
		line += " " + revision[:min(12, len(revision))]
		if settings["vcs.modified"] == "true" {
			line += "+changes"
		}
	}
	return line + " " + info.GoVersion
}
