package mapper_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/mapper"
)

// unavailable carries out the first PutItem but answers it with a 503, which
// the SDK has no model of. Another writer is faster than the second attempt.
type unavailable struct {
	dynamodbiface.DynamoDBAPI
	code    int
	between func()
}

func (u *unavailable) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if between := u.between; between != nil {
		u.between = nil
		if _, err := u.DynamoDBAPI.PutItem(ctx, in, o...); err != nil {
			return nil, err
		}
		options := dynamodb.Options{Retryer: retry.NewStandard()}
		for _, f := range o {
			f(&options)
		}
		options.Retryer.IsErrorRetryable(&smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: u.code}},
			Err:      &smithy.GenericAPIError{Code: "ServiceUnavailable"},
		})
		between()
	}
	return u.DynamoDBAPI.PutItem(ctx, in, o...)
}

func TestUpdateItem_CarriedOutButAnsweredWithAServerError(t *testing.T) {
	forEachFormat(t, func(t *testing.T, f format) {
		for code, want := range map[int]error{http.StatusServiceUnavailable: mapper.ErrOutcomeUnknown, http.StatusTooManyRequests: nil} {
			w := newWorld(t, f)
			w.put(t, note(1))
			update := func(c *mapper.Client, expression string, value crypto.Item) error {
				_, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: table, Key: key("1"),
					UpdateExpression: aws.String(expression), ExpressionAttributeValues: value})
				return err
			}
			server := &unavailable{DynamoDBAPI: w.spy, code: code, between: func() {
				check(t, update(w.client, "SET subject = :s", crypto.Item{":s": str("changed")}))
			}}
			client, err := mapper.NewClient(server, mapper.TableOf[Note](tableName, f.encryptor(t, 1)))
			check(t, err)
			if err := update(client, "ADD score :n", crypto.Item{":n": num("1")}); want != nil {
				wantError(t, err, want)
			} else {
				check(t, err)
			}
		}
	})
}
