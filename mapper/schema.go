package mapper

import (
	"fmt"
	"maps"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/tags"
)

// Schema describes a table that has no struct type: its key and attribute
// actions, which [TableOf] takes from struct tags.
type Schema struct {
	// PartitionKey and SortKey name the attributes of the primary key. SortKey
	// is empty for a table without one.
	PartitionKey, SortKey string
	// Actions are the attribute actions, those of the key included, and the
	// action for all other attributes.
	Actions crypto.Actions
}

// TableOfSchema declares a table without a struct type, for programs that work
// on items of any table, such as the ddbenc command. Applications use
// [TableOf]. Beacons are configured with [WithBeacons] and [WithBeaconConfig].
// There can be no [Repository] for the table, and [WithType] and
// [WithDiscriminator] cannot be used.
func TableOfSchema(name string, schema Schema, encryptor crypto.ItemEncryptor, options ...TableOption) Option {
	return func(c *Client) error {
		none, err := tags.Of[struct{}]() // indexes are not declared
		if err != nil {
			return fmt.Errorf("declare table %q: %w", name, err)
		}
		schema.Actions.Attributes = maps.Clone(schema.Actions.Attributes)
		options = append(options[:len(options):len(options)], func(d *declaration) error {
			if len(d.policies) > 1 || len(d.discriminators) > 0 {
				return fmt.Errorf("%w: a table declared with mapper.TableOfSchema cannot have struct types", crypto.ErrPolicy)
			}
			return nil
		})
		return c.declare(name, &declaration{policies: []*tags.Policy{none}, schema: &schema,
			undeclared: schema.Actions.Default}, encryptor, options)
	}
}
