package mapper

import (
	"maps"
	"slices"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
)

// sealedAlike reports whether an item that the table's writer opened is stored
// as the writer would seal it now, but for what differs with each sealing. The
// legend of dbesdk has the actions of attributes; in ddbec an item that opens has
// the actions of the table. An item of a format that neither can inspect is as
// the writer would seal it, since the writer opened it.
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

// sameHeader compares what two dbesdk items say of their sealing.
func sameHeader(a, b *dbesdk.Inspection) bool {
	return a.Suite == b.Suite && a.Legend == b.Legend && slices.Equal(dataKeyNames(a), dataKeyNames(b))
}

// dataKeyNames returns the names of the keys that open an item, sorted: which of
// them comes first makes no difference to who can open it.
func dataKeyNames(in *dbesdk.Inspection) []string {
	names := make([]string, len(in.DataKeys))
	for i, k := range in.DataKeys {
		names[i] = strings.Join([]string{k.ProviderID, k.KeyID, k.Version}, "\x00")
	}
	slices.Sort(names)
	return names
}

// ddbecNames returns the options of ddbec.Inspect for the writer's items, whose
// attributes may have other names.
func (t *table) ddbecNames(sealed crypto.Item) []ddbec.Option {
	options := []ddbec.Option{ddbec.WithSignatureAttribute(t.writer.SignatureAttribute())}
	for name := range sealed {
		if t.writer.Reserved(name) && name != t.writer.SignatureAttribute() {
			options = append(options, ddbec.WithDescriptionAttribute(name))
		}
	}
	return options
}

// The entry of a material description that differs with each sealing, and those
// that some official clients leave out.
const wrappedKeyEntry = "amzn-ddb-env-key"

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
