package gen

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/interval"
	"github.com/normgen/normgen/gen/ir"
)

// Every value that the interpreter computes, of every function of every spec,
// as lowered and as simplified, on tiny, huge and ordinary data, lies in its
// interval. What follows a number beyond the largest finite one is left out:
// the analysis takes such overflow not to happen.
func TestIntervalsHold(t *testing.T) {
	for _, pattern := range []string{"../testdata/*.dsl", "../dsl/testdata/*.dsl", "testdata/*.dsl"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatal(pattern, err)
		}
		for _, path := range paths {
			for _, simplify := range []bool{false, true} {
				units, err := Lower(program(t, path))
				if err != nil {
					t.Fatal(err)
				}
				for _, u := range units {
					if simplify {
						if err := Middle(u); err != nil {
							t.Fatal(err)
						}
					}
					for _, m := range u.Layer.Modes {
						holds(t, u.Layer, m, interval.Float32)
						holds(t, u.Layer, m, interval.Float64)
					}
				}
			}
		}
	}
}

// rounds is how many environments each mode is evaluated on.
const rounds = 16

// holds evaluates the functions of a mode. Every value must have been compared
// at least once.
func holds(t *testing.T, l *ir.Layer, m *ir.Mode, format interval.Format) {
	t.Helper()
	fwd, bwd := interval.Analyze(l, m.Forward, format, nil), interval.Analyze(l, m.Backward, format, nil)
	stats := interval.Stats(m, fwd.Of, bwd.Of)
	c := &containment{t: t, layer: l, seen: map[*ir.Value]bool{}}
	for seed := range uint64(rounds) {
		e := hardEnv(l, m, seed)
		known := c.compare(fwd, m.Forward, e)
		for v, x := range c.compare(bwd, m.Backward, e) {
			known[v] = x
		}
		for _, u := range m.Updates {
			if feed(u, known, e) {
				c.compare(interval.Analyze(l, u.Func, format, stats), u.Func, e)
			}
		}
	}
	fs := []*ir.Func{m.Forward, m.Backward}
	for _, u := range m.Updates {
		fs = append(fs, u.Func)
	}
	for _, f := range fs {
		for _, v := range f.Values {
			if !c.seen[v] {
				t.Errorf("%s in %s: v%d overflowed every time", f.Name, format.Name, v.ID)
			}
		}
	}
}

// feed gives the merged statistics of an update the values of one pass, unless
// they overflowed.
func feed(u *ir.Update, known map[*ir.Value][]float64, e interp.Env) bool {
	for _, v := range u.Func.Values {
		if v.Op != ir.Load || v.Leaf.Kind != ir.StatLeaf {
			continue
		}
		for _, s := range u.Stats {
			if s.Name == v.Leaf.Name {
				e.Leaves[v.Leaf] = known[s.Value]
			}
		}
		if e.Leaves[v.Leaf] == nil {
			return false
		}
	}
	return true
}

// A containment compares values with their intervals.
type containment struct {
	t     *testing.T
	layer *ir.Layer
	seen  map[*ir.Value]bool
}

// compare evaluates f and returns the values that did not overflow.
func (c *containment) compare(a *interval.Analysis, f *ir.Func, e interp.Env) map[*ir.Value][]float64 {
	c.t.Helper()
	all, _ := f.Copy()
	all.Outs = nil
	for _, v := range all.Values {
		all.Out(ir.StatOut, "", v, nil)
	}
	outs, err := interp.Run(all, e)
	if err != nil {
		c.t.Fatal(err)
	}
	known := map[*ir.Value][]float64{}
	for _, v := range f.Values {
		if c.inside(a, f, v, outs[v.ID], known) {
			known[v] = outs[v.ID]
			c.seen[v] = true
		}
	}
	return known
}

func (c *containment) inside(a *interval.Analysis, f *ir.Func, v *ir.Value, xs []float64, known map[*ir.Value][]float64) bool {
	for _, b := range v.Args {
		if known[b] == nil {
			return false
		}
	}
	for _, x := range xs {
		if i := a.Of(v); !i.Contains(x) {
			if math.Abs(x) <= a.Max || math.IsNaN(x) {
				c.t.Errorf("%s: %s = %g is not in %v", f.Name, c.layer.Line(v), x, i)
			}
			return false
		}
	}
	return true
}

// magnitudes are the sizes of test data. The root of the largest float32 is
// 1.8e19, of the smallest 3.7e-23.
var magnitudes = []float64{1, 0, 1e-3, 1e4, 1e-15, 1e-24, 1e-45, 1e9, 1e19, 1e30, math.MaxFloat32}

// hardEnv is an environment of ordinary data for the first seeds, then of mixed
// magnitudes.
func hardEnv(l *ir.Layer, m *ir.Mode, seed uint64) interp.Env {
	r := rand.New(rand.NewPCG(seed, 5))
	sizes := interp.Sizes(l, seed)
	for i, a := range l.Axes {
		if a.Size == 0 && a.Knob == "" {
			sizes[i] = 2 + r.IntN(2) // two at least: the correction of a variance refuses one
		}
	}
	fs := []*ir.Func{m.Forward, m.Backward}
	for _, u := range m.Updates {
		fs = append(fs, u.Func)
	}
	e := interp.Sample(seed, sizes, fs...)
	e.Step = float64([]int{1, 2, 50, 20000}[r.IntN(4)])
	for leaf, xs := range e.Leaves {
		if seed >= 4 && leaf.Kind != ir.KnobLeaf && leaf.Kind != ir.CountLeaf && leaf.Kind != ir.MaskLeaf {
			harden(rand.New(rand.NewPCG(seed, uint64(len(leaf.Name))+uint64(leaf.Name[0]))), leaf, xs)
		}
	}
	return e
}

func harden(r *rand.Rand, leaf *ir.Leaf, xs []float64) {
	size := magnitudes[r.IntN(len(magnitudes))]
	for i := range xs {
		if r.IntN(5) == 0 {
			size = magnitudes[r.IntN(len(magnitudes))]
		}
		xs[i] = float64(float32(size * (2*r.Float64() - 1)))
		if leaf.Min == nil {
			continue
		}
		if xs[i] = *leaf.Min + math.Abs(xs[i]); leaf.Open && xs[i] == *leaf.Min {
			xs[i] = *leaf.Min + math.SmallestNonzeroFloat32
		}
	}
}
