package keyconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// isYAML reports whether a file is YAML, by its name.
func isYAML(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return true
	}
	return false
}

// yamlToJSON returns the JSON for a YAML document, for the strict decoder. What
// JSON does not have (anchors, tags, names that are not text, several documents)
// is an error, and so is text that YAML reads as something else, such as a date.
func yamlToJSON(data []byte) ([]byte, error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	var document, more yaml.Node
	if err := d.Decode(&document); errors.Is(err, io.EOF) {
		return nil, errors.New("not YAML (it is empty)")
	} else if err != nil {
		return nil, yamlError(err)
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, yamlError(err)
		}
		return nil, fmt.Errorf("line %d: a second document", more.Line)
	}
	var b bytes.Buffer
	if err := writeNode(&b, document.Content[0]); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

var yamlLine = regexp.MustCompile(`line \d+`)

// yamlError returns the error in YAML without any of its text.
func yamlError(err error) error {
	if line := yamlLine.FindString(err.Error()); line != "" {
		return fmt.Errorf("not YAML (at %s)", line)
	}
	return errors.New("not YAML")
}

func writeNode(b *bytes.Buffer, n *yaml.Node) error {
	switch {
	case n.Anchor != "" || n.Kind == yaml.AliasNode:
		return fmt.Errorf("line %d: anchors and aliases cannot be used here", n.Line)
	case n.Style&yaml.TaggedStyle != 0:
		return fmt.Errorf("line %d: tags cannot be used here", n.Line)
	}
	switch n.Kind {
	case yaml.MappingNode:
		return writeMapping(b, n)
	case yaml.SequenceNode:
		for i, element := range n.Content {
			b.WriteByte("[,"[min(i, 1)])
			if err := writeNode(b, element); err != nil {
				return err
			}
		}
		if len(n.Content) == 0 {
			b.WriteByte('[')
		}
		b.WriteByte(']')
		return nil
	}
	return writeScalar(b, n)
}

// writeMapping leaves it to the decoder to refuse duplicate names.
func writeMapping(b *bytes.Buffer, n *yaml.Node) error {
	b.WriteByte('{')
	for i := 0; i < len(n.Content); i += 2 {
		name := n.Content[i]
		if name.Kind != yaml.ScalarNode || name.ShortTag() != "!!str" {
			return fmt.Errorf("line %d: the name of a field is not text: put it in quotes", name.Line)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeNode(b, name); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := writeNode(b, n.Content[i+1]); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeScalar(b *bytes.Buffer, n *yaml.Node) (err error) {
	var value any
	switch n.ShortTag() {
	case "!!str":
		value = n.Value
	case "!!bool":
		value = new(bool)
		err = n.Decode(value)
	case "!!int":
		value = new(int64)
		err = n.Decode(value)
	case "!!null":
	default:
		err = errors.ErrUnsupported
	}
	if err != nil {
		return fmt.Errorf("line %d: neither text nor a whole number: put text in quotes", n.Line)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	b.Write(text)
	return nil
}
