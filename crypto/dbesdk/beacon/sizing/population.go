package sizing

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// group is a number of values that are equally common.
type group struct {
	values float64 // how many values
	count  float64 // how often each of them occurs
}

// population is the values of a table, by how common they are.
type population struct {
	groups   []group // the most common values first
	distinct float64
	total    float64
}

func newPopulation(groups []group) population {
	slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(b.count, a.count) })
	p := population{groups: groups}
	for _, g := range groups {
		p.distinct += g.values
		p.total += g.values * g.count
	}
	return p
}

// mostCommon and rarest return how often the most and the least common value
// occurs.
func (p population) mostCommon() float64 { return p.groups[0].count }
func (p population) rarest() float64     { return p.groups[len(p.groups)-1].count }

// checkTable returns an error for a table that cannot contain the sample.
func checkTable(table, sample Counts) error {
	switch {
	case table.Values < 0 || table.Distinct < 0:
		return fmt.Errorf("sizing: a table with %d values, %d of them distinct: must not be negative", table.Values,
			table.Distinct)
	case table.Values != 0 && table.Values < sample.Values:
		return fmt.Errorf("sizing: a table with %d values cannot contain a sample of %d", table.Values, sample.Values)
	case table.Distinct != 0 && table.Distinct < sample.Distinct:
		return fmt.Errorf("sizing: a table with %d distinct values cannot contain a sample with %d", table.Distinct,
			sample.Distinct)
	case table.Values != 0 && table.Distinct > table.Values:
		return fmt.Errorf("sizing: a table with %d values cannot have %d distinct ones", table.Values, table.Distinct)
	}
	return nil
}

// frequencies says how many values of a sample occur how often.
type frequencies map[int64]int64

func (f frequencies) counts() (c Counts) {
	for count, values := range f {
		c.Values += count * values
		c.Distinct += values
	}
	return c
}

// complete estimates what the caller does not know about the table.
func (f frequencies) complete(table Counts) (completed Counts, estimated bool) {
	sample := f.counts()
	if table.Values == 0 { // as many items for each value as in the sample
		perValue := float64(sample.Values) / float64(sample.Distinct)
		table.Values = toInt(perValue * float64(max(table.Distinct, sample.Distinct)))
	}
	if table.Distinct == 0 {
		table.Distinct = f.distinctAmong(table.Values)
		estimated = table.Distinct > sample.Distinct
	}
	return table, estimated
}

// distinctAmong estimates how many distinct values there are among this number of
// values. It is Chao's lower bound, which depends on how many values occur once
// and twice, and at most what is possible if the rest of the table repeats no
// value that occurs more than once. A low estimate is the safe one: it leads to
// shorter beacons.
func (f frequencies) distinctAmong(values int64) int64 {
	sample, once, twice := f.counts(), float64(f[1]), float64(f[2])
	likely := float64(sample.Distinct) + once*(once-1)/(2*(twice+1))
	possible := float64(sample.Distinct) + once*(float64(values)/float64(sample.Values)-1)
	return toInt(math.Min(likely, possible))
}

// population returns the values of a table that the sample is a part of. Values
// that occur several times in the sample are as common in the table. Those that
// occur once share their part of the table with those that the sample lacks.
func (f frequencies) population(table Counts) population {
	sample := f.counts()
	scale := float64(table.Values) / float64(sample.Values)
	missing := float64(table.Distinct - sample.Distinct)
	var groups []group
	for count, values := range f {
		if count > 1 || missing == 0 {
			groups = append(groups, group{float64(values), float64(count) * scale})
		}
	}
	if missing > 0 {
		once := float64(f[1])
		rare := once + missing
		groups = append(groups, group{rare, math.Max(1, math.Max(1, once)*scale/rare)})
	}
	return newPopulation(groups)
}

// toInt rounds to the nearest integer that an int64 can hold.
func toInt(f float64) int64 {
	if f >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(math.Round(f))
}
