package text

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// BucketOptions say how [NewBuckets] cuts sentences into batches.
type BucketOptions struct {
	// Tokens is the most that a batch holds on the longer side, padding included:
	// rows times the longest sentence of either language, End included.
	Tokens int
	Rows   int // the most sentences of a batch; 0: as many as Tokens allows
	Order
}

// NewBuckets reads pairs of sentences for a translator. Sentences of about the same
// length share a batch, so that little of it is padding: pairs are sorted by the
// length of the source, then of the target, and cut into batches. Every pair comes
// once an epoch. Sources end in [End]; inputs are the target after [Start], and the
// targets are the target and End.
//
// With Shuffle pairs of equal lengths are drawn in random order, as are the batches.
//
// It is an error if there are no pairs, or one that is longer than a batch:
// [Pairs.Limit] leaves those out.
func NewBuckets(p *Pairs, o BucketOptions) (*Reader, error) {
	if o.Tokens < 1 || o.Rows < 0 {
		return nil, fmt.Errorf("batches of %d tokens and %d sentences: there is at least 1 token", o.Tokens, o.Rows)
	}
	if p.Len() == 0 {
		return nil, fmt.Errorf("there are no sentences to cut into batches")
	}
	for i := range p.Len() {
		if n := p.longer(i); n > o.Tokens {
			return nil, fmt.Errorf("sentence %d has %d tokens and a batch at most %d: give batches more tokens, or leave out long sentences",
				i+1, n, o.Tokens)
		}
	}
	return newReader(&buckets{pairs: p, o: o}), nil
}

// longer is the length of the longer side of a pair, with End.
func (p *Pairs) longer(i int) int { return max(len(p.Source[i]), len(p.Target[i])) + 1 }

// Limit returns the pairs of which neither side is longer than most tokens, with
// [End].
func (p *Pairs) Limit(most int) Pairs {
	var out Pairs
	for i := range p.Len() {
		if p.longer(i) <= most {
			out.Source = append(out.Source, p.Source[i])
			out.Target = append(out.Target, p.Target[i])
			out.Text = append(out.Text, p.Text[i])
		}
	}
	return out
}

type buckets struct {
	pairs *Pairs
	o     BucketOptions
	pcg   rand.PCG

	order []int // of the pairs
	cut   []int // where batch i starts in order; one more at the end
	batch []int // the order of the batches
	rows  int   // of the largest batch so far
}

func (s *buckets) start(epoch int) int {
	s.order = identity(s.order, s.pairs.Len())
	var random *rand.Rand
	if s.o.Shuffle {
		random = s.o.generator(epoch, &s.pcg)
		shuffle(random, s.order)
	}
	slices.SortStableFunc(s.order, func(i, j int) int {
		return cmp.Or(
			cmp.Compare(len(s.pairs.Source[i]), len(s.pairs.Source[j])),
			cmp.Compare(len(s.pairs.Target[i]), len(s.pairs.Target[j])))
	})
	s.cuts()
	s.batch = identity(s.batch, len(s.cut)-1)
	if s.o.Shuffle {
		shuffle(random, s.batch)
	}
	return len(s.batch)
}

// cuts starts a batch wherever the next pair would make the one before too large.
func (s *buckets) cuts() {
	s.cut = append(s.cut[:0], 0)
	rows, longest := 0, 0
	for k, i := range s.order {
		n := max(longest, s.pairs.longer(i))
		if (rows+1)*n > s.o.Tokens || rows == s.o.Rows && rows > 0 {
			s.cut = append(s.cut, k)
			rows, n = 0, s.pairs.longer(i)
		}
		rows, longest = rows+1, n
		s.rows = max(s.rows, rows)
	}
	s.cut = append(s.cut, len(s.order))
}

func (s *buckets) fill(b *Batch, i int) {
	k := s.batch[i]
	pairs := s.order[s.cut[k]:s.cut[k+1]]
	source, target := 0, 0
	for _, p := range pairs {
		source = max(source, len(s.pairs.Source[p])+1)
		target = max(target, len(s.pairs.Target[p])+1)
	}
	b.reserve(s.rows, s.o.Tokens, s.o.Tokens)
	b.resize(len(pairs), source, target)
	b.Pairs = append(b.Pairs, pairs...)
	for row, p := range pairs {
		b.source(row, s.pairs.Source[p])
		b.target(row, s.pairs.Target[p])
	}
}
