package main

import (
	"fmt"
	"runtime/debug"
)

type versionCommand struct{}

// Run prints one line: version, revision if the build knows it, and Go.
func (versionCommand) Run(s *console) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("this program was built without module information")
	}
	_, err := fmt.Fprintln(s.stdout, versionOf(info))
	return err
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
