// Package beacon computes the beacons of searchable encryption, with which
// DynamoDB can find items by attributes that it cannot read. They are those of the
// AWS Database Encryption SDK for DynamoDB, so each finds what the other stored.
//
// A beacon is a truncated, keyed hash of a plaintext value, stored as one more
// attribute. A query hashes the value that it looks for and compares beacons. As
// hashes are truncated, it also returns other items, and the plaintext condition
// is evaluated again after opening them. Package mapper does all of this;
// applications only need [SingleKeyStore] or [MultiKeyStore] and a [Config]:
//
//	keys, err := beacon.SingleKeyStore(store, branchKeyID, 10*time.Minute)
//	db, err := mapper.New(client, mapper.TableOf[Patient]("patients", encryptor,
//		mapper.WithBeacons(keys),
//		mapper.WithBeaconConfig(beacon.Config{
//			Standard: []beacon.Standard{{Name: "email", Length: 24}},
//		})))
//
// # What beacons reveal
//
// Beacons weaken encryption. Anyone who can read the table sees which items
// probably have the same value, and how often values occur. Anyone who can also
// have items written can find out which items have a value that they guess. The
// shorter a beacon, the more values share it. With X distinct, evenly distributed
// values, choose a length such that √X < 2^length < X/2. Do not use a beacon for a
// value that has few possible values or a known distribution, such as a gender or
// a diagnosis. Partitions hide some of the distribution: equal values have as many
// beacons as there are partitions, and it takes as many queries to find them all.
//
// Beacons are not signed. Anyone who can write to the table can change them, which
// hides an item from queries. It cannot make a query return an item that does not
// meet the condition.
//
// # Kinds of beacons
//
// A [Standard] beacon is the hash of one value, and can be compared for equality. A
// [Compound] beacon joins several parts, each with a prefix. Encrypted parts are
// hashed and signed parts are readable, so begins_with and comparisons work as far
// as they depend on signed parts. A compound beacon of which all parts are signed
// is a signed beacon: an ordinary, signed attribute, which can be the table's key.
// A [VirtualField] is a text that is computed from other attributes, for which
// there can be a standard beacon.
//
// # Changing the configuration
//
// Items that are already stored keep the beacons that they have. Changing the name,
// length, location or partitions of a beacon, or the parts of one, means that
// queries do not find them until they are sealed again.
//
// # Differences from the official clients
//
// Numbers in parts and virtual fields are used in normal form. The official clients
// hash them as they were written, such as 1.50, which a query for 1.5 does not find.
// Some configurations are refused that the official clients accept, but in which a
// name would be ambiguous, or a prefix contains the split character. A comparison
// that the official clients get wrong is described at [Beacon.Compare].
package beacon
