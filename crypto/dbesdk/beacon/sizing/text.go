package sizing

import (
	"math"
	"strconv"
)

// Number returns a figure of a report as text with two or three digits that
// count, such as 1.4, 23 or 12000.
func Number(f float64) string {
	switch {
	case f < 9.95:
		return strconv.FormatFloat(f, 'f', 1, 64)
	case f < 999.5:
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	unit := math.Pow(10, math.Floor(math.Log10(f))-2)
	return strconv.FormatFloat(math.Round(f/unit)*unit, 'f', 0, 64)
}

// Percent returns a share as text, such as 0.012%, 1.4% or 37%.
func Percent(share float64) string {
	switch percent := 100 * share; {
	case percent == 0:
		return "0%"
	case percent < 0.0005:
		return "<0.001%"
	case percent < 0.095:
		return strconv.FormatFloat(percent, 'g', 1, 64) + "%"
	case percent < 9.95:
		return strconv.FormatFloat(percent, 'f', 1, 64) + "%"
	case percent > 99.5 && percent < 100:
		return ">99%"
	default:
		return strconv.FormatFloat(percent, 'f', 0, 64) + "%"
	}
}

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.FormatInt(n, 10) + " " + noun + "s"
}
