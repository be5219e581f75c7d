package bulk

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// seconds returns how long it takes to consume units.
func seconds(t *testing.T, p *pace, requests int, units float64) float64 {
	t.Helper()
	began := time.Now()
	for range requests {
		if err := p.pay(t.Context(), units); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(began).Seconds()
}

func TestPace_HoldsRequestsToARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			rate, units float64
			requests    int
			want        float64 // seconds, beside the second that may be consumed at once
		}{
			{100, 0.5, 2000, 9},
			{100, 250, 40, 99},
			{0.5, 1, 10, 18},
			{0, 1000, 1000, 0},
		} {
			if got := seconds(t, newPace(c.rate), c.requests, c.units); got < c.want-0.1 || got > c.want+0.1 {
				t.Errorf("%+v took %v s", c, got)
			}
		}
	})
}

func TestPace_SlowsDownWithThrottlingAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(100)
		for range 5 {
			time.Sleep(2 * time.Second)
			p.slowDown()
			p.slowDown() // of the same moment
		}
		if got := float64(p.limiter.Limit()); got < 16 || got > 17.5 { // 100 * 0.7^5
			t.Errorf("the rate is %v after throttling", got)
		}
		if slow := seconds(t, p, 100, 1); slow < 2 {
			t.Errorf("100 units took %v s", slow)
		}
		time.Sleep(time.Minute)
		seconds(t, p, 1, 1)
		if got := float64(p.limiter.Limit()); got != 100 {
			t.Errorf("the rate is %v after a minute", got)
		}
		for range 100 {
			time.Sleep(2 * time.Second)
			p.slowDown()
		}
		if got := float64(p.limiter.Limit()); got != lowestRate {
			t.Errorf("the lowest rate is %v", got)
		}

		// Without a limit, it is the rate so far that is lowered.
		p = newPace(0)
		for range 10 {
			time.Sleep(time.Second)
			seconds(t, p, 1, 50)
		}
		p.slowDown()
		if got := float64(p.limiter.Limit()); got < 34 || got > 36 {
			t.Errorf("the rate is %v after 50 units per second", got)
		}
	})
}

func TestPace_EndsWithTheContext(t *testing.T) {
	p := newPace(1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.pay(ctx, 1e6); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// An attempt that the SDK's client repeats itself slows the pace down too.
func TestPace_SeesAttemptsThatAreThrottled(t *testing.T) {
	for name, retryer := range map[string]aws.Retryer{"V1": struct{ aws.Retryer }{aws.NopRetryer{}}, "V2": aws.NopRetryer{}} {
		p := newPace(100)
		o := dynamodb.Options{Retryer: retryer}
		p.watch(&o)
		o.Retryer.IsErrorRetryable(errors.New("reset"))
		if p.limiter.Limit() != 100 {
			t.Errorf("%s: another error slows down", name)
		}
		o.Retryer.IsErrorRetryable(&types.ProvisionedThroughputExceededException{})
		if p.limiter.Limit() >= 100 {
			t.Errorf("%s: throttling does not slow down", name)
		}
	}
}
