package normtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// compareMeaning holds the layer over float64 to the interpreter of the spec as it
// was lowered, before any pass, and its gradients to the interpreter's derivative.
func (t *target) compareMeaning(tb testing.TB, c Case) {
	tb.Helper()
	p := t.plot(c)
	if p.more == 3 || p.rows*Along(t.Unit.Cols, p.sizes) > 300 {
		return // the interpreter is slow
	}
	r := RigOf[float64](tb, t.Norm, p.sizes, nil, runtime.Portable)
	settle(tb, r, p)
	s := sampleOf[float64](t, p, p.masks[0])
	if !moderate(s) {
		return
	}
	o := oracle{t: t, mode: t.meaning.Modes[0], sizes: p.sizes}
	if p.frozen {
		o.mode = t.meaning.Modes[1]
	}
	o.take(r, s)
	m := r.Mount(r.NewWork(p.rows), s, p.apart)
	err := m.Forward()
	if refused := interp.Check(t.meaning, o.mode, o.env); err != nil || p.rows == 0 {
		if refused != nil && err == nil && p.rows > 0 {
			tb.Fatalf("%s: sizes %v: not refused: %v", r.Name(), p.sizes, refused)
		}
		return
	}
	if err := m.Backward(runtime.Overwrite); err != nil {
		tb.Fatal(r.Name(), err)
	}
	got := Outcome{}
	m.Outputs(tb, got)
	m.Gradients(tb, got)
	for _, g := range m.Grads() {
		Note(got, "d"+g.Name, g.Data)
	}
	spread := o.compare(tb, p, got)
	if !o.mode.Approximate {
		o.derivative(tb, p, got, spread)
	}
}

// largest is the largest number of a sample that is compared with its meaning, about the
// spike of gate 1; no fill has a larger one. Beside the square of a larger one that of
// 0.1 is lost in rounding, and gradients whose terms cancel twice are what the order of
// operations makes of them: moving every operation does not tell, since it moves both
// uses of a value alike.
const largest = 1 << 20

// moderate reports whether no number is larger than that.
func moderate(s Sample[float64]) bool {
	for _, x := range s.Tensor {
		for _, v := range x {
			if !(math.Abs(v) <= largest) {
				return false
			}
		}
	}
	return true
}

// An oracle evaluates what a step means.
type oracle struct {
	t     *target
	mode  *ir.Mode
	sizes []int
	env   interp.Env
}

// take sets the environment. The leaves of what was lowered are those of the plan
// in the same order.
func (o *oracle) take(r *Rig[float64], s Sample[float64]) {
	l, u := o.t.meaning, o.t.Unit.Layer
	o.env = interp.Env{Sizes: o.sizes, Leaves: map[*ir.Leaf][]float64{}, Step: float64(r.Step())}
	for i, x := range l.Inputs {
		o.env.Leaves[x] = s.Tensor[u.Inputs[i]]
	}
	for i, k := range l.Masks {
		if keep := s.Mask(o.t.Unit, u.Masks[i]); keep != nil {
			for _, b := range keep {
				o.env.Leaves[k] = append(o.env.Leaves[k], map[bool]float64{true: 1}[b])
			}
		}
	}
	for i, x := range l.Params {
		o.env.Leaves[x] = r.Params()[i].Data
	}
	for i, x := range l.States {
		o.env.Leaves[x] = r.State()[i].Data
	}
	fs := []*ir.Func{o.mode.Forward, o.mode.Backward}
	for _, q := range o.mode.Requires {
		fs = append(fs, q.Func)
	}
	for _, f := range fs {
		for _, v := range f.Values {
			if v.Op == ir.Load && v.Leaf.Kind == ir.KnobLeaf {
				o.env.Leaves[v.Leaf] = []float64{r.Knobs[v.Leaf.Name]}
			}
		}
	}
	for i, y := range o.mode.Cotangents {
		o.env.Leaves[y] = s.Tensor[u.Outputs[i]]
	}
}

// evaluate returns outputs and gradients, by the names of outcomes.
func (o *oracle) evaluate(tb testing.TB, env interp.Env) Outcome {
	tb.Helper()
	out := Outcome{}
	for _, f := range []*ir.Func{o.mode.Forward, o.mode.Backward} {
		xs, err := interp.Run(f, env)
		if err != nil {
			tb.Fatal(err)
		}
		for i, res := range f.Outs {
			switch res.Kind {
			case ir.TensorOut:
				out[res.Name] = xs[i]
				env.Leaves[res.Leaf] = xs[i] // a backward may read it
			case ir.GradOut:
				out["d"+res.Leaf.Name] = xs[i]
			}
		}
	}
	return out
}

// nudge is how far the operations of a nudged evaluation are off, and trust how
// many times what they move a result by it may be off.
const (
	nudge  = 0x1p-50
	nudges = 4
	trust  = 1 << 10
)

// compare allows for how far the result moves if every input and operation of the
// spec is off by a few rounding errors of float64: what that hardly moves must
// agree in all but the last digits, and what a choice between almost equal numbers
// decides is not compared. It returns how far results move.
func (o *oracle) compare(tb testing.TB, p plot, got Outcome) (spread Outcome) {
	tb.Helper()
	want := o.evaluate(tb, o.env)
	spread = Outcome{}
	for name, x := range want {
		spread[name] = make([]float64, len(x))
	}
	for range nudges {
		for name, x := range o.evaluate(tb, o.nudged(p.random)) {
			for i, v := range x {
				spread[name][i] = math.Max(spread[name][i], math.Abs(v-want[name][i]))
			}
		}
	}
	for name, x := range got {
		for i, v := range x {
			w := want[name][i]
			if allowed := trust*spread[name][i] + 1e-12*math.Abs(w) + 1e-200; math.Abs(v-w) > allowed || v != v && allowed < math.Inf(1) {
				tb.Fatalf("%s: sizes %v, %s, step %v, frozen %v: %s[%d] = %v, the interpreter has %v, %.2g off, at most %.2g allowed",
					o.t.Unit.Name, o.sizes, p.fill, o.env.Step, p.frozen, name, i, v, w, v-w, allowed)
			}
		}
	}
	return spread
}

func (o *oracle) nudged(g *rand.Rand) interp.Env {
	off := func(x float64) float64 { return x + x*nudge*(2*g.Float64()-1) }
	env := o.env
	env.Leaves = map[*ir.Leaf][]float64{}
	for l, x := range o.env.Leaves {
		env.Leaves[l] = x
		if l.Kind == ir.InputLeaf || l.Kind == ir.CotangentLeaf {
			moved := make([]float64, len(x))
			for i, v := range x {
				moved[i] = off(v)
			}
			env.Leaves[l] = moved
		}
	}
	env.Apply = func(op ir.Op, args []float64) float64 {
		x := ir.Ops[op].Eval(args)
		if ir.Ops[op].Cond || op == ir.Floor || op == ir.Select {
			return x
		}
		return off(x)
	}
	return env
}

// derivative holds the gradients to the derivative along a random direction: their
// product with it is that of the cotangents with what the outputs move by.
func (o *oracle) derivative(tb testing.TB, p plot, got, spread Outcome) {
	tb.Helper()
	dots := map[*ir.Leaf][]float64{}
	sum, size, noise := 0.0, 0.0, 0.0
	add := func(a, b []float64, sign float64) {
		for i, x := range a {
			sum += sign * x * b[i]
			size += math.Abs(x * b[i])
		}
	}
	direction := func(l *ir.Leaf, gradient string) {
		d := make([]float64, l.Elements(o.sizes))
		for i := range d {
			d[i] = p.random.NormFloat64()
		}
		dots[l] = d
		add(got[gradient], d, -1)
		for i, x := range d {
			noise += trust * spread[gradient][i] * math.Abs(x)
		}
	}
	for i, x := range o.t.meaning.Inputs {
		direction(x, "d"+ownGradient(o.t.Unit, o.t.Unit.Layer.Inputs[i]).Name)
	}
	for _, x := range o.t.meaning.Params {
		direction(x, "d"+x.Name)
	}
	_, moved, err := interp.RunDual(o.mode.Forward, o.env, dots)
	if err != nil {
		tb.Fatal(err)
	}
	i := 0
	for k, out := range o.mode.Forward.Outs {
		if out.Kind == ir.TensorOut {
			add(o.env.Leaves[o.mode.Cotangents[i]], moved[k], 1)
			i++
		}
	}
	if math.Abs(sum) > 1e-8*size+noise {
		tb.Errorf("%s: sizes %v, %s, step %v, frozen %v: gradients are %.2g off the derivative, of terms that add up to %.2g",
			o.t.Unit.Name, o.sizes, p.fill, o.env.Step, p.frozen, sum, size)
	}
}

// ownGradient is the input whose gradient is also that of x.
func ownGradient(u *plan.Unit, x *ir.Leaf) *ir.Leaf {
	for _, g := range u.Grads {
		for _, e := range u.EqualGrads(g) {
			if e == x {
				return g
			}
		}
	}
	return x
}
