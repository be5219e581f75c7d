package keyconfig

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/logging"

	"github.com/ddbenc/ddbenc/providers/directkms"
	"github.com/ddbenc/ddbenc/providers/keyring/keystore"
	"github.com/ddbenc/ddbenc/providers/metastore"
)

// KMS is the part of *kms.Client that keys use.
type KMS interface {
	directkms.Client
	keystore.KMS
}

// DynamoDB is the part of *dynamodb.Client that key stores use.
type DynamoDB interface {
	keystore.Client
	metastore.Client
}

// Connect returns clients for the services that hold keys. The Region of KMS is
// that of the key, or empty if the key's name does not include it. KMS returns
// the client with its Region.
type Connect interface {
	KMS(ctx context.Context, region string) (client KMS, of string, err error)
	DynamoDB(ctx context.Context) (DynamoDB, error)
}

// AWS returns a Connect for the services that a file names: AWS's own with the
// credentials of the environment, unless the file names endpoints.
func AWS(f *File) Connect { return services(f.Services) }

type services Services

func (s services) options(region string) []func(*config.LoadOptions) error {
	// Errors are returned. The SDK would also log them, unseen by whoever
	// called.
	options := []func(*config.LoadOptions) error{config.WithSharedConfigProfile(s.Profile),
		config.WithLogger(logging.Nop{})}
	if region == "" {
		region = s.Region
	}
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	return options
}

func (s services) KMS(ctx context.Context, region string) (KMS, string, error) {
	cfg, err := config.LoadDefaultConfig(ctx, s.options(region)...)
	if err != nil {
		return nil, "", fmt.Errorf("aws: %w", err)
	}
	client := awskms.NewFromConfig(cfg, func(o *awskms.Options) {
		if s.KMSEndpoint != "" {
			o.BaseEndpoint = &s.KMSEndpoint
		}
	})
	return client, cfg.Region, checkEndpoint("KMS", client.Options().BaseEndpoint)
}

func (s services) DynamoDB(ctx context.Context) (DynamoDB, error) {
	return Services(s).DynamoDB(ctx)
}

// DynamoDB returns a client for DynamoDB.
func (s Services) DynamoDB(ctx context.Context) (*dynamodb.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx, services(s).options("")...)
	if err != nil {
		return nil, fmt.Errorf("aws: %w", err)
	}
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if s.DynamoDBEndpoint != "" {
			o.BaseEndpoint = &s.DynamoDBEndpoint
		}
	})
	return client, checkEndpoint("DynamoDB", client.Options().BaseEndpoint)
}

// checkEndpoint returns an error for an endpoint without TLS, from the file or
// from the environment, unless it is on this machine. Otherwise signed requests
// and session tokens would be sent over the network in the clear.
func checkEndpoint(service string, endpoint *string) error {
	if endpoint == nil {
		return nil
	}
	u, err := url.Parse(*endpoint)
	if err != nil || u.Host == "" {
		return fmt.Errorf("the endpoint of %s is not a URL such as https://host:8000", service)
	}
	switch {
	case strings.EqualFold(u.Scheme, "https"):
		return nil
	case !strings.EqualFold(u.Scheme, "http"):
		return fmt.Errorf("the endpoint of %s has the scheme %q: use https", service, u.Scheme)
	case !isLoopback(u.Hostname()):
		return fmt.Errorf("the endpoint of %s is plain http to %q, which is not this machine: "+
			"requests and session tokens would cross the network in the clear; use https", service, u.Hostname())
	}
	return nil
}

// isLoopback reports whether a host is this machine: localhost, a name below
// it, or a loopback address.
func isLoopback(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
