// Package database gives the examples the DynamoDB that their flags ask for.
package database

import (
	"context"
	"flag"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// Flags declares -endpoint and -aws, and returns the function that, once flags
// are parsed, gives the database: in memory unless a flag says otherwise.
func Flags() func(context.Context) (dynamodbiface.DynamoDBAPI, error) {
	endpoint := flag.String("endpoint", "", "`URL` of a DynamoDB, such as DynamoDB Local, that accepts any credentials")
	inAWS := flag.Bool("aws", false, "use DynamoDB with the AWS configuration of the environment")
	return func(ctx context.Context) (dynamodbiface.DynamoDBAPI, error) {
		switch {
		case *endpoint != "":
			return At(*endpoint), nil
		case *inAWS:
			cfg, err := config.LoadDefaultConfig(ctx)
			if err != nil {
				return nil, err
			}
			return dynamodb.NewFromConfig(cfg), nil
		}
		return mappertest.New(), nil
	}
}

// At returns a client for a local DynamoDB.
func At(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}
