package interop_test

import "github.com/ddbenc/ddbenc/crypto"

// compoundBeacons has compound beacons without constructors.
func compoundBeacons() beaconCase {
	actions := encrypted("email", "phone", "zip", "flag", "ssn")
	for _, name := range []string{"status", "year", "open", "gone"} {
		actions[name] = crypto.Sign
	}
	return beaconCase{
		name: "compound", table: idAndSort, actions: actions, items: numbered(contactItems()...), refusals: 4,
		config: `{"standard":[
			{"name":"email","length":16}, {"name":"phone","length":24}, {"name":"zip","length":8},
				{"name":"flag","length":4},
			{"name":"secret","length":20,"location":"ssn","partOnly":true}],
			"compound":[
			{"name":"contact","split":".","encrypted":[{"name":"email","prefix":"E-"},{"name":"phone","prefix":"P-"}]},
			{"name":"report","split":"~","encrypted":[{"name":"zip","prefix":"Z:"},{"name":"flag","prefix":"F:"}],
				"signed":[{"name":"status","prefix":"S:"},{"name":"year","prefix":"Y:"}]},
			{"name":"wide","split":"é","encrypted":[{"name":"secret","prefix":"ключ"}],
				"signed":[{"name":"open","prefix":"o"},{"name":"gone","prefix":"g="}]}]}`,
		indexes: []beaconIndex{{"by-contact", "aws_dbe_b_contact", ""}, {"by-report", "id", "aws_dbe_b_report"}},
		queries: beaconQueries{
			equal:  []string{"email", "phone", "zip", "flag", "contact", "report", "wide"},
			begins: []string{"contact", "report", "wide"}, ordered: []string{"report", "wide"},
			plain: []string{"status", "year", "open"},
			keys: []queryKey{{index: "by-contact", partition: "contact"},
				{index: "by-report", partition: "id", sort: "report", ordered: true}},
		},
	}
}

// constructedBeacons has compound beacons with constructors, and global parts.
func constructedBeacons() beaconCase {
	actions := encrypted("name", "city", "age")
	for _, name := range []string{"kind", "meta"} {
		actions[name] = crypto.Sign
	}
	return beaconCase{
		name: "constructors", table: idAndSort, actions: actions, items: numbered(peopleItems()...), refusals: 2,
		config: `{"standard":[{"name":"name","length":16}, {"name":"city","length":12}, {"name":"age","length":5}],
			"encryptedParts":[{"name":"age","prefix":"A-"}],
			"signedParts":[{"name":"group","prefix":"G-","location":"meta.groups[1]"}],
			"compound":[
			{"name":"person","split":".","encrypted":[{"name":"name","prefix":"N-"},{"name":"city","prefix":"C-"}],
				"signed":[{"name":"kind","prefix":"K-"}],
				"constructors":[
				[{"name":"kind"},{"name":"name"},{"name":"city","optional":true}],
				[{"name":"city"},{"name":"kind"},{"name":"group","optional":true}],
				[{"name":"name","optional":true},{"name":"city"}],
				[{"name":"kind"}]]},
			{"name":"crowd","split":"/","constructors":[[{"name":"group"},{"name":"age","optional":true}]]},
			{"name":"aged","split":"#","signed":[{"name":"rank","prefix":"R","location":"meta.rank"}],
				"encrypted":[{"name":"city","prefix":"C"}],
				"constructors":[[{"name":"rank","optional":true},{"name":"age"},{"name":"city","optional":true}],
					[{"name":"rank"}]]}]}`,
		indexes: []beaconIndex{{"by-person", "id", "aws_dbe_b_person"},
			{"by-crowd", "aws_dbe_b_crowd", "aws_dbe_b_aged"}},
		queries: beaconQueries{
			equal:   []string{"name", "city", "age", "person", "crowd", "aged"},
			begins:  []string{"person", "crowd", "aged"},
			ordered: []string{"person", "crowd", "aged"}, plain: []string{"kind"},
			keys: []queryKey{{index: "by-person", partition: "id", sort: "person", ordered: true},
				{index: "by-crowd", partition: "crowd", sort: "aged", ordered: true}},
		},
	}
}

// signedBeacons has a signed beacon for a partition key.
func signedBeacons() beaconCase {
	actions := encrypted("name")
	delete(actions, "id")
	for _, name := range []string{"state", "year", "address"} {
		actions[name] = crypto.Sign
	}
	return beaconCase{
		name: "signed", table: crypto.TableInfo{PartitionKey: "group", SortKey: "sort"}, actions: actions,
		items: ranked(groupItems()...), refusals: 3,
		config: `{"standard":[{"name":"name","length":16}],
			"compound":[
			{"name":"group","split":".","signed":[{"name":"state","prefix":"S-"},{"name":"year","prefix":"Y-"},
				{"name":"city","prefix":"C-","location":"address.city"}],
				"constructors":[[{"name":"state"},{"name":"year"},{"name":"city","optional":true}],[{"name":"city"}]]},
			{"name":"named","split":"|","signed":[{"name":"state","prefix":"S-"}],
				"encrypted":[{"name":"name","prefix":"N-"}]}]}`,
		indexes: []beaconIndex{{"by-named", "sort", "aws_dbe_b_named"}},
		queries: beaconQueries{
			equal: []string{"name", "named", "group"}, begins: []string{"named", "group"},
			ordered: []string{"named", "group"}, plain: []string{"state", "year"},
			keys: []queryKey{{partition: "group", sort: "sort"},
				{index: "by-named", partition: "sort", sort: "named", ordered: true}},
		},
	}
}

// tenants are the branch keys of items by their "id".
var tenants = map[string]string{"ada": "tenant-ada", "bob": "tenant-bob"}

// tenantBeacons has a beacon key for each tenant, which a signed attribute names.
func tenantBeacons() beaconCase {
	actions := encrypted("email", "tags", "zip")
	actions["tenant"] = crypto.Sign
	return beaconCase{
		name: "tenants", table: idAndSort, actions: actions, keyField: "tenant", items: tenantItems(),
		config: `{"standard":[{"name":"email","length":16}, {"name":"tags","length":8,"set":true},
			{"name":"zip","length":8}],
			"compound":[{"name":"owned","split":".","signed":[{"name":"tenant","prefix":"T-"},
				{"name":"sort","prefix":"S-"}],
				"encrypted":[{"name":"email","prefix":"E-"}]}]}`,
		indexes: []beaconIndex{{"by-email", "aws_dbe_b_email", ""}, {"by-owned", "tenant", "aws_dbe_b_owned"}},
		queries: beaconQueries{
			equal: []string{"email", "zip", "owned"}, contains: []string{"tags"}, sets: []string{"tags"},
			begins: []string{"owned"}, ordered: []string{"owned"},
			keys: []queryKey{{partition: "id", sort: "sort"}, {index: "by-email", partition: "email"},
				{index: "by-owned", partition: "tenant", sort: "owned", ordered: true}},
		},
	}
}

// droppedTenantBeacons is the same with a beacon key field that is not stored.
func droppedTenantBeacons() beaconCase {
	c := tenantBeacons()
	c.name = "tenants-dropped"
	delete(c.actions, "tenant")
	c.config = `{"standard":[{"name":"email","length":16}, {"name":"tags","length":8,"set":true},
		{"name":"zip","length":8}],
		"compound":[{"name":"owned","split":".","signed":[{"name":"sort","prefix":"S-"}],
			"encrypted":[{"name":"email","prefix":"E-"}]}]}`
	c.indexes = []beaconIndex{{"by-email", "aws_dbe_b_email", ""}, {"by-owned", "id", "aws_dbe_b_owned"}}
	c.queries.keys = []queryKey{{partition: "id", sort: "sort"}, {index: "by-email", partition: "email"},
		{index: "by-owned", partition: "id", sort: "owned", ordered: true}}
	return c
}
