package transformer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// translators makes translators in the ways that decoding tells apart.
func translators(t *testing.T, f func(t *testing.T, m *transformer.TranslatorOf[float64], r *rand.Rand)) {
	for _, norm := range []string{"LayerNorm", "BatchNorm", "PowerNorm"} {
		for _, post := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/post=%v", norm, post), func(t *testing.T) {
				c := tinyTranslator()
				c.PostNorm = post
				r := rand.New(rand.NewPCG(3, 4))
				pool := runtime.NewGoroutines(2)
				defer pool.Close()
				m, err := transformer.NewTranslator(c, transformer.Everywhere(makers64[norm]), transformer.EngineOf[float64]{Pool: pool})
				if err != nil {
					t.Fatal(err)
				}
				shake(transformer.ModelOf[float64](m), r)
				f(t, m, r)
			})
		}
	}
}

// score returns the log-probability of tokens and end as translation of source, by
// a whole forward.
func score(t *testing.T, m *transformer.TranslatorOf[float64], source []int32, s *transformer.Search, tokens []int32) float64 {
	t.Helper()
	target := append(slices.Clone(tokens), s.End)
	b := &transformer.Batch{Sequences: 1, SourceLen: len(source), Source: source, Len: len(target),
		Input: append([]int32{s.Start}, tokens...), Target: target}
	logits, err := transformer.Logits(transformer.ModelOf[float64](m), b)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, token := range target {
		all := 0.0
		for _, x := range logits.Row(i) {
			all += math.Exp(x)
		}
		sum += logits.Row(i)[token] - math.Log(all)
	}
	return sum
}

// TestGreedy decodes sequences together, by steps with caches, and compares with
// whole forwards of each alone.
func TestGreedy(t *testing.T) {
	translators(t, func(t *testing.T, m *transformer.TranslatorOf[float64], r *rand.Rand) {
		c := m.Config()
		b := randomBatch(r, &c, 5, 6, 1, true)
		s := transformer.Search{Start: 1, End: 2, MaxLen: 7}
		got, err := m.Translate(b, s)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Sequences {
			if want := greedy(t, m, b, i, &s); !slices.Equal(got[i], want) {
				t.Errorf("sequence %d: %v, whole forwards say %v", i, got[i], want)
			}
		}
	})
}

// greedy decodes sequence i of a batch, whose padding keeps its place.
func greedy(t *testing.T, m *transformer.TranslatorOf[float64], b *transformer.Batch, i int, s *transformer.Search) []int32 {
	t.Helper()
	n := b.SourceLen
	tokens := []int32{}
	for len(tokens) < s.MaxLen {
		input := append([]int32{s.Start}, tokens...)
		logits, err := transformer.Logits(transformer.ModelOf[float64](m), &transformer.Batch{Sequences: 1, SourceLen: n, Source: b.Source[i*n:][:n],
			SourceKeep: b.SourceKeep[i*n:][:n], Len: len(input), Input: input, Target: input})
		if err != nil {
			t.Fatal(err)
		}
		row := logits.Row(len(input) - 1)
		next := int32(slices.Index(row, slices.Max(row)))
		if next == s.End {
			break
		}
		tokens = append(tokens, next)
	}
	return tokens
}

// TestBeamFindsBest compares a beam that holds all hypotheses with the best of all
// translations of up to three tokens.
func TestBeamFindsBest(t *testing.T) {
	translators(t, func(t *testing.T, m *transformer.TranslatorOf[float64], r *rand.Rand) {
		c := m.Config()
		b := randomBatch(r, &c, 2, 4, 1, false)
		for _, penalty := range []float64{0, 1} {
			s := transformer.Search{Start: 1, End: 2, Beam: 10, MaxLen: 1, Penalty: penalty}
			got, err := m.Translate(b, s)
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.Sequences {
				source := b.Source[i*b.SourceLen:][:b.SourceLen]
				best, bestScore := []int32(nil), math.Inf(-1)
				all := [][]int32{{}}
				for v := range int32(c.Vocab) {
					if v != s.End {
						all = append(all, []int32{v})
					}
				}
				for _, tokens := range all {
					if p := score(t, m, source, &s, tokens) / math.Pow(float64(len(tokens)+1), penalty); p > bestScore {
						best, bestScore = tokens, p
					}
				}
				if !slices.Equal(got[i], best) {
					t.Errorf("penalty %v, sequence %d: %v, the best of all is %v", penalty, i, got[i], best)
				}
			}
		}
	})
}

// TestBeamImproves holds beams of several widths against greedy search: the
// score, by whole forwards, of what a beam finds is at least greedy's here, and
// with more sequences than fit at once all are decoded.
func TestBeamImproves(t *testing.T) {
	translators(t, func(t *testing.T, m *transformer.TranslatorOf[float64], r *rand.Rand) {
		c := m.Config()
		b := randomBatch(r, &c, 6, 5, 1, false)
		s := transformer.Search{Start: 1, End: 2, MaxLen: 6}
		base, err := m.Translate(b, s)
		if err != nil {
			t.Fatal(err)
		}
		better := 0
		for _, s.Beam = range []int{4, 9} {
			found, err := m.Translate(b, s)
			if err != nil {
				t.Fatal(err)
			}
			for i, tokens := range found {
				source := b.Source[i*b.SourceLen:][:b.SourceLen]
				d := score(t, m, source, &s, tokens) - score(t, m, source, &s, base[i])
				if d > 1e-9 {
					better++
				}
				if d < -1 {
					t.Errorf("beam %d, sequence %d: score %v worse than greedy", s.Beam, i, d)
				}
			}
		}
		if better == 0 {
			t.Error("no beam found anything better than greedy search")
		}
	})
}
