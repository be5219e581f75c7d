package bulk

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithytime "github.com/aws/smithy-go/time"
	"golang.org/x/time/rate"
)

// pace limits requests to a rate in capacity units per second. The units that a
// request consumes are known only afterwards, so they are paid for then.
// Throttling lowers the rate, at most once a second, since requests that are in
// flight together are throttled together. The rate then grows back.
type pace struct {
	most rate.Limit

	mu       sync.Mutex
	limiter  *rate.Limiter
	fraction float64 // of a unit, not yet paid
	paid     float64
	since    time.Time
	changed  time.Time // when the rate did last
}

const (
	decrease   = 0.7  // of the rate, with throttling
	growth     = 1.05 // of the rate, in a second
	lowestRate = 1    // unit per second
)

// newPace returns a pace with a maximum rate, or without limit for 0.
func newPace(unitsPerSecond float64) *pace {
	most := rate.Limit(unitsPerSecond)
	if unitsPerSecond == 0 {
		most = rate.Inf
	}
	return &pace{most: most, limiter: rate.NewLimiter(most, burst(most)), since: time.Now()}
}

// burst returns the units that may be consumed at once: those of one second.
func burst(limit rate.Limit) int {
	return int(min(max(math.Ceil(float64(limit)), 1), math.MaxInt32))
}

// maxUnits is more than one request can consume. A page has at most 1 MB, and an
// item at most 400 KB, which is written to the table and at most 25 indexes.
const maxUnits = 12_000

// units returns the capacity units that DynamoDB says a request consumed, as far
// as that can be.
func units(reported *types.ConsumedCapacity) float64 {
	if reported == nil {
		return 0
	}
	consumed := aws.ToFloat64(reported.CapacityUnits)
	if math.IsNaN(consumed) {
		return 0
	}
	return min(max(consumed, 0), maxUnits)
}

// pay waits until the consumed units fit the rate.
func (p *pace) pay(ctx context.Context, units float64) error {
	p.mu.Lock()
	p.paid += units
	p.fraction += units
	whole := math.Floor(p.fraction)
	p.fraction -= whole
	now := time.Now()
	if passed := now.Sub(p.changed); p.limiter.Limit() < p.most && passed > time.Second {
		p.set(now, min(p.limiter.Limit()*rate.Limit(math.Pow(growth, passed.Seconds())), p.most))
	}
	var delay time.Duration
	for whole > 0 {
		n := min(int(whole), p.limiter.Burst())
		delay = p.limiter.ReserveN(now, n).DelayFrom(now)
		whole -= float64(n)
	}
	p.mu.Unlock()
	return smithytime.SleepWithContext(ctx, max(delay, 0))
}

// slowDown lowers the rate.
func (p *pace) slowDown() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.changed) < time.Second {
		return
	}
	limit := float64(p.limiter.Limit())
	if p.limiter.Limit() == rate.Inf {
		limit = p.paid / max(now.Sub(p.since).Seconds(), 1)
	}
	p.set(now, rate.Limit(max(limit*decrease, min(lowestRate, float64(p.most)))))
}

// set changes the rate. The caller holds the mutex.
func (p *pace) set(now time.Time, limit rate.Limit) {
	p.changed = now
	p.limiter.SetLimitAt(now, limit)
	p.limiter.SetBurstAt(now, burst(limit))
}

// watch slows the pace down when an attempt is throttled and the SDK's client
// repeats it.
func (p *pace) watch(o *dynamodb.Options) {
	switch retryer := o.Retryer.(type) {
	case nil:
	case aws.RetryerV2:
		o.Retryer = watchedV2{retryer, p}
	default:
		o.Retryer = watched{retryer, p}
	}
}

type watched struct {
	aws.Retryer
	pace *pace
}

func (w watched) IsErrorRetryable(err error) bool {
	if throttled(err) {
		w.pace.slowDown()
	}
	return w.Retryer.IsErrorRetryable(err)
}

type watchedV2 struct {
	aws.RetryerV2
	pace *pace
}

func (w watchedV2) IsErrorRetryable(err error) bool {
	if throttled(err) {
		w.pace.slowDown()
	}
	return w.RetryerV2.IsErrorRetryable(err)
}

const (
	attempts     = 10
	firstPause   = 50 * time.Millisecond
	longestPause = 20 * time.Second
)

// try makes a request at the rate of a pace, and repeats it after temporary errors
// until ctx ends.
func try(ctx context.Context, p *pace, do func() (consumed float64, err error)) error {
	for attempt := 1; ; attempt++ {
		consumed, err := do()
		_ = p.pay(ctx, consumed) // if ctx ends, the result still counts
		if err == nil || !temporary(err) {
			return err
		}
		if throttled(err) {
			p.slowDown()
		}
		if attempt == attempts {
			return fmt.Errorf("%w (%d attempts)", err, attempts)
		}
		if err := smithytime.SleepWithContext(ctx, rand.N(min(firstPause<<attempt, longestPause))); err != nil {
			return err
		}
	}
}
