package sizing

import (
	"errors"
	"fmt"
	"math"
)

// Report is about the lengths of a beacon for the values of a table.
type Report struct {
	// Sample describes the sample, and Table the table that it stands for, which
	// all other figures are about.
	Sample Counts `json:"sample"`
	Table  Counts `json:"table"`
	// Estimated is true if Table.Distinct was estimated from the sample.
	Estimated bool `json:"estimated,omitempty"`
	// MostCommon is the share of the most common value.
	MostCommon float64 `json:"mostCommon"`
	// Lengths has the figures for each length, beginning with 1.
	Lengths []Length `json:"lengths"`
	// Recommended is the length to use, if there is one.
	Recommended Recommendation `json:"recommended"`
	// Warnings are sentences about what the recommendation does not cover.
	Warnings []string `json:"warnings,omitempty"`
}

// Counts describes a sample or a table.
type Counts struct {
	// Values counts all values: one for each item that has the attribute or, for
	// sets, one for each member.
	Values int64 `json:"values"`
	// Distinct counts equal values once.
	Distinct int64 `json:"distinct"`
}

// Length has the figures for one length of a beacon.
type Length struct {
	// Length is in bits. There are 2^Length beacons.
	Length int `json:"length"`
	// Median and Fewest are how many distinct values a beacon stands for: the
	// median over the beacons that are used, and the number that is likely to be
	// the smallest. Both are at least 1.
	Median int64 `json:"medianValues"`
	Fewest int64 `json:"fewestValues"`
	// Fetched is how many items a query for a value fetches for each item that
	// has the value: the mean over queries for the value of a random item.
	// FetchedRarest is that of a query for the rarest value, the worst one.
	Fetched       float64 `json:"fetched"`
	FetchedRarest float64 `json:"fetchedRarest"`
	// MostCommon is the share of the items that have the beacon of the most
	// common value.
	MostCommon float64 `json:"mostCommonBeacon"`
	// Guessed is the share of the items whose value is guessed right by someone
	// who knows how common each value is, and which values each beacon stands
	// for. Alone is the share of the items whose beacon stands for one value.
	Guessed float64 `json:"guessed"`
	Alone   float64 `json:"alone"`
	// Safe is false if there are less than two values for each beacon, or if
	// more than half of the items are Guessed. Fast is false if a query fetches
	// more items for each one wanted than the square root of the number of
	// distinct values. A length is usable if it is both.
	Safe bool `json:"safe"`
	Fast bool `json:"fast"`
}

// Recommendation is a length, or the reason why there is none.
type Recommendation struct {
	// Length is 0 if no length is usable.
	Length int `json:"length"`
	// Shortest and Longest are the limits of the usable lengths.
	Shortest int `json:"shortest,omitempty"`
	Longest  int `json:"longest,omitempty"`
	// Reason is a sentence.
	Reason string `json:"reason"`
}

// Option configures a report.
type Option func(*config) error

type config struct {
	table   Counts
	fetched float64
}

const defaultFetched = 10

// WithTable is for a sample that is a part of a table. It gives the number of
// values of the table and how many of them are distinct, as in [Counts]; 0 is for
// a number that is not known. Without WithTable, or if both are 0, the report is
// about the sample itself.
//
// If only values is known, the number of distinct values is estimated from the
// sample. The estimate is a lower bound, so the length is rather too short than
// too long.
func WithTable(values, distinct int64) Option {
	return func(c *config) error {
		c.table = Counts{values, distinct}
		return nil
	}
}

// WithFetched sets how many items a query may fetch for each item that it wants.
// The shortest usable length with which it does so is recommended, or the longest
// usable one if none does. The default is 10.
func WithFetched(items float64) Option {
	return func(c *config) error {
		if !(items > 1) || math.IsInf(items, 0) {
			return fmt.Errorf("%v items fetched for each item wanted: must be more than 1", items)
		}
		c.fetched = items
		return nil
	}
}

// Report returns the figures for all sensible lengths, and the one to use. The
// errors are [ErrEmpty], for a sample without values, and those for options that
// contradict the sample.
func (s *Sample) Report(options ...Option) (Report, error) {
	c := config{fetched: defaultFetched}
	for _, option := range options {
		if err := option(&c); err != nil {
			return Report{}, fmt.Errorf("sizing: %w", err)
		}
	}
	f := s.frequencies()
	sample := f.counts()
	if sample.Values == 0 {
		return Report{}, fmt.Errorf("sizing: report: %w", ErrEmpty)
	}
	if err := checkTable(c.table, sample); err != nil {
		return Report{}, err
	}
	table, estimated := f.complete(c.table)
	if table.Values > maxValues {
		return Report{}, errTooLarge
	}
	p := f.population(table)
	r := Report{Sample: sample, Table: table, Estimated: estimated, MostCommon: p.mostCommon() / p.total}
	for length := 1; length <= longest(p.distinct); length++ {
		r.Lengths = append(r.Lengths, p.length(length))
	}
	r.recommend(c.fetched)
	r.warn(f)
	return r, nil
}

// maxValues is far above what a table can hold, and below where figures get
// inexact.
const maxValues = 1e15

var errTooLarge = errors.New("sizing: a table with more than 1e15 values")

// longest returns the length from which on nearly every value has its own beacon.
func longest(distinct float64) int { return int(math.Ceil(math.Log2(distinct))) + 3 }
