package transformer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/blas"
)

// Models whose speed is measured, with the sequences of a batch and their lengths.
// peers/step.py has the same.
var measured = []struct {
	name                         string
	config                       transformer.Config
	sequences, sourceLen, length int
}{
	{"lm", transformer.Config{Vocab: 10000, Width: 256, Hidden: 1024, Heads: 4, DecoderLayers: 3, Tie: true,
		Dropout: 0.3, AttentionDropout: 0.1, HiddenDropout: 0.1, MaxLen: 64, MaxRows: 60 * 64}, 60, 0, 64},
	{"translator256", transformer.Config{Vocab: 8000, SourceVocab: 8000, Width: 256, Hidden: 512, Heads: 8, EncoderLayers: 3, DecoderLayers: 3, Tie: true,
		Dropout: 0.1, AttentionDropout: 0.1, HiddenDropout: 0.1, LabelSmoothing: 0.1, MaxLen: 32, MaxRows: 128 * 16}, 128, 16, 16},
	{"translator128", transformer.Config{Vocab: 10000, SourceVocab: 10000, Width: 128, Hidden: 256, Heads: 4, EncoderLayers: 4, DecoderLayers: 4, Tie: true, Share: true,
		Dropout: 0.3, AttentionDropout: 0.1, HiddenDropout: 0.1, LabelSmoothing: 0.1, MaxLen: 32, MaxRows: 256 * 16}, 256, 16, 16},
}

// BenchmarkStep trains with OpenBLAS. The shares of a step are in percent.
func BenchmarkStep(b *testing.B) {
	for _, c := range measured {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", c.name, workers), func(b *testing.B) {
				products, err := blas.OpenBLAS[float32]("", workers)
				if err != nil {
					b.Skip(err)
				}
				b.Log(products)
				pool := runtime.NewGoroutines(workers)
				defer pool.Close()
				m := newModel(b, c.config, makers32["LayerNorm"], transformer.Engine{Products: products, Pool: pool})
				trainer, err := transformer.NewTrainer(m, transformer.Training{Rate: 1e-3, Warmup: 100, Clip: 1})
				if err != nil {
					b.Fatal(err)
				}
				batch := randomBatch(rand.New(rand.NewPCG(1, 2)), &c.config, c.sequences, c.sourceLen, c.length, false)
				var sum transformer.StepStats
				step := func() {
					s, err := trainer.Step(batch)
					if err != nil {
						b.Fatal(err)
					}
					sum.Time += s.Time
					sum.ProductsTime += s.ProductsTime
					sum.AttentionTime += s.AttentionTime
					sum.NormTime += s.NormTime
					sum.LossTime += s.LossTime
					sum.UpdateTime += s.UpdateTime
				}
				step()
				sum = transformer.StepStats{}
				b.ReportAllocs()
				for b.Loop() {
					step()
				}
				b.ReportMetric(float64(batch.Tokens()*b.N)/b.Elapsed().Seconds(), "tokens/s")
				b.ReportMetric(100*float64(sum.ProductsTime)/float64(sum.Time), "products%")
				b.ReportMetric(100*float64(sum.AttentionTime)/float64(sum.Time), "attention%")
				b.ReportMetric(100*float64(sum.NormTime)/float64(sum.Time), "norms%")
				b.ReportMetric(100*float64(sum.LossTime)/float64(sum.Time), "loss%")
				b.ReportMetric(100*float64(sum.UpdateTime)/float64(sum.Time), "update%")
			})
		}
	}
}
