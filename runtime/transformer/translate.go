package transformer

import (
	"fmt"
	"math"
)

// A Search says how to decode.
type Search struct {
	Start, End int32   // the decoder's first input, and the token that ends a hypothesis
	Beam       int     // hypotheses kept; 0 or 1: greedy
	MaxLen     int     // tokens at most, End not counted; 0, or more than the model's MaxLen-1: that
	Penalty    float64 // scores are divided by length**Penalty, End counted; 0: by nothing, 1: the mean
}

func (s Search) complete(c *Config) (Search, error) {
	s.Beam = max(s.Beam, 1)
	if s.MaxLen <= 0 || s.MaxLen > c.MaxLen-1 {
		s.MaxLen = c.MaxLen - 1 // Start is read too
	}
	switch {
	case s.Start < 0 || int(s.Start) >= c.Vocab || s.End < 0 || int(s.End) >= c.Vocab:
		return s, fmt.Errorf("transformer: Start %d or End %d is no token; the vocabulary has %d", s.Start, s.End, c.Vocab)
	case s.Beam > c.MaxRows:
		return s, fmt.Errorf("transformer: a beam of %d; the model was made for %d rows", s.Beam, c.MaxRows)
	case s.Beam >= c.Vocab:
		return s, fmt.Errorf("transformer: a beam of %d for a vocabulary of %d", s.Beam, c.Vocab)
	case math.IsNaN(s.Penalty):
		return s, fmt.Errorf("transformer: Penalty is NaN")
	}
	return s, nil
}

// Translate decodes the Source of a batch; its Input and Target are not read. It
// returns the best hypothesis of each sequence, without Start and End. Norms
// are as in evaluation. A hypothesis that reaches MaxLen is ended there.
//
// Of all continuations of a sequence's hypotheses the best 2*Beam are looked at. Those
// that end among the first Beam are finished; the best Beam others go on, until
// Beam have finished.
func (m *TranslatorOf[T]) Translate(b *Batch, s Search) ([][]int32, error) {
	s, err := s.complete(&m.config)
	if err != nil {
		return nil, err
	}
	if err := b.checkSource(&m.config); err != nil {
		return nil, err
	}
	var out [][]int32
	group := m.config.MaxRows / s.Beam // sequences decoded together
	for lo := 0; lo < b.Sequences; lo += group {
		d, err := newDecoding(m, b.sources(lo, min(lo+group, b.Sequences)), s)
		if err != nil {
			return nil, err
		}
		list, err := d.run()
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// sources returns the sources of sequences lo to hi.
func (b *Batch) sources(lo, hi int) *Batch {
	out := &Batch{Sequences: hi - lo, SourceLen: b.SourceLen, Source: b.Source[lo*b.SourceLen : hi*b.SourceLen]}
	if b.SourceKeep != nil {
		out.SourceKeep = b.SourceKeep[lo*b.SourceLen : hi*b.SourceLen]
	}
	return out
}
