package mapper_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// A conditional put looks at the stored item when its condition fails, also
// where no encryptor is responsible for the item.
func TestPutItem_ConditionFailsOnAnItemThatIsNotSelected(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		w := newWorld(t, f, mapper.WithSelection(func(key crypto.Item) bool {
			return key["num"].(*types.AttributeValueMemberN).Value != "2"
		}))
		w.put(t, note(2))
		if err := w.table().Put(note(2)).If("attribute_not_exists(person)").Run(t.Context()); !dynamo.IsCondCheckFailed(err) {
			t.Errorf("got error %v, want a failed condition", err)
		}
		var current Note
		wrote, err := w.table().Put(note(2)).If("attribute_not_exists(person)").CurrentValue(t.Context(), &current)
		check(t, err)
		equal(t, wrote, false)
		equal(t, current, note(2))
	})
}
