package mapper_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ddbenc/ddbenc/crypto"
)

// history holds every version that was ever sealed of the items of the
// declared tables.
type history struct {
	mu       sync.Mutex
	versions map[string]bool
	// closed is true while nothing may be sealed but what was sealed before.
	closed bool
}

// recorder is an encryptor that writes history.
type recorder struct {
	crypto.ItemEncryptor
	history *history
}

var errRewritten = errors.New("an item was sealed that never was one")

func (r recorder) EncryptItem(ctx context.Context, table crypto.TableInfo, actions crypto.Actions,
	item crypto.Item) (crypto.Item, error) {
	if err := r.history.add(table.Name, item); err != nil {
		return nil, err
	}
	return r.ItemEncryptor.EncryptItem(ctx, table, actions, item)
}

func (h *history) add(table string, item crypto.Item) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := versionString(table, item)
	if h.closed && !h.versions[id] {
		return errRewritten
	}
	h.versions[id] = true
	var l Letter
	if dynamo.UnmarshalItem(edited(item, unsigned, "", nil), &l) == nil {
		if letter, err := dynamo.MarshalItem(l); err == nil {
			h.versions[versionString(table+asLetter, letter)] = true
		}
	}
	return nil
}

// asLetter marks versions as a struct holds them: with zero values for the
// attributes that an item lacks.
const asLetter = ", as a letter"

// has reports whether the item, but for its unsigned attribute, was once
// stored.
func (h *history) has(table string, item crypto.Item) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.versions[versionString(table, item)]
}

// hasPart reports whether the attributes are part of a version that was once
// stored.
func (h *history) hasPart(table string, part crypto.Item) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for version := range h.versions {
		if rest, ok := strings.CutPrefix(version, table+"\n"); ok {
			lines := strings.Split(rest, "\n")
			missing := slices.ContainsFunc(lineStrings(part),
				func(line string) bool { return !slices.Contains(lines, line) })
			if !missing {
				return true
			}
		}
	}
	return false
}

func versionString(table string, item crypto.Item) string {
	return table + "\n" + strings.Join(lineStrings(item), "\n")
}

// lineStrings returns a line for each signed attribute. Items of an index on
// beacons have its key, which is not signed.
func lineStrings(item crypto.Item) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(item)) {
		if name != unsigned && !strings.HasPrefix(name, "aws_dbe_b_") {
			lines = append(lines, fmt.Sprintf("%q %s", name, valueString(item[name])))
		}
	}
	return lines
}

func valueString(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(v.Value)) {
			fmt.Fprintf(&b, "%q=%s ", name, valueString(v.Value[name]))
		}
		return "M{" + b.String() + "}"
	case *types.AttributeValueMemberL:
		members := make([]string, len(v.Value))
		for i, member := range v.Value {
			members[i] = valueString(member)
		}
		return fmt.Sprintf("L%q", members)
	case *types.AttributeValueMemberSS:
		return fmt.Sprintf("SS%q", slices.Sorted(slices.Values(v.Value)))
	case *types.AttributeValueMemberNS:
		return fmt.Sprintf("NS%q", slices.Sorted(slices.Values(v.Value)))
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("S%q", v.Value)
	case *types.AttributeValueMemberN:
		return fmt.Sprintf("N%q", v.Value)
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("B%q", v.Value)
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint("BOOL", v.Value)
	}
	return fmt.Sprintf("%T", v)
}
