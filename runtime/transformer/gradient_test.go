package transformer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// tiny is a config with everything in it.
func tiny() transformer.Config {
	return transformer.Config{Vocab: 11, Width: 8, Hidden: 12, Heads: 2, HeadWidth: 3, DecoderLayers: 2,
		Activation: transformer.GELU, Dropout: 0.1, AttentionDropout: 0.2, HiddenDropout: 0.15, LabelSmoothing: 0.1,
		MaxLen: 9, MaxRows: 40, Seed: 7}
}

func tinyTranslator() transformer.Config {
	c := tiny()
	c.SourceVocab, c.EncoderLayers = 13, 2
	return c
}

// randomBatch fills a batch. With padding some ends and, in one sequence, the start are
// padding.
func randomBatch(r *rand.Rand, c *transformer.Config, sequences, sourceLen, length int, padding bool) *transformer.Batch {
	b := &transformer.Batch{Sequences: sequences, Len: length}
	tokens := func(n, vocab int) []int32 {
		out := make([]int32, n)
		for i := range out {
			out[i] = int32(r.IntN(vocab))
		}
		return out
	}
	keep := func(length int) []bool {
		if !padding {
			return nil
		}
		out := make([]bool, sequences*length)
		for i := range out {
			s, t := i/length, i%length
			out[i] = t < length-s%3 && (s != 1 || t > 0)
		}
		return out
	}
	b.Input, b.Target, b.Keep = tokens(sequences*length, c.Vocab), tokens(sequences*length, c.Vocab), keep(length)
	if c.SourceVocab > 0 {
		b.SourceLen = sourceLen
		b.Source, b.SourceKeep = tokens(sequences*sourceLen, c.SourceVocab), keep(sourceLen)
	}
	return b
}

func newModel[T runtime.Float](t testing.TB, c transformer.Config, n transformer.NormMakerOf[T], e transformer.EngineOf[T]) transformer.ModelOf[T] {
	t.Helper()
	var m transformer.ModelOf[T]
	var err error
	if c.SourceVocab > 0 {
		m, err = transformer.NewTranslator(c, transformer.Everywhere(n), e)
	} else {
		m, err = transformer.NewLM(c, transformer.Everywhere(n), e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shake moves all parameters away from special values such as biases of 0.
func shake[T runtime.Float](m transformer.ModelOf[T], r *rand.Rand) {
	for _, p := range m.Params() {
		for i := range p.Data {
			p.Data[i] += T(0.1 * r.NormFloat64())
		}
	}
}

// TestGradients compares the gradients of whole models with central differences,
// for norms whose backward is derived.
func TestGradients(t *testing.T) {
	for _, translator := range []bool{false, true} {
		for _, norm := range []string{"LayerNorm", "RMSNorm", "BatchNorm", "PNV"} {
			for variant := range 4 {
				c := tiny()
				if translator {
					c = tinyTranslator()
				}
				c.PostNorm, c.Tie = variant&1 > 0, variant&2 > 0
				if variant == 3 && translator {
					c.SourceVocab, c.Share = c.Vocab, true
				}
				t.Run(fmt.Sprintf("%s/translator=%v/post=%v/tie=%v", norm, translator, c.PostNorm, c.Tie), func(t *testing.T) {
					checkGradients(t, c, norm)
				})
			}
		}
	}
}

func checkGradients(t *testing.T, c transformer.Config, norm string) {
	r := rand.New(rand.NewPCG(1, 2))
	m := newModel(t, c, makers64[norm], transformer.EngineOf[float64]{})
	shake(m, r)
	b := randomBatch(r, &c, 4, 6, 5, true)
	loss := func() float64 {
		l, err := transformer.TrainPass(m, b, 3)
		if err != nil {
			t.Fatal(err)
		}
		return l.Smoothed / float64(l.Tokens)
	}
	loss()
	grads := map[string][]float64{}
	length := 0.0
	for _, p := range m.Params() {
		grads[p.Name] = append([]float64(nil), p.Grad...)
		for _, g := range p.Grad {
			length += g * g
		}
	}
	length = math.Sqrt(length)
	if !(length > 0.01) {
		t.Fatalf("the gradient has length %v", length)
	}
	for _, p := range m.Params() {
		for range 2 {
			i := r.IntN(len(p.Data))
			// The error of a central difference is of the order of step^2, and of
			// 1e-16/step for rounding: 1e-8 and 1e-11 times derivatives of the loss.
			const step = 1e-5
			x := p.Data[i]
			p.Data[i] = x + step
			up := loss()
			p.Data[i] = x - step
			down := loss()
			p.Data[i] = x
			want, got := (up-down)/(2*step), grads[p.Name][i]
			if d := math.Abs(got - want); !(d <= 1e-6*max(math.Abs(want), 1e-2*length)) {
				t.Errorf("%s, element %d: %v, differences say %v", p.Name, i, got, want)
			}
		}
	}
}
