package mapper

import (
	"maps"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
)

// sealedAlike reports whether an item that the table's writer opened is sealed as
// the writer would seal it now, apart from the parts that differ each time. The
// legend of dbesdk records the actions of attributes; in ddbec, an item that opens
// has the actions of the table. If neither can inspect the item's format, the
// writer having opened it is enough.
func (t *table) sealedAlike(stored, sealed crypto.Item) bool {
	was, err1 := dbesdk.Inspect(stored)
	would, err2 := dbesdk.Inspect(sealed)
	if err1 == nil && err2 == nil {
		return sameHeader(was, would)
	}
	options := t.ddbecNames(sealed)
	older, err1 := ddbec.Inspect(stored, options...)
	wouldBe, err2 := ddbec.Inspect(sealed, options...)
	return err1 != nil || err2 != nil || sameDescription(older, wouldBe)
}

// sameHeader reports whether the headers of two dbesdk items agree.
func sameHeader(a, b *dbesdk.Inspection) bool {
	return a.Suite == b.Suite && a.Legend == b.Legend && slices.Equal(dataKeyNames(a), dataKeyNames(b))
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
