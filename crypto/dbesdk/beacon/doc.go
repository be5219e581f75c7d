// Package beacon computes the beacons of searchable encryption, which make
// encrypted attributes searchable.
package beacon
