package report

import (
	"slices"

	"github.com/ddbenc/ddbenc/internal/lock"
)

// beacons explains what beacons reveal.
const beacons = "Beacons: " + lock.BeaconMeaning

// beaconColumn is the place of the column for beacons, after the action. Only
// reports of policies with a beacon have it.
const beaconColumn = 2

// columns returns the columns of the tables.
func (p *policies) columns() []string { return p.withBeacon(columns, "Beacon") }

// withBeacon adds the cell for beacons to a row, if the report has the column.
func (p *policies) withBeacon(row []string, cell string) []string {
	if !p.beacons {
		return row
	}
	return slices.Insert(slices.Clone(row), beaconColumn, cell)
}

// beacon describes the attribute's beacon, if it has one.
func (a attributePolicy) beacon() string {
	if a.Beacon == nil {
		return ""
	}
	return lock.DescribeBeacon(*a.Beacon)
}
