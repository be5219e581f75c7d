package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon/sizing"
)

// The chart in units of its view box.
const (
	chartLeft, chartRight = 70.0, 700.0
	chartTop, chartBottom = 20.0, 320.0
)

// chart is a picture of what each length costs and reveals. Items and values are
// on the left axis, which is logarithmic, and shares on the right one.
type chart struct {
	Lengths []tick // on the lower axis
	Numbers []tick // on the left axis
	Shares  []tick // on the right axis
	Series  []series
	Usable  *band
	// Recommended is the place of the recommended length, or 0.
	Recommended float64
	Title       string
}

type tick struct {
	At   float64
	Text string
}

type band struct{ X, Width float64 }

// series is a line of the chart with its points.
type series struct {
	Class, Name string
	Path        string
	Points      []point
}

type point struct {
	X, Y float64
	Text string
}

func newChart(b BeaconSample) chart {
	lengths := b.Lengths
	step := (chartRight - chartLeft) / float64(len(lengths))
	x := func(length int) float64 { return oneDecimal(chartLeft + (float64(length)-0.5)*step) }
	decades := 1.0
	for _, l := range lengths {
		decades = max(decades, math.Ceil(math.Log10(max(l.Fetched, float64(l.Fewest)))))
	}
	logarithmic := func(f float64) float64 {
		return oneDecimal(chartBottom - math.Log10(f)/decades*(chartBottom-chartTop))
	}
	linear := func(f float64) float64 { return oneDecimal(chartBottom - f*(chartBottom-chartTop)) }

	c := chart{Title: "What each length costs and reveals: " + b.recommended()}
	every := 1 + len(lengths)/24
	for _, l := range lengths {
		if l.Length%every == 0 {
			c.Lengths = append(c.Lengths, tick{x(l.Length), strconv.Itoa(l.Length)})
		}
	}
	between := 1 + int(decades)/8
	for n := 0; n <= int(decades); n += between {
		c.Numbers = append(c.Numbers, tick{logarithmic(math.Pow10(n)), powerOf10(n)})
	}
	for percent := 0; percent <= 100; percent += 25 {
		c.Shares = append(c.Shares, tick{linear(float64(percent) / 100), fmt.Sprintf("%d%%", percent)})
	}
	for _, s := range []struct {
		class, name, text string
		y                 func(sizing.Length) (at float64, figure string)
	}{
		{"fetched", "items fetched for each item wanted", "%s items fetched for each item wanted",
			func(l sizing.Length) (float64, string) { return logarithmic(l.Fetched), sizing.Number(l.Fetched) }},
		{"fewest", "fewest values of a beacon", "a beacon stands for %s values or more",
			func(l sizing.Length) (float64, string) {
				return logarithmic(float64(l.Fewest)), strconv.FormatInt(l.Fewest, 10)
			}},
		{"guessed", "share of items guessed (right axis)", "%s of the items guessed",
			func(l sizing.Length) (float64, string) { return linear(l.Guessed), sizing.Percent(l.Guessed) }},
	} {
		line := series{Class: s.class, Name: s.name}
		var path []string
		for _, l := range lengths {
			at, figure := s.y(l)
			text := fmt.Sprintf("%s: "+s.text, plural(l.Length, "bit"), figure)
			line.Points = append(line.Points, point{x(l.Length), at, text})
			path = append(path, fmt.Sprintf("%g,%g", x(l.Length), at))
		}
		line.Path = strings.Join(path, " ")
		c.Series = append(c.Series, line)
	}
	if r := b.Recommended; r.Length > 0 {
		c.Recommended = x(r.Length)
		from := oneDecimal(x(r.Shortest) - step/2)
		c.Usable = &band{from, oneDecimal(x(r.Longest) + step/2 - from)}
	}
	return c
}

func oneDecimal(f float64) float64 { return math.Round(f*10) / 10 }

// powerOf10 returns text such as 100, 10k or 1M.
func powerOf10(n int) string {
	units := []string{"", "k", "M", "G", "T", "P"}
	unit := min(n/3, len(units)-1)
	return strconv.FormatFloat(math.Pow10(n-3*unit), 'f', 0, 64) + units[unit]
}
