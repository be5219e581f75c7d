package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/internal/strictjson"
)

type outer struct {
	Name  string           `json:"name"`
	Inner []inner          `json:"inner"`
	Later json.RawMessage  `json:"later"`
	Any   map[string]inner `json:"any"`
	Own   own              `json:"own"`
}

type inner struct {
	Count int `json:"count"`
}

// own decodes itself, with names of its own.
type own struct{ text string }

func (o *own) UnmarshalJSON(data []byte) error {
	o.text = string(data)
	return nil
}

func TestDecode_ReadsWhatIsKnown(t *testing.T) {
	var got outer
	err := strictjson.Decode([]byte(`{"name": "x", "inner": [{"count": 1}], "later": {"free": 1}, "any": {"k": {"count": 2}},
		"own": {"free": 2}}`), "", &got)
	if err != nil || got.Name != "x" || got.Inner[0].Count != 1 || string(got.Later) != `{"free": 1}` ||
		got.Any["k"].Count != 2 || got.Own.text != `{"free": 2}` {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDecode_RefusesTheRest(t *testing.T) {
	for data, want := range map[string]string{
		`{"nme": 1}`:                       "file.nme: unknown field (known here: any, inner, later, name, own)",
		`{"Name": "x"}`:                    "file.Name: unknown field",
		`{"name": "x", "name": "y"}`:       "file.name: duplicate field",
		`{"inner": [{"x": 1}]}`:            "file.inner[0].x: unknown field (known here: count)",
		`{"any": {"k": {"x": 1}}}`:         "file.any.k.x: unknown field",
		`{"later": {"a": 1, "a": 2}}`:      "file.later.a: duplicate field",
		`{"own": {"a": 1, "a": 2}}`:        "file.own.a: duplicate field",
		`{"name": null}`:                   "file.name: null: omit the field instead",
		`{"name": 1}`:                      "a JSON number cannot be used here",
		`{"name": "secret"} "secret"`:      "file: unexpected text after the value",
		`{"name": "secret`:                 "not JSON",
		``:                                 "file: not JSON (it ends too early)",
		`{"inner": [{"count": "secret"}]}`: "a JSON string cannot be used here",
	} {
		err := strictjson.Decode([]byte(data), "file", new(outer))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want %q", data, err, want)
		}
	}
}
