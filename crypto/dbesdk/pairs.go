package dbesdk

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"sync"
)

// pairsAhead is how many key pairs are kept ready: enough for a transaction or
// a batch of 25 items, and little memory.
const pairsAhead = 32

// pairs makes ECDSA P-384 key pairs ahead of need, since making one is a large
// part of the time that sealing an item takes.
type pairs struct {
	ready   chan *ecdsa.PrivateKey
	start   sync.Once
	stop    sync.Once
	stopped chan struct{}
}

func newPairs() *pairs {
	return &pairs{ready: make(chan *ecdsa.PrivateKey, pairsAhead), stopped: make(chan struct{})}
}

// take returns a key pair that nobody else gets.
func (p *pairs) take() (*ecdsa.PrivateKey, error) {
	p.start.Do(func() { go p.fill() }) // not before there is something to sign
	select {
	case key := <-p.ready:
		return key, nil
	default:
		return newPair()
	}
}

// fill keeps pairs ready until close.
func (p *pairs) fill() {
	for {
		select {
		case <-p.stopped:
			return
		default:
		}
		key, err := newPair()
		if err != nil {
			return // take reports it
		}
		select {
		case p.ready <- key:
		case <-p.stopped:
			return
		}
	}
}

func (p *pairs) close() {
	p.stop.Do(func() { close(p.stopped) })
}

func newPair() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) }
