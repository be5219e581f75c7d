package mappertest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestPlaceholdersMustBeDefinedAndUsed(t *testing.T) {
	exists := aws.String("attribute_exists(id)")
	cases := []struct {
		name      string
		condition *string
		names     map[string]string
		values    item
		words     string
	}{
		{"empty names", exists, map[string]string{}, nil, "ExpressionAttributeNames must not be empty"},
		{"empty values", exists, nil, item{}, "ExpressionAttributeValues must not be empty"},
		{"names without expression", nil, map[string]string{"#a": "a"}, nil,
			"ExpressionAttributeNames can only be specified when using expressions"},
		{"values without expression", nil, nil, item{":a": str("a")},
			"ExpressionAttributeValues can only be specified when using expressions"},
		{"an unused name", exists, map[string]string{"#a": "a"}, nil,
			"Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"},
		{"two unused names", exists, map[string]string{"#a": "a", "#b": "b"}, nil,
			"Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}"},
		{"an unused value", exists, nil, item{":a": str("a")},
			"Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}"},
		{"an undefined name", aws.String("attribute_exists(#a)"), nil, nil,
			"Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute " +
				"name: #a"},
		{"an undefined value", aws.String("id = :a"), nil, nil,
			"Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :a"},
		{"a name without #", exists, map[string]string{"a": "a"}, nil,
			`ExpressionAttributeNames contains invalid key: Syntax error; key: "a"`},
		{"a value without :", exists, nil, item{"a": str("a")},
			`ExpressionAttributeValues contains invalid key: Syntax error; key: "a"`},
		{"an invalid value", aws.String("id = :a"), nil, item{":a": strs()},
			"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  may " +
				"not be empty for key :a"},
		{"an empty expression", aws.String(""), nil, nil, "Invalid ConditionExpression: The expression can not be empty;"},
		{"a reserved word", aws.String("attribute_exists(name)"), nil, nil,
			"Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name"},
		{"a syntax error", aws.String("a = = b"), nil, nil, `Invalid ConditionExpression: Syntax error; token: "=", near: `},
		{"an unknown function", aws.String("exists(id)"), nil, nil,
			"Invalid ConditionExpression: Invalid function name; function: exists"},
		{"begins_with a number", aws.String("begins_with(id, :a)"), nil, item{":a": num("1")},
			"Invalid ConditionExpression: Incorrect operand type for operator or function"},
		{"an order of lists", aws.String("id < :a"), nil, item{":a": list()},
			"Invalid ConditionExpression: Incorrect operand type for operator or function"},
		{"bounds in the wrong order", aws.String("id BETWEEN :b AND :a"), nil, item{":a": num("1"), ":b": num("2")},
			"The BETWEEN operator requires upper bound to be greater than or equal to lower bound"},
		{"a type that is none", aws.String("attribute_type(id, :a)"), nil, item{":a": str("X")},
			"Invalid attribute type name found"},
		{"parentheses in parentheses", aws.String("((attribute_exists(id)))"), nil, nil,
			"Invalid ConditionExpression: The expression has redundant parentheses;"},
		{"parentheses in parentheses, below", aws.String("attribute_exists(id) OR ((id = :a))"), nil, item{":a": str("a")},
			"Invalid ConditionExpression: The expression has redundant parentheses;"},
		{"an operand twice", aws.String("id = id"), nil, nil,
			"The first operand must be distinct from the remaining operands for this operator or function"},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item{"id": str("a")},
					ConditionExpression: c.condition, ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values})
				refused(t, err, validation, c.words)
			})
		}
	})
}

func TestUpdateExpressionsAreChecked(t *testing.T) {
	cases := []struct {
		name, update string
		value        types.AttributeValue
		words        string
	}{
		{"empty", "", nil, "Invalid UpdateExpression: The expression can not be empty;"},
		{"one path twice", "SET a = :v, a = :v", num("1"), "Two document paths overlap with each other"},
		{"a path in another", "SET m = :v, m.x = :v", num("1"), "Two document paths overlap with each other"},
		{"a section twice", "SET a = :v SET b = :v", num("1"),
			`The "SET" section can only be used once in an update expression;`},
		{"ADD of a string", "ADD a :v", str("1"), "Incorrect operand type for operator or function; operator: ADD"},
		{"DELETE of a number", "DELETE a :v", num("1"), "Incorrect operand type for operator or function; operator: DELETE"},
		{"an unknown function", "SET a = f(:v)", num("1"), "Invalid function name; function: f"},
		{"list_append of a number", "SET a = list_append(l, :v)", num("1"), ""},
		{"a missing path", "SET absent.x = :v", num("1"),
			"The document path provided in the update expression is invalid for update"},
		{"a missing operand", "SET a = absent + :v", num("1"),
			"The provided expression refers to an attribute that does not exist in the item"},
		{"a sum with a map", "SET a = m + :v", num("1"), "An operand in the update expression has an incorrect data type"},
		{"ADD to a map", "ADD m :v", num("1"), "An operand in the update expression has an incorrect data type"},
		{"an element of a map", "SET m[0] = :v", num("1"),
			"The document path provided in the update expression is invalid for update"},
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		stored := item{"id": str("a"), "m": dict(item{"x": num("1")}), "l": list()}
		db.put(t, table, stored)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				in := &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str("a")}, UpdateExpression: &c.update}
				if c.value != nil {
					in.ExpressionAttributeValues = item{":v": c.value}
				}
				_, err := db.UpdateItem(t.Context(), in)
				refused(t, err, validation, c.words)
			})
		}
		sameItem(t, db.get(t, table, item{"id": str("a")}), stored)
	})
}

func TestConditionsSeeTheStoredItem(t *testing.T) {
	stored := item{
		"id": str("a"), "s": str("hello"), "n": num("10"), "b": bin("\x01\x02"),
		"t": &types.AttributeValueMemberBOOL{Value: true}, "z": &types.AttributeValueMemberNULL{Value: true},
		"ss": strs("a", "b"), "ns": nums("1", "2"), "l": list(str("x"), num("2")),
		"m": dict(item{"k": str("v"), "deep": list(num("1"))}),
	}
	values := item{
		":hello": str("hello"), ":he": str("he"), ":ten": num("10.0"), ":nine": num("9"), ":eleven": num("11"),
		":a": str("a"), ":S": str("S"), ":L": str("L"), ":two": num("2"), ":one": num("1"),
		":true": &types.AttributeValueMemberBOOL{Value: true}, ":ss": strs("b", "a"), ":v": str("v"), ":five": num("5"),
		":x": str("x"), ":b1": bin("\x01"),
	}
	cases := map[string]bool{
		"s = :hello":                                  true,
		"s <> :hello":                                 false,
		"absent = :hello":                             false,
		"absent <> :hello":                            true,
		"n = :ten":                                    true,
		"n > :nine AND n < :eleven":                   true,
		"n BETWEEN :nine AND :eleven":                 true,
		"n IN (:nine, :ten)":                          true,
		"n IN (:nine, :eleven)":                       false,
		"s > :nine":                                   false,
		"NOT s > :nine":                               true,
		"t = :true":                                   true,
		"ss = :ss":                                    true,
		"contains(ss, :a)":                            true,
		"contains(ns, :two)":                          true,
		"contains(s, :he)":                            true,
		"contains(l, :x)":                             true,
		"contains(l, :two)":                           true,
		"begins_with(s, :he)":                         true,
		"begins_with(b, :b1)":                         true,
		"begins_with(n, :he)":                         false,
		"attribute_exists(m.k)":                       true,
		"attribute_exists(m.absent)":                  false,
		"attribute_not_exists(absent)":                true,
		"attribute_exists(l[1])":                      true,
		"attribute_exists(l[2])":                      false,
		"attribute_type(s, :S)":                       true,
		"attribute_type(l, :L)":                       true,
		"attribute_type(s, :L)":                       false,
		"m.k = :v":                                    true,
		"m.deep[0] = :one":                            true,
		"size(s) = :five":                             true,
		"size(l) = :two":                              true,
		"size(ss) = :two":                             true,
		"size(m) = :two":                              true,
		"size(b) = :two":                              true,
		"size(n) = :two":                              false,
		"s = :he OR n = :ten":                         true,
		"s = :he OR s = :hello AND n = :nine":         false,
		"(s = :he OR s = :hello) AND NOT (n = :nine)": true,
		"attribute_exists(z) and not attribute_exists(absent)": true,
	}
	each(t, func(t *testing.T, db *database) {
		table := db.simple(t)
		db.put(t, table, stored)
		for condition, want := range cases {
			used := make(item)
			for name, v := range values {
				if mentions(condition, name) {
					used[name] = v
				}
			}
			if len(used) == 0 {
				used = nil
			}
			_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &table, Key: item{"id": str("a")},
				ConditionExpression: &condition, ExpressionAttributeValues: used})
			if want {
				if err != nil {
					t.Errorf("%s does not hold: %v", condition, err)
				}
				continue
			}
			t.Run(condition, func(t *testing.T) {
				refused(t, err, "ConditionalCheckFailedException", "The conditional request failed")
			})
		}
	})
}

// mentions reports whether an expression refers to a placeholder, and not only
// to one that begins with it.
func mentions(expression, placeholder string) bool {
	for i := 0; i+len(placeholder) <= len(expression); i++ {
		if expression[i:i+len(placeholder)] != placeholder {
			continue
		}
		if rest := expression[i+len(placeholder):]; rest == "" || rest[0] == ' ' || rest[0] == ')' || rest[0] == ',' {
			return true
		}
	}
	return false
}
