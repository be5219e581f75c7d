package report

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// The picture's measures, in pixels.
const (
	left      = 190 // of the axis
	axisWidth = 480
	width     = left + axisWidth + 80
	rowHeight = 17
	groupGap  = 26
	topMargin = 64
)

// colors are of programs in their order.
var colors = []string{"#0b6e99", "#c2410c", "#6d28d9", "#4d7c0f", "#a16207", "#0f766e", "#be185d"}

func (c chapter) picture() string {
	return strings.ToLower(strings.TrimSuffix("peers-"+c.Format+"-"+c.Suite, "-")) + ".svg"
}

// Pictures returns an SVG file of each chapter, by name.
func (r *Run) Pictures() map[string]string {
	all := make(map[string]string)
	for _, c := range r.chapters() {
		all[c.picture()] = r.draw(c)
	}
	return all
}

// draw shows each time as a point on a logarithmic axis, for they differ by
// orders of magnitude. Bars would need a zero, which that axis does not have.
func (r *Run) draw(c chapter) string {
	low, high := r.decades(c)
	x := func(nanoseconds float64) float64 {
		return left + axisWidth*(math.Log10(nanoseconds)-float64(low))/float64(high-low)
	}
	groups := len(c.Sizes) * len(ops)
	bottom := topMargin + groups*(groupGap+rowHeight*len(c.Programs))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" `+
		`font-family="sans-serif" font-size="12">`+"\n", width, bottom+30, width, bottom+30)
	title := html.EscapeString("CPU time of one operation: " + c.title())
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n", title)
	fmt.Fprintf(&b, "<text x=\"12\" y=\"24\" font-size=\"15\" font-weight=\"bold\" fill=\"#222\">%s</text>\n", title)
	b.WriteString(`<text x="12" y="42" fill="#555">logarithmic axis: each line is ten times the one before; ` +
		"less is better</text>\n")
	for d := low; d <= high; d++ {
		at := x(math.Pow10(d))
		fmt.Fprintf(&b, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/>\n", at, topMargin-8, at, bottom)
		fmt.Fprintf(&b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>\n", at, bottom+18, tick(d))
	}
	y := topMargin
	for _, size := range c.Sizes {
		for _, op := range ops {
			fmt.Fprintf(&b, "<text x=\"12\" y=\"%d\" font-weight=\"bold\" fill=\"#222\">%s %d KB</text>\n", y+12, op, size>>10)
			y += groupGap
			for _, p := range c.Programs {
				if each, ok := r.best(Cell{c.Format, c.Suite, size, op}, p.ID); ok {
					r.point(&b, p, y, x(each), duration(each))
				}
				y += rowHeight
			}
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (r *Run) point(b *strings.Builder, p Program, y int, x float64, label string) {
	color := colors[slices.Index(r.Programs, p)%len(colors)]
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end" fill="#222">%s</text>`, left-10, y, html.EscapeString(p.Name))
	fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%.1f" y2="%d" stroke="%s" stroke-opacity="0.3"/>`,
		left, y-4, x, y-4, color)
	fmt.Fprintf(b, "<circle cx=\"%.1f\" cy=\"%d\" r=\"4.5\" fill=\"%s\"/>", x, y-4, color)
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%d\" fill=\"#222\">%s</text>\n", x+9, y, label)
}

// decades returns the powers of ten, in nanoseconds, that the times of a
// chapter are between.
func (r *Run) decades(c chapter) (low, high int) {
	low, high = math.MaxInt, math.MinInt
	for _, result := range r.Results {
		if result.Format != c.Format || result.Suite != c.Suite || len(result.Nanoseconds) == 0 {
			continue
		}
		at := math.Log10(slices.Min(result.Nanoseconds))
		low, high = min(low, int(math.Floor(at))), max(high, int(math.Ceil(at)))
	}
	return low, max(high, low+1)
}

// tick writes ten to the power of d nanoseconds.
func tick(d int) string {
	units := []string{"ns", "µs", "ms", "s"}
	unit := min(d/3, len(units)-1)
	return fmt.Sprintf("%.0f %s", math.Pow10(d-3*unit), units[unit])
}
