package mappertest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/ddbenc/ddbenc/internal/expr"
	"github.com/ddbenc/ddbenc/mapper/mappertest"
)

// These tests put random items into a database and into the in-memory one, send
// both the same random conditions and updates, and want the same: the item that
// is left, and the code of the error. "make differential" runs many of them.

// writer makes an expression and the values that it refers to. Most of what it
// writes makes sense; the rest is to be refused by both.
type writer struct {
	*rapid.T
	names  map[string]string
	values item
	remove bool // an update only removes
}

func newWriter(t *rapid.T) *writer {
	return &writer{T: t, names: make(map[string]string), values: make(item)}
}

func (w *writer) pick(label string, choices ...string) string {
	return rapid.SampledFrom(choices).Draw(w.T, label)
}

func (w *writer) chance(label string, oneIn int) bool {
	return rapid.IntRange(1, oneIn).Draw(w.T, label) == 1
}

// scalarValue and anyValue are small, so that values meet.
func scalarValue(t *rapid.T) types.AttributeValue {
	switch rapid.IntRange(0, 2).Draw(t, "type") {
	case 0:
		return str(rapid.SampledFrom([]string{"", "a", "ab", "b", "é", "S", "NS"}).Draw(t, "S"))
	case 1:
		return num(rapid.SampledFrom([]string{"0", "1", "1.0", "-1", "2", "10", "0.5", "1e3", "-0"}).Draw(t, "N"))
	}
	return bin(rapid.SampledFrom([]string{"", "a", "ab", "\x80"}).Draw(t, "B"))
}

func anyValue(t *rapid.T, depth int) types.AttributeValue {
	kinds := 9
	if depth == 0 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	default:
		return scalarValue(t)
	case 3:
		return truth(rapid.Bool().Draw(t, "BOOL"))
	case 4:
		return &types.AttributeValueMemberNULL{Value: true}
	case 5:
		return strs(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "ab"}), 1, 3, rapid.ID).Draw(t, "SS")...)
	case 6:
		return nums(rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2", "10"}), 1, 3, rapid.ID).Draw(t, "NS")...)
	case 7:
		return bins([]byte("a"), []byte("b"))
	case 8:
		var all []types.AttributeValue
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			all = append(all, anyValue(t, depth-1))
		}
		return list(all...)
	case 9:
		all := make(item)
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3, rapid.ID).Draw(t,
			"names") {
			all[name] = anyValue(t, depth-1)
		}
		return dict(all)
	}
}

var attributeNames = []string{"a", "b", "c", "d", "m", "l"}

// randomItem has the key "id", most of the attributes, and often a map m and a
// list l for paths to go into.
func randomItem(t *rapid.T) item {
	i := item{"id": str("k")}
	for _, name := range attributeNames[:4] {
		if rapid.IntRange(0, 4).Draw(t, "has") > 0 {
			i[name] = anyValue(t, 2)
		}
	}
	if rapid.Bool().Draw(t, "has m") {
		i["m"] = dict(item{"x": anyValue(t, 1), "y": list(anyValue(t, 0), anyValue(t, 0))})
	}
	if rapid.Bool().Draw(t, "has l") {
		i["l"] = list(anyValue(t, 1), dict(item{"x": anyValue(t, 0)}), anyValue(t, 0))
	}
	return i
}

// path is a path, with some of its names in placeholders.
func (w *writer) path() string {
	p := w.name(w.pick("root", attributeNames...))
	for range rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2}).Draw(w.T, "steps") {
		if rapid.Bool().Draw(w.T, "index") {
			p += w.pick("at", "[0]", "[1]", "[2]", "[7]")
		} else {
			p += "." + w.name(w.pick("name", "x", "y", "z"))
		}
	}
	return p
}

func (w *writer) name(name string) string {
	if !w.chance("placeholder", 3) {
		return name
	}
	w.names["#"+name] = name
	return "#" + name
}

func (w *writer) value(v types.AttributeValue) string {
	name := fmt.Sprintf(":v%d", len(w.values))
	w.values[name] = v
	return name
}

// operand is a path, a value or the size of one.
func (w *writer) operand() string {
	switch rapid.IntRange(0, 9).Draw(w.T, "operand") {
	case 0, 1, 2, 3:
		return w.path()
	case 4:
		return "size(" + w.path() + ")"
	case 5:
		return w.value(anyValue(w.T, 1))
	}
	return w.value(scalarValue(w.T))
}

func (w *writer) condition(depth int) string {
	kinds := 13
	if depth == 0 {
		kinds = 9
	}
	switch rapid.IntRange(0, kinds).Draw(w.T, "condition") {
	case 0:
		return "attribute_exists(" + w.path() + ")"
	case 1:
		return "attribute_not_exists(" + w.path() + ")"
	case 2:
		return "attribute_type(" + w.path() + ", " + w.value(str(w.pick("type name", "S", "N", "L", "M", "SS", "NULL",
			"BOOL", "BS", "X"))) + ")"
	case 3:
		return "begins_with(" + w.path() + ", " + w.operand() + ")"
	case 4:
		return "contains(" + w.path() + ", " + w.operand() + ")"
	case 5:
		return w.operand() + " BETWEEN " + w.operand() + " AND " + w.operand()
	case 6:
		all := []string{w.operand()}
		for range rapid.IntRange(0, 2).Draw(w.T, "more") {
			all = append(all, w.operand())
		}
		return w.operand() + " IN (" + strings.Join(all, ", ") + ")"
	case 10:
		return "NOT " + w.condition(depth-1)
	case 11:
		return w.condition(depth-1) + " AND " + w.condition(depth-1)
	case 12:
		return w.condition(depth-1) + " OR " + w.condition(depth-1)
	case 13:
		return "(" + w.condition(depth-1) + ")"
	}
	return w.operand() + w.pick("comparator", " = ", " <> ", " < ", " <= ", " > ", " >= ") + w.operand()
}

// setValue is what SET sets to.
func (w *writer) setValue(depth int) string {
	kinds := 6
	if depth == 0 {
		kinds = 2
	}
	switch rapid.IntRange(0, kinds).Draw(w.T, "set value") {
	case 0:
		return w.path()
	case 3:
		return w.setValue(0) + w.pick("sign", " + ", " - ") + w.setValue(0)
	case 4:
		return "if_not_exists(" + w.path() + ", " + w.setValue(0) + ")"
	case 5:
		return "list_append(" + w.setValue(0) + ", " + w.setValue(0) + ")"
	case 6:
		return "list_append(if_not_exists(" + w.path() + ", " + w.value(list()) + "), " + w.value(list(anyValue(w.T, 0))) +
			")"
	case 2:
		return w.value(num(w.pick("number", "1", "-2", "0.5", "1e10")))
	}
	return w.value(anyValue(w.T, 2))
}

func (w *writer) update() string {
	var clauses []string
	clause := func(keyword string, action func() string) {
		if !w.chance(keyword, 2) {
			return
		}
		all := []string{action()}
		for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(w.T, "actions") {
			all = append(all, action())
		}
		clauses = append(clauses, keyword+" "+strings.Join(all, ", "))
	}
	clause("REMOVE", w.path)
	clause("DELETE", func() string { return w.path() + " " + w.value(w.set()) })
	w.remove = len(clauses) > 0
	removals := len(clauses)
	clause("ADD", func() string {
		if rapid.Bool().Draw(w.T, "number") {
			return w.path() + " " + w.value(num(w.pick("number", "1", "-2", "0.5")))
		}
		return w.path() + " " + w.value(w.set())
	})
	clause("SET", func() string { return w.path() + " = " + w.setValue(1) })
	w.remove = w.remove && len(clauses) == removals
	if clauses == nil {
		return "SET " + w.path() + " = " + w.setValue(1)
	}
	return strings.Join(clauses, " ")
}

// set is most often a set, as ADD and DELETE want it.
func (w *writer) set() types.AttributeValue {
	switch rapid.IntRange(0, 5).Draw(w.T, "set") {
	case 0:
		return anyValue(w.T, 1)
	case 1, 2:
		return nums(w.pick("NS", "1", "2", "3"))
	}
	return strs(w.pick("SS", "a", "b", "c"))
}

// pair is the in-memory database beside a real one.
type pair struct {
	memory, real *database
	table        [2]string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	endpoint := os.Getenv("DDBENC_DYNAMODB_ENDPOINT")
	if endpoint == "" {
		t.Skip("DDBENC_DYNAMODB_ENDPOINT is not set: there is no database to compare with (make integration and make " +
			"differential)")
	}
	p := &pair{memory: &database{mappertest.New(), false}, real: &database{connect(endpoint), true}}
	p.table = [2]string{p.memory.simple(t), p.real.simple(t)}
	return p
}

// both does something in both databases and wants the same error code.
func (p *pair) both(t *rapid.T, what string, do func(db *database, table *string) (item, error)) {
	t.Helper()
	var items [2]item
	var codes [2]string
	for i, db := range []*database{p.memory, p.real} {
		var err error
		if items[i], err = do(db, &p.table[i]); err != nil {
			codes[i] = code(t, err)
		}
	}
	if codes[0] != codes[1] {
		t.Fatalf("%s: in memory %q, in the database %q", what, codes[0], codes[1])
	}
	if !expr.Equal(dict(items[0]), dict(items[1])) {
		t.Fatalf("%s: in memory %s, in the database %s", what, show(items[0]), show(items[1]))
	}
}

func code(t *rapid.T, err error) string {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatal(err)
	}
	return api.ErrorCode()
}

// store puts the item, or sees to it that there is none.
func (p *pair) store(t *rapid.T, i item) {
	t.Helper()
	p.both(t, "put", func(db *database, table *string) (item, error) {
		if i == nil {
			_, err := db.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{TableName: table, Key: id("k")})
			return nil, err
		}
		_, err := db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: table, Item: i})
		return nil, err
	})
}

func (p *pair) compareItems(t *rapid.T, what string) {
	t.Helper()
	p.both(t, what, func(db *database, table *string) (item, error) {
		out, err := db.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: table, Key: id("k"),
			ConsistentRead: aws.Bool(true)})
		if err != nil {
			return nil, err
		}
		return out.Item, nil
	})
}

// orNil is nil for a map without members, as requests want it.
func orNil[M ~map[string]V, V any](m M) M {
	if len(m) == 0 {
		return nil
	}
	return m
}

// expressions are tried on each item.
const expressionsPerItem = 20

func TestUpdates_AgreeWithADatabase(t *testing.T) {
	p := newPair(t)
	rapid.Check(t, func(t *rapid.T) {
		stored := randomItem(t)
		if rapid.IntRange(0, 7).Draw(t, "missing") == 0 {
			stored = nil
		}
		for range expressionsPerItem {
			p.store(t, stored)
			w := newWriter(t)
			update := w.update()
			if stored == nil && w.remove {
				continue // creates nothing, where DynamoDB Local may create the item
			}
			in := dynamodb.UpdateItemInput{Key: id("k"), UpdateExpression: &update, ReturnValues: types.ReturnValueAllNew}
			if w.chance("with a condition", 4) {
				in.ConditionExpression = aws.String(w.condition(1))
			}
			in.ExpressionAttributeNames, in.ExpressionAttributeValues = orNil(w.names), orNil(w.values)
			what := fmt.Sprintf("%s IF %s with %v and %s of %s", update, aws.ToString(in.ConditionExpression), w.names,
				show(w.values), show(stored))
			p.both(t, what, func(db *database, table *string) (item, error) {
				request := in
				request.TableName = table
				out, err := db.UpdateItem(context.Background(), &request)
				if err != nil {
					return nil, err
				}
				return out.Attributes, nil
			})
			p.compareItems(t, what)
		}
	})
}

func TestConditions_AgreeWithADatabase(t *testing.T) {
	p := newPair(t)
	rapid.Check(t, func(t *rapid.T) {
		stored := randomItem(t)
		if rapid.IntRange(0, 7).Draw(t, "missing") == 0 {
			stored = nil
		}
		p.store(t, stored)
		for range expressionsPerItem {
			w := newWriter(t)
			condition := w.condition(3)
			in := dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{ConditionCheck: &types.ConditionCheck{
				Key: id("k"), ConditionExpression: &condition, ExpressionAttributeNames: orNil(w.names), ExpressionAttributeValues: orNil(w.values)}}}}
			what := fmt.Sprintf("%s with %v and %s of %s", condition, w.names, show(w.values), show(stored))
			p.both(t, what, func(db *database, table *string) (item, error) {
				check := *in.TransactItems[0].ConditionCheck
				check.TableName = table
				_, err := db.TransactWriteItems(context.Background(),
					&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{ConditionCheck: &check}}})
				return nil, err
			})
		}
	})
}
