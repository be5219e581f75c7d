package mapper_test

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

// query reads a page or two, by key, or goes on where an earlier query ended.
func (u *user) query(index string, filter bool) {
	table, person, least := u.drawTable(), u.drawPerson(), 0
	subject := pick(u.T, []string{"engines", "looms"}, "subject")
	lowest := 0
	q := u.db.Table(table).Get("person", person)
	asked := func(l Letter) bool { return l.Person == person && l.Score >= least && l.Number >= lowest }
	switch index {
	case "by-topic":
		q = u.db.Table(table).Get("subject", subject).Index(index)
		asked = func(l Letter) bool { return l.Subject == subject && l.Score >= least }
	case "by-rank":
		least = u.drawNumber()
		q = q.Range("score", dynamo.GreaterOrEqual, least).Index(index)
	default:
		lowest = max(0, u.drawNumber()-1)
		q = q.Range("num", dynamo.GreaterOrEqual, lowest)
	}
	if filter && index != "by-rank" { // its key cannot be filtered by
		least = max(least, u.drawNumber()-1)
		q = q.Filter("score >= ?", least)
	}
	next, ok := u.pages(table, index, q, asked)
	if !ok {
		return
	}
	partition, value := "person", person
	if index == "by-topic" {
		partition, value = "subject", subject
	}
	if next[partition] != nil && valueString(next[partition]) != valueString(str(value)) {
		u.Errorf("a page token is for another partition: %s", versionString("", crypto.Item(next)))
	}
}

// pages reads a page of letters, perhaps from where an earlier query ended. It
// returns where the page ends, unless the query failed.
func (u *user) pages(table, index string, q *dynamo.Query, asked func(Letter) bool) (next dynamo.PagingKey, ok bool) {
	if u.drawBool("limit") {
		q = q.Limit(1 + u.drawNumber()/2)
	} else if u.drawBool("search limit") {
		q = q.SearchLimit(1 + u.drawNumber())
	}
	for _, token := range u.tokens {
		if token.index == index && u.drawBool("go on") {
			q = q.StartFrom(token.key)
			break
		}
	}
	var got []crypto.Item
	next, err := q.AllWithLastEvaluatedKey(u.ctx, &got)
	if next != nil {
		u.tokens = append(u.tokens, pageToken{index, next}) // it may come with an error
	}
	if u.failed(err) {
		return nil, false
	}
	for _, item := range got {
		u.item(table, item, asked)
	}
	return next, true
}

// careless makes requests that would send plaintext to the server.
func (u *user) careless() {
	secret := crypto.Item{":s": str(canary)}
	key := crypto.Item{"person": str("ada"), "num": num("1")}
	more := crypto.Item{"person": str("ada"), "num": num("1"), "body": str(canary)}
	letters := aws.String("letters")
	table := u.db.Table("letters")
	var all []crypto.Item
	var one crypto.Item
	switch below(u.T, 13, "careless") {
	case 0:
		u.failed(table.Get("body", canary).One(u.ctx, &one))
	case 1:
		u.failed(table.Get("body", canary).Range("num", dynamo.Equal, 1).All(u.ctx, &all))
	case 2:
		u.failed(table.Update("person", "ada").Range("body", canary).Add(unsigned, 1).Run(u.ctx))
	case 3:
		u.failed(table.Batch("body", "num").Get(dynamo.Keys{canary, 1}).All(u.ctx, &all))
	case 4:
		_, err := table.Batch("body", "num").Write().Delete(dynamo.Keys{canary, 1}).Run(u.ctx)
		u.failed(err)
	case 5:
		u.failed(table.Delete("person", "ada").Range("body", canary).Run(u.ctx))
	case 6:
		_, err := u.client.Query(u.ctx, &dynamodb.QueryInput{TableName: letters, ExclusiveStartKey: more,
			KeyConditionExpression:    aws.String("person = :p"),
			ExpressionAttributeValues: crypto.Item{":p": str("ada")}})
		u.failed(err)
	case 7:
		_, err := u.client.Scan(u.ctx, &dynamodb.ScanInput{TableName: letters, ExpressionAttributeValues: secret})
		u.failed(err)
	case 8:
		_, err := u.client.UpdateItem(u.ctx, &dynamodb.UpdateItemInput{TableName: letters, Key: key,
			ExpressionAttributeValues: secret})
		u.failed(err)
	case 9:
		_, err := u.client.Scan(u.ctx, &dynamodb.ScanInput{TableName: letters, ScanFilter: map[string]types.Condition{
			"body": {ComparisonOperator: types.ComparisonOperatorNotNull,
				AttributeValueList: []types.AttributeValue{str(canary)}}}})
		u.failed(err)
	case 10:
		_, err := u.client.TransactWriteItems(u.ctx,
			&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{
				Delete: &types.Delete{TableName: aws.String("plain"), Key: key},
				Put:    &types.Put{TableName: letters, Item: more}}}})
		u.failed(err)
	case 11:
		u.failed(u.db.GetTx().Get(table.Get("person", "ada").Range("body", dynamo.Equal, canary)).All(u.ctx, &all))
	case 12:
		u.failed(table.Put(Letter{Person: "ada", Subject: "engines"}).If("body = ?", canary).Run(u.ctx))
	}
}

// capacities checks what a reply tells of consumed capacity.
func (u *user) capacities(got []types.ConsumedCapacity) {
	u.Helper()
	for _, capacity := range got {
		if name := capacity.TableName; name != nil && !slices.Contains(tables,
			*name) && *name != "arn:aws:dynamodb:eu-west-1:1:table/letters" {
			u.Errorf("a reply tells the capacity of table %q", *name)
		}
	}
}

// metrics checks what a reply tells of item collections.
func (u *user) metrics(got []types.ItemCollectionMetrics, people ...string) {
	u.Helper()
	for _, m := range got {
		if !slices.ContainsFunc(people, func(p string) bool {
			return versionString("", m.ItemCollectionKey) == versionString("", crypto.Item{"person": str(p)})
		}) {
			u.Errorf("a reply tells the size of item collection %s", versionString("", m.ItemCollectionKey))
		}
	}
}
