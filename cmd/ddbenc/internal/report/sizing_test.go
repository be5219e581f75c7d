package report_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/report"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon/sizing"
)

// beaconSample is a sample of values that are equally common.
func beaconSample(t *testing.T, distinct int, options ...sizing.Option) report.BeaconSample {
	t.Helper()
	sample := sizing.NewSample()
	for i := range 4 * distinct {
		if err := sample.Add(fmt.Append(nil, "value ", i%distinct)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := sample.Report(options...)
	if err != nil {
		t.Fatal(err)
	}
	return report.BeaconSample{Items: int64(4 * distinct), Report: r}
}

// beaconPage returns the HTML report.
func beaconPage(t *testing.T, b report.BeaconSample) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Beacon(&out, report.HTML, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The chart is well-formed XML whose points are within it, for samples of any size.
func TestBeacon_ChartStaysWithinItsFrame(t *testing.T) {
	y := regexp.MustCompile(` cy="([0-9.]+)"`)
	for _, b := range []report.BeaconSample{
		beaconSample(t, 1), beaconSample(t, 2), beaconSample(t, 500),
		beaconSample(t, 500, sizing.WithTable(1e15, 1e14)),
	} {
		page := beaconPage(t, b)
		_, svg, _ := strings.Cut(page, "<svg")
		svg, _, _ = strings.Cut("<svg"+svg, "</svg>")
		decoder := xml.NewDecoder(strings.NewReader(svg + "</svg>"))
		for {
			if _, err := decoder.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		points := y.FindAllStringSubmatch(svg, -1)
		if len(points) != 3*len(b.Lengths) {
			t.Errorf("%d points for %d lengths", len(points), len(b.Lengths))
		}
		for _, p := range points {
			var at float64
			if _, err := fmt.Sscan(p[1], &at); err != nil || at < 20 || at > 320 {
				t.Errorf("a point at %s", p[1])
			}
		}
		if usable := strings.Contains(svg, `class="usable"`); usable != (b.Recommended.Length > 0) {
			t.Errorf("usable lengths are shown: %v, of %+v", usable, b.Recommended)
		}
	}
}

func TestBeacon_PageRunsNothing(t *testing.T) {
	page := beaconPage(t, beaconSample(t, 500))
	for _, part := range []string{"<script", "<link", "<img", "style=", "onload", "http://", "https://"} {
		if strings.Contains(page, part) {
			t.Errorf("the page has %s", part)
		}
	}
	if !strings.Contains(page, `content="default-src &#39;none&#39;; style-src &#39;sha256-`) {
		t.Error("the page has no content security policy")
	}
}

func TestBeacon_PageShowsInABrowser(t *testing.T) {
	browser := chromium(t)
	path := filepath.Join(t.TempDir(), "beacon.html")
	if err := os.WriteFile(path, []byte(beaconPage(t, beaconSample(t, 500))), 0o600); err != nil {
		t.Fatal(err)
	}
	documents, console := browse(t, browser, path, []string{""})
	if !strings.Contains(documents[0], "<svg") {
		t.Errorf("got %s", documents[0])
	}
	if said := messages.FindAllString(console, -1); said != nil {
		t.Errorf("the console says %q", said)
	}
}

func TestBeacon_RefusesFormatsOfOtherReports(t *testing.T) {
	for _, format := range []report.Format{report.Markdown, report.GitHub, ""} {
		var out bytes.Buffer
		if err := report.Beacon(&out, format, beaconSample(t, 20)); err == nil || out.Len() > 0 {
			t.Errorf("%s: got %v, %s", format, err, out.String())
		}
	}
}
