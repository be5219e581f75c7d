// Streams opens the items on a DynamoDB stream. They are on it as they are
// stored, so the reader of the stream opens them with Client.Open.
//
//	go run ./examples/streams -endpoint http://localhost:8000  # DynamoDB Local
//	go run ./examples/streams -aws                             # your AWS account
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/examples/internal/keys"
	"github.com/ddbenc/ddbenc/mapper"
)

// Message is what goes through the stream.
type Message struct {
	ID   string `dynamo:"id,hash"`
	Text string `dynamo:"text" ddbenc:"encrypt"`
}

func main() {
	log.SetFlags(0)
	endpoint := flag.String("endpoint", "", "`URL` of a DynamoDB with streams, such as DynamoDB Local, that accepts any credentials")
	inAWS := flag.Bool("aws", false, "use DynamoDB with the AWS configuration of the environment")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()

	var cfg aws.Config
	switch {
	case *endpoint != "":
		cfg = aws.Config{Region: "us-east-1", BaseEndpoint: endpoint, Credentials: aws.CredentialsProviderFunc(
			func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
			})}
	case *inAWS:
		var err error
		if cfg, err = config.LoadDefaultConfig(ctx); err != nil {
			log.Fatal(err)
		}
	default:
		log.Fatal("this example needs a DynamoDB with streams: give -endpoint or -aws")
	}
	if err := run(ctx, dynamodb.NewFromConfig(cfg), dynamodbstreams.NewFromConfig(cfg)); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, api *dynamodb.Client, streams *dynamodbstreams.Client) error {
	encryptor, err := keys.Encryptor()
	if err != nil {
		return err
	}
	name := "ddbenc-streams-" + rand.Text()[:8]
	client, err := mapper.NewClient(api, mapper.TableOf[Message](name, encryptor), mapper.WithDeclaredTablesOnly())
	if err != nil {
		return err
	}
	db := dynamo.NewFromIface(client)
	if err := db.CreateTable(name, Message{}).OnDemand(true).Stream(dynamo.NewImageView).Wait(ctx); err != nil {
		return err
	}
	defer db.Table(name).DeleteTable().Run(context.WithoutCancel(ctx))

	if err := db.Table(name).Put(Message{ID: "m-1", Text: "the eagle has landed"}).Run(ctx); err != nil {
		return err
	}
	description, err := db.Table(name).Describe().Run(ctx)
	if err != nil {
		return err
	}
	record, err := firstRecord(ctx, streams, description.LatestStreamARN)
	if err != nil {
		return err
	}

	// The streams API has attribute value types of its own.
	stored, err := attributevalue.FromDynamoDBStreamsMap(record.Dynamodb.NewImage)
	if err != nil {
		return err
	}
	item, err := client.Open(ctx, name, stored)
	if err != nil {
		return err
	}
	var message Message
	if err := dynamo.UnmarshalItem(item, &message); err != nil {
		return err
	}
	fmt.Printf("%s %d attributes on the stream, opened: %+v\n", record.EventName, len(stored), message)
	return nil
}

// firstRecord waits for the first record of a stream's first shard.
func firstRecord(ctx context.Context, streams *dynamodbstreams.Client, arn string) (types.Record, error) {
	stream, err := streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: &arn})
	if err != nil {
		return types.Record{}, err
	}
	if len(stream.StreamDescription.Shards) == 0 {
		return types.Record{}, errors.New("the stream has no shards")
	}
	shard, err := streams.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
		StreamArn:         &arn,
		ShardId:           stream.StreamDescription.Shards[0].ShardId,
		ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		return types.Record{}, err
	}
	iterator := shard.ShardIterator
	for iterator != nil {
		out, err := streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator})
		if err != nil {
			return types.Record{}, err
		}
		if len(out.Records) > 0 {
			return out.Records[0], nil
		}
		iterator = out.NextShardIterator
		select {
		case <-ctx.Done():
			return types.Record{}, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return types.Record{}, errors.New("the shard ended without a record")
}
