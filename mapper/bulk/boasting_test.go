package bulk_test

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// boasting is a DynamoDB that reports a consumption that cannot be.
type boasting struct {
	dynamodbiface.DynamoDBAPI
	units float64
}

func (b boasting) Scan(ctx context.Context, in *dynamodb.ScanInput,
	o ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	out, err := b.DynamoDBAPI.Scan(ctx, in, o...)
	if err == nil {
		out.ConsumedCapacity = &types.ConsumedCapacity{CapacityUnits: &b.units}
	}
	return out, err
}

func TestVerify_IsNotHeldUpByAConsumptionThatCannotBe(t *testing.T) {
	s := newServer(t)
	encryptor := staticEncryptor(t, 1)
	fill(t, s.steady(t, encryptor), 3)
	for units, want := range map[float64]float64{
		math.Inf(1): 12_000, 1e300: 12_000, math.Inf(-1): 0, -5: 0, math.NaN(): 0, 1.5: 1.5,
	} {
		client, err := mapper.NewClient(boasting{s.DynamoDBAPI, units}, mapper.TableOf[Note](table, encryptor))
		check(t, err)
		report, err := bulk.Verify(t.Context(), client, table, bulk.WithReadRate(1e6), bulk.WithSegments(1),
			bulk.WithCheckpoint(bulk.File(filepath.Join(t.TempDir(), "checkpoint"))))
		if err != nil || report.Items != 3 || report.ReadUnits != want {
			t.Errorf("%v units are counted as %v of %d items: %v", units, report.ReadUnits, report.Items, err)
		}
	}
}
