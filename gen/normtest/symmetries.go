package normtest

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/symmetry"
	"github.com/normgen/normgen/gen/train"
	"github.com/normgen/normgen/runtime"
)

// A mirror holds a layer to the symmetries of its spec, on a tame batch.
type mirror[T runtime.Float] struct {
	plot
	tb   testing.TB
	t    *target
	mode *ir.Mode
	from *Rig[T] // whose parameters and states the others have
	s    Sample[T]
	base Outcome // of s
}

// checkSymmetries runs the layer on a batch and on changed ones.
func checkSymmetries[T runtime.Float](tb testing.TB, t *target, c Case) {
	tb.Helper()
	k := newMirror[T](tb, t, c)
	if k == nil || k.more > 1 {
		return
	}
	k.scalings()
	k.linear()
	k.order()
	k.hidden()
	if wide[T]() {
		k.shifts()
	}
}

// newMirror draws the batch; it is nil if there is none or it is refused.
func newMirror[T runtime.Float](tb testing.TB, t *target, c Case) *mirror[T] {
	tb.Helper()
	k := &mirror[T]{plot: t.plot(c), tb: tb, t: t, mode: t.Unit.Train.Mode}
	if k.rows == 0 {
		return nil
	}
	if k.frozen {
		k.mode = t.Unit.Eval.Mode
	}
	k.fill, k.bits = "randn", nil
	k.from = RigOf[T](tb, t.Norm, k.sizes, nil, runtime.Portable)
	settle(tb, k.from, k.plot)
	k.s = sampleOf[T](t, k.plot, "all")
	if k.base = k.outcome("", k.s); k.base == nil {
		return nil
	}
	return k
}

// outcome runs a layer, with the given knob 0, forward and backward. It is nil if
// there is none or the batch is refused.
func (k *mirror[T]) outcome(zero string, s Sample[T]) Outcome {
	k.tb.Helper()
	knobs := map[string]float64{}
	if zero != "" {
		knobs[zero] = 0
		if _, err := NewRig[T](k.t.Norm, k.sizes, knobs); err != nil {
			return nil
		}
	}
	isas := ISAs()
	r := twin(k.tb, k.t.Norm, k.from, k.plot, isas[len(isas)-1], knobs)
	m := r.Mount(r.NewWork(Along(r.Unit.Rows, s.Sizes)), s, k.apart)
	if m.Forward() != nil {
		return nil
	}
	if err := m.Backward(runtime.Overwrite); err != nil {
		k.tb.Fatal(err)
	}
	o := Outcome{}
	m.Outputs(k.tb, o)
	m.Gradients(k.tb, o)
	for _, g := range m.Grads() {
		Note(o, "d"+g.Name, g.Data)
	}
	for _, st := range m.Work.Stats() {
		if st.Count > 0 && slices.ContainsFunc(k.mode.Stats, func(x *ir.Stat) bool { return x.Name == st.Name && x.Phase == ir.ForwardPhase }) {
			o["stat "+st.Name] = st.Values
		}
	}
	return o
}

func (k *mirror[T]) fail(format string, args ...any) {
	k.tb.Helper()
	k.tb.Fatalf("%s over %T: sizes %v, step %d, frozen %v: %s", k.t.Unit.Name, T(0), k.sizes, k.from.Step(), k.frozen, fmt.Sprintf(format, args...))
}

// with is the sample with another tensor.
func (k *mirror[T]) with(l *ir.Leaf, change func(i int, v T) T) Sample[T] {
	out := k.s
	out.Tensor = map[*ir.Leaf][]T{}
	for x, data := range k.s.Tensor {
		out.Tensor[x] = data
	}
	changed := slices.Clone(k.s.Tensor[l])
	for i, v := range changed {
		changed[i] = change(i, v)
	}
	out.Tensor[l] = changed
	return out
}

// scalings multiplies inputs by powers of 4: results have the same bits but for the
// exponent. In float64 the gradient is also held to Euler's theorem.
func (k *mirror[T]) scalings() {
	k.tb.Helper()
	for _, sc := range symmetry.Scalings(k.t.Unit.Layer, k.mode) {
		base := k.outcome(sc.Zero, k.s)
		if base == nil {
			continue
		}
		for _, f := range []float64{4, 1. / 16} {
			s := k.s
			for _, x := range sc.Leaves {
				with := *k
				with.s = s
				s = with.with(x, func(_ int, v T) T { return v * T(f) })
			}
			got := k.outcome(sc.Zero, s)
			for y, n := range sc.Powers {
				k.scaled("input times", f, y.Name, got, base, n)
			}
			for x, n := range sc.Grads {
				k.scaled("input times", f, "d"+x.Name, got, base, n)
			}
		}
		if wide[T]() && k.truthful() {
			k.euler(sc, base)
		}
	}
}

func (k *mirror[T]) scaled(what string, f float64, name string, got, base Outcome, n float64) {
	k.tb.Helper()
	for i, v := range base[name] {
		if want := v * math.Pow(f, n); !SameBits(got[name][i], want) && !(v != v) {
			k.fail("%s %v: %s[%d] = %v, want %v times %v^%v", what, f, name, i, got[name][i], v, f, n)
		}
	}
}

// linear multiplies cotangents.
func (k *mirror[T]) linear() {
	k.tb.Helper()
	if !symmetry.Linear(k.mode) {
		return
	}
	const f = 8
	s := k.s
	for _, y := range k.t.Unit.Layer.Outputs {
		with := *k
		with.s = s
		s = with.with(y, func(_ int, v T) T { return v * f })
	}
	got := k.outcome("", s)
	for _, name := range k.gradients() {
		k.scaled("cotangent times", f, name, got, k.base, 1)
	}
}

// gradients are the names of those in outcomes.
func (k *mirror[T]) gradients() []string {
	var out []string
	for _, x := range slices.Concat(k.t.Unit.Grads, k.t.Unit.Layer.Params) {
		out = append(out, "d"+x.Name)
	}
	return out
}

// order turns the batch around: what each part has alone keeps its bits, and what
// sums over the batch its numbers.
func (k *mirror[T]) order() {
	k.tb.Helper()
	u, n := k.t.Unit, k.sizes[k.t.Unit.Rows[0]]
	apart := symmetry.Apart(k.mode, u.Rows[0])
	if n < 2 || !apart && (!wide[T]() || !symmetry.Unordered(k.mode, u.Rows[0])) {
		return
	}
	at := k.random.Perm(n)
	got := k.outcome("", k.s.Pick(u, at))
	for _, x := range slices.Concat(u.Layer.Outputs, u.Grads) {
		name := x.Name
		if slices.Contains(u.Grads, x) {
			name = "d" + name
		}
		if x.Axes()&(1<<u.Rows[0]) == 0 {
			continue
		}
		want := Picked(k.base[name], n, at)
		for i, v := range want {
			if apart && !SameBits(got[name][i], v) || !apart && !near(got[name][i], v) {
				k.fail("rows in another order: %s[%d] = %v, want %v", name, i, got[name][i], v)
			}
		}
	}
}

// near allows for sums in another order, of tame numbers in float64.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(b)) || a != a && b != b }

// hidden replaces what a mask hides by NaN: what it keeps has the same bits.
func (k *mirror[T]) hidden() {
	k.tb.Helper()
	l := k.t.Unit.Layer
	if len(l.Masks) != 1 || !symmetry.Hides(k.mode, l.Masks[0]) {
		return
	}
	clean := k.s
	clean.Keep = Masks(k.rows)["random"]
	base := k.outcome("", clean)
	if base == nil {
		return
	}
	dirty := clean
	for _, x := range l.Inputs {
		with := *k
		with.s = dirty
		part := max(1, len(dirty.Tensor[x])/k.rows)
		dirty = with.with(x, func(i int, v T) T {
			if !clean.Keep[min(i/part, k.rows-1)] {
				return T(math.NaN())
			}
			return v
		})
	}
	got := k.outcome("", dirty)
	for name, x := range base {
		if slices.ContainsFunc(k.mode.Stats, func(s *ir.Stat) bool { return "stat "+s.Name == name && k.t.Unit.Small(s.Axes) == s.Axes }) {
			Same(k.tb, k.t.Unit.Name+": hidden rows are NaN", Outcome{name: got[name]}, Outcome{name: x})
		}
	}
	for _, y := range l.Outputs {
		part := max(1, len(base[y.Name])/k.rows)
		for i, v := range base[y.Name] {
			if clean.Keep[i/part] && !SameBits(got[y.Name][i], v) {
				k.fail("hidden rows are NaN: %s[%d] = %v, want %v", y.Name, i, got[y.Name][i], v)
			}
		}
	}
}

// truthful reports whether gradients are the derivative of what the forward
// computes.
func (k *mirror[T]) truthful() bool {
	i := 0
	if k.frozen {
		i = 1
	}
	m := k.t.meaning.Modes[i]
	return !m.Approximate && !slices.ContainsFunc(m.Forward.Values, func(v *ir.Value) bool { return v.Op == ir.Detach })
}

// euler holds the gradient to Euler's theorem: of outputs that take a factor s as
// s^n, the sum of x*dx is n times that of dy*y, for each factor.
func (k *mirror[T]) euler(sc symmetry.Scaling, base Outcome) {
	k.tb.Helper()
	sums, sizes := map[int]float64{}, map[int]float64{}
	add := func(l *ir.Leaf, a []T, b []float64, n float64) {
		train.Each(l.Dims, k.sizes, func(i int, at []int) {
			to := train.Position(at, dims(sc.Along), k.sizes)
			v := float64(a[i]) * b[i]
			sums[to] += n * v
			sizes[to] += math.Abs(v)
		})
	}
	for y, n := range sc.Powers {
		if !y.Axes().Has(sc.Along) {
			return
		}
		add(y, k.s.Tensor[y], base[y.Name], n)
	}
	for _, x := range sc.Leaves {
		add(x, k.s.Tensor[x], base["d"+ownGradient(k.t.Unit, x).Name], -1)
	}
	for to, sum := range sums {
		if math.Abs(sum) > 1e-9*(1+sizes[to]) {
			k.fail("the sum of x*dx is %.3g off the sum of dy*y times their powers %v, of terms that add up to %.3g", sum, sc.Powers, sizes[to])
		}
	}
}

func dims(a ir.Axes) []int {
	var out []int
	for d := range 32 {
		if a.Has(1 << d) {
			out = append(out, d)
		}
	}
	return out
}

// shifts adds numbers to inputs: outputs stay, and the gradient has no part along
// the shift.
func (k *mirror[T]) shifts() {
	k.tb.Helper()
	for _, sh := range symmetry.Shifts(k.t.Unit.Layer, k.mode) {
		along, by := dims(sh.Along), map[int]T{}
		where := make([]int, sh.Input.Elements(k.sizes))
		train.Each(sh.Input.Dims, k.sizes, func(i int, at []int) {
			where[i] = train.Position(at, along, k.sizes)
			if _, ok := by[where[i]]; !ok {
				by[where[i]] = T(k.random.NormFloat64())
			}
		})
		got := k.outcome("", k.with(sh.Input, func(i int, v T) T { return v + by[where[i]] }))
		for _, y := range k.t.Unit.Layer.Outputs {
			for i, v := range k.base[y.Name] {
				if !near(got[y.Name][i], v) {
					k.fail("input shifted: %s[%d] = %v, want %v", y.Name, i, got[y.Name][i], v)
				}
			}
		}
		if !k.truthful() {
			continue
		}
		sums, size := map[int]float64{}, 1.0
		for i, v := range k.base["d"+ownGradient(k.t.Unit, sh.Input).Name] {
			sums[where[i]] += v
			size += math.Abs(v)
		}
		for _, sum := range sums {
			if math.Abs(sum) > 1e-9*size {
				k.fail("the gradient adds up to %.3g along a shift that no output notices", sum)
			}
		}
	}
}
