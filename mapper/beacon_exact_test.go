package mapper_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/mapper"
)

// legacy is a condition in the legacy spelling.
func legacy(op types.ComparisonOperator, values ...types.AttributeValue) types.Condition {
	return types.Condition{ComparisonOperator: op, AttributeValueList: values}
}

func TestBeacons_LegacyFiltersOfAnIndexAreExact(t *testing.T) {
	c := newClinics(t, mapper.WithBeaconConfig(patientBeacons))
	addPlaceIndex(t, c.db.Table("patients"))
	addPlaceIndex(t, c.raw.Table("plain-patients"))
	for i := range 20 {
		c.put(t, clinicPatient(i))
	}
	notNorth, few := legacy("NOT_CONTAINS", str("nor")), legacy("LT", num("9"))
	for name, filter := range map[string]map[string]types.Condition{
		"DynamoDB can evaluate it": {"visits": few},
		"it cannot be weakened":    {"clinic": notNorth},
		"both":                     {"clinic": notNorth, "visits": few},
		"with a beacon":            {"clinic": notNorth, "surname": legacy("EQ", str("Smithson"))},
	} {
		for index, key := range map[string]map[string]types.Condition{
			"by-email": {"email": legacy("EQ", str("1@example.com"))},
			"by-place": {"place": legacy("EQ", str("C-south.L-Smithson.Z-98101"))},
		} {
			for _, operator := range []types.ConditionalOperator{"", "OR"} {
				if operator != "" && len(filter) == 1 {
					continue
				}
				in := dynamodb.QueryInput{IndexName: &index, KeyConditions: key, QueryFilter: filter, ConditionalOperator: operator}
				in.TableName = aws.String("plain-patients")
				want, err := c.DynamoDBAPI.Query(t.Context(), &in)
				check(t, err)
				in.TableName = aws.String("patients")
				got, err := c.db.Client().(*mapper.Client).Query(t.Context(), &in)
				if err != nil || got.Count != want.Count {
					t.Errorf("%s %s %s: found %v, %v; a plain table has %d", name, index, operator, got, err, want.Count)
				}
			}
		}
	}
}
