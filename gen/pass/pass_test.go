package pass

import (
	"math"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// Every pass keeps the meaning of every function, one pass at a time.
func TestMeaning(t *testing.T) {
	for _, n := range norms(t) {
		for _, f := range []*ir.Func{n.fwd, n.backward(t)} {
			for i, p := range Default {
				before := f.Clone()
				if err := Run(f, []Pass{p}); err != nil {
					t.Fatalf("%s: %d: %v", n.name, i, err)
				}
				for _, d := range []int{0, 1} {
					same(t, n.name+" "+p.Name, before, f, grown(n.sizes, d))
				}
			}
		}
	}
}

func grown(sizes []int, by int) []int {
	out := slices.Clone(sizes)
	for i := range out {
		out[i] += by
	}
	return out
}

func same(t *testing.T, name string, a, b *ir.Func, sizes []int) {
	t.Helper()
	for seed := range uint64(3) {
		e := interp.Sample(seed, sizes, a, b)
		x, y := run(t, a, e), run(t, b, e)
		for i := range x {
			if d := distance(x[i], y[i]); !(d < 1e-12) {
				t.Fatalf("%s: %s differs by %.3g", name, a.Outs[i].Name, d)
			}
		}
	}
}

func run(t *testing.T, f *ir.Func, e interp.Env) [][]float64 {
	t.Helper()
	x, err := interp.Run(f, e)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func distance(a, b []float64) float64 {
	d, size := 0.0, 1.0
	for i := range a {
		if math.IsNaN(a[i]) && math.IsNaN(b[i]) {
			continue
		}
		d, size = math.Max(d, math.Abs(a[i]-b[i])), math.Max(size, math.Abs(a[i]))
		if math.IsNaN(a[i] - b[i]) {
			return math.NaN()
		}
	}
	return d / size
}

// The backward has its minimal sums over full tensors; what the forward
// computes too does not count.
func TestSums(t *testing.T) {
	for _, n := range norms(t) {
		b := n.backward(t)
		for _, f := range []*ir.Func{n.fwd, b} {
			if err := Run(f, Default); err != nil {
				t.Fatal(err)
			}
		}
		check(t, n, n.over, n.fwd, b)
		f, b := Unmask(n.fwd), Unmask(b)
		if n.open == nil {
			n.open = n.over
		}
		check(t, n, n.open, f, b)
	}
}

func check(t *testing.T, n *norm, want []ir.Axes, fwd, bwd *ir.Func) {
	t.Helper()
	got := fullSums(fwd, bwd)
	slices.Sort(got)
	if want != nil && !slices.Equal(got, want) {
		t.Errorf("%s: sums over %v, want %v\n%s%s", n.name, got, want, n.layer.Dump(fwd), n.layer.Dump(bwd))
	}
}

// fullSums lists what each full-tensor sum of bwd sums over, without those of fwd.
func fullSums(fwd, bwd *ir.Func) []ir.Axes {
	var full ir.Axes
	for _, v := range bwd.Values {
		full |= v.Axes
	}
	known := ir.Match(fwd, bwd)
	var out []ir.Axes
	for _, v := range bwd.Values {
		if v.Op.Reduces() && v.Args[0].Axes == full && known[v] == nil {
			out = append(out, v.Over)
		}
	}
	return out
}

// Running the passes again changes nothing but the order of independent values.
func TestFixpoint(t *testing.T) {
	for _, n := range norms(t) {
		for _, f := range []*ir.Func{n.fwd, n.backward(t)} {
			if err := Run(f, Default); err != nil {
				t.Fatal(err)
			}
			once := f.Clone()
			if err := Run(f, Default); err != nil {
				t.Fatal(err)
			}
			if m := ir.Match(once, f); len(m) != len(f.Values) || len(f.Values) != len(once.Values) {
				t.Errorf("%s: not a fixed point:\n%s\n%s", n.name, once, f)
			}
		}
	}
}

// The same function gives the same text, whatever the order of maps.
func TestDeterministic(t *testing.T) {
	var first []string
	for range 3 {
		var dumps []string
		for _, n := range norms(t) {
			b := n.backward(t)
			if err := Run(b, Default); err != nil {
				t.Fatal(err)
			}
			dumps = append(dumps, b.String())
		}
		if first == nil {
			first = dumps
		}
		if !slices.Equal(first, dumps) {
			t.Fatal("dumps differ between runs")
		}
	}
}

// A mask that is absent gives what a mask that holds everywhere gives.
func TestUnmask(t *testing.T) {
	for _, n := range norms(t) {
		b := n.backward(t)
		u := Unmask(b)
		e := interp.Sample(7, n.sizes, b)
		for l, x := range e.Leaves {
			if l.Kind == ir.MaskLeaf {
				for i := range x {
					x[i] = 1
				}
			}
		}
		for _, v := range u.Values {
			if v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf {
				t.Errorf("%s: mask left", n.name)
			}
		}
		x, y := run(t, b, e), run(t, u, e)
		for i := range x {
			if d := distance(x[i], y[i]); !(d < 1e-12) {
				t.Errorf("%s: %s differs by %.3g", n.name, b.Outs[i].Name, d)
			}
		}
	}
}

// Simplified functions keep padding out as the spec's do, and an empty domain
// gives numbers.
func TestPadding(t *testing.T) {
	for _, n := range norms(t) {
		b := n.backward(t)
		u := b.Clone()
		if err := Run(u, Default); err != nil {
			t.Fatal(err)
		}
		e := interp.Sample(9, n.sizes, b)
		for l, x := range e.Leaves {
			if l.Kind == ir.MaskLeaf {
				clear(x)
			}
		}
		x, y := run(t, b, e), run(t, u, e)
		for i := range x {
			if d := distance(x[i], y[i]); !(d < 1e-12) {
				t.Errorf("%s: %s differs by %.3g over an empty domain", n.name, b.Outs[i].Name, d)
			}
		}
	}
}

// A reduction of what repeats along its axes is none, whatever it reduces to.
func TestRepeated(t *testing.T) {
	for _, op := range []ir.Op{ir.Sum, ir.Mean, ir.MaxOf, ir.MomentMean, ir.MomentHi, ir.MomentLo, ir.MomentSS} {
		f := &ir.Func{}
		x := f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: []int{0}})
		v := f.Reduce(op, f.Widen(x, 7), 6, f.Widen(f.Const(1), 7))
		f.Out(ir.TensorOut, "y", v, nil)
		g := f.Clone()
		if err := Run(g, Light); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(g.Values, func(v *ir.Value) bool { return v.Op.Reduces() }) {
			t.Errorf("%s is left:\n%s", op, g)
		}
		same(t, op.String(), f, g, []int{3, 2, 4})
	}
}
