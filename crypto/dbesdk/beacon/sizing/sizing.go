// Package sizing helps to choose the length of a beacon, from a sample of the
// values that the beacon is computed of.
//
//	sample := sizing.NewSample()
//	for _, email := range emails {
//		if err := sample.Add([]byte(email)); err != nil {
//			return err
//		}
//	}
//	report, err := sample.Report(sizing.WithTable(2_000_000, 0))
//	fmt.Println(report.Recommended.Length, report.Recommended.Reason)
//
// A beacon is a truncated keyed hash of an encrypted value. If it is long, each
// beacon stands for one value, so it reveals which items have equal values, and
// from the frequency of beacons often the values. If it is short, a query
// fetches many items that it did not ask for. For values that are all equally
// common, a length is usable if 2^length is at least the square root of the
// number of distinct values and less than half of that number. For other values
// it may be that no length is usable.
//
// All figures are expected values over the choice of the key of the beacon. They
// depend only on how often each value occurs, so they are the same in each run.
package sizing

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// MaxDistinct is how many distinct values a [Sample] can hold.
const MaxDistinct = 1 << 22

var (
	// ErrFull is returned for a sample with more than [MaxDistinct] distinct
	// values.
	ErrFull = errors.New("too many distinct values")
	// ErrEmpty is returned for a report about a sample without values.
	ErrEmpty = errors.New("sample has no values")
)

// Sample counts how often each value occurs. It holds a keyed hash of 64 bits
// and a count for each distinct value, and never a value. The key is random and
// belongs to the Sample. Two values have the same hash, and count as one, with a
// probability of less than one in a million.
//
// A Sample is safe for concurrent use. Create it with [NewSample].
type Sample struct {
	mu     sync.Mutex
	hash   hash.Hash
	sum    []byte
	counts map[uint64]int64
	total  int64
	max    int
}

// NewSample returns an empty Sample.
func NewSample() *Sample {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // it does not fail
	return &Sample{hash: hmac.New(sha256.New, key), counts: make(map[uint64]int64), max: MaxDistinct}
}

// Add counts an occurrence of a value. For an item with a set, add each member of
// the set. Add returns an error that wraps [ErrFull] if there are more than
// [MaxDistinct] distinct values. The value is not counted then.
func (s *Sample) Add(value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hash.Reset()
	s.hash.Write(value)
	s.sum = s.hash.Sum(s.sum[:0])
	id := binary.BigEndian.Uint64(s.sum)
	if _, ok := s.counts[id]; !ok && len(s.counts) == s.max {
		return fmt.Errorf("sizing: add to the sample: %w (more than %d): use a smaller sample", ErrFull, s.max)
	}
	s.counts[id]++
	s.total++
	return nil
}

// Counts returns how many values were added, and how many of them were distinct.
func (s *Sample) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Counts{Values: s.total, Distinct: int64(len(s.counts))}
}

func (s *Sample) frequencies() frequencies {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := make(frequencies)
	for _, count := range s.counts {
		f[count]++
	}
	return f
}
