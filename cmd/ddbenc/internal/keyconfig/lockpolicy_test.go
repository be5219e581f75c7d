package keyconfig_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/keyconfig"
	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/internal/lock"
	"github.com/ddbenc/ddbenc/internal/source"
)

// A lock file says the same of a table as the JSON of the same structs.
func TestReadPolicy_TakesALockFile(t *testing.T) {
	structs, err := source.Load(t.Context(), source.Config{Dir: "../../../.."}, "./examples/...")
	check(t, err)
	var asJSON, asLock bytes.Buffer
	check(t, report.Policies(&asJSON, "json", structs))
	file, err := lock.Make(structs)
	check(t, err)
	check(t, file.Write(&asLock))
	if json.Valid(asLock.Bytes()) || len(structs) < 5 {
		t.Fatalf("%d structs", len(structs))
	}
	for _, s := range structs {
		choice := keyconfig.Choice{Structs: []string{s.Package + "." + s.Name}}
		want, err := keyconfig.ReadPolicy(asJSON.Bytes(), choice)
		check(t, err)
		got, err := keyconfig.ReadPolicy(asLock.Bytes(), choice)
		check(t, err)
		wantActions, err := want.Actions()
		check(t, err)
		gotActions, err := got.Actions()
		check(t, err)
		if got.Name != want.Name || got.PartitionKey != want.PartitionKey || got.SortKey != want.SortKey ||
			!maps.Equal(gotActions.Attributes, wantActions.Attributes) || gotActions.Default != wantActions.Default {
			t.Errorf("%s: got %+v, want %+v", s.Name, got, want)
		}
	}
	if _, err := keyconfig.ReadPolicy([]byte("version 1\nstruct <<<<"), keyconfig.Choice{}); !contains(err, "the lock file: line 2") {
		t.Errorf("got %v", err)
	}
}
