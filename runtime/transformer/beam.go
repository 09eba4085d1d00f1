package transformer

import (
	"math"
	"slices"

	"github.com/normgen/normgen/runtime"
)

// A hypothesis is the beginning of a translation. Slot is where the caches of the
// search have it.
type hypothesis struct {
	tokens []int32
	score  float64 // log-probability; divided by the penalty once it is done
	slot   int
}

// last returns the token that the decoder reads next.
func (h *hypothesis) last(start int32) int32 {
	if len(h.tokens) == 0 {
		return start
	}
	return h.tokens[len(h.tokens)-1]
}

// A pick is a token that may follow a hypothesis, with its log-probability.
type pick struct {
	token int32
	score float64
}

// A candidate is a continuation of live hypothesis parent.
type candidate struct {
	pick
	parent int
}

// A beam is the search for the translation of one sequence.
type beam struct {
	sequence   int
	search     *Search
	live, next []hypothesis
	finished   int
	best       hypothesis // of the finished
	free       []int      // slots
	candidates []candidate
}

func newBeam(sequence int, s *Search) *beam {
	b := &beam{sequence: sequence, search: s, best: hypothesis{score: math.Inf(-1)}}
	first := sequence * s.Beam
	b.live = append(b.live, hypothesis{slot: first})
	for i := 1; i < s.Beam; i++ {
		b.free = append(b.free, first+i)
	}
	return b
}

func (b *beam) done() bool { return len(b.live) == 0 }

// A slotCopy says that a slot begins as another.
type slotCopy struct{ to, from int }

// advance goes on from the picks of each live hypothesis. The first that follows a
// hypothesis takes over its slot; the others get copies.
func (b *beam) advance(picks [][]pick) []slotCopy {
	atEnd := len(b.live[0].tokens) == b.search.MaxLen
	b.rank(picks)
	b.next = b.next[:0]
	heirs := make([][]int, len(b.live)) // positions in next, by parent
	for i, c := range b.candidates {
		h := &b.live[c.parent]
		if c.token == b.search.End || atEnd {
			if i < b.search.Beam {
				b.finish(h, c.score)
			}
			continue
		}
		if len(b.next) < b.search.Beam {
			heirs[c.parent] = append(heirs[c.parent], len(b.next))
			tokens := append(slices.Clip(h.tokens), c.token)
			b.next = append(b.next, hypothesis{tokens: tokens, score: c.score})
		}
	}
	if b.finished >= b.search.Beam {
		b.next = b.next[:0]
	}
	copies := b.inherit(heirs)
	b.live, b.next = b.next, b.live
	return copies
}

// rank lists the best 2*Beam continuations, best first; ties go to the earlier
// hypothesis and the lower token.
func (b *beam) rank(picks [][]pick) {
	b.candidates = b.candidates[:0]
	for i, list := range picks {
		for _, p := range list {
			b.candidates = append(b.candidates, candidate{pick{p.token, b.live[i].score + p.score}, i})
		}
	}
	slices.SortStableFunc(b.candidates, func(x, y candidate) int {
		switch {
		case x.score > y.score:
			return -1
		case x.score < y.score:
			return 1
		}
		return 0
	})
	b.candidates = b.candidates[:min(len(b.candidates), 2*b.search.Beam)]
}

// finish ends h with a score that has End's.
func (b *beam) finish(h *hypothesis, score float64) {
	b.finished++
	score /= math.Pow(float64(len(h.tokens)+1), b.search.Penalty)
	if score > b.best.score || b.best.tokens == nil {
		b.best = hypothesis{tokens: append([]int32{}, h.tokens...), score: score}
	}
}

// inherit gives the next hypotheses their slots. Those of hypotheses that nothing
// follows become free first.
func (b *beam) inherit(heirs [][]int) []slotCopy {
	if len(b.next) == 0 {
		return nil
	}
	for i, h := range b.live {
		if len(heirs[i]) == 0 {
			b.free = append(b.free, h.slot)
		}
	}
	var copies []slotCopy
	for i, list := range heirs {
		for k, n := range list {
			slot := b.live[i].slot
			if k > 0 {
				slot = b.free[len(b.free)-1]
				b.free = b.free[:len(b.free)-1]
				copies = append(copies, slotCopy{slot, b.live[i].slot})
			}
			b.next[n].slot = slot
		}
	}
	return copies
}

// A pickStep finds the most probable tokens of rows of logits.
type pickStep[T runtime.Float] struct {
	d       *decoding[T]
	softmax *softmaxes[T]
	first   int // row of the chunk's first
}

func (s *pickStep[T]) part(worker, i int) {
	chunk := s.d.m.head.chunk
	lo, hi := rowSpan(i, chunk.Rows)
	rows := chunk.Slice(lo, hi)
	must(s.softmax.forward[worker].Infer(rows, rows))
	for r := lo; r < hi; r++ {
		s.d.picks[s.first+r] = s.row(s.d.picks[s.first+r], chunk.Row(r))
	}
}

// row lists the 2*Beam most probable tokens. Where the length is used up it is End
// alone.
func (s *pickStep[T]) row(out []pick, p []T) []pick {
	out = out[:0]
	search := &s.d.search
	if s.d.at == search.MaxLen {
		return append(out, pick{search.End, math.Log(float64(p[search.End]))})
	}
	most := min(2*search.Beam, len(p))
	for j, v := range p {
		if len(out) == most && float64(v) <= out[most-1].score {
			continue
		}
		if len(out) < most {
			out = append(out, pick{})
		}
		k := len(out) - 1
		for ; k > 0 && out[k-1].score < float64(v); k-- {
			out[k] = out[k-1]
		}
		out[k] = pick{int32(j), float64(v)}
	}
	for k := range out {
		out[k].score = math.Log(out[k].score)
	}
	return out
}
