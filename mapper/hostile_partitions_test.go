package mapper_test

import (
	"errors"
	"maps"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// Beacons are not signed, so a server can put an item into all partitions.
func TestBeacons_ItemsCannotBeRepeatedInOtherPartitions(t *testing.T) {
	config := patientBeacons
	config.MaxPartitions = 6
	for _, partial := range []bool{false, true} {
		c := newClinics(t, mapper.WithBeaconConfig(config))
		c.put(t, clinicPatient(1))
		stored := c.stored(t, "p1")
		if partial {
			stored = crypto.Item{"id": stored["id"], "since": stored["since"]}
		}
		var queries atomic.Int64
		c.lie = func(_ string, in, out any, err error) (any, error) {
			query, ok := in.(*dynamodb.QueryInput)
			if !ok {
				return out, err
			}
			queries.Add(1)
			forged := maps.Clone(stored)
			for _, value := range query.ExpressionAttributeValues {
				forged["aws_dbe_b_email"] = value
			}
			return &dynamodb.QueryOutput{Items: []map[string]types.AttributeValue{forged}, Count: 1, ScannedCount: 1}, nil
		}
		for _, limit := range []int{0, 100} { // with a limit, one query follows the other
			var found []Patient
			query := c.db.Table("patients").Get("email", "1@example.com").Index("by-email").SearchLimit(limit)
			_, err := query.AllWithLastEvaluatedKey(t.Context(), &found)
			if partial && (err != nil || len(found) != 1) || !partial && !errors.Is(err, crypto.ErrTampered) {
				t.Errorf("partial %v, limit %d: found %v, %v", partial, limit, ids(found), err)
			}
		}
		if queries.Load() < 4 {
			t.Errorf("%d queries", queries.Load())
		}
	}
}
