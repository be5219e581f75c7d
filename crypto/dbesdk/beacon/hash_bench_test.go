package beacon_test

import (
	"testing"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

// The beacons of an item should be cheap next to sealing it.
func BenchmarkStored_FiveBeacons(b *testing.B) {
	s := newSearch(b, people()) // and one more
	item := ada()
	for b.Loop() {
		if _, err := s.Stored(b.Context(), item, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEqual(b *testing.B) {
	s := newSearch(b, beacon.Config{Standard: []beacon.Standard{{Name: "email", Length: 16}}})
	k, email, v := keyOf(b, s), s.Beacon("email"), text("ada@example.com")
	for b.Loop() {
		if _, ok := email.Equal(k, 0, v); !ok {
			b.Fatal("no beacon")
		}
	}
}
