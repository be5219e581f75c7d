package sizing

import (
	"fmt"
	"math"
)

// usable returns the shortest and the longest usable length, or 0.
func (r *Report) usable() (shortest, longest int) {
	for _, l := range r.Lengths {
		if l.Safe && l.Fast {
			if shortest == 0 {
				shortest = l.Length
			}
			longest = l.Length
		}
	}
	return shortest, longest
}

// recommend chooses the shortest usable length with which a query fetches no more
// than this, or else the longest usable one.
func (r *Report) recommend(fetched float64) {
	shortest, longest := r.usable()
	if shortest == 0 {
		r.Recommended.Reason = r.whyNone()
		return
	}
	length := shortest
	for length < longest && r.Lengths[length-1].Fetched > fetched {
		length++
	}
	l := r.Lengths[length-1]
	reason := fmt.Sprintf("a query fetches about %s items for each item wanted, and a beacon stands for about %s",
		Number(l.Fetched), plural(l.Median, "value"))
	switch {
	case l.Fetched > fetched:
		reason += "; longer beacons would fetch less but reveal too much"
	case length == shortest:
		reason += "; shorter beacons would hide more but fetch too much"
	default:
		reason += fmt.Sprintf("; it is the shortest length that fetches at most %s", Number(fetched))
	}
	r.Recommended = Recommendation{length, shortest, longest, reason}
}

// fewDistinct is the number of values below which no length is usable, however
// common each value is.
const fewDistinct = 9

// whyNone says why no length is usable.
func (r *Report) whyNone() string {
	switch most := r.MostCommon; {
	case r.Table.Distinct == 1:
		return "all items have the same value, so a beacon distinguishes nothing"
	case r.Table.Distinct < fewDistinct:
		return fmt.Sprintf("%d distinct values are too few: a beacon stands for one or two of them, or for nearly all",
			r.Table.Distinct)
	case most > maxGuessed:
		return fmt.Sprintf("the most common value has %s of the items, so its beacon is recognized by how common it is, "+
			"at any length", Percent(most))
	}
	short := 0
	for _, l := range r.Lengths {
		if l.Safe {
			short = l.Length
		}
	}
	if short == 0 {
		return "the values are spread so unevenly that more than half of the items can be guessed at any length"
	}
	return fmt.Sprintf("the values are spread so unevenly that more than half of the items can be guessed unless a "+
		"beacon has at most %s, with which a query fetches about %s items for each item wanted", plural(int64(short), "bit"),
		Number(r.Lengths[short-1].Fetched))
}

const (
	// fewValues is the size of a sample whose figures are rough.
	fewValues = 100
	// standsOut is how many times as common as others a beacon is that is
	// recognized by it.
	standsOut = 2
)

// warn adds warnings.
func (r *Report) warn(f frequencies) {
	if r.Sample.Values < fewValues && r.Table.Values == r.Sample.Values {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the sample has only %s: unless that is the whole table, the figures "+
			"are rough", plural(r.Sample.Values, "value")))
	}
	once := float64(f[1]) / float64(r.Sample.Distinct)
	if once > 0.1 && r.Table.Values == r.Sample.Values && r.Sample.Distinct > 1 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s of the distinct values occur only once: if the sample is a part of "+
			"the table, the table has more distinct values, and its size is needed", Percent(once)))
	}
	if r.Estimated {
		r.Warnings = append(r.Warnings, fmt.Sprintf("that the table has %d distinct values is estimated from the sample, "+
			"as a lower bound: if it has more, a query fetches more", r.Table.Distinct))
	}
	if f[1] == 0 && r.Table.Distinct > r.Sample.Distinct {
		r.Warnings = append(r.Warnings, "no value of the sample occurs only once, so it does not look like a random sample "+
			"of a table with more distinct values: they are taken to be very rare")
	}
	if r.Recommended.Length == 0 {
		return
	}
	l := r.Lengths[r.Recommended.Length-1]
	average := math.Ldexp(1, -l.Length)
	if l.MostCommon > standsOut*average && r.MostCommon > 1/float64(r.Table.Distinct) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("the most common value has %s of the items, and its beacon %s instead "+
			"of %s: whoever knows that it is common recognizes its items", Percent(r.MostCommon), Percent(l.MostCommon),
			Percent(average)))
	}
}
