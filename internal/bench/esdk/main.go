//go:build unix

// Command esdk measures the AWS Encryption SDK for Go with single fields, for
// "make peers". It is a module of its own, so that its dependencies are not
// ddbenc's. It reads a JSON request a line, and writes a JSON response a line.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"

	mpl "github.com/aws/aws-cryptographic-material-providers-library/releases/go/mpl/awscryptographymaterialproviderssmithygenerated"
	mpltypes "github.com/aws/aws-cryptographic-material-providers-library/releases/go/mpl/awscryptographymaterialproviderssmithygeneratedtypes"
	esdk "github.com/aws/aws-encryption-sdk/releases/go/encryption-sdk/awscryptographyencryptionsdksmithygenerated"
	esdktypes "github.com/aws/aws-encryption-sdk/releases/go/encryption-sdk/awscryptographyencryptionsdksmithygeneratedtypes"

	"github.com/ddbenc/ddbenc/internal/bench/cpu"
)

// request asks to measure "encrypt" or "decrypt".
type request struct {
	Bench struct {
		Op string
		cpu.Budget
	}
	Keyring struct {
		Namespace, Name string
		Key             []byte
	}
	ECDSA bool
	Field []byte
}

type response struct {
	Operations  int64  `json:"operations"`
	Nanoseconds int64  `json:"nanoseconds"`
	Runtime     string `json:"runtime"`
	Error       string `json:"error,omitempty"`
}

func main() {
	in, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		taken, err := handle(context.Background(), line)
		answer := response{Operations: taken.Operations, Nanoseconds: taken.Nanoseconds, Runtime: runtime.Version()}
		if err != nil {
			answer.Error = err.Error()
		}
		if err := out.Encode(answer); err != nil {
			fmt.Fprintln(os.Stderr, "esdk:", err)
			os.Exit(1)
		}
	}
}

func handle(ctx context.Context, line []byte) (cpu.Taken, error) {
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		return cpu.Taken{}, err
	}
	client, encrypt, err := prepare(ctx, r)
	if err != nil {
		return cpu.Taken{}, err
	}
	sealed, err := client.Encrypt(ctx, encrypt)
	if err != nil {
		return cpu.Taken{}, err
	}
	decrypt := esdktypes.DecryptInput{Ciphertext: sealed.Ciphertext, Keyring: encrypt.Keyring}
	opened, err := client.Decrypt(ctx, decrypt)
	if err != nil {
		return cpu.Taken{}, err
	}
	if !bytes.Equal(opened.Plaintext, r.Field) {
		return cpu.Taken{}, errors.New("the field is another one")
	}
	return cpu.Measure(r.Bench.Budget, func() (err error) {
		if r.Bench.Op == "encrypt" {
			_, err = client.Encrypt(ctx, encrypt)
		} else {
			_, err = client.Decrypt(ctx, decrypt)
		}
		return err
	})
}

// prepare makes a client, and what it encrypts.
func prepare(ctx context.Context, r request) (*esdk.Client, esdktypes.EncryptInput, error) {
	var none esdktypes.EncryptInput
	providers, err := mpl.NewClient(mpltypes.MaterialProvidersConfig{})
	if err != nil {
		return nil, none, err
	}
	keyring, err := providers.CreateRawAesKeyring(ctx, mpltypes.CreateRawAesKeyringInput{
		KeyNamespace: r.Keyring.Namespace, KeyName: r.Keyring.Name, WrappingKey: r.Keyring.Key,
		WrappingAlg: mpltypes.AesWrappingAlgAlgAes256GcmIv12Tag16,
	})
	if err != nil {
		return nil, none, err
	}
	client, err := esdk.NewClient(esdktypes.AwsEncryptionSdkConfig{})
	if err != nil {
		return nil, none, err
	}
	suite := mpltypes.ESDKAlgorithmSuiteIdAlgAes256GcmHkdfSha512CommitKey
	if r.ECDSA {
		suite = mpltypes.ESDKAlgorithmSuiteIdAlgAes256GcmHkdfSha512CommitKeyEcdsaP384
	}
	return client, esdktypes.EncryptInput{
		Plaintext: r.Field, AlgorithmSuiteId: &suite, Keyring: keyring,
		EncryptionContext: map[string]string{"table": "bench", "id": "an-item"},
	}, nil
}
