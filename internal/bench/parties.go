//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/internal/bench/report"
)

// known are the programs of other clients. Their version is in a file of
// internal/interop, after "prefix" and where "pinned" matches, and where they are
// built is in an environment variable that internal/interop/clients sets.
var known = []struct {
	about          report.Program
	format         string
	prefix, file   string
	pinned         string
	variable       string
	command        []string // with the folder in place of $
	toolchain      []string // what to ask for the version that it was compiled by
	toolchainNotes string
}{
	{
		about: report.Program{ID: "java3", Name: "Java 3.x"}, format: "dbesdk",
		prefix: "aws-database-encryption-sdk-dynamodb", file: "java3/pom.xml",
		pinned:   `>aws-database-encryption-sdk-dynamodb</artifactId>\s*<version>([^<]+)`,
		variable: "DDBENC_INTEROP_JAVA3", command: []string{"java", "-cp", "$/*", "ddbenc.interop3.Main"},
	},
	{
		about: report.Program{ID: "java3-accp", Name: "Java 3.x, ACCP"}, format: "dbesdk",
		prefix: "the same, with AmazonCorrettoCryptoProvider", file: "java3/pom.xml",
		pinned:   `>AmazonCorrettoCryptoProvider</artifactId>\s*<version>([^<]+)`,
		variable: "DDBENC_INTEROP_JAVA3",
		command:  []string{"java", "-Dddbenc.accp=true", "-cp", "$/*", "ddbenc.interop3.Main"},
	},
	{
		about: report.Program{ID: "rust", Name: "Rust"}, format: "dbesdk",
		prefix: "aws-db-esdk", file: "rust/Cargo.toml", pinned: `aws-db-esdk = "=([^"]+)`,
		variable: "DDBENC_INTEROP_RUST", command: []string{"$/interop"},
		toolchain: []string{"rustc", "--version"}, toolchainNotes: ", optimized (opt-level 3)",
	},
	{
		about: report.Program{ID: "java2", Name: "Java 2.x"}, format: "ddbec",
		prefix: "aws-dynamodb-encryption-java", file: "java/pom.xml",
		pinned:   `>aws-dynamodb-encryption-java</artifactId>\s*<version>([^<]+)`,
		variable: "DDBENC_INTEROP_JAVA",
		command: []string{
			"java", "-Daws.java.v1.disableDeprecationAnnouncement=true", "-cp", "$/*", "ddbenc.interop.Main",
		},
	},
	{
		about: report.Program{ID: "python", Name: "Python"}, format: "ddbec",
		prefix: "dynamodb-encryption-sdk", file: "python/requirements.txt", pinned: `dynamodb-encryption-sdk==(\S+)`,
		variable: "DDBENC_INTEROP_PYTHON", command: []string{"$", interop + "python/main.py"},
	},
}

const interop = "internal/interop/"

// startAll starts all programs but those to do without.
func startAll(ctx context.Context, without []string) ([]party, error) {
	parties := []party{&goParty{}}
	for _, k := range known {
		if slices.Contains(without, k.about.ID) {
			continue
		}
		folder := os.Getenv(k.variable)
		if folder == "" {
			return nil, fmt.Errorf("%s is not set: run make peers", k.variable)
		}
		version, err := pinned(interop+k.file, k.pinned)
		if err != nil {
			return nil, err
		}
		k.about.Version = k.prefix + " " + version
		if k.toolchain != nil {
			said, err := exec.CommandContext(ctx, k.toolchain[0], k.toolchain[1:]...).Output()
			if err != nil {
				return nil, fmt.Errorf("asking %s for its version: %w", k.toolchain[0], err)
			}
			words := strings.Fields(string(said))
			k.about.Runtime = strings.Join(words[:min(2, len(words))], " ") + k.toolchainNotes
		}
		var command []string
		for _, word := range k.command {
			command = append(command, strings.Replace(word, "$", folder, 1))
		}
		started, err := start(ctx, k.about, k.format, command[0], command[1:]...)
		if err != nil {
			return nil, err
		}
		parties = append(parties, started)
	}
	forScale, err := startFields(ctx)
	if err == nil && forScale != nil {
		parties = append(parties, forScale)
	}
	return parties, err
}

// pinned finds a version in the file that pins it.
func pinned(file, pattern string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	match := regexp.MustCompile(pattern).FindSubmatch(text)
	if match == nil {
		return "", fmt.Errorf("%s: nothing matches %s", file, pattern)
	}
	return string(match[1]), nil
}
