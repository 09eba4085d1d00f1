package text

import (
	"fmt"
	"math/rand/v2"
)

// StreamOptions say how [NewStreams] cuts a text.
type StreamOptions struct {
	Rows   int // streams side by side; 1 or more
	Length int // tokens of each stream in a batch; 1 or more
	Order
}

// NewStreams reads a text for a language model. The text is cut into Rows streams
// whose lengths differ by one at most, and those into windows of Length tokens; a
// batch is the same window of every stream. Every token of the text but the first is
// a target exactly once an epoch, whatever the options. Where streams have ended the
// last window is shorter, has padding in its last column, or has fewer rows: no row
// is all padding.
//
// With Shuffle the windows come in random order, and each epoch leaves out up to
// Length-1 tokens at the start of the text, so that the cuts fall elsewhere.
//
// It is an error if the text has less than two tokens or fewer targets than rows.
func NewStreams(tokens []int32, o StreamOptions) (*Reader, error) {
	switch {
	case o.Rows < 1 || o.Length < 1:
		return nil, fmt.Errorf("%d streams of windows of %d tokens: both are at least 1", o.Rows, o.Length)
	case len(tokens)-1 < o.Rows:
		return nil, fmt.Errorf("a text of %d tokens cannot be cut into %d streams: each needs a token and the one after it", len(tokens), o.Rows)
	}
	return newReader(&streams{all: tokens, o: o}), nil
}

type streams struct {
	all []int32
	o   StreamOptions
	pcg rand.PCG

	text  []int32 // of the epoch
	order []int   // of the windows
}

func (s *streams) start(epoch int) int {
	s.text = s.all
	var random *rand.Rand
	if s.o.Shuffle {
		random = s.o.generator(epoch, &s.pcg)
		spare := s.targets() - s.o.Rows // can be left out
		s.text = s.all[random.IntN(min(s.o.Length, spare+1)):]
	}
	s.order = identity(s.order, ceil(s.length(0), s.o.Length))
	if s.o.Shuffle {
		shuffle(random, s.order)
	}
	return len(s.order)
}

func (s *streams) targets() int { return len(s.text) - 1 }

// length is the number of targets of a stream. The first streams are the longer ones.
func (s *streams) length(row int) int {
	n := s.targets() / s.o.Rows
	if row < s.targets()%s.o.Rows {
		n++
	}
	return n
}

// first is the place in the text where a stream starts.
func (s *streams) first(row int) int {
	return row*(s.targets()/s.o.Rows) + min(row, s.targets()%s.o.Rows)
}

func (s *streams) fill(b *Batch, i int) {
	from := s.order[i] * s.o.Length
	rows := s.o.Rows
	for s.length(rows-1) <= from {
		rows--
	}
	cols := min(s.o.Length, s.length(0)-from)
	b.reserve(0, 0, s.o.Rows*s.o.Length)
	b.resize(rows, 0, cols)
	for row := range rows {
		n := min(cols, s.length(row)-from)
		b.next(row, s.text[s.first(row)+from:][:n+1])
	}
}

func ceil(a, b int) int { return (a + b - 1) / b }
