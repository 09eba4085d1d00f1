package interval

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// Every value of random functions on random data lies in its interval.
func TestRandomFunctions(t *testing.T) {
	checked := 0
	bounded := map[ir.Op]bool{}
	for seed := range uint64(4000) {
		r := rand.New(rand.NewPCG(seed, 7))
		g := newGenerator(r)
		f := g.function(3 + r.IntN(25))
		if err := ir.Verify(f); err != nil {
			t.Fatal(err)
		}
		for _, format := range []Format{Float32, Float64} {
			a := Analyze(g.layer, f, format, nil)
			for _, v := range f.Values {
				bounded[v.Op] = bounded[v.Op] || a.Of(v) != everything
			}
			for range 4 {
				checked += contained(t, a, f, g.env(r))
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d\n%s", seed, f)
		}
	}
	for op := ir.Invalid + 1; op < ir.NumOps; op++ {
		if !bounded[op] {
			t.Errorf("%s was not tried, or nothing is known of it", op)
		}
	}
	if checked < 2000000 { // 4108810 when written; overflow must not excuse everything
		t.Errorf("only %d values were compared", checked)
	}
}

// contained compares every value of f on e with a, but for what follows a
// number that overflowed, and counts.
func contained(t *testing.T, a *Analysis, f *ir.Func, e interp.Env) int {
	t.Helper()
	all, _ := f.Copy()
	all.Outs = nil
	for _, v := range all.Values {
		all.Out(ir.StatOut, "", v, nil)
	}
	outs, err := interp.Run(all, e)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	lost := make([]bool, len(f.Values))
	for _, v := range f.Values {
		for _, b := range v.Args {
			lost[v.ID] = lost[v.ID] || lost[b.ID]
		}
		if lost[v.ID] {
			continue
		}
		i := a.Of(v)
		for _, x := range outs[v.ID] {
			n++
			if i.Contains(x) {
				continue
			}
			if lost[v.ID] = math.Abs(x) > a.Max; !lost[v.ID] {
				t.Errorf("v%d %s = %g is not in %v (nonzero %v) in %s", v.ID, v.Op, x, i, i.Nonzero, a.Name)
				break
			}
		}
	}
	return n
}

// A generator makes random functions over two axes.
type generator struct {
	r      *rand.Rand
	layer  *ir.Layer
	leaves []*ir.Leaf
	vals   []*ir.Value
	conds  []*ir.Value
	f      *ir.Func
}

func newGenerator(r *rand.Rand) *generator {
	zero, one := 0.0, 1.0
	return &generator{r: r, f: &ir.Func{Name: "f"},
		layer: &ir.Layer{Axes: []ir.Axis{{Name: "N"}, {Name: "C", Size: 3}}},
		leaves: []*ir.Leaf{
			{Kind: ir.InputLeaf, Name: "x", Dims: []int{0, 1}},
			{Kind: ir.InputLeaf, Name: "z", Dims: []int{1, 0}},
			{Kind: ir.ParamLeaf, Name: "g", Dims: []int{1}},
			{Kind: ir.StateLeaf, Name: "s", Dims: []int{1}, Min: &zero},
			{Kind: ir.StateLeaf, Name: "u", Dims: []int{1}, Min: &zero, Open: true},
			{Kind: ir.StateLeaf, Name: "w", Min: &one},
			{Kind: ir.KnobLeaf, Name: "eps", Init: 1e-5},
			{Kind: ir.MaskLeaf, Name: "keep", Dims: []int{0}},
		}}
}

func (g *generator) function(n int) *ir.Func {
	for _, l := range g.leaves {
		if v := g.f.Load(l); l.Kind == ir.MaskLeaf {
			g.conds = append(g.conds, v)
		} else {
			g.vals = append(g.vals, v)
		}
	}
	for _, c := range []float64{0, 1, -1, 2, 0.5, 1e-30, 1e20} {
		g.vals = append(g.vals, g.f.Const(c))
	}
	g.vals = append(g.vals, g.f.Step(), g.f.Size(3), g.f.Index(1), g.f.Count(1, nil), g.f.Count(1, g.conds[0]))
	for range n {
		g.step()
	}
	g.f.Out(ir.StatOut, "o", g.pick(), nil)
	return g.f
}

// pick prefers recent values.
func (g *generator) pick() *ir.Value {
	if k := len(g.vals); g.r.IntN(2) == 0 {
		return g.vals[k-1-g.r.IntN(min(k, 6))]
	}
	return g.vals[g.r.IntN(len(g.vals))]
}

func (g *generator) cond() *ir.Value { return g.conds[g.r.IntN(len(g.conds))] }

var (
	ones      = []ir.Op{ir.Neg, ir.Sqrt, ir.Rsqrt, ir.Exp, ir.Log, ir.Tanh, ir.Erf, ir.Abs, ir.Floor, ir.Detach}
	twos      = []ir.Op{ir.Add, ir.Add, ir.Sub, ir.Sub, ir.Mul, ir.Mul, ir.Div, ir.Max, ir.Min, ir.Mod}
	compares  = []ir.Op{ir.Less, ir.LessEq, ir.Equal}
	reduces   = []ir.Op{ir.Sum, ir.Mean, ir.MaxOf, ir.MomentMean, ir.MomentSS, ir.MomentHi, ir.MomentLo}
	exponents = []float64{2, 3, 0.5, -1, -2, 1.5, 0, -0.5}
)

func of[T any](g *generator, list []T) T { return list[g.r.IntN(len(list))] }

func (g *generator) step() {
	f := g.f
	switch g.r.IntN(11) {
	case 0, 1:
		g.vals = append(g.vals, f.Apply(of(g, ones), g.pick()))
	case 2, 3, 4:
		g.vals = append(g.vals, f.Apply(of(g, twos), g.pick(), g.pick()))
	case 5:
		g.vals = append(g.vals, f.Pow(g.pick(), f.Const(of(g, exponents))))
	case 6:
		g.conds = append(g.conds, f.Apply(of(g, compares), g.pick(), g.pick()))
	case 7:
		g.conds = append(g.conds, of(g, []*ir.Value{f.Not(g.cond()), f.And(g.cond(), g.cond()), f.Or(g.cond(), g.cond())}))
	case 8:
		g.vals = append(g.vals, f.Select(g.cond(), g.pick(), g.pick()))
	case 9:
		g.reduction()
	case 10:
		g.relation()
	}
}

func (g *generator) reduction() {
	var mask *ir.Value
	if m := g.cond(); g.r.IntN(2) == 0 && m.Axes != 0 {
		mask = m
	}
	over := ir.Axes(1 + g.r.IntN(3))
	g.vals = append(g.vals, g.f.Reduce(of(g, reduces), g.pick(), over, mask))
}

// relation writes what the analysis knows more of than its operands' bounds.
func (g *generator) relation() {
	f, a, b := g.f, g.pick(), g.pick()
	part := f.Apply(ir.Div, f.Const(1), f.Step())
	g.vals = append(g.vals, of(g, []func() *ir.Value{
		func() *ir.Value { return f.Mul(a, a) },
		func() *ir.Value { return f.Sub(a, a) },
		func() *ir.Value { return f.Sub(a, f.MaxOf(a, 2, nil)) },
		func() *ir.Value { return f.Sub(a, f.Apply(ir.Max, b, a)) },
		func() *ir.Value { return f.Add(a, f.Mul(f.Sub(b, a), part)) },
		func() *ir.Value { return f.Add(f.Div(f.Sub(b, a), f.Step()), a) },
		func() *ir.Value { return f.Sum(f.Exp(f.Sub(a, f.MaxOf(a, 2, nil))), 2, nil) },
		func() *ir.Value { return f.Select(f.Less(f.Const(0), a), f.Div(b, a), f.Sqrt(f.Neg(a))) },
		func() *ir.Value { return f.Select(f.Not(f.Equal(a, f.Const(0))), f.Div(b, a), a) },
	})())
}

// magnitudes are the sizes of test data, tiny to huge.
var magnitudes = []float64{0, 1, 1e-3, 1e3, 1e-20, 1e-30, 1e-45, 1e10, 1.9e19, 1e30, math.MaxFloat32}

func (g *generator) env(r *rand.Rand) interp.Env {
	e := interp.Env{Sizes: []int{1 + r.IntN(3), 3}, Leaves: map[*ir.Leaf][]float64{}, Step: float64(1 + r.IntN(1000))}
	for _, l := range g.leaves {
		n := 1
		for _, d := range l.Dims {
			n *= e.Sizes[d]
		}
		e.Leaves[l] = datum(r, l, n)
	}
	return e
}

func datum(r *rand.Rand, l *ir.Leaf, n int) []float64 {
	x, size := make([]float64, n), magnitudes[r.IntN(len(magnitudes))]
	for i := range x {
		if r.IntN(4) == 0 {
			size = magnitudes[r.IntN(len(magnitudes))]
		}
		x[i] = float64(float32(size * (2*r.Float64() - 1)))
		switch {
		case l.Kind == ir.KnobLeaf:
			x[i] = l.Init
		case l.Kind == ir.MaskLeaf:
			x[i] = float64(r.IntN(2))
		case l.Min != nil:
			x[i] = *l.Min + math.Abs(x[i])
			if l.Open && x[i] == *l.Min {
				x[i] = math.SmallestNonzeroFloat32
			}
		}
	}
	return x
}
