package keyfile_test

import (
	"encoding/pem"
	"testing"

	"github.com/ddbenc/ddbenc/internal/errtest"
	"github.com/ddbenc/ddbenc/providers/keyfile"
)

func TestErrors_HaveTheTextsOfTheGoldenFile(t *testing.T) {
	second := func(_ any, err error) error { return err }
	block := func(kind string) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte{0x30, 0}})
	}
	errtest.Golden(t, map[string]error{
		"private: empty":         second(keyfile.Private(nil)),
		"private: DER":           second(keyfile.Private([]byte{0x30, 0})),
		"private: bytes after":   second(keyfile.Private([]byte{0x30, 0, 0})),
		"private: another block": second(keyfile.Private(block("PUBLIC KEY"))),
		"private: unknown block": second(keyfile.Private(block("SECRET"))),
		"private: encrypted":     second(keyfile.Private(block("ENCRYPTED PRIVATE KEY"))),
		"private: two blocks":    second(keyfile.Private(append(block("PRIVATE KEY"), block("PRIVATE KEY")...))),
		"private: PEM":           second(keyfile.Private([]byte("-----BEGIN"))),
		"public: empty":          second(keyfile.Public(nil)),
		"public: DER":            second(keyfile.Public([]byte{0x30, 0})),
		"public: another block":  second(keyfile.Public(block("PRIVATE KEY"))),
	})
}
