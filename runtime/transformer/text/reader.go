package text

import (
	"fmt"
	"math/rand/v2"
)

// A Position is a place in the batches of a [Reader]: the next one to be read.
type Position struct {
	Epoch int // passes over the corpus that are complete
	Batch int // batches of this one that have been read
}

// A Reader hands out the batches of a corpus, epoch after epoch. It is not safe for
// concurrent use.
type Reader struct {
	plan    plan
	at      Position
	batches int // of the epoch
}

// A plan cuts a corpus into batches.
type plan interface {
	start(epoch int) (batches int) // plans an epoch; at least one batch
	fill(b *Batch, i int)          // makes b batch i of the epoch that was started last
}

func newReader(p plan) *Reader { return &Reader{plan: p, batches: p.start(0)} }

// Next makes b the next batch. At the end of an epoch it returns false, leaves b as
// it is, and goes on with the next epoch when it is called again.
func (r *Reader) Next(b *Batch) bool {
	if r.at.Batch == r.batches {
		r.turn(r.at.Epoch + 1)
		return false
	}
	r.plan.fill(b, r.at.Batch)
	r.at.Batch++
	return true
}

func (r *Reader) turn(epoch int) {
	r.at, r.batches = Position{Epoch: epoch}, r.plan.start(epoch)
}

// Batches returns the number of batches of the epoch.
func (r *Reader) Batches() int { return r.batches }

// Position returns the place of the batch that is read next.
func (r *Reader) Position() Position { return r.at }

// Seek makes p the place of the batch that is read next. What follows is what would
// have followed if the reader had come there by reading.
func (r *Reader) Seek(p Position) error {
	if p.Epoch < 0 || p.Batch < 0 {
		return fmt.Errorf("position %d of epoch %d: both count from 0", p.Batch, p.Epoch)
	}
	before := r.at
	r.turn(p.Epoch)
	if p.Batch > r.batches {
		err := fmt.Errorf("position %d of epoch %d: the epoch has %d batches; was the corpus another one, or the size of the batches?",
			p.Batch, p.Epoch, r.batches)
		r.turn(before.Epoch)
		r.at = before
		return err
	}
	r.at.Batch = p.Batch
	return nil
}

// An Order says how the batches of an epoch are drawn.
type Order struct {
	Shuffle bool   // another order in each epoch; else always the same, as for evaluation
	Seed    uint64 // of the shuffling
}

// generator returns random numbers that depend on the seed and the epoch alone.
func (o Order) generator(epoch int, pcg *rand.PCG) *rand.Rand {
	pcg.Seed(o.Seed, uint64(epoch))
	return rand.New(pcg)
}

// identity is 0, 1, 2 and so on to n-1, in s if that is large enough.
func identity(s []int, n int) []int {
	s = reserve(s, n)[:n]
	for i := range s {
		s[i] = i
	}
	return s
}

func shuffle(r *rand.Rand, s []int) {
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}
