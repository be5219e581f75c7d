package policy

import (
	"reflect"
	"testing"
)

func FuzzParseBeacon(f *testing.F) {
	for _, value := range []string{
		"16", "12,set", "8,partonly", "8,shared=email,partitions=3", "1,set,shared=a b", "64", "08", "8, set", "8,,", "",
		"8,shared==", "8,set,set", "\xff", "8,shared=\u00a0x",
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		b, reason := ParseBeacon(value)
		if reason != "" {
			return
		}
		if b.Length < 1 || b.Length > maxBeaconLength || b.Partitions < 0 || b.Partitions > maxBeaconPartitions {
			t.Errorf("%q: %+v is out of range", value, b)
		}
		if again, reason := ParseBeacon(b.String()); again != b || reason != "" {
			t.Errorf("%q: %+v is written as %q, which is %+v, %s", value, b, b.String(), again, reason)
		}
	})
}

func TestMentionedKey_FindsMalformedTagsToo(t *testing.T) {
	for tag, want := range map[string]string{
		``: "", `json:"beacon"`: "", `beacon:"8"`: KeyBeacon, `becon:"8"`: KeyBeacon, `beacon: "8"`: KeyBeacon,
		`beacon:8`: KeyBeacon, `beacon:"8" ddbenc:"encrypt"`: KeyAction, `ddbenc:none`: KeyAction, `beacon:"8" ddbenc:none`: KeyBeacon,
	} {
		if got := MentionedKey(tag); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestEncodeFlags_KnowTheOptionForSets(t *testing.T) {
	d, reason := declare(Field{Name: "F", Tag: reflect.StructTag(`dynamo:",omitempty,set"`)})
	if reason != "" || d.flags&flagWords[optionSet] == 0 {
		t.Errorf("%+v, %s", d, reason)
	}
}
