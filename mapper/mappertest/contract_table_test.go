package mappertest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestATableIsActiveAndDescribedAsItWasCreated(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.indexed(t)
		out, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
		check(t, err)
		d := out.Table
		same(t, "name", *d.TableName, table)
		same(t, "status", d.TableStatus, types.TableStatusActive)
		same(t, "items", aws.ToInt64(d.ItemCount), 0)
		same(t, "billing", d.BillingModeSummary.BillingMode, types.BillingModePayPerRequest)
		same(t, "keys", len(d.KeySchema), 2)
		same(t, "hash key", *d.KeySchema[0].AttributeName, "pk")
		same(t, "range key", *d.KeySchema[1].AttributeName, "sk")
		same(t, "attribute definitions", len(d.AttributeDefinitions), 5)
		same(t, "global indexes", len(d.GlobalSecondaryIndexes), 3)
		same(t, "local indexes", len(d.LocalSecondaryIndexes), 1)
		for _, i := range d.GlobalSecondaryIndexes {
			same(t, "index status", i.IndexStatus, types.IndexStatusActive)
			if *i.IndexName == "some" && !slices.Equal(i.Projection.NonKeyAttributes, []string{"x"}) {
				t.Errorf("projection of some: %v", i.Projection.NonKeyAttributes)
			}
		}
		if age := time.Since(*d.CreationDateTime); age < -time.Minute || age > time.Minute {
			t.Errorf("created %v ago", age)
		}
		db.put(t, table, item{"pk": str("a"), "sk": num("1")})
		out, err = db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
		check(t, err)
		same(t, "items", aws.ToInt64(out.Table.ItemCount), 1)
		if aws.ToInt64(out.Table.TableSizeBytes) < 1 {
			t.Error("the table has an item and no size")
		}
	})
}

func TestATableCanOnlyBeCreatedOnce(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		_, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: &table,
			BillingMode:          types.BillingModePayPerRequest,
			AttributeDefinitions: attributes("id S"), KeySchema: keys("id")})
		refused(t, err, "ResourceInUseException", "Cannot create preexisting table")
	})
}

func TestADeletedTableIsGone(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		db.put(t, table, item{"id": str("a")})
		_, err := db.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &table})
		check(t, err)
		_, err = db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: item{"id": str("a")}})
		refused(t, err, "ResourceNotFoundException")
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table, key, ctx := unusedName(), item{"id": str("a")}, t.Context()
		for operation, call := range map[string]func() error{
			"DescribeTable": func() error {
				_, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
				return err
			},
			"DeleteTable": func() error {
				_, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
				return err
			},
			"UpdateTable": func() error {
				_, err := db.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &table,
					DeletionProtectionEnabled: aws.Bool(true)})
				return err
			},
			"DescribeTimeToLive": func() error {
				_, err := db.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
				return err
			},
			"UpdateTimeToLive": func() error {
				_, err := db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &table,
					TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("e"), Enabled: aws.Bool(true)}})
				return err
			},
			"GetItem": func() error {
				_, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key})
				return err
			},
			"PutItem": func() error {
				_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: key})
				return err
			},
			"UpdateItem": func() error {
				_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: &table, Key: key})
				return err
			},
			"DeleteItem": func() error {
				_, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key})
				return err
			},
			"Query": func() error {
				_, err := db.Query(ctx, &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: aws.String("id = :v"),
					ExpressionAttributeValues: item{":v": str("a")}})
				return err
			},
			"Scan": func() error {
				_, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: &table})
				return err
			},
			"BatchGetItem": func() error {
				_, err := db.BatchGetItem(ctx,
					&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: {Keys: []item{key}}}})
				return err
			},
			"BatchWriteItem": func() error {
				_, err := db.BatchWriteItem(ctx,
					&dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: {{PutRequest: &types.PutRequest{Item: key}}}}})
				return err
			},
			"TransactGetItems": func() error {
				_, err := db.TransactGetItems(ctx,
					&dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: &table,
						Key: key}}}})
				return err
			},
			"TransactWriteItems": func() error {
				_, err := db.TransactWriteItems(ctx,
					&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: &table,
						Item: key}}}})
				return err
			},
		} {
			t.Run(operation, func(t *testing.T) { refused(t, call(), "ResourceNotFoundException") })
		}
	})
}

func TestATableNameMayBeAnARN(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		arn := "arn:aws:dynamodb:us-east-1:000000000000:table/" + table
		db.put(t, arn, item{"id": str("a"), "v": num("1")})
		sameItem(t, db.get(t, table, item{"id": str("a")}), item{"id": str("a"), "v": num("1")})
		sameItem(t, db.get(t, arn, item{"id": str("a")}), item{"id": str("a"), "v": num("1")})
		out, err := db.BatchGetItem(t.Context(),
			&dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{arn: {Keys: []item{{"id": str("a")}}}}})
		check(t, err)
		same(t, "items under the name of the table", len(out.Responses[table]), 1)
	})
}

func TestATableNameMustBeValid(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		for _, name := range []string{"ab c", "tablé", "with/slash"} {
			_, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{TableName: &name,
				BillingMode:          types.BillingModePayPerRequest,
				AttributeDefinitions: attributes("id S"), KeySchema: keys("id")})
			refused(t, err, validation)
		}
	})
}

func TestTheDefinitionOfATableIsChecked(t *testing.T) {
	all := &types.Projection{ProjectionType: types.ProjectionTypeAll}
	global := func(p *types.Projection, k ...string) []types.GlobalSecondaryIndex {
		return []types.GlobalSecondaryIndex{{IndexName: aws.String("index"), KeySchema: keys(k...), Projection: p}}
	}
	local := func(k ...string) []types.LocalSecondaryIndex {
		return []types.LocalSecondaryIndex{{IndexName: aws.String("index"), KeySchema: keys(k...), Projection: all}}
	}
	cases := map[string]dynamodb.CreateTableInput{
		"an unused attribute":          {AttributeDefinitions: attributes("id S", "x S"), KeySchema: keys("id")},
		"an undefined hash key":        {AttributeDefinitions: attributes("x S"), KeySchema: keys("id")},
		"an undefined range key":       {AttributeDefinitions: attributes("id S"), KeySchema: keys("id", "r")},
		"one attribute twice in a key": {AttributeDefinitions: attributes("id S"), KeySchema: keys("id", "id")},
		"an attribute defined twice":   {AttributeDefinitions: attributes("id S", "id N"), KeySchema: keys("id")},
		"a type that cannot be a key":  {AttributeDefinitions: attributes("id BOOL"), KeySchema: keys("id")},
		"no key":                       {AttributeDefinitions: attributes("id S"), KeySchema: []types.KeySchemaElement{}},
		"only a range key": {AttributeDefinitions: attributes("id S"),
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeRange}}},
		"an undefined index key": {AttributeDefinitions: attributes("id S"), KeySchema: keys("id"),
			GlobalSecondaryIndexes: global(all, "g")},
		"no index": {AttributeDefinitions: attributes("id S"), KeySchema: keys("id"),
			GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{}},
		"two indexes of one name": {AttributeDefinitions: attributes("id S", "g S"), KeySchema: keys("id"),
			GlobalSecondaryIndexes: append(global(all, "g"), global(all, "g")...)},
		"a local and a global of one": {AttributeDefinitions: attributes("id S", "r S"), KeySchema: keys("id", "r"),
			GlobalSecondaryIndexes: global(all, "r"), LocalSecondaryIndexes: local("id", "r")},
		"included attributes missing": {AttributeDefinitions: attributes("id S", "g S"), KeySchema: keys("id"),
			GlobalSecondaryIndexes: global(&types.Projection{ProjectionType: types.ProjectionTypeInclude}, "g")},
		"included attributes beside all": {AttributeDefinitions: attributes("id S", "g S"), KeySchema: keys("id"),
			GlobalSecondaryIndexes: global(&types.Projection{ProjectionType: types.ProjectionTypeAll,
				NonKeyAttributes: []string{"x"}}, "g")},
		"local without range key": {AttributeDefinitions: attributes("id S", "l S"), KeySchema: keys("id"),
			LocalSecondaryIndexes: local("id", "l")},
		"local without its own range": {AttributeDefinitions: attributes("id S", "r S"), KeySchema: keys("id", "r"),
			LocalSecondaryIndexes: local("id")},
		"local with another hash key": {AttributeDefinitions: attributes("id S", "r S"), KeySchema: keys("id", "r"),
			LocalSecondaryIndexes: local("r", "id")},
		"throughput missing": {AttributeDefinitions: attributes("id S"), KeySchema: keys("id"),
			BillingMode: types.BillingModeProvisioned},
	}
	each(t, func(t *testing.T, db *database) {
		for name, in := range cases {
			t.Run(name, func(t *testing.T) {
				in.TableName = aws.String(unusedName())
				if in.BillingMode == "" {
					in.BillingMode = types.BillingModePayPerRequest
				}
				_, err := db.CreateTable(t.Context(), &in)
				refused(t, err, validation)
			})
		}
	})
}

func TestTablesAreListed(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		want := []string{db.simple(t), db.simple(t), db.simple(t)}
		var got []string
		in := &dynamodb.ListTablesInput{Limit: aws.Int32(2)}
		for {
			out, err := db.ListTables(t.Context(), in)
			check(t, err)
			if len(out.TableNames) > 2 {
				t.Fatalf("%d names in a page of 2", len(out.TableNames))
			}
			got = append(got, out.TableNames...)
			if in.ExclusiveStartTableName = out.LastEvaluatedTableName; in.ExclusiveStartTableName == nil {
				break
			}
		}
		for _, name := range want {
			if !slices.Contains(got, name) {
				t.Errorf("%s is not listed", name)
			}
		}
	})
}

func TestATableCanBeProtectedAgainstDeletion(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		protect := func(on bool) {
			_, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table, DeletionProtectionEnabled: &on})
			check(t, err)
		}
		protect(true)
		_, err := db.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: &table})
		protect(false)
		refused(t, err, validation, "protected against deletion")
	})
}

func TestTimeToLiveIsRemembered(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		set := func(attribute string, on bool) error {
			_, err := db.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{TableName: &table,
				TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &on}})
			return err
		}
		state := func(status types.TimeToLiveStatus, attribute string) {
			t.Helper()
			out, err := db.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &table})
			check(t, err)
			same(t, "status", out.TimeToLiveDescription.TimeToLiveStatus, status)
			same(t, "attribute", aws.ToString(out.TimeToLiveDescription.AttributeName), attribute)
		}
		state(types.TimeToLiveStatusDisabled, "")
		refused(t, set("e", false), validation, "TimeToLive is already disabled")
		check(t, set("e", true))
		state(types.TimeToLiveStatusEnabled, "e")
		refused(t, set("e", true), validation, "TimeToLive is already enabled")
		refused(t, set("f", true), validation, "TimeToLive is active on a different AttributeName")
		check(t, set("e", false))
		state(types.TimeToLiveStatusDisabled, "")
	})
}

func TestAGlobalIndexCanBeAddedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		db.put(t, table, item{"id": str("a"), "z": str("Z")}, item{"id": str("b"), "z": num("1")}, item{"id": str("c")})
		add := func(definitions ...string) error {
			_, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table,
				AttributeDefinitions: attributes(definitions...),
				GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
					IndexName: aws.String("by-z"), KeySchema: keys("z"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}}}})
			return err
		}
		remove := func(name string) error {
			_, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table,
				GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: &name}}}})
			return err
		}
		refused(t, add("id S"), validation)
		refused(t, add("id N", "z S"), validation)
		refused(t, remove("by-z"), "ResourceNotFoundException")
		check(t, add("id S", "z S"))
		d := db.settled(t, table)
		same(t, "indexes", len(d.GlobalSecondaryIndexes), 1)
		same(t, "attribute definitions", len(d.AttributeDefinitions), 2)
		query := &dynamodb.QueryInput{TableName: &table, IndexName: aws.String("by-z"),
			KeyConditionExpression: aws.String("z = :z"), ExpressionAttributeValues: item{":z": str("Z")}}
		out, err := db.Query(t.Context(), query)
		check(t, err)
		sameItems(t, out.Items, []item{{"id": str("a"), "z": str("Z")}})
		scan, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, IndexName: aws.String("by-z")})
		check(t, err)
		if !db.local { // It puts what has the wrong type in the index all the same.
			sameItems(t, scan.Items, []item{{"id": str("a"), "z": str("Z")}})
		}
		refused(t, add("id S", "z S"), validation)
		check(t, remove("by-z"))
		d = db.settled(t, table)
		same(t, "indexes", len(d.GlobalSecondaryIndexes), 0)
		same(t, "attribute definitions", len(d.AttributeDefinitions), 1)
		_, err = db.Query(t.Context(), query)
		refused(t, err, validation, "The table does not have the specified index: by-z")
	})
}

// settled waits until a table is ready, and its indexes are ready or gone.
func (db *database) settled(t *testing.T, table string) *types.TableDescription {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		out, err := db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
		check(t, err)
		if out.Table.TableStatus == types.TableStatusActive &&
			!slices.ContainsFunc(out.Table.GlobalSecondaryIndexes,
				func(i types.GlobalSecondaryIndexDescription) bool { return i.IndexStatus != types.IndexStatusActive }) {
			return out.Table
		}
	}
	t.Fatal("the table or its indexes did not settle")
	return nil
}

func TestATableCanChangeItsBilling(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		_, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table})
		refused(t, err, validation)
		_, err = db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table,
			BillingMode: types.BillingModeProvisioned})
		refused(t, err, validation)
		out, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: &table,
			BillingMode: types.BillingModeProvisioned,
			ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(2),
				WriteCapacityUnits: aws.Int64(3)}})
		check(t, err)
		same(t, "billing", out.TableDescription.BillingModeSummary.BillingMode, types.BillingModeProvisioned)
		same(t, "read capacity", *out.TableDescription.ProvisionedThroughput.ReadCapacityUnits, 2)
		same(t, "write capacity", *out.TableDescription.ProvisionedThroughput.WriteCapacityUnits, 3)
	})
}
