package providertest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ddbenc/ddbenc/providers/internal/kmskey"
)

// KeyARN is the ARN of the symmetric key that every [KMS] has.
const KeyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// Errors for [KMS.Fail] and [KeyStore.Fail].
var (
	// ErrThrottled is the error of KMS for too many requests.
	ErrThrottled error = &smithy.GenericAPIError{Code: "ThrottlingException", Message: "rate exceeded"}
	// ErrDenied is the error of KMS for a caller without permission.
	ErrDenied error = &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"}
	// ErrDown is the error of the SDK if it cannot connect.
	ErrDown error = &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}}
)

// KMS is an AWS KMS in memory. Pass it wherever this module takes a KMS client.
//
// Like KMS, it rejects a ciphertext that was changed, or that another key or
// another encryption context belongs to, and keys that do not exist. A key is
// named by its ARN, its ID or an alias. It has no policies, grants or quotas:
// use Fail instead. A KMS is safe for concurrent use.
type KMS struct {
	keys   *keys
	region string // empty: all Regions

	mu       sync.Mutex
	requests []any
	calls    map[string]int
	request  func(ctx context.Context, operation string, input any) error
	reply    func(output any)
}

// keys are the keys of all Regions.
type keys struct {
	mu        sync.Mutex
	symmetric map[string]cipher.AEAD // by ARN
	rsa       map[string]*rsa.PrivateKey
	aliases   map[string]string
}

// NewKMS returns a KMS with symmetric keys of the given ARNs, and [KeyARN].
func NewKMS(keyARNs ...string) *KMS {
	k := &KMS{calls: make(map[string]int), keys: &keys{
		symmetric: make(map[string]cipher.AEAD),
		rsa:       make(map[string]*rsa.PrivateKey),
		aliases:   make(map[string]string),
	}}
	for _, arn := range append([]string{KeyARN}, keyARNs...) {
		k.AddKey(arn)
	}
	return k
}

// AddKey adds a symmetric key. Multi-Region keys whose ARNs differ in nothing
// but the Region are replicas: each decrypts what another encrypted. AddKey
// panics if keyARN is not the ARN of a KMS key.
func (k *KMS) AddKey(keyARN string) {
	arn := mustParse(keyARN)
	k.keys.mu.Lock()
	defer k.keys.mu.Unlock()
	for other, aead := range k.keys.symmetric {
		if arn.RelatedTo(mustParse(other)) {
			k.keys.symmetric[keyARN] = aead
			return
		}
	}
	material := make([]byte, 32)
	rand.Read(material)
	block, err := aes.NewCipher(material)
	if err != nil {
		panic(err) // the size is valid
	}
	if k.keys.symmetric[keyARN], err = cipher.NewGCMWithRandomNonce(block); err != nil {
		panic(err)
	}
}

// AddRSAKey adds an RSA key for encryption. It panics if keyARN is not the ARN
// of a KMS key.
func (k *KMS) AddRSAKey(keyARN string, private *rsa.PrivateKey) {
	mustParse(keyARN)
	k.keys.mu.Lock()
	defer k.keys.mu.Unlock()
	k.keys.rsa[keyARN] = private
}

// AddAlias lets requests name a key by an alias, such as "alias/accounts" or
// the alias's ARN.
func (k *KMS) AddAlias(alias, keyARN string) {
	k.keys.mu.Lock()
	defer k.keys.mu.Unlock()
	k.keys.aliases[alias] = keyARN
}

func mustParse(keyARN string) kmskey.ARN {
	arn, err := kmskey.ParseARN(keyARN)
	if err != nil {
		panic("providertest: " + err.Error())
	}
	return arn
}

// In returns a client for one Region. It shares its keys with k, and finds only
// those of the Region. It fails, counts and records on its own.
func (k *KMS) In(region string) *KMS {
	return &KMS{keys: k.keys, region: region, calls: make(map[string]int)}
}

// Fail makes requests fail with err until it is called again. If operations
// are given, such as "Decrypt", only those fail. A nil err ends the failure.
// [ErrThrottled], [ErrDenied] and [ErrDown] are the usual ones.
func (k *KMS) Fail(err error, operations ...string) {
	if err == nil {
		k.OnRequest(nil)
		return
	}
	k.OnRequest(func(_ context.Context, operation string, _ any) error {
		if len(operations) == 0 || slices.Contains(operations, operation) {
			return err
		}
		return nil
	})
}

// OnRequest sets a function that is called before each request, with the
// operation and the input of the SDK's client method, such as
// *kms.DecryptInput. If it returns an error, the request fails with it. It may
// block, to simulate a slow service. It replaces what Fail set, and nil removes
// it.
func (k *KMS) OnRequest(f func(ctx context.Context, operation string, input any) error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.request = f
}

// OnReply sets a function that may change each output, such as
// *kms.DecryptOutput, before it is returned, to test code that checks replies.
// Nil removes it.
func (k *KMS) OnReply(f func(output any)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reply = f
}

// Calls returns how many requests there were of an operation, such as
// "Decrypt", failed ones included.
func (k *KMS) Calls(operation string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.calls[operation]
}

// Requests returns the inputs of one type, such as *kms.DecryptInput, in the
// order of their requests, failed ones included.
func Requests[T any](k *KMS) []T {
	k.mu.Lock()
	defer k.mu.Unlock()
	var all []T
	for _, request := range k.requests {
		if in, ok := request.(T); ok {
			all = append(all, in)
		}
	}
	return all
}

// serve records a request, lets it fail, answers it and lets the reply be
// changed.
func serve[In, Out any](ctx context.Context, k *KMS, operation string, in *In,
	answer func() (*Out, error)) (*Out, error) {
	k.mu.Lock()
	k.requests = append(k.requests, in)
	k.calls[operation]++
	request, reply := k.request, k.reply
	k.mu.Unlock()
	if request != nil {
		if err := request(ctx, operation, in); err != nil {
			return nil, operationError(operation, err)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, operationError(operation, &aws.RequestCanceledError{Err: err})
	}
	k.keys.mu.Lock()
	out, err := answer()
	k.keys.mu.Unlock()
	if err != nil {
		return nil, operationError(operation, err)
	}
	if reply != nil {
		reply(out)
	}
	return out, nil
}

// operationError returns err as the SDK's client does.
func operationError(operation string, err error) error {
	if _, ok := errors.AsType[*smithy.OperationError](err); ok {
		return err
	}
	return &smithy.OperationError{ServiceID: "KMS", OperationName: operation, Err: err}
}

// find returns the ARN of the key that a request names.
func (k *KMS) find(name *string) (string, error) {
	id := aws.ToString(name)
	if arn, ok := k.keys.aliases[id]; ok {
		id = arn
	}
	for _, arn := range k.arns() {
		if arn == id || strings.HasSuffix(arn, ":key/"+id) {
			return arn, nil
		}
	}
	return "", &types.NotFoundException{Message: aws.String("there is no key " + aws.ToString(name))}
}

// arns returns the ARNs of the client's Region, in order.
func (k *KMS) arns() []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(k.keys.symmetric)), maps.Keys(k.keys.rsa))
	slices.Sort(all)
	return slices.DeleteFunc(all, func(arn string) bool { return k.region != "" && mustParse(arn).Region != k.region })
}
