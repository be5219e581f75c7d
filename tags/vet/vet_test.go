package vet_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/tags/vet"
)

// with returns the analyzer with flags set.
func with(t *testing.T, flags ...string) *analysis.Analyzer {
	t.Helper()
	a := vet.New()
	for _, f := range flags {
		if err := a.Flags.Set(f, "true"); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func TestAnalyzerIsValid(t *testing.T) {
	if err := analysis.Validate([]*analysis.Analyzer{vet.Analyzer}); err != nil {
		t.Error(err)
	}
}

func TestMistakesAreReported(t *testing.T) {
	for name, packages := range map[string][]string{
		"in struct tags":                          {"tag"},
		"in the types of a table":                 {"table"},
		"in updates":                              {"update"},
		"in conditions, filters and keys":         {"condition"},
		"in beacons and queries by them":          {"beacon"},
		"in keys":                                 {"key"},
		"in puts to tables that are not declared": {"put"},
		"but not to tables of unknown names":      {"given", "unnamed"},
		"where requests take detours":             {"trace"},
		"in requests of repositories":             {"repository"},
		"where table options leave any":           {"option"},
		"in requests to tables of other packages": {"store", "shop", "web"},
	} {
		t.Run(name, func(t *testing.T) {
			analysistest.Run(t, analysistest.TestData(), vet.Analyzer, packages...)
		})
	}
}

func TestDiagnostics_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	messages := make(map[string]bool)
	for _, result := range analysistest.Run(t, analysistest.TestData(), vet.Analyzer, "tag", "table", "put", "update") {
		for _, d := range result.Diagnostics {
			// Package guard pins the reasons; one of these messages suffices.
			request := strings.HasPrefix(d.Message, "the mapper rejects")
			if !request || strings.Contains(d.Message, `Set of attribute "plan"`) {
				messages[d.Message] = true
			}
		}
	}
	errtest.GoldenTexts(t, map[string]string{
		"diagnostics": strings.Join(slices.Sorted(maps.Keys(messages)), "\n"),
	})
}

func TestTagsWithOneRightAnswerAreFixed(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), vet.Analyzer, "fixable")
}

func TestUntaggedFieldsAreReportedOnRequest(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), with(t, "untagged"), "untagged")
}

func TestReadableNamesThatLookPersonalAreReportedOnRequest(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), with(t, "personal"), "personal")
}

func TestRequestsThatTakeAReadAndAWriteAreReportedOnRequest(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), with(t, "rewrites"), "rewrite")
}
