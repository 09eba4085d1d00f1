package transformer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/runtime/transformer"
)

// TestPaddingContent puts other tokens, and numbers that are no tokens, where padding
// is: losses, gradients and the state of norms keep their bits, also for norms
// whose declared gradient is not 0 in padding.
func TestPaddingContent(t *testing.T) {
	for name, maker := range makers32 {
		if name == "PowerNormReleased" {
			continue // its declared statistic of gradients runs over all rows, padding too, as the released code does
		}
		for _, post := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/post=%v", name, post), func(t *testing.T) {
				var runs [2][]uint32
				for i := range runs {
					c := tinyTranslator()
					c.PostNorm = post
					b := randomBatch(rand.New(rand.NewPCG(5, 6)), &c, 4, 6, 5, true)
					if i == 1 {
						refill(b.Source, b.SourceKeep)
						refill(b.Input, b.Keep)
						refill(b.Target, b.Keep)
					}
					runs[i] = threeSteps(t, newModel(t, c, maker, transformer.Engine{}), b)
				}
				if !slices.Equal(runs[0], runs[1]) {
					t.Error("the content of padding changes a step")
				}
			})
		}
	}
}

func refill(tokens []int32, keep []bool) {
	for i, k := range keep {
		if !k {
			tokens[i] = int32(i*7919) - 1000
		}
	}
}

// threeSteps trains, and returns the bits of losses and of all tensors.
func threeSteps(t *testing.T, m transformer.Model, b *transformer.Batch) []uint32 {
	t.Helper()
	trainer, err := transformer.NewTrainer(m, transformer.Training{Rate: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	var out []uint32
	for range 3 {
		s, err := trainer.Step(b)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, math.Float32bits(float32(s.Loss.Smoothed)), math.Float32bits(float32(s.GradNorm)))
	}
	return append(out, bits(trainer)...)
}

func bits(t *transformer.Trainer) []uint32 {
	var out []uint32
	for _, x := range t.Tensors() {
		for _, v := range x.Data {
			out = append(out, math.Float32bits(v))
		}
	}
	return out
}

// TestPaddingIsNothing compares a batch with the same batch and more padding, in
// training: the loss and its gradients agree to rounding.
func TestPaddingIsNothing(t *testing.T) {
	for _, name := range []string{"LayerNorm", "BatchNorm", "PNV", "PowerNorm"} {
		t.Run(name, func(t *testing.T) {
			c := tinyTranslator()
			c.Dropout, c.AttentionDropout, c.HiddenDropout = 0, 0, 0
			b := randomBatch(rand.New(rand.NewPCG(5, 6)), &c, 4, 6, 5, true)
			var grads [2][]float64
			for i, batch := range []*transformer.Batch{b, padded(b)} {
				m := newModel(t, c, makers64[name], transformer.EngineOf[float64]{})
				l, err := transformer.TrainPass(m, batch, 0)
				if err != nil {
					t.Fatal(err)
				}
				grads[i] = append(grads[i], l.Smoothed)
				for _, p := range m.Params() {
					grads[i] = append(grads[i], p.Grad...)
				}
			}
			for i, g := range grads[0] {
				if d := math.Abs(g - grads[1][i]); !(d <= 1e-12*max(1, math.Abs(g))) {
					t.Fatalf("number %d is %v, with more padding %v", i, g, grads[1][i])
				}
			}
		})
	}
}

// padded returns b with two more rows of padding to each sequence.
func padded(b *transformer.Batch) *transformer.Batch {
	longer := func(x []int32, n int) (out []int32) {
		for s := range b.Sequences {
			out = append(append(out, x[s*n:][:n]...), 1, 2)
		}
		return out
	}
	mask := func(x []bool, n int) (out []bool) {
		for s := range b.Sequences {
			out = append(append(out, x[s*n:][:n]...), false, false)
		}
		return out
	}
	return &transformer.Batch{Sequences: b.Sequences, SourceLen: b.SourceLen + 2, Source: longer(b.Source, b.SourceLen),
		SourceKeep: mask(b.SourceKeep, b.SourceLen), Len: b.Len + 2, Input: longer(b.Input, b.Len),
		Target: longer(b.Target, b.Len), Keep: mask(b.Keep, b.Len)}
}

// TestCausal changes the last token: in evaluation nothing before it moves, with
// any norm. In training a norm of the batch carries it to the rows before.
func TestCausal(t *testing.T) {
	for _, name := range []string{"LayerNorm", "BatchNorm", "PowerNorm"} {
		c := tiny()
		m := newModel(t, c, makers64[name], transformer.EngineOf[float64]{})
		b := randomBatch(rand.New(rand.NewPCG(5, 6)), &c, 1, 0, 6, false)
		rows := func() []float64 {
			v, err := transformer.Logits(m, b)
			if err != nil {
				t.Fatal(err)
			}
			return append([]float64(nil), v.Data...)
		}
		before := rows()
		b.Input[5] = (b.Input[5] + 1) % int32(c.Vocab)
		after := rows()
		last := 5 * c.Vocab
		if !slices.Equal(before[:last], after[:last]) {
			t.Errorf("%s: a token changes what is predicted before it", name)
		}
		if slices.Equal(before[last:], after[last:]) {
			t.Errorf("%s: a token does not change what is predicted after it", name)
		}
	}
}

// TestBatchStatisticsSeeTheFuture holds what the package says of norms of the
// batch: the loss of the first target depends on a later token.
func TestBatchStatisticsSeeTheFuture(t *testing.T) {
	for name, sees := range map[string]bool{"LayerNorm": false, "BatchNorm": true, "PNV": true, "PowerNorm": false} {
		var losses [2]float64
		for i := range losses {
			c := tiny()
			c.Dropout, c.AttentionDropout, c.HiddenDropout = 0, 0, 0
			m := newModel(t, c, makers64[name], transformer.EngineOf[float64]{})
			b := randomBatch(rand.New(rand.NewPCG(5, 6)), &c, 1, 0, 6, false)
			b.Input[5] = int32(i)
			if _, err := transformer.TrainPass(m, b, 0); err != nil {
				t.Fatal(err)
			}
			losses[i] = transformer.FirstLoss(m)
		}
		if (losses[0] != losses[1]) != sees {
			t.Errorf("%s: the loss of earlier targets is %v and %v as a later token changes", name, losses[0], losses[1])
		}
	}
}
