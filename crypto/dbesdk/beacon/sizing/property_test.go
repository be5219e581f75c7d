package sizing

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A longer beacon fetches less and hides less, whatever the values are.
func TestLength_FiguresAreMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(1, 10000), 1, 200).Draw(t, "counts")
		f := make(frequencies)
		for _, c := range counts {
			f[c]++
		}
		table := f.counts()
		table.Values += rapid.Int64Range(0, 1e7).Draw(t, "more values")
		table.Distinct += rapid.Int64Range(0, table.Values-table.Distinct).Draw(t, "more distinct values")
		p := f.population(table)
		before := p.length(1)
		for length := 1; length <= longest(p.distinct); length++ {
			l := p.length(length)
			const rounding = 1e-9
			switch {
			case l.Fetched > before.Fetched || l.Fetched < 1:
				t.Fatalf("length %d fetches %v, before %v", length, l.Fetched, before.Fetched)
			case l.FetchedRarest > before.FetchedRarest || l.FetchedRarest < l.Fetched-rounding*l.Fetched:
				t.Fatalf("length %d fetches for the rarest %v, before %v", length, l.FetchedRarest, before.FetchedRarest)
			case l.Guessed < before.Guessed-rounding || l.Guessed > 1:
				t.Fatalf("length %d: guessed %v, before %v", length, l.Guessed, before.Guessed)
			case l.Guessed < p.mostCommon()/p.total-rounding || l.Guessed < l.Alone-rounding:
				t.Fatalf("length %d: guessed %v", length, l.Guessed)
			case l.Alone < before.Alone || l.Alone > 1:
				t.Fatalf("length %d: alone %v, before %v", length, l.Alone, before.Alone)
			case l.MostCommon > before.MostCommon || l.MostCommon < p.mostCommon()/p.total-rounding:
				t.Fatalf("length %d: most common %v, before %v", length, l.MostCommon, before.MostCommon)
			case l.Fewest < 1 || l.Median < l.Fewest || l.Median > before.Median || l.Fewest > before.Fewest:
				t.Fatalf("length %d: fewest %d, median %d, before %d and %d", length, l.Fewest, l.Median, before.Fewest, before.Median)
			}
			before = l
		}
	})
}

// drawn has the figures of one draw of beacons, counted.
type drawn struct{ fetched, rarest, guessed, alone, mostCommon, median, fewest float64 }

// draw gives each value a random beacon and counts. The first value is the most
// common one, and the last one the rarest.
func draw(random *rand.Rand, counts []int, length int) (d drawn) {
	beaconOf := make([]uint64, len(counts))
	items, values, top := map[uint64]float64{}, map[uint64]int{}, map[uint64]int{}
	total := 0.0
	for i, c := range counts {
		b := random.Uint64() & (1<<length - 1)
		beaconOf[i] = b
		items[b] += float64(c)
		values[b]++
		top[b] = max(top[b], c)
		total += float64(c)
	}
	for i, c := range counts {
		b := beaconOf[i]
		d.fetched += float64(c) / total * items[b] / float64(c)
		if values[b] == 1 {
			d.alone += float64(c) / total
		}
	}
	for _, c := range top {
		d.guessed += float64(c) / total
	}
	d.mostCommon = items[beaconOf[0]] / total
	d.rarest = items[beaconOf[len(counts)-1]] / float64(counts[len(counts)-1])
	var sizes []int
	for _, n := range values {
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	d.median, d.fewest = float64(sizes[(len(sizes)-1)/2]), float64(sizes[0])
	return d
}

func TestLength_IsTheMeanOfWhatIsCounted(t *testing.T) {
	for name, counts := range map[string][]int{
		"even": even(300, 4), "Zipf-like": zipf(400, 400), "dominant": append([]int{900}, even(200, 1)...), "two": {5, 2},
	} {
		random := rand.New(rand.NewPCG(1, uint64(len(counts)))) // the same draws each time
		p := newPopulation(groupsOf(counts))
		for _, length := range []int{1, 3, 5, 8} {
			const draws = 2000
			var sum drawn
			squares := 0.0 // of rarest, which varies a lot
			for range draws {
				d := draw(random, counts, length)
				sum.fetched += d.fetched / draws
				sum.rarest += d.rarest / draws
				squares += d.rarest * d.rarest / draws
				sum.guessed += d.guessed / draws
				sum.alone += d.alone / draws
				sum.mostCommon += d.mostCommon / draws
				sum.median += d.median / draws
				sum.fewest += d.fewest / draws
			}
			l := p.length(length)
			deviation := math.Sqrt((squares - sum.rarest*sum.rarest) / draws) // of the mean
			for figure, f := range map[string]struct{ got, want, tolerance float64 }{
				"fetched":     {l.Fetched, sum.fetched, 0.03 * sum.fetched},
				"rarest":      {l.FetchedRarest, sum.rarest, 4*deviation + 1e-9},
				"guessed":     {l.Guessed, sum.guessed, 0.01},
				"alone":       {l.Alone, sum.alone, 0.02},
				"most common": {l.MostCommon, sum.mostCommon, 0.01},
				"median":      {float64(l.Median), sum.median, 0.6 + 0.06*sum.median},
				"fewest":      {float64(l.Fewest), sum.fewest, 1 + 0.1*sum.fewest},
			} {
				if math.Abs(f.got-f.want) > f.tolerance {
					t.Errorf("%s, length %d: %s is %v, counted %v", name, length, figure, f.got, f.want)
				}
			}
		}
	}
}

func groupsOf(counts []int) (groups []group) {
	for _, c := range counts {
		groups = append(groups, group{1, float64(c)})
	}
	return groups
}
