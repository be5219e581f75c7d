package keystore

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/internal/uuid"
)

// Attributes of the store's items.
const (
	attributeID        = "branch-key-id"
	attributeType      = "type"
	attributeActive    = "version" // of the active item: the type of the version with the same key
	attributeKey       = "enc"
	attributeKMSKey    = "kms-arn"
	attributeCreated   = "create-time"
	attributeHierarchy = "hierarchy-version"
	customPrefix       = "aws-crypto-ec:"

	// contextTable is only in the encryption context. Its value is the store's
	// logical name.
	contextTable = "tablename"
)

// Values of the attribute type.
const (
	typeActive    = "branch:ACTIVE"
	typeBeacon    = "beacon:ACTIVE"
	versionPrefix = "branch:version:"
)

// hierarchyVersion is the version of the layout.
const hierarchyVersion = "1"

// maxWrapped is the maximum size of a KMS ciphertext, in bytes.
const maxWrapped = 6144

// record is an item of the store: a wrapped key and its encryption context, which
// consists of all other attributes. It is immutable.
// (aws-encryption-sdk-specification, framework/branch-key-store.md#record-format)
type record struct {
	fields  map[string]string // all attributes but attributeKey
	wrapped []byte
}

func newVersion(id, version, kmsKey string, created time.Time, custom map[string]string) record {
	r := record{fields: map[string]string{
		attributeID:        id,
		attributeType:      versionPrefix + version,
		attributeKMSKey:    kmsKey,
		attributeCreated:   timestamp(created),
		attributeHierarchy: hierarchyVersion,
	}}
	for name, value := range custom {
		r.fields[customPrefix+name] = value
	}
	return r
}

// next returns the record of the version that follows an active one. It copies
// all other attributes, even unknown ones, and the KMS key: clients that know
// only the original key could not use the ARN of a replica.
func (r record) next(version string, created time.Time) record {
	next := r.as(versionPrefix + version)
	next.fields[attributeCreated] = timestamp(created)
	delete(next.fields, attributeActive)
	return next
}

// active returns the active item of a version.
func (r record) active() record {
	active := r.as(typeActive)
	active.fields[attributeActive] = r.fields[attributeType]
	return active
}

// beacon returns the record of the beacon key that belongs to a first version.
func (r record) beacon() record { return r.as(typeBeacon) }

// as returns a record of another type, without a key.
func (r record) as(kind string) record {
	fields := maps.Clone(r.fields)
	fields[attributeType] = kind
	return record{fields: fields}
}

func (r record) with(wrapped []byte) record { return record{r.fields, wrapped} }

// version returns the version of a branch key's record, and "" for the record of
// a beacon key.
func (r record) version() string {
	name := attributeType
	if r.fields[attributeType] == typeActive {
		name = attributeActive
	}
	version, ok := strings.CutPrefix(r.fields[name], versionPrefix)
	if !ok {
		return ""
	}
	return version
}

// custom returns the encryption context that the branch key was created with.
func (r record) custom() map[string]string {
	custom := make(map[string]string)
	for name, value := range r.fields {
		if name, ok := strings.CutPrefix(name, customPrefix); ok {
			custom[name] = value
		}
	}
	return custom
}

// created returns the time in the record, or the zero time if it is malformed.
// Early official libraries wrote a colon before the fraction of the second.
func (r record) created() time.Time {
	text := r.fields[attributeCreated]
	if len(text) == len(timestampFormat) && text[fractionAt] == ':' {
		text = text[:fractionAt] + "." + text[fractionAt+1:]
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// timestampFormat is ISO 8601 in UTC with microseconds.
const (
	timestampFormat = "2006-01-02T15:04:05.000000Z"
	fractionAt      = len("2006-01-02T15:04:05")
)

func timestamp(t time.Time) string { return t.UTC().Format(timestampFormat) }

// context returns the encryption context.
// (framework/branch-key-store.md#encryption-context)
func (r record) context(logicalName string) map[string]string {
	context := maps.Clone(r.fields)
	context[contextTable] = logicalName
	return context
}

// item returns the record as it is stored.
func (r record) item() crypto.Item {
	item := make(crypto.Item, len(r.fields)+1)
	for name, value := range r.fields {
		item[name] = &types.AttributeValueMemberS{Value: value}
	}
	item[attributeHierarchy] = &types.AttributeValueMemberN{Value: r.fields[attributeHierarchy]}
	item[attributeKey] = &types.AttributeValueMemberB{Value: r.wrapped}
	return item
}

// recordKey returns the primary key of a record.
func recordKey(id, kind string) crypto.Item {
	return crypto.Item{
		attributeID:   &types.AttributeValueMemberS{Value: id},
		attributeType: &types.AttributeValueMemberS{Value: kind},
	}
}

// parseRecord parses the item that was requested by its primary key. For another
// item, the error wraps [crypto.ErrTampered]. Nothing else in the item is
// trusted: KMS unwraps the key only if the item is unchanged.
func parseRecord(item crypto.Item, id, kind string) (record, error) {
	r := record{fields: make(map[string]string, len(item))}
	for name, v := range item {
		switch v := v.(type) {
		case *types.AttributeValueMemberB:
			if name != attributeKey {
				return record{}, errAttribute(name)
			}
			r.wrapped = v.Value
		case *types.AttributeValueMemberN:
			if name != attributeHierarchy {
				return record{}, errAttribute(name)
			}
			r.fields[name] = v.Value
		case *types.AttributeValueMemberS:
			if name == attributeKey || name == attributeHierarchy || name == contextTable {
				return record{}, errAttribute(name)
			}
			r.fields[name] = v.Value
		default:
			return record{}, errAttribute(name)
		}
	}
	for _, name := range []string{attributeID, attributeType, attributeKMSKey, attributeCreated, attributeHierarchy} {
		if r.fields[name] == "" {
			return record{}, errAttribute(name)
		}
	}
	if r.fields[attributeID] != id || r.fields[attributeType] != kind {
		return record{}, fmt.Errorf("%w: the table did not return the requested record but another one", crypto.ErrTampered)
	}
	_, active := r.fields[attributeActive]
	_, known := uuid.Parse(r.version())
	switch {
	case r.fields[attributeHierarchy] != hierarchyVersion:
		return record{}, fmt.Errorf("%w: the record has an unknown hierarchy version", crypto.ErrNoUsableKey)
	case len(r.wrapped) == 0 || len(r.wrapped) > maxWrapped:
		return record{}, errAttribute(attributeKey)
	case active != (kind == typeActive):
		return record{}, errAttribute(attributeActive)
	case kind != typeBeacon && !known:
		return record{}, fmt.Errorf("%w: the record's version is not a UUID", crypto.ErrNoUsableKey)
	}
	return r, nil
}

func errAttribute(name string) error {
	return fmt.Errorf("%w: not a record of a branch key store: its attribute %q is missing or unexpected",
		crypto.ErrNoUsableKey, name)
}
