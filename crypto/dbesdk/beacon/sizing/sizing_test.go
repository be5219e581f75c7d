package sizing

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
)

// sampleOf returns a sample in which value i occurs counts[i] times.
func sampleOf(t testing.TB, counts ...int) *Sample {
	t.Helper()
	s := NewSample()
	for i, count := range counts {
		for range count {
			if err := s.Add(fmt.Appendf(nil, "value %d", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

func reportOn(t testing.TB, s *Sample, options ...Option) Report {
	t.Helper()
	r, err := s.Report(options...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// even returns the counts of values that are equally common.
func even(values, count int) []int {
	counts := make([]int, values)
	for i := range counts {
		counts[i] = count
	}
	return counts
}

// zipf returns counts in proportion to 1/√rank, and steep to 1/rank.
func zipf(values, most int) []int {
	counts := make([]int, values)
	for i := range counts {
		counts[i] = max(1, int(float64(most)/math.Sqrt(float64(i+1))))
	}
	return counts
}

func steep(values, most int) []int {
	counts := make([]int, values)
	for i := range counts {
		counts[i] = max(1, most/(i+1))
	}
	return counts
}

func TestReport_RecommendsALengthWhereThereIsOne(t *testing.T) {
	for name, c := range map[string]struct {
		counts                    []int
		options                   []Option
		length, shortest, longest int
		warning                   string // of which there is none if it is empty
	}{
		"even":              {even(1000, 10), nil, 7, 5, 8, ""},
		"even, cheap":       {even(1000, 10), []Option{WithFetched(5)}, 8, 5, 8, ""},
		"even, too cheap":   {even(1000, 10), []Option{WithFetched(1.5)}, 8, 5, 8, ""},
		"even, costly":      {even(1000, 10), []Option{WithFetched(1e6)}, 5, 5, 8, ""},
		"nine":              {even(9, 100), nil, 2, 2, 2, ""},
		"sixteen":           {even(16, 100), nil, 2, 2, 2, ""},
		"Zipf-like":         {zipf(10000, 4000), nil, 11, 7, 11, "the most common value has 0.5% of the items, and its beacon 0.6% instead of 0.05%"},
		"one common value":  {append(even(1000, 1), 500), nil, 7, 5, 8, "whoever knows that it is common"},
		"all distinct":      {even(5000, 1), nil, 10, 7, 11, "100% of the distinct values occur only once"},
		"few":               {even(20, 2), nil, 3, 3, 3, "the sample has only 40 values"},
		"part of a table":   {even(1000, 10), []Option{WithTable(1e6, 0)}, 7, 5, 8, ""},
		"part, distinct":    {even(1000, 1), []Option{WithTable(1e5, 0)}, 14, 9, 15, "is estimated from the sample"},
		"part, known":       {even(1000, 1), []Option{WithTable(0, 1e6)}, 17, 10, 18, ""},
		"a very large part": {even(1000, 1), []Option{WithTable(1e12, 1e9)}, 27, 15, 28, ""},
		"an unlikely part":  {even(1000, 2), []Option{WithTable(0, 2000)}, 8, 6, 9, "it does not look like a random sample"},
	} {
		t.Run(name, func(t *testing.T) {
			r := reportOn(t, sampleOf(t, c.counts...), c.options...)
			got := r.Recommended
			if got.Length != c.length || got.Shortest != c.shortest || got.Longest != c.longest || got.Reason == "" {
				t.Errorf("got %+v", got)
			}
			if all := strings.Join(r.Warnings, "\n"); c.warning == "" && all != "" || !strings.Contains(all, c.warning) {
				t.Errorf("warnings: %q, want %q", all, c.warning)
			}
		})
	}
}

func TestReport_SaysWhyNoLengthIsUsable(t *testing.T) {
	for name, c := range map[string]struct {
		counts []int
		want   string
	}{
		"one value":       {[]int{10}, "all items have the same value"},
		"a boolean":       {[]int{500, 500}, "2 distinct values are too few"},
		"a skew boolean":  {[]int{900, 100}, "2 distinct values are too few"},
		"eight":           {even(8, 100), "8 distinct values are too few"},
		"a dominant one":  {append(even(1000, 1), 4000), "the most common value has 80% of the items"},
		"Zipf":            {steep(10000, 100000), "unless a beacon has at most 6 bits, with which a query fetches about 157 items"},
		"several of them": {append(even(10000, 1), 9000, 9000, 8000), "unless a beacon has at most 1 bit"},
	} {
		t.Run(name, func(t *testing.T) {
			got := reportOn(t, sampleOf(t, c.counts...)).Recommended
			if got.Length != 0 || got.Shortest != 0 || got.Longest != 0 || !strings.Contains(got.Reason, c.want) {
				t.Errorf("got %+v, want %q", got, c.want)
			}
		})
	}
}

// For values that are equally common, the usable lengths are those of the rule of
// thumb, but for a length that is exactly at its lower limit.
func TestReport_FollowsTheRuleOfThumbForEvenValues(t *testing.T) {
	for x := 2; x < 3000; x++ {
		p := newPopulation([]group{{float64(x), 7}})
		for length := 1; length <= longest(p.distinct); length++ {
			l, beacons := p.length(length), 1<<length
			if want := beacons*beacons >= x && 2*beacons < x; (l.Safe && l.Fast) != want {
				t.Fatalf("%d values, length %d: usable %v, want %v", x, length, !want, want)
			}
		}
	}
}

func TestReport_StaysTheSameForTheSameCounts(t *testing.T) {
	counts := zipf(500, 300)
	want := fmt.Sprintf("%+v", reportOn(t, sampleOf(t, counts...)))
	if got := fmt.Sprintf("%+v", reportOn(t, sampleOf(t, counts...))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReport_EstimatesTheDistinctValuesOfATable(t *testing.T) {
	for name, c := range map[string]struct {
		counts   []int
		table    Counts
		want     Counts
		estimate bool
	}{
		"nothing known":            {even(100, 3), Counts{}, Counts{300, 100}, false},
		"all values were seen":     {even(100, 3), Counts{3000, 0}, Counts{3000, 100}, false},
		"only distinct is known":   {even(100, 3), Counts{0, 1000}, Counts{3000, 1000}, false},
		"all different, all new":   {even(1000, 1), Counts{50000, 0}, Counts{50000, 50000}, true},
		"all different, not known": {even(1000, 1), Counts{1e9, 0}, Counts{1e9, 500500}, true},
		"some occur once":          {append(even(100, 2), even(100, 1)...), Counts{3000, 0}, Counts{3000, 249}, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := reportOn(t, sampleOf(t, c.counts...), WithTable(c.table.Values, c.table.Distinct))
			if r.Table != c.want || r.Estimated != c.estimate {
				t.Errorf("got %+v, %v, want %+v", r.Table, r.Estimated, c.want)
			}
		})
	}
}

// A common value of a sample is as common in the table, however many more values
// the table has.
func TestReport_KeepsTheShareOfCommonValuesInALargerTable(t *testing.T) {
	r := reportOn(t, sampleOf(t, append(even(500, 1), 300, 200)...), WithTable(1e6, 1e5))
	if math.Abs(r.MostCommon-0.3) > 1e-9 {
		t.Errorf("got %v", r.MostCommon)
	}
}

func TestReport_RefusesWhatContradictsTheSample(t *testing.T) {
	for name, option := range map[string]Option{
		"fewer values":              WithTable(29, 0),
		"fewer distinct values":     WithTable(0, 9),
		"more distinct than values": WithTable(40, 50),
		"negative":                  WithTable(-1, 0),
		"too large":                 WithTable(math.MaxInt64, 0),
		"nothing fetched":           WithFetched(1),
		"not a number":              WithFetched(math.NaN()),
	} {
		if _, err := sampleOf(t, even(10, 3)...).Report(option); err == nil || !strings.HasPrefix(err.Error(), "sizing: ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := NewSample().Report(); !errors.Is(err, ErrEmpty) {
		t.Errorf("got %v", err)
	}
}

func TestSample_HoldsALimitedNumberOfDistinctValues(t *testing.T) {
	s := NewSample()
	s.max = 2
	for _, c := range []struct {
		value string
		full  bool
	}{{"a", false}, {"b", false}, {"secret", true}, {"a", false}} {
		err := s.Add([]byte(c.value))
		if errors.Is(err, ErrFull) != c.full || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v", c.value, err)
		}
	}
	if got := s.Counts(); got != (Counts{3, 2}) {
		t.Errorf("got %+v", got)
	}
}

// For a set, each member is added. The figures are those of the members.
func TestSample_CountsTheMembersOfSets(t *testing.T) {
	s := NewSample()
	for i := range 1000 {
		for j := range 3 {
			if err := s.Add(fmt.Append(nil, (i+j*7)%100)); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := reportOn(t, s)
	if r.Sample != (Counts{3000, 100}) || r.MostCommon != 0.01 {
		t.Errorf("got %+v", r)
	}
}

func TestNumbersAndSharesAreShort(t *testing.T) {
	for f, want := range map[float64]string{1: "1.0", 9.96: "10", 23.4: "23", 998: "998", 12345: "12300", 1.2e9: "1200000000"} {
		if got := Number(f); got != want {
			t.Errorf("%v: got %s, want %s", f, got, want)
		}
	}
	for f, want := range map[float64]string{0: "0%", 1e-9: "<0.001%", 1.2e-4: "0.01%", 0.0123: "1.2%", 0.37: "37%", 0.999: ">99%", 1: "100%"} {
		if got := Percent(f); got != want {
			t.Errorf("%v: got %s, want %s", f, got, want)
		}
	}
}

func TestSample_CountsFromSeveralGoroutines(t *testing.T) {
	s := NewSample()
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for i := range 500 {
				if err := s.Add(fmt.Append(nil, (i+n)%100)); err != nil {
					t.Error(err)
				}
				s.Counts()
			}
		})
	}
	all.Wait()
	if got := s.Counts(); got != (Counts{2000, 100}) {
		t.Errorf("got %+v", got)
	}
}
