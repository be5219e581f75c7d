package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/ddbenc/ddbenc/crypto"
)

var (
	//go:embed policies.html
	pageHTML string
	//go:embed policies.css
	pageCSS string
	//go:embed policies.js
	pageJS string
)

// actionView shows an action by color, symbol and word. Each of them suffices.
type actionView struct{ Class, Symbol, Meaning string }

// A fuller circle means more protection.
var actionViews = map[crypto.Action]actionView{
	crypto.Encrypt: {"encrypt", "●", "Secret and protected from changes: only those who have the keys can read or write " +
		"the value."},
	crypto.SignInContext: {"context", "◕", "Readable, protected from changes, and part of the encryption context, which " +
		"the key service logs."},
	crypto.Sign: {"sign", "◐", "Readable by everyone who can read the table. A change without the keys is " +
		"noticed."},
	crypto.None: {"none", "○", "Readable, and anyone who can write to the table can change it without detection."},
}

// page is the data for the template.
type page struct {
	*policies
	Policy     string
	Style      template.CSS
	Script     template.JS
	Undeclared string
	Beacons    string // what they reveal
}

func (p *policies) html(w io.Writer) error {
	return executeHTML(w, pageHTML, template.FuncMap{
		"view":      func(action crypto.Action) actionView { return actionViews[action] },
		"clean":     Visible,
		"printable": printable,
		"title":     structPolicy.title,
		"where":     structPolicy.where,
		"counts":    func(s structPolicy) []actionCount { return s.counts },
		"because":   attributePolicy.because,
		"key":       attributePolicy.key,
		"indexes":   attributePolicy.indexes,
		"plural":    plural,
		"columns":   p.columns,
		"beacon":    attributePolicy.beacon,
		"beacons":   func() bool { return p.beacons },
	}, page{
		policies: p,
		// The page loads nothing and runs no script or style except its own.
		Policy: "default-src 'none'; style-src " + integrity(pageCSS) + "; script-src " + integrity(pageJS) +
			"; base-uri 'none'; form-action 'none'",
		Style:      template.CSS(pageCSS),
		Script:     template.JS(pageJS),
		Undeclared: undeclared,
		Beacons:    beacons,
	})
}

// executeHTML writes a page, or nothing if it fails.
func executeHTML(w io.Writer, text string, functions template.FuncMap, data any) error {
	t, err := template.New("page").Funcs(functions).Parse(text)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// integrity returns the hash of an inline element for a content security
// policy.
func integrity(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
