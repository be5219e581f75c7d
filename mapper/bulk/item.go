package bulk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
)

// ItemClient reads and writes single items. *dynamodb.Client is one.
type ItemClient interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
}

// Item returns a checkpoint in an item of a DynamoDB table, which must exist. key
// is the primary key of the item; its attributes are strings. An item holds 400
// KB, which is enough for about 2,000 segments or groups of a census.
//
// If two runs use the item at the same time, one of them ends with [ErrTakenOver]
// when it next saves its progress. The checkpoint can be used for one run at a
// time. Requests that fail for a temporary reason are repeated.
func Item(client ItemClient, table string, key map[string]string) Checkpoint {
	return Object(&itemStore{client, table, maps.Clone(key)}, "")
}

// itemStore is a store of one object, which is an item.
type itemStore struct {
	client ItemClient
	table  string
	key    map[string]string
}

// The attributes of a checkpoint, besides its key.
const (
	checkpointAttribute = "ddbenc_checkpoint"
	versionAttribute    = "ddbenc_version"
)

func (i *itemStore) Get(ctx context.Context, _ string) ([]byte, string, error) {
	out, err := i.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &i.table, Key: i.item(),
		ConsistentRead: aws.Bool(true)})
	if err != nil || len(out.Item) == 0 {
		return nil, "", i.fail(err)
	}
	data, ok := out.Item[checkpointAttribute].(*types.AttributeValueMemberB)
	version, ok2 := out.Item[versionAttribute].(*types.AttributeValueMemberS)
	if !ok || !ok2 || version.Value == "" {
		return nil, "", i.fail(fmt.Errorf("%w: the item is not a checkpoint", ErrCheckpoint))
	}
	return data.Value, version.Value, nil
}

func (i *itemStore) Put(ctx context.Context, _ string, data []byte, version string) (string, error) {
	item, next := i.item(), rand.Text()
	item[checkpointAttribute] = &types.AttributeValueMemberB{Value: data}
	item[versionAttribute] = &types.AttributeValueMemberS{Value: next}
	condition, names, values := i.condition(version)
	_, err := i.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &i.table, Item: item,
		ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
	return next, i.fail(err)
}

func (i *itemStore) Delete(ctx context.Context, _, version string) error {
	condition, names, values := i.condition(version)
	_, err := i.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &i.table, Key: i.item(),
		ConditionExpression: condition, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
	return i.fail(err)
}

// condition returns the condition that the item has a version or, for "", that
// there is no item.
func (i *itemStore) condition(version string) (expression *string, names map[string]string, values crypto.Item) {
	if version != "" {
		return aws.String("#v = :v"), map[string]string{"#v": versionAttribute},
			crypto.Item{":v": &types.AttributeValueMemberS{Value: version}}
	}
	for _, name := range slices.Sorted(maps.Keys(i.key)) {
		return aws.String("attribute_not_exists(#k)"), map[string]string{"#k": name}, nil
	}
	return nil, nil, nil // no key: DynamoDB refuses the request
}

// item returns a new item with the key.
func (i *itemStore) item() crypto.Item {
	item := make(crypto.Item, len(i.key)+2)
	for name, value := range i.key {
		item[name] = &types.AttributeValueMemberS{Value: value}
	}
	return item
}

// fail adds the table to an error.
func (i *itemStore) fail(err error) error {
	var conflict *types.ConditionalCheckFailedException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &conflict):
		err = ErrTakenOver
	}
	return fmt.Errorf("checkpoint in table %q: %w", i.table, err)
}
