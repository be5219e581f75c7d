package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
)

// reservedPrefix is the prefix of attributes that the format dbesdk adds.
const reservedPrefix = "aws_dbe_"

// inspectedBeacon is a beacon of an item. It has no hashes.
type inspectedBeacon struct {
	Attribute string `json:"attribute"`
	Kind      string `json:"kind"` // standard, set, compound or malformed
	// HexDigits is the length of a hash of a standard beacon or of a set.
	HexDigits int `json:"hexDigits,omitempty"`
	// Members is the number of hashes of a set.
	Members int `json:"members,omitempty"`
	// Characters is the length of a compound beacon.
	Characters int `json:"characters,omitempty"`
}

// inspectBeacons returns the beacons of an item by name.
func inspectBeacons(item crypto.Item) []inspectedBeacon {
	var all []inspectedBeacon
	for _, name := range slices.Sorted(maps.Keys(item)) {
		if !strings.HasPrefix(name, beacon.AttributePrefix) {
			continue
		}
		b := inspectedBeacon{Attribute: name, Kind: "malformed"}
		switch v := item[name].(type) {
		case *types.AttributeValueMemberS:
			if isHash(v.Value) {
				b.Kind, b.HexDigits = "standard", len(v.Value)
			} else {
				b.Kind, b.Characters = "compound", len([]rune(v.Value))
			}
		case *types.AttributeValueMemberSS:
			if !slices.ContainsFunc(v.Value, func(s string) bool { return !isHash(s) }) {
				b.Kind, b.Members = "set", len(v.Value)
				for _, s := range v.Value {
					b.HexDigits = max(b.HexDigits, len(s))
				}
			}
		}
		all = append(all, b)
	}
	return all
}

// maxHash is the number of hexadecimal digits of the longest hash.
const maxHash = 16

func isHash(s string) bool {
	return s != "" && len(s) <= maxHash && strings.Trim(s, "0123456789abcdef") == ""
}

// length describes the length of the hash.
func (b inspectedBeacon) length() string {
	switch b.Kind {
	case "standard", "set":
		digits := strconv.Itoa(b.HexDigits) + " hex digits"
		if b.HexDigits == 1 {
			digits = "1 hex digit"
		}
		return fmt.Sprintf("%s, %d to %d bits", digits, 4*b.HexDigits-3, min(4*b.HexDigits, 63))
	case "compound":
		return fmt.Sprintf("%d characters in all", b.Characters)
	}
	return ""
}

func (in *inspection) beaconRows() [][]string {
	if len(in.Beacons) == 0 {
		return nil
	}
	rows := [][]string{{"NAME", "KIND", "HASHES", "LENGTH"}}
	for _, b := range in.Beacons {
		hashes := ""
		switch b.Kind {
		case "standard":
			hashes = "1"
		case "set":
			hashes = strconv.Itoa(b.Members)
		}
		rows = append(rows, []string{b.Attribute, b.Kind, hashes, b.length()})
	}
	return rows
}
