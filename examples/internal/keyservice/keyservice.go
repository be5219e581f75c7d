// Package keyservice gives the examples the AWS KMS that their flags ask for.
package keyservice

import (
	"context"
	"errors"
	"flag"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// Flags declares -key and -kms-endpoint, and returns the function that, once
// flags are parsed, gives a client and the ARN of the key to use. With a local
// KMS the key may be left out, and is made.
func Flags() func(context.Context) (*kms.Client, string, error) {
	keyARN := flag.String("key", "", "`ARN` of a symmetric KMS key")
	endpoint := flag.String("kms-endpoint", "", "`URL` of a local KMS that accepts any credentials")
	return func(ctx context.Context) (*kms.Client, string, error) {
		switch {
		case *endpoint != "":
			return local(ctx, *endpoint, *keyARN)
		case *keyARN == "":
			return nil, "", errors.New("say which key to use: -key ARN, or -kms-endpoint URL for a local KMS")
		}
		cfg, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return nil, "", err
		}
		return kms.NewFromConfig(cfg), *keyARN, nil
	}
}

func local(ctx context.Context, endpoint, keyARN string) (*kms.Client, string, error) {
	client := kms.New(kms.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	if keyARN != "" {
		return client, keyARN, nil
	}
	made, err := client.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		return nil, "", err
	}
	return client, aws.ToString(made.KeyMetadata.Arn), nil
}
