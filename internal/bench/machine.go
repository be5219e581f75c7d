//go:build unix

package main

import (
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/internal/bench/report"
)

var cpuModel = regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`)

// machine describes the machine, without its load.
func machine() report.Machine {
	m := report.Machine{CPU: "an unknown CPU", Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m // another system than Linux
	}
	if match := cpuModel.FindSubmatch(info); match != nil {
		m.CPU = string(match[1])
	}
	return m
}

// load returns the load average of the last five minutes, 0 if it is not known.
func load() float64 {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	average, err := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	if err != nil {
		return 0
	}
	return average
}
