package beacon

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/strictjson"
)

// ParseConfig reads a Config from JSON, strictly: unknown or repeated names are
// errors, which wrap [crypto.ErrPolicy]. It does not validate the configuration.
// [New] does.
func ParseConfig(data []byte) (Config, error) {
	var c Config
	if err := strictjson.Decode(data, "", &c); err != nil {
		return Config{}, fmt.Errorf("beacon: %w: %w", crypto.ErrPolicy, err)
	}
	return c, nil
}

// jsonTransform is a [Transform] in JSON. Exactly one field is set.
type jsonTransform struct {
	Upper     *struct{}     `json:"upper,omitempty"`
	Lower     *struct{}     `json:"lower,omitempty"`
	Insert    *string       `json:"insert,omitempty"`
	Prefix    *int          `json:"prefix,omitempty"`
	Suffix    *int          `json:"suffix,omitempty"`
	Substring *jsonRange    `json:"substring,omitempty"`
	Segment   *jsonSegment  `json:"segment,omitempty"`
	Segments  *jsonSegments `json:"segments,omitempty"`
}

type jsonRange struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

type jsonSegment struct {
	Split string `json:"split"`
	Index int    `json:"index"`
}

type jsonSegments struct {
	Split string `json:"split"`
	Low   int    `json:"low"`
	High  int    `json:"high"`
}

// MarshalJSON returns the transform as an object with one field, such as
// {"prefix":3}.
func (t Transform) MarshalJSON() ([]byte, error) {
	var j jsonTransform
	switch t.kind {
	case upper:
		j.Upper = &struct{}{}
	case lower:
		j.Lower = &struct{}{}
	case insert:
		j.Insert = &t.text
	case prefix:
		j.Prefix = &t.low
	case suffix:
		j.Suffix = &t.low
	case substring:
		j.Substring = &jsonRange{t.low, t.high}
	case segment:
		j.Segment = &jsonSegment{t.text, t.low}
	case segments:
		j.Segments = &jsonSegments{t.text, t.low, t.high}
	default:
		return nil, fmt.Errorf("beacon: %w: a transform is empty", crypto.ErrPolicy)
	}
	return json.Marshal(j)
}

// UnmarshalJSON is the inverse of [Transform.MarshalJSON]. Unknown names are
// errors.
func (t *Transform) UnmarshalJSON(data []byte) error {
	var j jsonTransform
	if err := strictjson.Decode(data, "transform", &j); err != nil {
		return err
	}
	given := 0
	for _, field := range reflect.ValueOf(j).Fields() {
		if !field.IsNil() {
			given++
		}
	}
	if given != 1 {
		return errors.New("a transform has exactly one of the fields upper, lower, insert, prefix, suffix, substring, " +
			"segment and segments")
	}
	switch {
	case j.Upper != nil:
		*t = Upper()
	case j.Lower != nil:
		*t = Lower()
	case j.Insert != nil:
		*t = Insert(*j.Insert)
	case j.Prefix != nil:
		*t = Prefix(*j.Prefix)
	case j.Suffix != nil:
		*t = Suffix(*j.Suffix)
	case j.Substring != nil:
		*t = Substring(j.Substring.Low, j.Substring.High)
	case j.Segment != nil:
		*t = Segment(j.Segment.Split, j.Segment.Index)
	case j.Segments != nil:
		*t = Segments(j.Segments.Split, j.Segments.Low, j.Segments.High)
	}
	return nil
}
