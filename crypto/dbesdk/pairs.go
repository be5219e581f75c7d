package dbesdk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"sync"
)

// pairsAhead is how many key pairs are kept ready: enough for a transaction or
// a batch of 25 items, with little memory.
const pairsAhead = 32

// pairs generates ECDSA P-384 key pairs in the background, because that is a
// large part of the time that sealing an item takes.
type pairs struct {
	mu      sync.Mutex
	ready   chan *ecdsa.PrivateKey // nil until there is something to sign
	stop    chan struct{}
	stopped bool
}

func newPairs() *pairs { return &pairs{} }

// take returns a key pair. Each key pair is returned once.
func (p *pairs) take() (*ecdsa.PrivateKey, error) {
	select {
	case key := <-p.start():
		return key, nil
	default:
		return newPair()
	}
}

// start returns the channel that key pairs are sent on, and starts to fill it.
func (p *pairs) start() <-chan *ecdsa.PrivateKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ready == nil && !p.stopped {
		p.ready, p.stop = make(chan *ecdsa.PrivateKey, pairsAhead), make(chan struct{})
		go fill(p.ready, p.stop)
	}
	return p.ready
}

// fill generates key pairs until stop is closed.
func fill(ready chan<- *ecdsa.PrivateKey, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		key, err := newPair()
		if err != nil {
			return // take reports it
		}
		select {
		case ready <- key:
		case <-stop:
			return
		}
	}
}

func (p *pairs) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped && p.stop != nil {
		close(p.stop)
	}
	p.stopped = true
}

func newPair() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) }
