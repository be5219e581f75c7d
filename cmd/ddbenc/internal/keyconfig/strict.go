package keyconfig

import "github.com/ddbenc/ddbenc/internal/strictjson"

// decode parses a JSON value into v strictly. where is the path of the value in
// the file for errors, which contain only names of fields.
func decode(data []byte, where string, v any) error { return strictjson.Decode(data, where, v) }

// unmarshal is like json.Unmarshal, but returns io.ErrUnexpectedEOF for
// truncated input.
func unmarshal(data []byte, v any) error { return strictjson.Unmarshal(data, v) }

// wordless returns the error in JSON without any of its text.
func wordless(err error) error { return strictjson.Wordless(err) }

// join returns the path of a field of the value at where.
func join(where, name string) string { return strictjson.Join(where, name) }

// at adds a path to err. It returns nil if err is nil.
func at(where string, err error) error { return strictjson.At(where, err) }
