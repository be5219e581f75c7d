package mapper_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
)

func TestBeacons_LaterPagesOfPartitionsReadNothingTwice(t *testing.T) {
	config := patientBeacons
	config.MaxPartitions = 100                                         // all 8 beacons of 3 bits
	most := beacon.WithPartitionOf(func(item crypto.Item, _ int) int { // the first has several pages
		return len(item["surname"].(*types.AttributeValueMemberS).Value) / 8
	})
	c := newClinics(t, mapper.WithBeaconConfig(config, most))
	for i := range 40 {
		p := clinicPatient(5 * i)
		p.Notes = strings.Repeat("x", 100<<10) // a page has at most 1 MB
		check(t, c.db.Table("patients").Put(p).Run(t.Context()))
	}
	in := &dynamodb.QueryInput{TableName: aws.String("patients"), IndexName: aws.String("by-email"),
		KeyConditionExpression: aws.String("email = :e"), ExpressionAttributeValues: crypto.Item{":e": str("0@example.com")},
		ReturnConsumedCapacity: "TOTAL"}
	before, pages, found, units := c.requests.Load(), 0, int32(0), 0.0
	for more := true; more; more = in.ExclusiveStartKey != nil {
		out, err := c.db.Client().(*mapper.Client).Query(t.Context(), in)
		check(t, err)
		pages, found, units = pages+1, found+out.Count, units+*out.ConsumedCapacity.CapacityUnits
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
	if requests := c.requests.Load() - before; found != 40 || requests > int64(pages+2*8) {
		t.Errorf("found %d in %d pages with %d requests and %.0f units", found, pages, requests, units)
	}
}

func TestBeacons_PartitionsHaveTheLimitsOfOneQuery(t *testing.T) {
	notOnMoto(t, "it accepts a limit of 0")
	config := patientBeacons
	config.MaxPartitions = 4
	c := newClinics(t, mapper.WithBeaconConfig(config))
	_, err := c.db.Client().(*mapper.Client).Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("patients"),
		IndexName: aws.String("by-email"), Limit: aws.Int32(0), KeyConditionExpression: aws.String("email = :e"),
		ExpressionAttributeValues: crypto.Item{":e": str("0@example.com")}})
	if err == nil {
		t.Error("a limit of 0 is accepted")
	}
}

func TestBeacons_FiltersAreNarrowedByTheBeaconsThatFit(t *testing.T) {
	config := patientBeacons
	config.MaxPartitions = 254
	c := newClinics(t, mapper.WithBeaconConfig(config))
	for i := range 20 {
		c.put(t, clinicPatient(i))
	}
	var sent string
	c.lie = func(_ string, in, out any, err error) (any, error) {
		if scan, ok := in.(*dynamodb.ScanInput); ok && scan.FilterExpression != nil {
			sent = *scan.FilterExpression
		}
		return out, err
	}
	emails := []any{9}
	for i := range 100 {
		emails = append(emails, fmt.Sprintf("%d@example.com", i+3))
	}
	filter := "visits < ? AND email IN (?" + strings.Repeat(", ?", 99) + ")"
	for name, table := range map[string]dynamo.Table{
		"visits < ": c.db.Table("patients"),
		"":          c.raw.Table("plain-patients"),
	} {
		var found []Patient
		check(t, table.Scan().Filter(filter, emails...).All(t.Context(), &found))
		if !slices.Equal(ids(found), []string{"p3", "p4", "p8"}) || !strings.Contains(sent, name) || len(sent) > 40 {
			t.Errorf("found %v with filter %q", ids(found), sent)
		}
	}
}
