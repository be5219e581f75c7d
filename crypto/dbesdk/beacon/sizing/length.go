package sizing

import "math"

// length returns the figures for one length.
//
// The beacon of each value is random, and equally likely to be any of the 2^length
// beacons. Everything else follows.
func (p population) length(length int) Length {
	beacons := math.Ldexp(1, length)
	l := Length{Length: length,
		// A query for a value with count c fetches c items, and of the other
		// total-c items one in as many as there are beacons. The mean of the quotient,
		// weighted with c/total, does not depend on how common each value is.
		Fetched:       1 + (p.distinct-1)/beacons,
		FetchedRarest: 1 + (p.total-p.rarest())/(beacons*p.rarest()),
		MostCommon:    (p.mostCommon() + (p.total-p.mostCommon())/beacons) / p.total,
		Guessed:       p.guessed(beacons),
		Alone:         math.Exp((p.distinct - 1) * math.Log1p(-1/beacons)),
	}
	values := binomial{p.distinct, 1 / beacons}
	used := values.used()
	l.Median = values.smallest(used / 2)
	l.Fewest = values.smallest(math.Min(used, 0.5/beacons))
	l.Safe = beacons < p.distinct/2 && l.Guessed <= maxGuessed
	l.Fast = beacons >= math.Sqrt(p.distinct)
	return l
}

// maxGuessed is what the rule of thumb for equally common values amounts to.
const maxGuessed = 0.5

// guessed returns the share of items whose value is the most common one of its
// beacon. The value at rank i is so if none of the i-1 values before it has its
// beacon. The ranks of a group are a geometric series.
func (p population) guessed(beacons float64) float64 {
	log := math.Log1p(-1 / beacons) // of the probability that two beacons differ
	rank, sum := 0.0, 0.0
	for _, g := range p.groups {
		sum += g.count * beacons * math.Exp(rank*log) * -math.Expm1(g.values*log)
		rank += g.values
	}
	return math.Min(1, sum/p.total)
}

// binomial is the distribution of how many of n values have a certain beacon.
type binomial struct{ n, p float64 }

// used returns the probability that the number is not 0.
func (b binomial) used() float64 { return -math.Expm1(b.n * math.Log1p(-b.p)) }

// smallest returns the smallest k of at least 1 such that the number is from 1 to
// k with at least this probability.
func (b binomial) smallest(probability float64) int64 {
	const large = 1e4 // from here on, the normal distribution is as good
	if mean := b.n * b.p; mean > large {
		deviation := math.Sqrt(mean*(1-b.p)) * math.Sqrt2 * math.Erfinv(2*probability-1)
		return int64(max(1, math.Round(mean+deviation)))
	}
	log, sum := b.n*math.Log1p(-b.p), 0.0 // of the probability of k values; up to k
	for k := 1.0; ; k++ {
		if k > b.n {
			return int64(max(1, b.n))
		}
		log += math.Log((b.n-k+1)/k) + math.Log(b.p) - math.Log1p(-b.p)
		// The tolerance makes up for rounding.
		if sum += math.Exp(log); sum >= probability*(1-1e-9) {
			return int64(k)
		}
	}
}
