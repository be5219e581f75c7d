package interop_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// queriedBeacons returns what Go compares stored beacons with, for each value of a
// test, or less if nothing can be said.
func queriedBeacons(search *beacon.Search, key *beacon.Key, test beaconTest) (all []types.AttributeValue) {
	b := search.Beacon(test.name)
	if b == nil {
		return nil
	}
	add := func(v types.AttributeValue, ok bool) {
		if ok {
			all = append(all, v)
		}
	}
	if test.op == "BETWEEN" {
		low, high, ok := b.Between(key, 0, test.values[0], test.values[1])
		add(low, ok)
		add(high, ok)
		return all
	}
	for _, v := range test.values {
		switch test.op {
		case "=", "IN":
			add(b.Equal(key, 0, v))
		case "contains":
			add(b.Contains(key, 0, v))
		case "begins_with":
			add(b.Begins(key, 0, v))
		default:
			add(b.Compare(key, test.op, v))
		}
	}
	return all
}

// compareQueried says how Go's beacons in a query differ from the official
// client's, empty if they do not.
func compareQueried(t *testing.T, search *beacon.Search, branchKeyID string, test beaconTest,
	theirs []types.AttributeValue) string {
	t.Helper()
	key, err := search.Key(t.Context(), branchKeyID)
	check(t, err)
	own := queriedBeacons(search, key, test)
	if len(own) != len(theirs) {
		return "" // Go finds out on opened items
	}
	for i := range own {
		same := expr.Equal(own[i], theirs[i])
		switch test.op {
		case "begins_with": // the client hashes an encrypted piece that may go on
			same = same || strings.HasPrefix(text(theirs[i]), text(own[i]))
		case "<", "<=", ">", ">=", "BETWEEN": // the client leaves out what is stored after a prefix at the end
			same = same || strings.HasPrefix(text(own[i]), text(theirs[i]))
		}
		if !same {
			return fmt.Sprintf("%s %s: Go queries %v for %v, Java %v",
				test.name, test.op, plainText(own[i]), plainText(test.values[i]), plainText(theirs[i]))
		}
	}
	return ""
}

func TestBeacons_AreThoseThatTheOfficialClientQueries(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(beaconFolder, "*.json"))
	check(t, err)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			r := readBeaconRecord(t, file)
			if len(r.Queries) == 0 {
				t.Fatal("no queries")
			}
			search := r.search(t)
			for _, q := range r.Queries {
				test := beaconTest{op: q.Op, name: q.Name}
				values, sent := decodeItem(t, q.Values), decodeItem(t, q.Sent)
				var theirs []types.AttributeValue
				for i := range len(values) {
					position := strconv.Itoa(i)
					test.values, theirs = append(test.values, values[position]), append(theirs, sent[position])
				}
				if problem := compareQueried(t, search, q.BranchKeyID, test, theirs); problem != "" {
					t.Error(problem)
				}
			}
		})
	}
}
