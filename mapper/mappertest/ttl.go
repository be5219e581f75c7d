package mappertest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// UpdateTimeToLive stores the setting. Items do not expire.
func (db *DB) UpdateTimeToLive(
	ctx context.Context, in *dynamodb.UpdateTimeToLiveInput, _ ...func(*dynamodb.Options),
) (*dynamodb.UpdateTimeToLiveOutput, error) {
	return do(ctx, db, "UpdateTimeToLive", in,
		func(in *dynamodb.UpdateTimeToLiveInput) (*dynamodb.UpdateTimeToLiveOutput, error) {
			t, err := db.definedTable(in.TableName)
			if err != nil {
				return nil, err
			}
			if in.TimeToLiveSpecification == nil || aws.ToString(in.TimeToLiveSpecification.AttributeName) == "" {
				return nil, parameters("TimeToLiveSpecification must not be null")
			}
			attribute, enable := *in.TimeToLiveSpecification.AttributeName, aws.ToBool(in.TimeToLiveSpecification.Enabled)
			switch {
			case t.ttl != "" && t.ttl != attribute:
				return nil, invalid("TimeToLive is active on a different AttributeName")
			case enable && t.ttl != "":
				return nil, invalid("TimeToLive is already enabled")
			case !enable && t.ttl == "":
				return nil, invalid("TimeToLive is already disabled")
			}
			if t.ttl = ""; enable {
				t.ttl = attribute
			}
			set := &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &enable}
			return &dynamodb.UpdateTimeToLiveOutput{TimeToLiveSpecification: set}, nil
		})
}

// DescribeTimeToLive returns the setting.
func (db *DB) DescribeTimeToLive(
	ctx context.Context, in *dynamodb.DescribeTimeToLiveInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeTimeToLiveOutput, error) {
	return do(ctx, db, "DescribeTimeToLive", in,
		func(in *dynamodb.DescribeTimeToLiveInput) (*dynamodb.DescribeTimeToLiveOutput, error) {
			t, err := db.definedTable(in.TableName)
			if err != nil {
				return nil, err
			}
			description := &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}
			if t.ttl != "" {
				description.AttributeName, description.TimeToLiveStatus = aws.String(t.ttl), types.TimeToLiveStatusEnabled
			}
			return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: description}, nil
		})
}
