package servertest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/ddbenc/ddbenc/crypto"
)

// codec encrypts payloads with AES-GCM.
type codec struct{ cipher.AEAD }

func newCodec(t *testing.T) codec {
	t.Helper()
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return codec{gcm}
}

func (c codec) Encode(all []*commonpb.Payload) ([]*commonpb.Payload, error) {
	sealed := make([]*commonpb.Payload, len(all))
	for i, p := range all {
		data, err := proto.Marshal(p)
		if err != nil {
			return nil, err
		}
		sealed[i] = &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("binary/encrypted")},
			Data: c.Seal(nil, nil, data, nil)}
	}
	return sealed, nil
}

func (c codec) Decode(all []*commonpb.Payload) ([]*commonpb.Payload, error) {
	opened := make([]*commonpb.Payload, len(all))
	for i, p := range all {
		if string(p.Metadata["encoding"]) != "binary/encrypted" {
			opened[i] = p
			continue
		}
		data, err := c.Open(nil, nil, p.Data, nil)
		if err != nil {
			return nil, err
		}
		opened[i] = &commonpb.Payload{}
		if err := proto.Unmarshal(data, opened[i]); err != nil {
			return nil, err
		}
	}
	return opened, nil
}

// payloads returns the data and the texts in an event, and decodes the checkpoints.
func payloads(event *historypb.HistoryEvent) string {
	var all strings.Builder
	var walk func(protoreflect.Message)
	visit := func(kind protoreflect.Kind, v protoreflect.Value) {
		switch kind {
		case protoreflect.MessageKind:
			walk(v.Message())
		case protoreflect.BytesKind:
			all.Write(v.Bytes())
			all.WriteString(decoded(v.Bytes()))
		case protoreflect.StringKind:
			all.WriteString(v.String())
		}
	}
	walk = func(m protoreflect.Message) {
		m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case f.IsMap():
				v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
					visit(f.MapValue().Kind(), v)
					return true
				})
			case f.IsList():
				for i := range v.List().Len() {
					visit(f.Kind(), v.List().Get(i))
				}
			default:
				visit(f.Kind(), v)
			}
			return true
		})
	}
	walk(event.ProtoReflect())
	return all.String()
}

// opened returns the attributes of an item that its format does not add.
func opened(item crypto.Item) map[string]string {
	all := make(map[string]string)
	for name, v := range item {
		if s, ok := v.(*types.AttributeValueMemberS); ok {
			all[name] = s.Value
		} else {
			all[name] = fmt.Sprintf("%T", v)
		}
	}
	return all
}

// decoded returns the texts that JSON has in base64.
func decoded(data []byte) string {
	var all strings.Builder
	for _, field := range bytes.Split(data, []byte(`"`)) {
		if text, err := base64.StdEncoding.DecodeString(string(field)); err == nil {
			all.Write(text)
		}
	}
	return all.String()
}
