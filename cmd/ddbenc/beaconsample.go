package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/cmd/ddbenc/internal/itemjson"
	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon/sizing"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
)

// valueSample is a sample of the values of an attribute.
type valueSample struct {
	values     *sizing.Sample
	items      int64 // that were read
	without    int64 // of them without the attribute
	tableItems int64 // that the table has, if the sample is only a part of it and it is known
	full       bool
}

// add counts an item with this value, or with nil an item without one. Values
// that have the same beacon, such as the text "1" and the number 1, are equal.
func (s *valueSample) add(v types.AttributeValue) error {
	members, err := membersOf(v)
	if err != nil {
		return err
	}
	for _, m := range members {
		if err := s.values.Add(m); err != nil {
			s.full = true
			return errSampleFull
		}
	}
	s.items++
	if len(members) == 0 {
		s.without++
	}
	return nil
}

var errSampleFull = fmt.Errorf("the sample has more than %d distinct values: read a part of it with --limit, and pass "+
	"the size of the table with --items", sizing.MaxDistinct)

// membersOf returns the members of a set, or a value that is not a set.
func membersOf(v types.AttributeValue) ([][]byte, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case *types.AttributeValueMemberS:
		return [][]byte{[]byte(v.Value)}, nil
	case *types.AttributeValueMemberN:
		return numbers(v.Value)
	case *types.AttributeValueMemberB:
		return [][]byte{v.Value}, nil
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			return [][]byte{{1}}, nil
		}
		return [][]byte{{0}}, nil
	case *types.AttributeValueMemberNULL:
		return [][]byte{{}}, nil
	case *types.AttributeValueMemberSS:
		members := make([][]byte, len(v.Value))
		for i, m := range v.Value {
			members[i] = []byte(m)
		}
		return members, nil
	case *types.AttributeValueMemberNS:
		return numbers(v.Value...)
	case *types.AttributeValueMemberBS:
		return v.Value, nil
	}
	whole, err := itemjson.AppendValue(nil, v) // lists and maps
	return [][]byte{whole}, err
}

// numbers returns numbers in normal form.
func numbers(texts ...string) ([][]byte, error) {
	all := make([][]byte, len(texts))
	for i, text := range texts {
		normal, err := crypto.NormalizeNumber(text)
		if err != nil {
			return nil, err
		}
		all[i] = []byte(normal)
	}
	return all, nil
}

// isSealed reports whether an item has attributes of an item format.
func isSealed(item crypto.Item) bool {
	_, newer := dbesdk.Inspect(item)
	_, older := ddbec.Inspect(item)
	return !errors.Is(newer, crypto.ErrNotProtected) || !errors.Is(older, crypto.ErrNotProtected)
}

// readCSV reads a column of a CSV file. Errors of package csv contain no values.
func (c *beaconCommand) readCSV(ctx context.Context, s *console, sample *valueSample) error {
	in, name := s.stdin, "standard input"
	if c.CSV != "-" {
		f, err := openInput(c.CSV)
		if err != nil {
			return err
		}
		defer f.Close()
		in, name = f, c.CSV
	}
	buffered := bufio.NewReader(in)
	if mark, _ := buffered.Peek(3); string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3) // they are in the buffer
	}
	reader := csv.NewReader(buffered)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: no header", name)
	} else if err != nil {
		return fmt.Errorf("cannot read %s: %w", name, cause(err))
	}
	column := slices.Index(header, c.Column)
	if column < 0 || slices.Contains(header[column+1:], c.Column) {
		return fmt.Errorf("%s: the header does not have the column %q exactly once", name, c.Column)
	}
	for c.Limit == 0 || sample.items < c.Limit {
		if err := ctx.Err(); err != nil {
			return err
		}
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("cannot read %s: %w", name, cause(err))
		}
		var v types.AttributeValue
		if record[column] != "" {
			v = &types.AttributeValueMemberS{Value: strings.Clone(record[column])}
		}
		if err := sample.add(v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
