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

// actionView is how the page shows an action: by colour, symbol and word, of
// which any one will do.
type actionView struct{ Class, Symbol, Meaning string }

// The fuller the circle, the more is protected.
var actionViews = map[crypto.Action]actionView{
	crypto.Encrypt: {"encrypt", "●", "Secret, and safe from change: only who has the keys can read or write " +
		"the value."},
	crypto.SignInContext: {"context", "◕", "Readable, safe from change, and part of the encryption context, which " +
		"the log of the key service shows."},
	crypto.Sign: {"sign", "◐", "Readable by everyone who can read the table. A change without the keys is " +
		"noticed."},
	crypto.None: {"none", "○", "Readable, and everyone who can write to the table can change it unnoticed."},
}

// page is what the template needs.
type page struct {
	*policies
	Policy     string
	Style      template.CSS
	Script     template.JS
	Undeclared string
}

func (p *policies) html(w io.Writer) error {
	t, err := template.New("policies").Funcs(template.FuncMap{
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
		"columns":   func() []string { return columns },
	}).Parse(pageHTML)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = t.Execute(&b, page{
		policies: p,
		// Nothing is loaded, and no script or style runs but the page's own.
		Policy: "default-src 'none'; style-src " + integrity(pageCSS) + "; script-src " + integrity(pageJS) +
			"; base-uri 'none'; form-action 'none'",
		Style:      template.CSS(pageCSS),
		Script:     template.JS(pageJS),
		Undeclared: undeclared,
	})
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// integrity names the content of an inline element in a content security
// policy.
func integrity(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
