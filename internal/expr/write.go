package expr

import (
	"maps"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Writer writes parts of expressions. It uses placeholders of its own for all
// names and values.
type Writer struct {
	prefix string
	params Params
	known  map[string]string // name → placeholder
}

// NewWriter returns a Writer whose placeholders differ from those of the given
// parameters. [Writer.Params] returns both.
func NewWriter(params Params) *Writer {
	w := &Writer{prefix: "ddbenc", params: Params{Names: maps.Clone(params.Names), Values: maps.Clone(params.Values)},
		known: make(map[string]string)}
	if w.params.Names == nil {
		w.params.Names = make(map[string]string)
	}
	if w.params.Values == nil {
		w.params.Values = make(map[string]types.AttributeValue)
	}
	taken := func() bool {
		for name := range params.Names {
			if strings.HasPrefix(name, "#"+w.prefix) {
				return true
			}
		}
		for value := range params.Values {
			if strings.HasPrefix(value, ":"+w.prefix) {
				return true
			}
		}
		return false
	}
	for taken() {
		w.prefix += "_"
	}
	return w
}

// Params returns the placeholders, nil where there are none.
func (w *Writer) Params() Params {
	params := w.params
	if len(params.Names) == 0 {
		params.Names = nil
	}
	if len(params.Values) == 0 {
		params.Values = nil
	}
	return params
}

// Name returns a placeholder for an attribute name.
func (w *Writer) Name(name string) string {
	placeholder, ok := w.known[name]
	if !ok {
		placeholder = "#" + w.prefix + strconv.Itoa(len(w.known))
		w.known[name], w.params.Names[placeholder] = placeholder, name
	}
	return placeholder
}

// Value returns a placeholder for a value.
func (w *Writer) Value(v types.AttributeValue) string {
	placeholder := ":" + w.prefix + strconv.Itoa(len(w.params.Values))
	w.params.Values[placeholder] = v
	return placeholder
}

// Path writes a document path.
func (w *Writer) Path(p Path) string {
	var b strings.Builder
	for i, e := range p {
		switch {
		case e.Name == "":
			b.WriteString("[" + strconv.Itoa(e.Index) + "]")
		case i > 0:
			b.WriteString("." + w.Name(e.Name))
		default:
			b.WriteString(w.Name(e.Name))
		}
	}
	return b.String()
}

// Test writes a test.
func (w *Writer) Test(t Test) string {
	path := w.Path(t.Path)
	values := make([]string, len(t.Values))
	for i, v := range t.Values {
		values[i] = w.Value(v)
	}
	switch t.Op {
	case "attribute_exists", "attribute_not_exists":
		return t.Op + "(" + path + ")"
	case "begins_with", "contains", "attribute_type":
		return t.Op + "(" + path + ", " + values[0] + ")"
	case "BETWEEN":
		return path + " BETWEEN " + values[0] + " AND " + values[1]
	case "IN":
		return path + " IN (" + strings.Join(values, ", ") + ")"
	}
	return path + " " + t.Op + " " + values[0]
}
