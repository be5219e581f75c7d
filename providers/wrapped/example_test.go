package wrapped_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/ddbec"
	"github.com/ddbenc/ddbenc/providers"
	"github.com/ddbenc/ddbenc/providers/wrapped"
)

// The intake service writes records that it cannot read itself. The review
// service has the private key and reads them.
func ExampleNewRSA() {
	if err := intakeAndReview(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the intake reads: false
	// the review reads: private
}

func intakeAndReview() error {
	ctx := context.Background()
	wrapping, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	signing, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	signer, err := providers.NewSigner("SHA256withRSA", signing)
	if err != nil {
		return err
	}
	verifier, err := providers.NewVerifier("SHA256withRSA", &signing.PublicKey)
	if err != nil {
		return err
	}

	intakeKeys, err := wrapped.NewRSA(&wrapping.PublicKey, nil, signer, nil)
	if err != nil {
		return err
	}
	reviewKeys, err := wrapped.NewRSA(nil, wrapping, nil, verifier)
	if err != nil {
		return err
	}
	intake, err := ddbec.New(intakeKeys)
	if err != nil {
		return err
	}
	review, err := ddbec.New(reviewKeys)
	if err != nil {
		return err
	}

	table := crypto.TableInfo{Name: "records", PartitionKey: "id"}
	actions := crypto.Actions{Attributes: map[string]crypto.Action{"id": crypto.Sign}}
	sealed, err := intake.EncryptItem(ctx, table, actions, crypto.Item{
		"id":   &types.AttributeValueMemberS{Value: "r-1"},
		"text": &types.AttributeValueMemberS{Value: "private"},
	})
	if err != nil {
		return err
	}
	_, err = intake.DecryptItem(ctx, table, actions, sealed)
	fmt.Println("the intake reads:", err == nil)
	record, err := review.DecryptItem(ctx, table, actions, sealed)
	if err != nil {
		return err
	}
	fmt.Println("the review reads:", record["text"].(*types.AttributeValueMemberS).Value)
	return nil
}
