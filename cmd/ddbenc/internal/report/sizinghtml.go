package report

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon/sizing"
)

var (
	//go:embed sizing.html
	beaconHTML string
	//go:embed sizing.css
	beaconCSS string
)

// beaconPage is the data for the template.
type beaconPage struct {
	BeaconSample
	Policy string
	Style  template.CSS
	Chart  chart
}

func (b BeaconSample) html(w io.Writer) error {
	style := pageCSS + beaconCSS
	return executeHTML(w, beaconHTML, template.FuncMap{
		"about":       b.about,
		"recommended": b.recommended,
		"columns":     func() []string { return beaconColumns },
		"cells":       b.cells,
		"class":       verdictClass,
		"legend":      func(line int) int { return 382 + 22*line },
	}, beaconPage{
		BeaconSample: b,
		// The page loads nothing, runs no script and no style except its own.
		Policy: "default-src 'none'; style-src " + integrity(style) + "; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(style),
		Chart:  newChart(b),
	})
}

// verdictClass returns the color of a length.
func verdictClass(l sizing.Length) string {
	switch {
	case l.Safe && l.Fast:
		return "encrypt"
	case l.Safe:
		return "sign"
	}
	return "none"
}
