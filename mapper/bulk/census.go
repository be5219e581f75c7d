package bulk

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/mapper"
)

// Group describes items that were sealed alike. It comes from the items' own
// headers, which are not verified.
type Group struct {
	// Format is how the items are protected.
	Format Format `json:"format"`
	// Suite is the algorithm suite (dbesdk), or the algorithms of encryption
	// and signature (ddbec), if the items name them.
	Suite string `json:"suite,omitempty"`
	// HeaderVersion is 2 if attributes other than the key are in the
	// encryption context, otherwise 1 (dbesdk).
	HeaderVersion int `json:"headerVersion,omitempty"`
	// Keys are the keys that can open the items: provider, key and, for a
	// branch key or a most recent provider, version, separated by spaces. If
	// there are several, they are separated by ", " and sorted.
	Keys string `json:"keys,omitempty"`
	// Legend has a letter for the action of each signed attribute (dbesdk), if
	// [WithLegends] is given.
	Legend string `json:"legend,omitempty"`
	// Items is how many there are.
	Items int64 `json:"items"`
}

// Format is how an item is protected.
type Format string

const (
	// DBESDK and DDBEC are the two item formats.
	DBESDK Format = "dbesdk"
	DDBEC  Format = "ddbec"
	// Plaintext is for items that have the attributes of neither format.
	Plaintext Format = "plaintext"
	// Malformed is for items that have the attributes of a format, but cannot be
	// parsed.
	Malformed Format = "malformed"
)

// maxGroups bounds what a census keeps in memory.
const maxGroups = 10000

// CensusReport is the result of [Census].
type CensusReport struct {
	Report
	// Groups are sorted, the largest first.
	Groups []Group `json:"groups"`
	// Others is how many items are in no group, because the number of groups is
	// limited to 10,000.
	Others int64 `json:"others,omitempty"`
}

// Scanner reads a table. *dynamodb.Client is one.
type Scanner interface {
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Census counts the items of a table by format, algorithms and keys. It needs no
// keys and no declaration: client can be the SDK's client or a [mapper.Client]. A
// rotation is complete when no group has the old key.
//
// Items of ddbec with unusual names for the attributes of the format count as
// plaintext. The names of keys come from the items, so anyone who can write to
// the table can forge them.
func Census(ctx context.Context, client Scanner, table string, options ...Option) (CensusReport, error) {
	scan := client.Scan
	if c, ok := client.(*mapper.Client); ok {
		if _, declared := c.TableInfo(table); declared {
			scan = c.ScanStored // its Scan returns opened items
		}
	}
	w, err := newTableWalk("census", table, scan, options)
	if err != nil {
		return CensusReport{}, err
	}
	return w.census(ctx)
}

// census counts the items of a walk.
func (w *walk) census(ctx context.Context) (CensusReport, error) {
	w.work = func(_ context.Context, item crypto.Item) (outcome, error) {
		group := groupOf(item, w.legends)
		return outcome{group: &group}, nil
	}
	report, err := w.run(ctx)
	return CensusReport{Report: report, Groups: w.sortedGroups(), Others: w.state.Others}, err
}

// groupOf returns the group of an item, without the number of items.
func groupOf(item crypto.Item, legends bool) Group {
	sealed, err := dbesdk.Inspect(item)
	switch {
	case err == nil:
		g := Group{Format: DBESDK, Suite: sealed.Suite.String(), HeaderVersion: sealed.Version}
		var keys []string
		for _, k := range sealed.DataKeys {
			keys = append(keys, words(k.ProviderID, k.KeyID, k.Version))
		}
		slices.Sort(keys)
		g.Keys = strings.Join(keys, ", ")
		if legends {
			g.Legend = sealed.Legend
		}
		return g
	case !errors.Is(err, crypto.ErrNotProtected):
		return Group{Format: Malformed}
	}
	older, err := ddbec.Inspect(item)
	switch {
	case errors.Is(err, crypto.ErrNotProtected):
		return Group{Format: Plaintext}
	case err != nil:
		return Group{Format: Malformed}
	}
	g := Group{Format: DDBEC, Suite: words(strings.TrimPrefix(older.Mode, "/"), older.SigningAlgorithm)}
	switch k := older.WrappedKey; {
	case k == nil:
		g.Keys = "static"
	case k.Material != "":
		g.Keys = words(k.Provider, k.Material, strconv.FormatInt(k.Version, 10))
	default:
		g.Keys = words(k.Provider, k.Wrapping)
	}
	return g
}

// words joins the words that are not empty.
func words(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// countIn counts an item in a group.
func (w *walk) countIn(g Group) {
	if _, ok := w.groups[g]; !ok && len(w.groups) >= maxGroups {
		w.state.Others++
		return
	}
	w.groups[g]++
}

// sortedGroups returns the groups, the largest first.
func (w *walk) sortedGroups() []Group {
	all := make([]Group, 0, len(w.groups))
	for g, n := range maps.All(w.groups) {
		g.Items = n
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Items, a.Items), cmp.Compare(a.Format, b.Format), cmp.Compare(a.Suite, b.Suite),
			cmp.Compare(a.HeaderVersion, b.HeaderVersion), cmp.Compare(a.Keys, b.Keys), cmp.Compare(a.Legend, b.Legend))
	})
	return all
}
