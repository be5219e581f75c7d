//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOutput_MayBeADeviceOrAPipe(t *testing.T) {
	config := keys(t, 1, declared, rawAES)
	sealed := fine(t, plain, "seal", "-c", config)
	fine(t, sealed, "open", "-c", config, "-o", os.DevNull)
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Fatalf("%s was replaced: %v, %v", os.DevNull, info, err)
	}
	null, err := os.Open(os.DevNull)
	check(t, err)
	defer null.Close()
	if isTerminal(null) {
		t.Errorf("%s is no terminal", os.DevNull)
	}
	if r := ddbenc(t, "", "lock", "--dir", module(t), "--file", os.DevNull); r.code != 0 ||
		!strings.Contains(r.err, "is written") {
		t.Errorf("lock: %+v", r)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Fatalf("%s was replaced: %v, %v", os.DevNull, info, err)
	}
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	check(t, syscall.Mkfifo(pipe, 0o600))
	read := make(chan string)
	go func() {
		data, _ := os.ReadFile(pipe)
		read <- string(data)
	}()
	fine(t, sealed, "open", "-c", config, "-o", pipe)
	if got := <-read; got != plain+"\n" {
		t.Errorf("got %s", got)
	}
	// A pipe and /dev/null are files to read, too.
	go func() { _ = os.WriteFile(pipe, []byte(sealed), 0) }()
	if got := fine(t, "", "open", "-c", config, pipe); got != plain+"\n" {
		t.Errorf("got %s", got)
	}
	refused(t, 2, "/dev/null: no items", "", "inspect", os.DevNull)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("there is %v, %v", entries, err)
	}
}
