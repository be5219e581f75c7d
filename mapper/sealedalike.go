package mapper

import (
	"maps"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/internal/expr"
)

// sealedAlike reports whether a stored item is sealed as the table's writer would
// seal it now, apart from the parts that differ each time. If neither dbesdk nor
// ddbec can inspect the item's format, only the attributes are compared.
func (t *table) sealedAlike(stored crypto.Item, r resealed) bool {
	for name, value := range r.opened {
		if expr.Equal(stored[name], value) != expr.Equal(r.sealed[name], value) {
			return false // encrypted in only one of them
		}
	}
	was, err1 := dbesdk.Inspect(stored)
	would, err2 := dbesdk.Inspect(r.sealed)
	if err1 == nil && err2 == nil {
		return sameHeader(was, would)
	}
	options := t.ddbecNames(r.sealed)
	older, err1 := ddbec.Inspect(stored, options...)
	wouldBe, err2 := ddbec.Inspect(r.sealed, options...)
	return err1 != nil || err2 != nil || sameDescription(older, wouldBe)
}

// sameHeader reports whether the headers of two dbesdk items agree.
func sameHeader(a, b *dbesdk.Inspection) bool {
	return a.Version == b.Version && a.Suite == b.Suite && a.Legend == b.Legend &&
		slices.Equal(dataKeyNames(a), dataKeyNames(b))
}

// dataKeyNames returns the sorted names of the keys that open an item. Their
// order in the item does not matter.
func dataKeyNames(in *dbesdk.Inspection) []string {
	names := make([]string, len(in.DataKeys))
	for i, k := range in.DataKeys {
		names[i] = strings.Join([]string{k.ProviderID, k.KeyID, k.Version}, "\x00")
	}
	slices.Sort(names)
	return names
}

// ddbecNames returns the options of ddbec.Inspect for the attribute names of the
// writer's items.
func (t *table) ddbecNames(sealed crypto.Item) []ddbec.Option {
	options := []ddbec.Option{ddbec.WithSignatureAttribute(t.writer.SignatureAttribute())}
	for name := range sealed {
		if t.writer.Reserved(name) && name != t.writer.SignatureAttribute() {
			options = append(options, ddbec.WithDescriptionAttribute(name))
		}
	}
	return options
}

// wrappedKeyEntry is the entry of a material description that differs each time
// an item is sealed.
const wrappedKeyEntry = "amzn-ddb-env-key"

// optionalEntries are entries that some official clients leave out.
var optionalEntries = []string{"amzn-ddb-wrap-alg", "amzn-ddb-map-signingAlg"}

// sameDescription compares the material descriptions of two items.
func sameDescription(a, b *ddbec.Inspection) bool {
	entries := func(in, other *ddbec.Inspection) map[string]string {
		kept := maps.Clone(map[string]string(in.Description))
		if _, ok := kept[wrappedKeyEntry]; ok {
			kept[wrappedKeyEntry] = ""
		}
		for _, name := range optionalEntries {
			if _, ok := other.Description[name]; !ok {
				delete(kept, name)
			}
		}
		return kept
	}
	return maps.Equal(entries(a, b), entries(b, a))
}
