package transformer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
)

// A reference is the models written out for one sequence at a time, with loops over
// numbers: what evaluation must give with LayerNorm.
type reference struct {
	c transformer.Config
	p map[string][]float64
}

type rows [][]float64

func newReference[T runtime.Float](m transformer.ModelOf[T]) reference {
	p := map[string][]float64{}
	for _, q := range m.Params() {
		for _, v := range q.Data {
			p[q.Name] = append(p[q.Name], float64(v))
		}
	}
	return reference{m.Config(), p}
}

func dot(a, b []float64) (s float64) {
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func (f reference) linear(name string, x rows) rows {
	w, b := f.p[name+".weight"], f.p[name+".bias"]
	out := make(rows, len(x))
	for i, row := range x {
		for o := range b {
			out[i] = append(out[i], dot(row, w[o*len(row):][:len(row)])+b[o])
		}
	}
	return out
}

func (f reference) norm(name string, x rows) rows {
	out := make(rows, len(x))
	for i, row := range x {
		mean, variance := 0.0, 0.0
		for _, v := range row {
			mean += v / float64(len(row))
		}
		for _, v := range row {
			variance += (v - mean) * (v - mean) / float64(len(row))
		}
		for j, v := range row {
			out[i] = append(out[i], f.p[name+".gamma"][j]*(v-mean)/math.Sqrt(variance+1e-5)+f.p[name+".beta"][j])
		}
	}
	return out
}

func (f reference) embed(name string, tokens []int32) rows {
	out, w := make(rows, len(tokens)), f.c.Width
	for t, token := range tokens {
		for j, v := range f.p[name+".embedding.weight"][int(token)*w:][:w] {
			k, half := j, (w+1)/2
			wave := math.Sin
			if j >= half {
				k, wave = j-half, math.Cos
			}
			out[t] = append(out[t], v*math.Sqrt(float64(w))+wave(float64(t)*math.Pow(1e4, -float64(k)/float64(half))))
		}
	}
	return out
}

// attend mixes v for each query. Keys that visible hides do not count at all.
func (f reference) attend(q, k, v rows, visible func(query, key int) bool) rows {
	w := f.c.HeadWidth
	out := make(rows, len(q))
	for i := range q {
		for h := range f.c.Heads {
			weights, sum := make([]float64, len(k)), 0.0
			for j := range k {
				if visible(i, j) {
					weights[j] = math.Exp(dot(q[i][h*w:][:w], k[j][h*w:][:w]) / math.Sqrt(float64(w)))
					sum += weights[j]
				}
			}
			for d := range w {
				y := 0.0
				for j := range k {
					if weights[j] > 0 { // nothing is visible from padding at the start
						y += weights[j] / sum * v[j][h*w+d]
					}
				}
				out[i] = append(out[i], y)
			}
		}
	}
	return out
}

func part(x rows, i, n int) rows {
	out := make(rows, len(x))
	for r := range x {
		out[r] = x[r][i*n:][:n]
	}
	return out
}

func (f reference) self(name string, x rows, visible func(int, int) bool) rows {
	n, p := f.c.Heads*f.c.HeadWidth, f.linear(name+".in_proj", x)
	return f.linear(name+".out_proj", f.attend(part(p, 0, n), part(p, 1, n), part(p, 2, n), visible))
}

func (f reference) cross(name string, x, memory rows, visible func(int, int) bool) rows {
	n, kv := f.c.Heads*f.c.HeadWidth, f.linear(name+".kv_proj", memory)
	return f.linear(name+".out_proj", f.attend(f.linear(name+".q_proj", x), part(kv, 0, n), part(kv, 1, n), visible))
}

func (f reference) feedForward(name string, x rows) rows {
	h := f.linear(name+".up", x)
	for _, row := range h {
		for j, v := range row {
			if f.c.Activation == transformer.GELU {
				row[j] = v / 2 * (1 + math.Erf(v/math.Sqrt2))
			} else {
				row[j] = math.Max(v, 0)
			}
		}
	}
	return f.linear(name+".down", h)
}

func (f reference) block(name string, x rows, layer func(name string, x rows) rows) rows {
	read := x
	if !f.c.PostNorm {
		read = f.norm(name+"_norm", x)
	}
	y := layer(name, read)
	out := make(rows, len(x))
	for i := range x {
		for j := range x[i] {
			out[i] = append(out[i], x[i][j]+y[i][j])
		}
	}
	if f.c.PostNorm {
		return f.norm(name+"_norm", out)
	}
	return out
}

// logits are those of one sequence. A nil source is a language model's.
func (f reference) logits(source []int32, sourceKeep func(int) bool, input []int32, keep func(int) bool) rows {
	var memory rows
	if source != nil {
		name := "encoder"
		if f.c.Share {
			name = "decoder"
		}
		memory = f.embed(name, source)
		visible := func(_, key int) bool { return sourceKeep(key) }
		for i := range f.c.EncoderLayers {
			name := fmt.Sprintf("encoder.layers.%d", i)
			memory = f.block(name+".self_attn", memory, func(n string, x rows) rows { return f.self(n, x, visible) })
			memory = f.block(name+".feed_forward", memory, f.feedForward)
		}
		if !f.c.PostNorm {
			memory = f.norm("encoder.final_norm", memory)
		}
	}
	x := f.embed("decoder", input)
	past := func(query, key int) bool { return key <= query && keep(key) }
	for i := range f.c.DecoderLayers {
		name := fmt.Sprintf("decoder.layers.%d", i)
		x = f.block(name+".self_attn", x, func(n string, x rows) rows { return f.self(n, x, past) })
		if source != nil {
			visible := func(_, key int) bool { return sourceKeep(key) }
			x = f.block(name+".cross_attn", x, func(n string, x rows) rows { return f.cross(n, x, memory, visible) })
		}
		x = f.block(name+".feed_forward", x, f.feedForward)
	}
	if !f.c.PostNorm {
		x = f.norm("decoder.final_norm", x)
	}
	output := "decoder.output.weight"
	if f.c.Tie {
		output = "decoder.embedding.weight"
	}
	out := make(rows, len(x))
	for i := range x {
		for v := range f.c.Vocab {
			out[i] = append(out[i], dot(x[i], f.p[output][v*f.c.Width:][:f.c.Width]))
		}
	}
	return out
}

func (f reference) loss(b *transformer.Batch) (loss transformer.Loss) {
	for s := range b.Sequences {
		var source []int32
		if b.Source != nil {
			source = b.Source[s*b.SourceLen:][:b.SourceLen]
		}
		keep := func(t int) bool { return b.Keep[s*b.Len+t] }
		logits := f.logits(source, func(t int) bool { return b.SourceKeep[s*b.SourceLen+t] }, b.Input[s*b.Len:][:b.Len], keep)
		for t, row := range logits {
			if !keep(t) {
				continue
			}
			sum, mean := 0.0, 0.0
			for _, v := range row {
				sum += math.Exp(v)
				mean += v / float64(len(row))
			}
			nll := math.Log(sum) - row[b.Target[s*b.Len+t]]
			loss.Add(transformer.Loss{Tokens: 1, NLL: nll,
				Smoothed: (1-f.c.LabelSmoothing)*nll + f.c.LabelSmoothing*(math.Log(sum)-mean)})
		}
	}
	return loss
}

// TestReference evaluates models of all kinds, in both types.
func TestReference(t *testing.T) {
	for variant := range 16 {
		c := tiny()
		if variant&1 > 0 {
			c = tinyTranslator()
		}
		c.PostNorm, c.Tie = variant&2 > 0, variant&4 > 0
		if variant&8 > 0 {
			c.Activation = transformer.ReLU
			if c.SourceVocab > 0 {
				c.SourceVocab, c.Share = c.Vocab, true
			}
		}
		b := randomBatch(rand.New(rand.NewPCG(1, 2)), &c, 4, 6, 5, true)
		compare(t, newModel(t, c, makers64["LayerNorm"], transformer.EngineOf[float64]{}), b, 1e-13)
		// A logit is a sum of some dozen float32 products a layer, so off by some 1e-6.
		compare(t, newModel(t, c, makers32["LayerNorm"], transformer.Engine{}), b, 2e-6)
	}
}

func compare[T runtime.Float](t *testing.T, m transformer.ModelOf[T], b *transformer.Batch, tolerance float64) {
	t.Helper()
	shake(m, rand.New(rand.NewPCG(3, 4)))
	got, err := m.Evaluate(b)
	if err != nil {
		t.Fatal(err)
	}
	want := newReference(m).loss(b)
	if got.Tokens != want.Tokens || !(math.Abs(got.NLL-want.NLL) <= tolerance*want.NLL) || !(math.Abs(got.Smoothed-want.Smoothed) <= tolerance*want.Smoothed) {
		t.Errorf("%+v: %+v, by the reference %+v", m.Config(), got, want)
	}
}
