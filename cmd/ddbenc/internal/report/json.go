package report

import (
	"encoding/json"
	"io"
)

// writeJSON writes a report for programs, and for people who look at it.
func writeJSON(w io.Writer, report any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}
