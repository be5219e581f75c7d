package itemjson

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestReader_ReadsChangesIfAskedTo(t *testing.T) {
	const (
		key = `{"id":{"S":"a"}}`
		old = `{"id":{"S":"a"},"n":{"N":"1"}}`
		now = `{"id":{"S":"a"},"n":{"N":"2"}}`
	)
	item := func(line string) map[string]any {
		parsed, err := Parse([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]any{"item": parsed}
	}
	for line, want := range map[string][3]string{
		`{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":` + key + `,"OldImage":` + old + `,"NewImage":` + now + `}`: {key, now, old},
		`{"Keys":` + key + `,"NewImage":` + now + `}`: {key, now, ""},
		`{"NewImage":` + now + `,"Keys":` + key + `}`: {key, now, ""},
		`{"Keys":` + key + `,"OldImage":` + old + `}`: {key, "", old},
		`{"Keys":` + key + `}`:                        {key, "", ""},
	} {
		r := NewReader(strings.NewReader(line))
		r.ReadChanges()
		record, err := r.Next()
		if err != nil || record.Change == nil || record.Item != nil {
			t.Errorf("%s: %+v, %v", line, record, err)
			continue
		}
		for i, got := range []map[string]any{{"item": record.Change.Keys}, {"item": record.Change.NewImage}, {"item": record.Change.OldImage}} {
			if want[i] == "" && !reflect.ValueOf(got["item"]).IsNil() || want[i] != "" && !reflect.DeepEqual(got, item(want[i])) {
				t.Errorf("%s: part %d is %v", line, i, got)
			}
		}
		if _, err := NewReader(strings.NewReader(line)).Next(); err == nil {
			t.Errorf("%s: taken for an item", line)
		}
	}
	// Items with such attributes.
	for _, line := range []string{`{"Keys":{"S":"a"}}`, `{"Keys":{"M":{"id":{"S":"a"}}},"NewImage":{"S":"x"}}`, `{"NewImage":{"S":"x"}}`} {
		r := NewReader(strings.NewReader(line))
		r.ReadChanges()
		if record, err := r.Next(); err != nil || record.Change != nil || !reflect.DeepEqual(map[string]any{"item": record.Item}, item(line)) {
			t.Errorf("%s: %+v, %v", line, record, err)
		}
	}
	for _, line := range []string{`{"Keys":{"id":"a"}}`, `{"Keys":` + key + `,"NewImage":{"S":"x"}}`, `{"Keys":` + key + `,"Other":{"S":"x"}}`, `{"NewImage":` + now + `}`} {
		r := NewReader(strings.NewReader(line))
		r.ReadChanges()
		if record, err := r.Next(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %+v", line, record)
		}
	}
}

func FuzzReader_Changes(f *testing.F) {
	f.Add(`{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"id":{"S":"a"}},"NewImage":{"id":{"S":"a"}}}`)
	f.Add(`{"Keys":{"S":"a"}}`)
	f.Fuzz(func(t *testing.T, in string) {
		r := NewReader(strings.NewReader(in))
		r.ReadChanges()
		for range 100 {
			record, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			var bad *Error
			switch {
			case errors.As(err, &bad):
			case err != nil:
				return // of the input, such as gzip
			case (record.Item == nil) == (record.Change == nil):
				t.Fatalf("%+v", record)
			case record.Change != nil && record.Change.Keys == nil:
				t.Fatalf("%+v", record.Change)
			}
		}
	})
}
