package interop_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

const queriesPerCase = 60

func TestEveryone_FindsTheSameItems(t *testing.T) {
	w, java, keys := newBeaconLive(t)
	count := queriesPerCase
	if v := os.Getenv("DDBENC_INTEROP_QUERIES"); v != "" {
		var err error
		count, err = strconv.Atoi(v)
		check(t, err)
	}
	for _, c := range beaconCases() {
		t.Run(c.name, func(t *testing.T) {
			client := w.newSearcher(t, java, keys, c)
			us := w.newGoSearcher(t, keys, w.newBeaconRecord(t, keys, c))
			var plain []crypto.Item
			branchKeys := make(map[string]string)
			for i, item := range c.items {
				put := client.put
				if i%2 == 1 {
					put = us.put
				}
				stored, err := put(t, item)
				if err != nil {
					continue
				}
				opened, derived := us.open(t, stored)
				maps.Copy(opened, derived)
				plain = append(plain, opened)
				branchKeys[keyOf(c, opened)] = us.search.BranchKeyID(stored)
			}
			g := newGenerator(1, c.queries, plain)
			outcomes := make(map[string]int)
			for range count {
				q := g.query(c.keyField)
				want := keysOf(c, plain, func(item crypto.Item) bool {
					return q.matches(t, item) && (c.keyField == "" || branchKeys[keyOf(c, item)] == tenantOf(q, c.keyField))
				})
				found, err := client.query(t, q)
				got := keysOf(c, found, func(crypto.Item) bool { return true })
				outcome := difference(want, got, err)
				outcomes[strings.SplitN(outcome, "|", 2)[0]]++
				if outcome != "same" {
					t.Logf("%s\n   %s", outcome, q)
				}
			}
			t.Log(outcomes)
		})
	}
}

func text(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func tenantOf(q *beaconQuery, field string) string {
	for _, test := range q.tests {
		if test.name == field && test.op == "=" {
			return text(test.values[0])
		}
	}
	return ""
}

func keyOf(c beaconCase, item crypto.Item) string {
	return text(item[c.table.PartitionKey]) + "/" + text(item[c.table.SortKey])
}

func keysOf(c beaconCase, items []crypto.Item, ok func(crypto.Item) bool) []string {
	var all []string
	for _, item := range items {
		if ok(item) {
			all = append(all, keyOf(c, item))
		}
	}
	slices.Sort(all)
	return all
}

func difference(want, got []string, err error) string {
	switch {
	case err != nil:
		return fmt.Sprintf("refused %.300s | want %d", err, len(want))
	case slices.Equal(want, got):
		return "same"
	}
	return fmt.Sprintf("different| want %v, got %v", want, got)
}
