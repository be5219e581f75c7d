package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strconv"
	"strings"

	dynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/internal/expr"
)

// unknownName represents an attribute whose name is not a constant. No
// attribute has this name because attribute names are valid UTF-8.
const unknownName = "\xff"

// expression is an expression as guregu/dynamo sends it, with placeholder
// values.
type expression struct {
	source string
	names  map[string]string
	values map[string]dynamodb.AttributeValue
}

// expand replaces the placeholders in an expression of guregu/dynamo: 'name', $
// for names and indices, ? for values. It reports false if the result is
// uncertain, for example because the arguments are spread.
func (c *checker) expand(format string, args []ast.Expr, spread bool) (expression, bool) {
	e := expression{names: make(map[string]string), values: make(map[string]dynamodb.AttributeValue)}
	var b strings.Builder
	next := func() (arg ast.Expr, ok bool) {
		if spread {
			return nil, true
		}
		if len(args) == 0 {
			return nil, false
		}
		arg, args = args[0], args[1:]
		return arg, true
	}
	for format != "" {
		i := strings.IndexAny(format, "'$?🝕")
		if i < 0 {
			b.WriteString(format)
			break
		}
		b.WriteString(format[:i])
		sign := format[i]
		format = format[i+1:]
		switch sign {
		case '\'':
			name, rest, ok := strings.Cut(format, "'")
			if !ok {
				return e, false
			}
			format = rest
			b.WriteString(e.name(name))
		case '$':
			arg, ok := next()
			if !ok {
				return e, false
			}
			b.WriteString(c.expandName(&e, arg, strings.HasSuffix(b.String(), "[")))
		case '?':
			arg, ok := next()
			if !ok {
				return e, false
			}
			placeholder := ":v" + strconv.Itoa(len(e.values))
			e.values[placeholder] = c.standIn(arg)
			b.WriteString(placeholder)
		default:
			return e, false // used internally by guregu/dynamo
		}
	}
	e.source = b.String()
	return e, true
}

// name adds an attribute name and returns its placeholder.
func (e *expression) name(name string) string {
	placeholder := "#n" + strconv.Itoa(len(e.names))
	e.names[placeholder] = name
	return placeholder
}

// expandName returns the replacement of a $: an index or the placeholder of a
// name.
func (c *checker) expandName(e *expression, arg ast.Expr, index bool) string {
	if arg == nil {
		if index {
			return "0"
		}
		return e.name(unknownName)
	}
	if value := c.TypesInfo.Types[arg].Value; value != nil {
		switch value.Kind() {
		case constant.String:
			return e.name(constant.StringVal(value))
		case constant.Int:
			return value.ExactString()
		}
	}
	basic, ok := c.TypesInfo.TypeOf(arg).Underlying().(*types.Basic)
	if index || ok && basic.Info()&types.IsInteger != 0 {
		return "0"
	}
	return e.name(unknownName)
}

// standIns holds a value of each type that expressions distinguish.
var standIns = []dynamodb.AttributeValue{
	&dynamodb.AttributeValueMemberS{Value: "S"}, // also the name of a type, for attribute_type
	&dynamodb.AttributeValueMemberN{Value: "1"},
	&dynamodb.AttributeValueMemberL{},
	&dynamodb.AttributeValueMemberB{},
}

// standIn returns a value of the type that an argument will have.
func (c *checker) standIn(arg ast.Expr) dynamodb.AttributeValue {
	if arg == nil {
		return standIns[0]
	}
	if value := c.TypesInfo.Types[arg].Value; value != nil && value.Kind() == constant.String {
		return &dynamodb.AttributeValueMemberS{Value: constant.StringVal(value)}
	}
	switch t := c.TypesInfo.TypeOf(arg).Underlying().(type) {
	case *types.Basic:
		switch {
		case t.Info()&types.IsNumeric != 0:
			return standIns[1]
		case t.Info()&types.IsBoolean != 0:
			return &dynamodb.AttributeValueMemberBOOL{}
		}
	case *types.Slice:
		if basic, ok := t.Elem().Underlying().(*types.Basic); !ok || basic.Kind() != types.Byte {
			return standIns[2]
		}
		return standIns[3]
	}
	return standIns[0]
}

// uses parses the expression and returns the attributes that it names. The
// result is empty if the expression does not parse, which may be because the
// real values are different.
func (e expression) uses(parse func(source string, params expr.Params) ([]expr.Use, error)) []expr.Use {
	uses, err := parse(e.source, expr.Params{Names: e.names, Values: e.values})
	for _, v := range standIns {
		if err == nil {
			break
		}
		same := make(map[string]dynamodb.AttributeValue, len(e.values))
		for placeholder := range e.values {
			same[placeholder] = v
		}
		uses, err = parse(e.source, expr.Params{Names: e.names, Values: same})
	}
	if err != nil {
		return nil
	}
	return uses
}

func parseCondition(source string, params expr.Params) ([]expr.Use, error) {
	condition, err := expr.ParseCondition(source, params)
	if err != nil {
		return nil, err
	}
	return condition.Uses(), nil
}

// parseUpdate parses the terms of one section of an update expression.
func parseUpdate(section string) func(string, expr.Params) ([]expr.Use, error) {
	return func(source string, params expr.Params) ([]expr.Use, error) {
		update, err := expr.ParseUpdate(section+" "+source, params)
		if err != nil {
			return nil, err
		}
		return update.Uses(), nil
	}
}

// pathRoot returns the attribute of a path in the syntax of dynamo.Update, or
// an empty string if the path is invalid.
func (c *checker) pathRoot(path string) string {
	if expr.IsReservedWord(path) {
		return path
	}
	e, ok := c.expand(path, nil, false)
	if !ok {
		return ""
	}
	projection, err := expr.ParseProjection(e.source, expr.Params{Names: e.names})
	if err != nil || len(projection.Uses()) != 1 {
		return ""
	}
	return projection.Uses()[0].Path.Root()
}
