package interop_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ddbenc/ddbenc/crypto"
)

// beaconCase is a table with beacons, and the items to put into it.
type beaconCase struct {
	name    string
	table   crypto.TableInfo
	actions map[string]crypto.Action // a beacon key field without one is not stored
	config  string                   // a beacon.Config in JSON
	// keyField is the beacon key field of a multi key store, empty for a single
	// key store. Then the partition key "id" names the tenant.
	keyField string
	items    []crypto.Item
	// refusals is how many of the items the client refuses.
	refusals int
	indexes  []beaconIndex
	queries  beaconQueries
}

// beaconIndex is a global secondary index on stored beacons or other attributes.
type beaconIndex struct{ name, partitionKey, sortKey string }

var idAndSort = crypto.TableInfo{PartitionKey: "id", SortKey: "sort"}

// numbered gives items that have no key one of their own.
func numbered(items ...crypto.Item) []crypto.Item {
	for i, item := range items {
		item["id"], item["sort"] = s("id"), s(fmt.Sprintf("%03d", i))
	}
	return items
}

// withActions adds the actions of the key.
func withActions(actions map[string]crypto.Action) map[string]crypto.Action {
	actions["id"], actions["sort"] = crypto.Sign, crypto.Sign
	return actions
}

func encrypted(names ...string) map[string]crypto.Action {
	actions := make(map[string]crypto.Action)
	for _, name := range names {
		actions[name] = crypto.Encrypt
	}
	return withActions(actions)
}

func beaconCases() []beaconCase {
	return []beaconCase{
		standardBeacons(), nestedBeacons(), styledBeacons(), virtualBeacons(), virtualOfSeveral(),
		compoundBeacons(), constructedBeacons(), signedBeacons(), tenantBeacons(), droppedTenantBeacons(),
	}
}

// standardBeacons has a beacon of each length for each type. The client accepts
// only one at a location, so each has its own attribute.
func standardBeacons() beaconCase {
	types, values := []string{}, valuesOfEveryType()
	for kind := range values {
		types = append(types, kind)
	}
	lengths := []int{1, 4, 7, 8, 16, 24, 63}
	var names, beacons []string
	items := make([]crypto.Item, 12)
	for _, kind := range types {
		for j, length := range lengths {
			name := fmt.Sprintf("%s_%d", kind, length)
			names = append(names, name)
			beacons = append(beacons, fmt.Sprintf(`{"name":%q,"length":%d}`, name, length))
			for i := range items {
				if items[i] == nil {
					items[i] = make(crypto.Item)
				}
				if k := (i + j) % (len(values[kind]) + 1); k < len(values[kind]) { // else the attribute is missing
					items[i][name] = values[kind][k]
				}
			}
		}
	}
	return beaconCase{
		name: "standard", table: idAndSort, actions: encrypted(names...), items: numbered(items...),
		config: `{"standard":[` + strings.Join(beacons, ",") + `]}`,
		indexes: []beaconIndex{{"by-string", "aws_dbe_b_string_16", ""},
			{"by-number", "aws_dbe_b_number_4", "aws_dbe_b_string_7"}},
		queries: beaconQueries{
			equal: []string{"string_1", "string_8", "string_63", "number_7", "number_24", "binary_8", "boolean_4",
				"null_16", "list_8", "map_24"},
			keys: []queryKey{{index: "by-string", partition: "string_16"},
				{index: "by-number", partition: "number_4", sort: "string_7"}},
		},
	}
}

func nestedBeacons() beaconCase {
	return beaconCase{
		name: "nested", table: idAndSort, actions: encrypted("map", "list", "other"), items: numbered(nestedItems()...),
		config: `{"standard":[
			{"name":"map","length":24}, {"name":"city","length":16,"location":"map.city"},
			{"name":"inner","length":16,"location":"map.inner"},
				{"name":"deep","length":32,"location":"map.inner.list[1].x"},
			{"name":"space","length":10,"location":"map.with space"}, {"name":"ключ","length":20,"location":"map.ключ"},
			{"name":"first","length":16,"location":"list[0]"}, {"name":"second","length":16,"location":"list[1]"},
			{"name":"cell","length":16,"location":"list[1][0]"}, {"name":"last","length":16,"location":"list[12].a"}]}`,
		indexes: []beaconIndex{{"by-city", "aws_dbe_b_city", ""}},
		queries: beaconQueries{equal: []string{"map", "city", "inner", "deep", "first", "second", "cell"},
			keys: []queryKey{{index: "by-city", partition: "city"}}},
	}
}

func styledBeacons() beaconCase {
	return beaconCase{
		name: "styles", table: idAndSort, items: numbered(styledItems()...),
		actions: encrypted("email", "other", "later", "hidden", "twin", "tags", "tag", "numbers", "binaries", "more"),
		config: `{"standard":[
			{"name":"later","length":16,"shared":"email"}, {"name":"email","length":16},
				{"name":"other","length":16,"shared":"email"},
			{"name":"hidden","length":20,"partOnly":true}, {"name":"twin","length":20,"shared":"hidden"},
			{"name":"tags","length":12,"set":true}, {"name":"numbers","length":3,"set":true},
				{"name":"binaries","length":30,"set":true},
			{"name":"more","length":12,"set":true,"shared":"tag"}, {"name":"tag","length":12}],
			"compound":[{"name":"held","split":".","encrypted":[{"name":"hidden","prefix":"H-"}]}]}`,
		refusals: 3,
		indexes:  []beaconIndex{{"by-email", "aws_dbe_b_email", "aws_dbe_b_other"}},
		queries: beaconQueries{
			equal:    []string{"email", "other", "later", "twin", "tag"},
			sets:     []string{"tags", "numbers", "binaries", "more"},
			contains: []string{"tags", "more", "numbers", "binaries"},
			pairs:    [][2]string{{"email", "other"}, {"later", "other"}},
			keys:     []queryKey{{index: "by-email", partition: "email", sort: "other"}},
		},
	}
}

// transforms are those of the virtual fields of virtualBeacons.
var transforms = []string{
	``, `{"upper":{}}`, `{"lower":{}}`, `{"insert":"é+"}`, `{"insert":""}`,
	`{"prefix":0}`, `{"prefix":1}`, `{"prefix":3}`, `{"prefix":-2}`, `{"prefix":99}`, `{"prefix":-99}`,
	`{"suffix":0}`, `{"suffix":1}`, `{"suffix":3}`, `{"suffix":-2}`, `{"suffix":99}`, `{"suffix":-99}`,
	`{"substring":{"low":0,"high":3}}`, `{"substring":{"low":1,"high":-1}}`, `{"substring":{"low":-3,"high":-1}}`,
	`{"substring":{"low":0,"high":999}}`,
	`{"substring":{"low":2,"high":2}}`, `{"substring":{"low":3,"high":1}}`, `{"substring":{"low":-99,"high":4}}`,
	`{"substring":{"low":99,"high":100}}`,
	`{"segment":{"split":" ","index":0}}`, `{"segment":{"split":" ","index":1}}`,
	`{"segment":{"split":" ","index":-1}}`, `{"segment":{"split":" ","index":9}}`,
	`{"segment":{"split":"é","index":-9}}`,
	`{"segments":{"split":" ","low":0,"high":2}}`, `{"segments":{"split":" ","low":1,"high":99}}`,
	`{"segments":{"split":" ","low":-2,"high":-1}}`,
	`{"segments":{"split":" ","low":2,"high":1}}`, `{"segments":{"split":"a","low":-99,"high":1}}`,
	`{"lower":{}},{"segment":{"split":" ","index":1}},{"prefix":2},{"insert":"/"},{"upper":{}}`,
}

// virtualBeacons has a virtual field for each transform. The client accepts only
// one at a location, so each has its own attribute.
func virtualBeacons() beaconCase {
	var names, beacons, fields, equal []string
	for i, t := range transforms {
		name, field := fmt.Sprintf("a%d", i), fmt.Sprintf("v%d", i)
		names = append(names, name)
		beacons = append(beacons, fmt.Sprintf(`{"name":"b%d","length":63,"location":%q}`, i, field))
		part := fmt.Sprintf(`{"location":%q,"transforms":[%s]}`, name, t)
		if t == "" {
			part = fmt.Sprintf(`{"location":%q}`, name)
		}
		fields = append(fields, fmt.Sprintf(`{"name":%q,"parts":[%s]}`, field, part))
		equal = append(equal, fmt.Sprintf("b%d", i))
	}
	var items []crypto.Item
	for _, v := range virtualValues() {
		item := make(crypto.Item)
		for _, name := range names {
			item[name] = v
		}
		items = append(items, item)
	}
	for _, name := range names { // half a surrogate pair is refused, so each is for itself
		items = append(items, crypto.Item{name: outsideTheBasicPlane})
	}
	items = append(items, crypto.Item{"a0": b(1)}, crypto.Item{"a1": l(s("a"))}, crypto.Item{"a2": m(crypto.Item{})})
	return beaconCase{
		name: "virtual", table: idAndSort, actions: encrypted(names...), items: numbered(items...), refusals: 9,
		config:  `{"standard":[` + strings.Join(beacons, ",") + `],"virtual":[` + strings.Join(fields, ",") + `]}`,
		queries: beaconQueries{equal: equal},
	}
}

// virtualOfSeveral has virtual fields with several parts, nested locations and
// parts that are signed only.
func virtualOfSeveral() beaconCase {
	actions := encrypted("first", "last", "map", "list")
	actions["state"] = crypto.Sign
	return beaconCase{
		name: "virtual-parts", table: idAndSort, actions: actions, items: numbered(namedItems()...),
		config: `{"standard":[
			{"name":"byName","length":24,"location":"name"}, {"name":"initials","length":12,"location":"initials"},
			{"name":"byPlace","length":16,"location":"place"}, {"name":"last","length":16},
			{"name":"cell","length":8,"location":"cell"}],
			"virtual":[
			{"name":"name","parts":[{"location":"first","transforms":[{"lower":{}},{"insert":" "}]},
				{"location":"last","transforms":[{"lower":{}}]}]},
			{"name":"initials","parts":[{"location":"last","transforms":[{"prefix":1}]},
				{"location":"first","transforms":[{"prefix":1}]},{"location":"state"}]},
			{"name":"place","parts":[{"location":"state","transforms":[{"upper":{}}]},{"location":"map.city"}]},
			{"name":"cell","parts":[{"location":"list[1]"},{"location":"map.city"}]}],
			"compound":[{"name":"where","split":"|","encrypted":[{"name":"byPlace","prefix":"P:"},
				{"name":"byName","prefix":"N:"}],
				"constructors":[[{"name":"byPlace"},{"name":"byName","optional":true}]]}]}`,
		indexes: []beaconIndex{{"by-place", "aws_dbe_b_byPlace", "aws_dbe_b_where"}},
		queries: beaconQueries{equal: []string{"byName", "initials", "byPlace", "last", "cell", "where"}, ordered: nil,
			begins: []string{"where"}, keys: []queryKey{{index: "by-place", partition: "byPlace", sort: "where"}}},
	}
}

// search is how the Java program wants a case's configuration.
func (c *beaconCase) search(branchKeyID string) map[string]any {
	search := map[string]any{"config": json.RawMessage(c.config)}
	if c.keyField != "" {
		search["keyField"] = c.keyField
	} else {
		search["branchKeyID"] = branchKeyID
	}
	return search
}
