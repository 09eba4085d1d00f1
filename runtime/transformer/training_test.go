package transformer_test

import (
	"errors"
	"math"
	"math/rand/v2"
	goruntime "runtime"
	"slices"
	"testing"

	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/transformer"
	"github.com/normgen/normgen/runtime/transformer/blas"
)

func newTrainer[T runtime.Float](t testing.TB, m transformer.ModelOf[T], how transformer.Training) *transformer.TrainerOf[T] {
	t.Helper()
	trainer, err := transformer.NewTrainer(m, how)
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

func steps[T runtime.Float](t testing.TB, trainer *transformer.TrainerOf[T], n int, batches ...*transformer.Batch) (s transformer.StepStats) {
	t.Helper()
	for range n {
		var err error
		if s, err = trainer.Step(batches...); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestOverfit learns a few sequences by heart, and a translator then says them.
func TestOverfit(t *testing.T) {
	for _, name := range []string{"LayerNorm", "BatchNorm", "PowerNorm"} {
		for _, translator := range []bool{false, true} {
			c := tiny()
			if translator {
				c = tinyTranslator()
			}
			c.Width, c.Hidden, c.HeadWidth, c.LabelSmoothing = 32, 64, 16, 0
			c.Dropout, c.AttentionDropout, c.HiddenDropout = 0, 0, 0
			m := newModel(t, c, makers32[name], transformer.Engine{})
			b := randomBatch(rand.New(rand.NewPCG(1, 2)), &c, 4, 6, 6, false)
			for s := range b.Sequences { // the input is the target, one step later
				b.Input[s*b.Len] = 1
				copy(b.Input[s*b.Len+1:(s+1)*b.Len], b.Target[s*b.Len:])
				b.Target[(s+1)*b.Len-1] = 2
			}
			first := steps(t, newTrainer(t, m, transformer.Training{Rate: 1e-9}), 1, b)
			s := steps(t, newTrainer(t, m, transformer.Training{Rate: 3e-3, Warmup: 20}), 200, b)
			if ppl := s.Loss.Perplexity(); !(ppl < 1.6) || ppl > first.Loss.Perplexity()/4 {
				t.Errorf("%s, translator %v: perplexity %v after 200 steps, %v at first", name, translator, ppl, first.Loss.Perplexity())
			}
			if translator {
				says(t, m.(*transformer.Translator), b)
			}
		}
	}
}

// says wants the targets from the sources. They are distinct, so each can be known.
func says(t *testing.T, m *transformer.Translator, b *transformer.Batch) {
	t.Helper()
	for _, beam := range []int{1, 3} {
		got, err := m.Translate(b, transformer.Search{Start: 1, End: 2, Beam: beam})
		if err != nil {
			t.Fatal(err)
		}
		for i, tokens := range got {
			want := b.Target[i*b.Len:][:b.Len]
			if end := slices.Index(want, 2); !slices.Equal(tokens, want[:end]) {
				t.Errorf("beam %d, sequence %d: %v, learnt was %v", beam, i, tokens, want)
			}
		}
	}
}

// TestAccumulation takes a batch in two passes: for norms of rows that is the
// step of the whole, and every norm is committed once.
func TestAccumulation(t *testing.T) {
	c := tiny()
	c.Dropout, c.AttentionDropout, c.HiddenDropout = 0, 0, 0
	b := randomBatch(rand.New(rand.NewPCG(1, 2)), &c, 4, 0, 5, true)
	parts := []*transformer.Batch{rowsOf(b, 0, 1), rowsOf(b, 1, 4)}
	for _, name := range []string{"LayerNorm", "BatchNorm", "PowerNorm"} {
		whole := newModel(t, c, makers64[name], transformer.EngineOf[float64]{})
		cut := newModel(t, c, makers64[name], transformer.EngineOf[float64]{})
		one := steps(t, newTrainer(t, whole, transformer.Training{Rate: 1e-3}), 1, b)
		two := steps(t, newTrainer(t, cut, transformer.Training{Rate: 1e-3}), 1, parts...)
		if one.Loss.Tokens != two.Loss.Tokens || one.Rows != two.Rows {
			t.Errorf("%s: %+v in one pass, %+v in two", name, one, two)
		}
		if d := math.Abs(one.GradNorm - two.GradNorm); name == "LayerNorm" && !(d < 1e-12*one.GradNorm) {
			t.Errorf("%s: gradient %v in one pass, %v in two", name, one.GradNorm, two.GradNorm)
		}
		for i, p := range cut.Positions() {
			if p.Norm.Step() != 2 {
				t.Errorf("%s: %s is at step %d after one", name, p.Name, p.Norm.Step())
			}
			// The first norm reads the same rows either way: its merged statistics are the whole's.
			for j, s := range p.Norm.State() {
				want := whole.Positions()[i].Norm.State()[j].Data
				for k, v := range s.Data {
					if i == 0 && s.Name != "nu" && !(math.Abs(v-want[k]) < 1e-12*max(1, math.Abs(want[k]))) {
						t.Errorf("%s: %s.%s is %v, in one pass %v", name, p.Name, s.Name, v, want[k])
					}
				}
			}
		}
	}
}

// rowsOf returns sequences lo to hi of a language model's batch.
func rowsOf(b *transformer.Batch, lo, hi int) *transformer.Batch {
	n := b.Len
	return &transformer.Batch{Sequences: hi - lo, Len: n, Input: b.Input[lo*n : hi*n], Target: b.Target[lo*n : hi*n], Keep: b.Keep[lo*n : hi*n]}
}

// TestFailedSteps fails steps in all ways: nothing may change.
func TestFailedSteps(t *testing.T) {
	c := tiny()
	m := newModel(t, c, makers32["BatchNorm"], transformer.Engine{})
	trainer := newTrainer(t, m, transformer.Training{Rate: 1e-3})
	r := rand.New(rand.NewPCG(1, 2))
	good := randomBatch(r, &c, 4, 0, 5, false)
	steps(t, trainer, 2, good)
	before, counters := bits(trainer), trainer.Counters()
	bad := randomBatch(r, &c, 4, 0, 5, false)
	bad.Input[7] = int32(c.Vocab)
	one := randomBatch(r, &c, 1, 0, 1, false) // of which BatchNorm cannot tell an unbiased variance
	for name, list := range map[string][]*transformer.Batch{"nothing": nil, "token": {good, bad}, "norm": {good, one},
		"long": {randomBatch(r, &c, 1, 0, c.MaxLen+1, false)}, "rows": {randomBatch(r, &c, c.MaxRows/5+1, 0, 5, false)}} {
		if _, err := trainer.Step(list...); err == nil {
			t.Errorf("%s: no error", name)
		}
		if !slices.Equal(bits(trainer), before) || !slices.Equal(trainer.Counters(), counters) {
			t.Fatalf("%s: the failed step changed something", name)
		}
	}
	p := &m.Params()[0].Data[0]
	old := *p
	*p = float32(math.Inf(1))
	if _, err := trainer.Step(good); !errors.Is(err, transformer.ErrNotFinite) {
		t.Errorf("an infinite parameter gave %v", err)
	}
	*p = old
	if !slices.Equal(bits(trainer), before) {
		t.Error("the step without finite gradient changed something")
	}
	again := newTrainer(t, newModel(t, c, makers32["BatchNorm"], transformer.Engine{}), transformer.Training{Rate: 1e-3})
	steps(t, again, 3, good)
	steps(t, trainer, 1, good)
	if !slices.Equal(bits(trainer), bits(again)) {
		t.Error("after failed steps the next is another than without them")
	}
}

// TestAdam holds the trainer to the published algorithm, written out in float64 for
// each element.
func TestAdam(t *testing.T) {
	c := tiny()
	m := newModel(t, c, makers64["LayerNorm"], transformer.EngineOf[float64]{})
	how := transformer.Training{Rate: 0.01, Warmup: 2, Beta1: 0.8, Beta2: 0.95, Eps: 1e-6, WeightDecay: 0.1, Clip: 0.05}
	trainer := newTrainer(t, m, how)
	b := randomBatch(rand.New(rand.NewPCG(1, 2)), &c, 4, 0, 5, false)
	moments := map[string][2]float64{}
	for step := 1; step <= 4; step++ {
		twin := newModel(t, c, makers64["LayerNorm"], transformer.EngineOf[float64]{})
		for i, p := range m.Params() {
			copy(twin.Params()[i].Data, p.Data)
		}
		if _, err := transformer.TrainPass(twin, b, uint64(step-1)); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, p := range twin.Params() {
			for _, g := range p.Grad {
				sum += g * g
			}
		}
		s := steps(t, trainer, 1, b)
		length := math.Sqrt(sum)
		if math.Abs(s.GradNorm-length) > 1e-12*length || length < how.Clip {
			t.Fatalf("the gradient has length %v, the step says %v", length, s.GradNorm)
		}
		rate := how.Rate * min(float64(step)/2, math.Sqrt(2/float64(step)))
		if math.Abs(s.Rate-rate) > 1e-15 {
			t.Errorf("step %d: rate %v, want %v", step, s.Rate, rate)
		}
		for i, p := range twin.Params() {
			for _, j := range []int{0, len(p.Data) - 1} {
				g := p.Grad[j] * how.Clip / length
				key := p.Name + string(rune(j))
				mv := moments[key]
				mv[0] = how.Beta1*mv[0] + (1-how.Beta1)*g
				mv[1] = how.Beta2*mv[1] + (1-how.Beta2)*g*g
				moments[key] = mv
				first := mv[0] / (1 - math.Pow(how.Beta1, float64(step)))
				second := mv[1] / (1 - math.Pow(how.Beta2, float64(step)))
				want := p.Data[j] - rate*first/(math.Sqrt(second)+how.Eps)
				if len(p.Shape) == 2 {
					want -= rate * how.WeightDecay * p.Data[j]
				}
				if got := m.Params()[i].Data[j]; math.Abs(got-want) > 1e-12 {
					t.Fatalf("step %d, %s, element %d: %v, want %v", step, p.Name, j, got, want)
				}
			}
		}
	}
}

// TestSteadyMemory trains without allocating, over lengths that have been seen.
func TestSteadyMemory(t *testing.T) {
	for _, name := range []string{"LayerNorm", "BatchNorm", "PowerNormReleased"} {
		c := tinyTranslator()
		pool := runtime.NewGoroutines(2)
		m := newModel(t, c, makers32[name], transformer.Engine{Pool: pool})
		trainer := newTrainer(t, m, transformer.Training{Rate: 1e-3})
		r := rand.New(rand.NewPCG(1, 2))
		a, b := randomBatch(r, &c, 4, 6, 5, true), randomBatch(r, &c, 3, 5, 6, true)
		step := func() {
			if passes(name) == 2 {
				steps(t, trainer, 1, a, b)
			} else {
				steps(t, trainer, 1, a)
			}
		}
		step()
		if n := testing.AllocsPerRun(50, step); n > 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
		pool.Close()
	}
}

// TestThousandSteps grows by nothing, with OpenBLAS where it is: fewer than one
// allocation in a hundred steps, which are the Go runtime's own.
func TestThousandSteps(t *testing.T) {
	c := tiny()
	e := transformer.Engine{}
	if p, err := blas.OpenBLAS[float32]("", 1); err == nil {
		e.Products = p
	}
	trainer := newTrainer(t, newModel(t, c, makers32["PowerNorm"], e), transformer.Training{Rate: 1e-3})
	b := randomBatch(rand.New(rand.NewPCG(1, 2)), &c, 4, 0, 5, true)
	steps(t, trainer, 2, b)
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	steps(t, trainer, 1000, b)
	goruntime.ReadMemStats(&after)
	if n := after.Mallocs - before.Mallocs; n > 10 {
		t.Errorf("%d allocations in 1000 steps", n)
	}
}

// TestObserver sees every norm of every pass, and changes nothing.
func TestObserver(t *testing.T) {
	for _, post := range []bool{false, true} {
		var runs [2][]uint32
		for i := range runs {
			c := tinyTranslator()
			c.PostNorm = post
			m := newModel(t, c, makers32["PowerNorm"], transformer.Engine{})
			trainer := newTrainer(t, m, transformer.Training{Rate: 1e-2})
			b := randomBatch(rand.New(rand.NewPCG(1, 2)), &c, 4, 6, 5, true)
			seen := map[string]int{}
			if i == 1 {
				trainer.Observe = func(s transformer.Sight) {
					seen[s.Position.Name]++
					checkSight(t, &s)
				}
			}
			steps(t, trainer, 3, b, b)
			for _, p := range m.Positions() {
				if i == 1 && seen[p.Name] != 6 {
					t.Errorf("%s was seen %d times in 6 passes", p.Name, seen[p.Name])
				}
			}
			runs[i] = bits(trainer)
		}
		if !slices.Equal(runs[0], runs[1]) {
			t.Error("a run that is observed has other bits")
		}
	}
}

// checkSight holds what is seen to the definition of PowerNorm: the output and the
// gradient of the rows that are kept, and the statistic of the batch.
func checkSight(t *testing.T, s *transformer.Sight) {
	t.Helper()
	state := map[string][]float32{}
	for _, v := range append(s.Position.Norm.State(), s.Position.Norm.Params()...) {
		state[v.Name] = v.Data
	}
	for j := range s.X.Cols {
		rsqrt := 1 / math.Sqrt(float64(state["psi2"][j])+1e-5)
		sum, n := 0.0, 0.0
		for r, keep := range s.Keep {
			if !keep {
				continue
			}
			x, gamma := float64(s.X.Row(r)[j]), float64(state["gamma"][j])
			y := gamma*x*rsqrt + float64(state["beta"][j])
			g, pull := gamma*float64(s.DY.Row(r)[j]), float64(state["nu"][j])*x*rsqrt
			dx := (g - pull) * rsqrt
			// A few roundings of float32 each, of what dx is the difference of.
			bound := 1e-6 * (math.Abs(g) + math.Abs(pull)) * rsqrt
			if math.Abs(y-float64(s.Y.Row(r)[j])) > 1e-6*max(1, math.Abs(y)) || math.Abs(dx-float64(s.DX.Row(r)[j])) > bound {
				t.Fatalf("%s: y %v and dx %v, want %v and %v", s.Position.Name, s.Y.Row(r)[j], s.DX.Row(r)[j], y, dx)
			}
			sum, n = sum+x*x, n+1
		}
		for _, stat := range s.Work.Stats() {
			if stat.Name == "b" && math.Abs(stat.Values[j]-sum/n) > 1e-5*sum/n {
				t.Fatalf("%s: the batch's mean of squares is %v, want %v", s.Position.Name, stat.Values[j], sum/n)
			}
		}
	}
}
