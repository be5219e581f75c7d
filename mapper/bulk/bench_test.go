package bulk_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ddbenc/ddbenc/crypto"
	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/mapper/bulk"
)

// pageOf is a table of n items, the same 200 again and again, and
// takes every write. It costs nothing, so that what is measured is the run.
type pageOf struct {
	dynamodbiface.DynamoDBAPI
	n     int
	items []crypto.Item
}

const benchPage = 200

func (p *pageOf) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	n := min(p.n, benchPage)
	p.n -= n
	out := &dynamodb.ScanOutput{Items: p.items[:n], Count: int32(n), ScannedCount: int32(n)}
	if p.n > 0 {
		out.LastEvaluatedKey = crypto.Item{"id": p.items[n-1]["id"]}
	}
	return out, nil
}

func (p *pageOf) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return &dynamodb.PutItemOutput{}, nil
}

// benchmark runs once over b.N items that e sealed.
func benchmark(b *testing.B, sealed crypto.ItemEncryptor, run func(*pageOf)) {
	b.Helper()
	s := newServer(b)
	var options []mapper.TableOption
	e := sealed
	if e == nil {
		e, options = sdkEncryptor(b, "key"), []mapper.TableOption{mapper.WithPlaintextWrites()}
	}
	fill(b, s.steady(b, e, options...), benchPage)
	p := &pageOf{n: b.N}
	for _, item := range s.stored(b) {
		p.items = append(p.items, item)
	}
	b.ReportAllocs()
	b.ResetTimer()
	run(p)
}

// BenchmarkScanAndPut is the least that any program does: read and write.
func BenchmarkScanAndPut(b *testing.B) {
	benchmark(b, nil, func(p *pageOf) {
		for {
			page, err := p.Scan(b.Context(), &dynamodb.ScanInput{TableName: aws.String(table)})
			check(b, err)
			for _, item := range page.Items {
				_, err := p.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item})
				check(b, err)
			}
			if page.LastEvaluatedKey == nil {
				return
			}
		}
	})
}

// BenchmarkReseal reads and writes, or reads what needs no write. One operation
// is one item.
func BenchmarkReseal(b *testing.B) {
	reseal := func(e crypto.ItemEncryptor, options ...mapper.TableOption) func(*pageOf) {
		return func(p *pageOf) {
			client, err := mapper.NewClient(p, mapper.TableOf[Note](table, e, options...))
			check(b, err)
			_, err = bulk.Reseal(b.Context(), client, table, bulk.WithSegments(1))
			check(b, err)
		}
	}
	hmac, ecdsa := sdkEncryptor(b, "key"), sdkEncryptor(b, "key", dbesdk.WithSuite(dbesdk.SuiteECDSA))
	b.Run("plaintext to hmac", func(b *testing.B) { benchmark(b, nil, reseal(hmac, mapper.WithPlaintextReads())) })
	b.Run("plaintext to ecdsa", func(b *testing.B) { benchmark(b, nil, reseal(ecdsa, mapper.WithPlaintextReads())) })
	b.Run("nothing to do, hmac", func(b *testing.B) { benchmark(b, hmac, reseal(hmac)) })
	b.Run("nothing to do, ecdsa", func(b *testing.B) { benchmark(b, ecdsa, reseal(ecdsa)) })
}

func BenchmarkVerify(b *testing.B) {
	e := sdkEncryptor(b, "key", dbesdk.WithSuite(dbesdk.SuiteECDSA))
	benchmark(b, e, func(p *pageOf) {
		client, err := mapper.NewClient(p, mapper.TableOf[Note](table, e))
		check(b, err)
		_, err = bulk.Verify(b.Context(), client, table, bulk.WithSegments(1))
		check(b, err)
	})
}

func BenchmarkCensus(b *testing.B) {
	benchmark(b, sdkEncryptor(b, "key"), func(p *pageOf) {
		_, err := bulk.Census(b.Context(), p, table, bulk.WithSegments(1))
		check(b, err)
	})
}
