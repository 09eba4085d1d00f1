package text

import "github.com/normgen/normgen/runtime/transformer"

// Ignore is the target where no prediction counts.
const Ignore int32 = -1

// A Batch is what a model reads in one step. A [Reader] overwrites it with every
// batch that it reads. Padding is at the ends of sequences, holds [Pad] in source and
// input, and has the target [Ignore].
type Batch struct {
	transformer.Batch
	Pairs []int // of a translator: the number of each sequence in its [Pairs], from 0
}

// resize makes the batch all padding. It allocates if it has not been as large.
func (b *Batch) resize(sequences, source, input int) {
	b.Pairs, b.Sequences = b.Pairs[:0], sequences
	b.SourceLen, b.Len = source, input
	b.Source = filled(b.Source, sequences*source, Pad)
	b.SourceKeep = filled(b.SourceKeep, sequences*source, false)
	b.Input = filled(b.Input, sequences*input, Pad)
	b.Keep = filled(b.Keep, sequences*input, false)
	b.Target = filled(b.Target, sequences*input, Ignore)
}

// reserve allocates what batches of up to so many sequences, and elements of either
// side, will need.
func (b *Batch) reserve(sequences, source, input int) {
	b.Pairs = reserve(b.Pairs, sequences)
	b.Source, b.SourceKeep = reserve(b.Source, source), reserve(b.SourceKeep, source)
	b.Input, b.Keep = reserve(b.Input, input), reserve(b.Keep, input)
	b.Target = reserve(b.Target, input)
}

// source makes tokens and End sequence s of the source.
func (b *Batch) source(s int, tokens []int32) {
	row := b.Source[s*b.SourceLen:]
	row[copy(row, tokens)] = End
	fill(b.SourceKeep[s*b.SourceLen:][:len(tokens)+1], true)
}

// target makes tokens and End the target of sequence s, and its input Start and
// tokens.
func (b *Batch) target(s int, tokens []int32) {
	input, target := b.Input[s*b.Len:], b.Target[s*b.Len:]
	input[0] = Start
	copy(input[1:], tokens)
	target[copy(target, tokens)] = End
	b.keep(s, len(tokens)+1)
}

// next makes text the input of sequence s and the target the token after each: its
// last token is a target only.
func (b *Batch) next(s int, text []int32) {
	n := len(text) - 1
	copy(b.Input[s*b.Len:], text[:n])
	copy(b.Target[s*b.Len:], text[1:])
	b.keep(s, n)
}

// keep makes the first n rows of sequence s count.
func (b *Batch) keep(s, n int) { fill(b.Keep[s*b.Len:][:n], true) }

func reserve[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, 0, n)
	}
	return s
}

func filled[T any](s []T, n int, v T) []T {
	s = reserve(s, n)[:n]
	fill(s, v)
	return s
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}
