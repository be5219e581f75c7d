package mappertest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// letter is an item of the table that filled fills: of five in each of the
// partitions a and b. The third has no global index key, the even ones no
// local one.
func letter(pk string, sk int) item {
	i := item{"pk": str(pk), "sk": num(strconv.Itoa(sk)), "x": str("x" + strconv.Itoa(sk)),
		"y": num(strconv.Itoa(10 * sk))}
	if sk != 3 {
		i["g"], i["gr"] = str("G"+pk), num(strconv.Itoa(10-sk))
	}
	if sk%2 == 1 {
		i["l"] = str("l" + strconv.Itoa(9-sk))
	}
	return i
}

func (db *database) filled(t *testing.T) string {
	t.Helper()
	table := db.indexed(t)
	for _, sk := range []int{4, 1, 5, 3, 2} {
		db.put(t, table, letter("a", sk), letter("b", sk))
	}
	return table
}

// letters are the items of partition a with these range keys.
func letters(sks ...int) []item {
	all := []item{}
	for _, sk := range sks {
		all = append(all, letter("a", sk))
	}
	return all
}

func keyOf(sk int) item { return item{"pk": str("a"), "sk": num(strconv.Itoa(sk))} }

func TestQueriesReturnAPartitionInOrder(t *testing.T) {
	cases := []struct {
		condition string
		legacy    types.Condition // of sk; none without operator
		values    item
		want      []int
	}{
		{"pk = :p", types.Condition{}, nil, []int{1, 2, 3, 4, 5}},
		{"(pk = :p)", types.Condition{}, nil, []int{1, 2, 3, 4, 5}},
		{"pk = :p AND sk = :v", is("EQ", num("3")), item{":v": num("3.0")}, []int{3}},
		{":v = sk and pk = :p", types.Condition{}, nil, nil},
		{"sk < :v AND pk = :p", is("LT", num("3")), item{":v": num("3")}, []int{1, 2}},
		{"pk = :p AND sk <= :v", is("LE", num("3")), item{":v": num("3")}, []int{1, 2, 3}},
		{"pk = :p AND sk > :v", is("GT", num("3")), item{":v": num("3")}, []int{4, 5}},
		{"pk = :p AND (sk >= :v)", is("GE", num("3")), item{":v": num("3")}, []int{3, 4, 5}},
		{"pk = :p AND sk BETWEEN :v AND :w", is("BETWEEN", num("2"), num("4")), item{":v": num("2"), ":w": num("4")},
			[]int{2, 3, 4}},
		{"pk = :p AND sk = :v", is("EQ", num("9")), item{":v": num("9")}, []int{}},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		for _, c := range cases {
			t.Run(c.condition, func(t *testing.T) {
				values := item{":p": str("a")}
				for name, v := range c.values {
					values[name] = v
				}
				out, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: &c.condition,
					ExpressionAttributeValues: values})
				if c.want == nil {
					refused(t, err, validation)
					return
				}
				check(t, err)
				sameItems(t, out.Items, letters(c.want...))
				same(t, "count", int(out.Count), len(c.want))
				same(t, "scanned", int(out.ScannedCount), len(c.want))
				sameItem(t, out.LastEvaluatedKey, nil)

				conditions := map[string]types.Condition{"pk": is("EQ", str("a"))}
				if c.legacy.ComparisonOperator != "" {
					conditions["sk"] = c.legacy
				}
				out, err = db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table, KeyConditions: conditions,
					ScanIndexForward: aws.Bool(false)})
				check(t, err)
				want := letters(c.want...)
				for i, j := 0, len(want)-1; i < j; i, j = i+1, j-1 {
					want[i], want[j] = want[j], want[i]
				}
				sameItems(t, out.Items, want)
			})
		}
	})
}

func TestQueriesGoOnWhereTheyStopped(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		for _, forward := range []bool{true, false} {
			for _, limit := range []int32{1, 2, 5, 6} {
				in := &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: aws.String("pk = :p"),
					ExpressionAttributeValues: item{":p": str("a")}, Limit: &limit, ScanIndexForward: &forward}
				var got []item
				for {
					out, err := db.Query(t.Context(), in)
					check(t, err)
					got = append(got, out.Items...)
					// A full page has a key, though nothing may come after it.
					same(t, "more", out.LastEvaluatedKey != nil, len(out.Items) == int(limit))
					if out.LastEvaluatedKey == nil {
						break
					}
					last := got[len(got)-1]
					sameItem(t, out.LastEvaluatedKey, item{"pk": last["pk"], "sk": last["sk"]})
					in.ExclusiveStartKey = out.LastEvaluatedKey
				}
				want := letters(1, 2, 3, 4, 5)
				if !forward {
					want = letters(5, 4, 3, 2, 1)
				}
				sameItems(t, got, want)
			}
		}
		out, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
			KeyConditionExpression: aws.String("pk = :p"), ExpressionAttributeValues: item{":p": str("a")},
			ExclusiveStartKey: item{"pk": str("a"), "sk": num("3.5")}})
		check(t, err)
		sameItems(t, out.Items, letters(4, 5))
	})
}

func TestAStartingKeyMustBeInTheQuery(t *testing.T) {
	cases := map[string]item{
		"of another partition": {"pk": str("b"), "sk": num("1")},
		"out of range":         {"pk": str("a"), "sk": num("1")},
		"without range key":    {"pk": str("a")},
		"with more":            {"pk": str("a"), "sk": num("4"), "x": str("x")},
		"of a wrong type":      {"pk": str("a"), "sk": str("4")},
		"of other attributes":  {"pk": str("a"), "x": num("4")},
		"empty":                {},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		for name, start := range cases {
			t.Run(name, func(t *testing.T) {
				_, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
					KeyConditionExpression: aws.String("pk = :p AND sk > :s"), ExpressionAttributeValues: item{":p": str("a"),
						":s": num("3")}, ExclusiveStartKey: start})
				refused(t, err, validation)
			})
		}
	})
}

func TestAFilterCountsWhatItLeavesOut(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		query := func(limit *int32, mode types.Select) *dynamodb.QueryOutput {
			out, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
				KeyConditionExpression: aws.String("pk = :p"), ExpressionAttributeValues: item{":p": str("a"), ":y": num("30")},
				FilterExpression: aws.String("y > :y"), Limit: limit, Select: mode})
			check(t, err)
			return out
		}
		out := query(nil, "")
		sameItems(t, out.Items, letters(4, 5))
		same(t, "count", out.Count, 2)
		same(t, "scanned", out.ScannedCount, 5)
		out = query(aws.Int32(2), "")
		if out.Items == nil || len(out.Items) > 0 {
			t.Errorf("items of a page without any: %v", out.Items)
		}
		same(t, "scanned", out.ScannedCount, 2)
		sameItem(t, out.LastEvaluatedKey, keyOf(2))
		out = query(nil, types.SelectCount)
		same(t, "count", out.Count, 2)
		same(t, "scanned", out.ScannedCount, 5)
		if out.Items != nil {
			t.Errorf("items beside the count: %v", out.Items)
		}
	})
}

func TestAQuerySelects(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.filled(t)
		query := func(in dynamodb.QueryInput) ([]item, error) {
			in.TableName, in.Limit = &table, aws.Int32(1)
			in.KeyConditions = map[string]types.Condition{"pk": {ComparisonOperator: types.ComparisonOperatorEq,
				AttributeValueList: []types.AttributeValue{str("a")}}}
			out, err := db.Query(t.Context(), &in)
			if err != nil {
				return nil, err
			}
			return out.Items, nil
		}
		x := []item{{"x": str("x1")}}
		for _, c := range []struct {
			in   dynamodb.QueryInput
			want []item // nil if refused
		}{
			{dynamodb.QueryInput{Select: types.SelectAllAttributes}, letters(1)},
			{dynamodb.QueryInput{ProjectionExpression: aws.String("x")}, x},
			{dynamodb.QueryInput{AttributesToGet: []string{"x"}}, x},
			{dynamodb.QueryInput{Select: types.SelectSpecificAttributes, ProjectionExpression: aws.String("x")}, x},
			{dynamodb.QueryInput{Select: types.SelectSpecificAttributes}, nil},
			{dynamodb.QueryInput{Select: types.SelectAllAttributes, ProjectionExpression: aws.String("x")}, nil},
			{dynamodb.QueryInput{Select: types.SelectCount, ProjectionExpression: aws.String("x")}, nil},
			{dynamodb.QueryInput{Select: types.SelectCount, AttributesToGet: []string{"x"}}, nil},
			{dynamodb.QueryInput{Select: types.SelectAllProjectedAttributes}, nil},
			{dynamodb.QueryInput{Select: "BOGUS"}, nil},
		} {
			got, err := query(c.in)
			if c.want == nil {
				refused(t, err, validation)
				continue
			}
			check(t, err)
			sameItems(t, got, c.want)
		}
	})
}

func TestAKeyConditionMustFitTheKey(t *testing.T) {
	a := item{":v": str("a")}
	expressions := []struct {
		condition string
		values    item
		words     string
	}{
		{"sk = :v", item{":v": num("1")}, "Query condition missed key schema element"},
		{"pk < :v", a, "Query key condition not supported"},
		{"pk <> :v", a, ""},
		{"pk = :v AND y = :w", item{":v": str("a"), ":w": num("1")}, "Query condition missed key schema element"},
		{"pk = :v AND sk = :w AND x = :v", item{":v": str("a"), ":w": num("1")}, "Conditions can be of length 1 or 2 only"},
		{"pk = :v AND pk = :v", a, "KeyConditionExpressions must only contain one condition per key"},
		{"pk = :v OR sk = :w", item{":v": str("a"), ":w": num("1")}, ""},
		{"pk = :v", item{":v": num("1")}, "Condition parameter type does not match schema type"},
		{"pk = :v AND sk = :w", item{":v": str("a"), ":w": str("1")}, "Condition parameter type does not match schema type"},
		{"pk = :v AND begins_with(sk, :w)", item{":v": str("a"), ":w": str("1")},
			"Condition parameter type does not match schema type"},
		{"pk = :v AND begins_with(sk, :w)", item{":v": str("a"), ":w": num("1")},
			"Incorrect operand type for operator or function"},
		{"pk = :v AND sk BETWEEN :x AND :w", item{":v": str("a"), ":w": num("1"), ":x": num("2")},
			"The BETWEEN operator requires upper bound to be greater than or equal to lower bound"},
		{"pk = :v", item{":v": str("")}, "cannot contain an empty string value"},
		{"pk = :v", item{":v": str("a"), ":w": str("b")}, "unused in expressions: keys: {:w}"},
		{"", nil, "The expression can not be empty"},
	}
	pk := is("EQ", str("a"))
	legacy := []struct {
		conditions map[string]types.Condition
		words      string
	}{
		{map[string]types.Condition{}, ""},
		{map[string]types.Condition{"sk": is("EQ", num("1"))}, "Query condition missed key schema element"},
		{map[string]types.Condition{"pk": is("LT", str("a"))}, "Query key condition not supported"},
		{map[string]types.Condition{"pk": pk, "y": is("EQ", num("1"))}, "Query condition missed key schema element"},
		{map[string]types.Condition{"pk": pk, "y": is("EQ", num("1")), "sk": is("EQ", num("1"))},
			"Conditions can be of length 1 or 2 only"},
		{map[string]types.Condition{"pk": pk, "sk": is("CONTAINS", num("1"))},
			"Attempted conditional constraint is not an indexable operation"},
		{map[string]types.Condition{"pk": pk, "sk": is("BETWEEN", num("1"))},
			"Invalid number of argument(s) for the BETWEEN ComparisonOperator"},
		{map[string]types.Condition{"pk": pk, "sk": is("EQ")}, "Invalid number of argument(s) for the EQ ComparisonOperator"},
		{map[string]types.Condition{"pk": is("EQ", num("1"))}, "Condition parameter type does not match schema type"},
		{map[string]types.Condition{"pk": pk, "sk": is("BEGINS_WITH", num("1"))},
			"ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"},
		{map[string]types.Condition{"pk": pk, "sk": is("BEGINS_WITH", str("1"))},
			"Condition parameter type does not match schema type"},
		{map[string]types.Condition{"pk": pk, "sk": is("BETWEEN", num("2"), num("1"))},
			"The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"},
		{map[string]types.Condition{"pk": is("EQ", str(""))}, "cannot contain an empty string value"},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.indexed(t)
		for _, c := range expressions {
			_, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: &c.condition,
				ExpressionAttributeValues: c.values})
			refused(t, err, validation, c.words)
		}
		for _, c := range legacy {
			_, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table, KeyConditions: c.conditions})
			refused(t, err, validation, c.words)
		}
		one := map[string]types.Condition{"pk": pk}
		for _, in := range []dynamodb.QueryInput{
			{},
			{KeyConditions: one, KeyConditionExpression: aws.String("pk = :v"), ExpressionAttributeValues: a},
			{KeyConditions: one, ExpressionAttributeNames: map[string]string{"#x": "x"}},
			{KeyConditions: one, ExpressionAttributeValues: a},
			{KeyConditions: one, Limit: aws.Int32(0)},
			{KeyConditions: one, Limit: aws.Int32(-1)},
			{KeyConditions: one, IndexName: aws.String("nope")},
			{KeyConditions: one, AttributesToGet: []string{"x"}, FilterExpression: aws.String("y = :v"),
				ExpressionAttributeValues: a},
			{KeyConditions: one, FilterExpression: aws.String("sk = :v"), ExpressionAttributeValues: item{":v": num("1")}},
			{KeyConditions: one, FilterExpression: aws.String("x = :v AND pk = :v"), ExpressionAttributeValues: a},
		} {
			in.TableName = &table
			_, err := db.Query(t.Context(), &in)
			refused(t, err, validation)
		}
	})
}

func TestRangeKeysOrderByTypeAndValue(t *testing.T) {
	cases := map[string][]types.AttributeValue{
		"S": {str("\x00"), str("\x00\x00"), str("\x00a"), str("A"), str("Z"), str("a"), str("aa"), str("ab"), str("é"),
			str("日"), str("😀")},
		"N": {num("-1e125"), num("-100"), num("-20"), num("-1.5"), num("-1"), num("-0.001"), num("-1e-130"), num("0"),
			num("1e-130"), num("0.5"), num("1"), num("1.01"), num("2"), num("10"), num("9.9e125")},
		"B": {bin("\x00"), bin("\x00\x01"), bin("\x7f"), bin("\x80"), bin("\xff"), bin("\xff\x00")},
	}
	each(t, func(t *testing.T, db *database) {
		for kind, ordered := range cases {
			t.Run(kind, func(t *testing.T) {
				table := db.create(t, &dynamodb.CreateTableInput{AttributeDefinitions: attributes("h S", "r "+kind),
					KeySchema: keys("h", "r")})
				var want []item
				for i := range ordered {
					want = append(want, item{"h": str("h"), "r": ordered[i]})
					db.put(t, table, item{"h": str("h"), "r": ordered[(i*7+3)%len(ordered)]})
				}
				for i := range ordered { // 7 might not be prime to the length.
					db.put(t, table, want[i])
				}
				out, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
					KeyConditionExpression: aws.String("h = :h"), ExpressionAttributeValues: item{":h": str("h")}})
				check(t, err)
				sameItems(t, out.Items, want)
			})
		}
	})
}

func TestStringsAreFoundByPrefix(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.create(t, &dynamodb.CreateTableInput{AttributeDefinitions: attributes("h S", "r S"),
			KeySchema: keys("h", "r")})
		for _, r := range []string{"a", "ab", "abc", "b", "A"} {
			db.put(t, table, item{"h": str("h"), "r": str(r)})
		}
		want := []item{{"h": str("h"), "r": str("ab")}, {"h": str("h"), "r": str("abc")}}
		out, err := db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table,
			KeyConditionExpression: aws.String("h = :h AND begins_with(r, :r)"), ExpressionAttributeValues: item{":h": str("h"),
				":r": str("ab")}})
		check(t, err)
		sameItems(t, out.Items, want)
		out, err = db.Query(t.Context(), &dynamodb.QueryInput{TableName: &table, KeyConditions: map[string]types.Condition{
			"h": {ComparisonOperator: "EQ", AttributeValueList: []types.AttributeValue{str("h")}},
			"r": {ComparisonOperator: "BEGINS_WITH", AttributeValueList: []types.AttributeValue{str("ab")}}}})
		check(t, err)
		sameItems(t, out.Items, want)
	})
}

func TestAPageEndsAtOneMegabyte(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		table := db.indexed(t)
		big := str(strings.Repeat("x", 300_000))
		for sk := range 5 {
			db.put(t, table, item{"pk": str("a"), "sk": num(strconv.Itoa(sk)), "big": big})
		}
		query := &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: aws.String("pk = :p"),
			ExpressionAttributeValues: item{":p": str("a")}, ProjectionExpression: aws.String("sk")}
		out, err := db.Query(t.Context(), query)
		check(t, err)
		same(t, "count", out.Count, 4)
		sameItem(t, out.LastEvaluatedKey, keyOf(3))
		query.ExclusiveStartKey = out.LastEvaluatedKey
		out, err = db.Query(t.Context(), query)
		check(t, err)
		same(t, "count", out.Count, 1)
		sameItem(t, out.LastEvaluatedKey, nil)
		scan, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, Select: types.SelectCount})
		check(t, err)
		same(t, "count", scan.Count, 4)
		sameItem(t, scan.LastEvaluatedKey, keyOf(3))
	})
}
