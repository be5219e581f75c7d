package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
)

// writeJSON writes a report for programs, indented for people.
func writeJSON(w io.Writer, report any) error { return WriteJSON(w, report, "  ") }

// WriteJSON writes a value as JSON and a newline, on several lines if there is
// an indent. Unprintable characters are escaped so that a terminal shows them.
func WriteJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	var out []byte
	for _, r := range b.String() {
		switch {
		case r < 0x7f || strconv.IsPrint(r): // encoding/json has escaped control characters
			out = append(out, string(r)...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	_, err := w.Write(out)
	return err
}
