package mapper_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ddbenc/ddbenc/crypto/dbesdk"
	"github.com/ddbenc/ddbenc/crypto/dbesdk/beacon"
	"github.com/ddbenc/ddbenc/mapper"
	"github.com/ddbenc/ddbenc/providers/keyring/hierarchical"
	"github.com/ddbenc/ddbenc/providers/providertest"
)

// Member has an email of which there are few, with a beacon that collides.
type Member struct {
	ID    string `dynamo:"id,hash"`
	Email string `dynamo:"email" beacon:"8" index:"by-email,hash"`
}

// The items that a query fetches are, on average, those it wants and those of the
// other emails with the same beacon: of D distinct emails, (D-1)/2^8.
func TestBeacons_QueriesFetchNoMoreThanTheLengthPromises(t *testing.T) {
	notOnMoto(t, "thousands of items take it minutes")
	items := 5000
	if text := os.Getenv("DDBENC_BEACON_ITEMS"); text != "" {
		var err error
		items, err = strconv.Atoi(text)
		check(t, err)
	}
	const perEmail, queries = 5, 60
	distinct := items / perEmail
	email := func(i int) string { return fmt.Sprintf("%d@example.com", i%distinct) }
	db, api := members(t)
	start := time.Now()
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(4)
	for i := range items {
		group.Go(func() error {
			return db.Table("members").Put(Member{strconv.Itoa(i), email(i)}).Run(ctx)
		})
	}
	check(t, group.Wait())
	t.Logf("%d items put in %v", items, time.Since(start).Round(time.Millisecond))

	fetched := 0
	api.lie = func(_ string, _, out any, err error) (any, error) {
		if query, ok := out.(*dynamodb.QueryOutput); ok {
			fetched += len(query.Items)
		}
		return out, err
	}
	start = time.Now()
	random := rand.New(rand.NewPCG(1, 2))
	for range queries {
		var found []Member
		check(t, db.Table("members").Get("email", email(random.IntN(distinct))).Index("by-email").All(t.Context(), &found))
		if len(found) != perEmail {
			t.Fatalf("found %d", len(found))
		}
	}
	took := time.Since(start) / queries
	others := float64(distinct-1) / 256
	promised := perEmail * (1 + others)
	// The number of other emails with the same beacon has a standard deviation of
	// about its root.
	most := perEmail * (1 + others + 5*math.Sqrt(others/queries))
	got := float64(fetched) / queries
	t.Logf("fetched %.1f items a query, promised %.1f; a query takes %v", got, promised, took.Round(time.Microsecond))
	if got > most {
		t.Errorf("a query fetches %.1f items, and at most %.1f are promised", got, most)
	}
}

func members(t testing.TB) (*dynamo.DB, *spy) {
	t.Helper()
	store := providertest.NewKeyStore("members")
	keys, err := hierarchical.New(store, hierarchical.BranchKey("members"), time.Hour)
	check(t, err)
	e, err := dbesdk.New(keys, dbesdk.WithSuite(dbesdk.SuiteHMAC))
	check(t, err)
	beaconKeys, err := beacon.SingleKeyStore(store, "members", time.Hour)
	check(t, err)
	api := &spy{DynamoDBAPI: database(t)}
	db, err := mapper.New(api, mapper.TableOf[Member]("members", e, mapper.WithBeacons(beaconKeys)))
	check(t, err)
	check(t, db.CreateTable("members", Member{}).OnDemand(true).Run(t.Context()))
	return db, api
}
