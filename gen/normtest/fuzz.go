package normtest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/runtime/guard"
)

// check runs a case.
func (t *target) check(tb testing.TB, c Case) {
	tb.Helper()
	bench.Lock()
	defer bench.Unlock()
	defer bench.arena.Reset()
	if Has[float32](t.Norm) {
		isas := ISAs()
		if t.Unit.Fast { // assembly fuses what Go does not
			compareBits[float32](tb, t, c, isas[0])
			isas = isas[1:]
		}
		if len(isas) > 0 {
			compareBits[float32](tb, t, c, isas...)
		}
	}
	if Has[float64](t.Norm) {
		compareBits[float64](tb, t, c, runtime.Portable)
		t.compareMeaning(tb, c)
		checkSymmetries[float64](tb, t, c)
	}
	if Has[float32](t.Norm) {
		checkSymmetries[float32](tb, t, c)
	}
}

// A run takes the steps of a case with one rig for each set of instructions.
type run[T runtime.Float] struct {
	plot
	tb   testing.TB
	t    *target
	ref  *Reference[T]
	rigs []*Rig[T]
}

// compareBits takes two steps and an inference. Between the steps everything that
// a checkpoint holds moves to new layers.
func compareBits[T runtime.Float](tb testing.TB, t *target, c Case, isas ...runtime.ISA) {
	tb.Helper()
	r := &run[T]{plot: t.plot(c), tb: tb, t: t}
	first := RigOf[T](tb, t.Norm, r.sizes, nil, isas[0])
	settle(tb, first, r.plot)
	r.ref = NewReference(first, r.sizes)
	r.ref.Load(first)
	for _, isa := range isas {
		r.rigs = append(r.rigs, twin(tb, t.Norm, first, r.plot, isa, nil))
	}
	for _, mask := range r.masks {
		if !r.step(sampleOf[T](t, r.plot, mask)) {
			return
		}
		for i, isa := range isas {
			r.rigs[i] = twin(tb, t.Norm, r.rigs[i], r.plot, isa, nil)
		}
		bench.arena.Reset()
	}
	r.infer(sampleOf[T](t, r.plot, "all"))
}

func (r *run[T]) mode() *plan.Mode {
	if r.frozen {
		return r.t.Unit.Eval
	}
	return r.t.Unit.Train
}

// step reports whether the layer takes such a batch.
func (r *run[T]) step(s Sample[T]) bool {
	r.tb.Helper()
	r.ref.Take(s)
	if r.ref.Refuses(r.mode(), !r.frozen) {
		for _, rig := range r.rigs {
			if m := r.mount(rig, s); m.Forward() == nil {
				r.tb.Fatalf("%s: a batch that must be refused is not", r.what(rig, s))
			}
		}
		return false
	}
	want := r.ref.Pass(r.mode(), s)
	twice := doubled[T](want, gradNames(r.t.Unit))
	apart := r.ref.variant(r.mode(), r.mode().Variants).Backward.Apart()
	if !r.frozen {
		r.ref.Update(r.mode(), want)
	}
	for _, rig := range r.rigs {
		what := r.what(rig, s)
		r.guarded(what, func() error { return r.alias(rig, s, want, what, apart) })
		r.guarded(what, func() error { return r.pass(rig, s, want, twice, what) })
	}
	return true
}

func (r *run[T]) what(rig *Rig[T], s Sample[T]) string {
	return fmt.Sprintf("%s over %T, %v, sizes %v, %s, %d of %d kept, %d apart, %v, step %d, frozen %v, %d workers",
		rig.Name(), T(0), rig.ISA(), r.sizes, r.fill, Kept(s.Keep), len(s.Keep), r.apart, r.place, rig.Step(), r.frozen, r.workers)
}

// mount puts the sample, the layer and its work between pages.
func (r *run[T]) mount(rig *Rig[T], s Sample[T]) *Mount[T] {
	w := rig.NewWork(r.rows)
	w.SetPool(pool(r.workers))
	m := rig.Mount(w, s, r.apart)
	bench.arena.Move(r.place, m.LayerOf, w, &m.In, &m.Out, &m.DY, &m.DX, &m.Masks)
	return m
}

// guarded calls f and looks at what lies around all slices.
func (r *run[T]) guarded(what string, f func() error) {
	r.tb.Helper()
	if err := guard.Run(f); err != nil {
		r.tb.Fatalf("%s: %v", what, err)
	}
	if err := bench.arena.Check(); err != nil {
		r.tb.Fatalf("%s: %v", what, err)
	}
}

// pass runs forward, backward, an accumulating backward, and commits.
func (r *run[T]) pass(rig *Rig[T], s Sample[T], want, twice Outcome, what string) error {
	m := r.mount(rig, s)
	if err := m.Forward(); err != nil {
		return err
	}
	if err := m.Backward(runtime.Overwrite); err != nil {
		return err
	}
	got := Outcome{}
	m.Outputs(r.tb, got)
	m.Gradients(r.tb, got)
	m.Left(got)
	if err := m.Backward(runtime.Accumulate); err != nil {
		return err
	}
	sum := Outcome{}
	m.Gradients(r.tb, sum)
	for _, g := range m.Grads() {
		Note(sum, "grad "+g.Name, g.Data)
	}
	if !r.frozen {
		if err := rig.Commit(m.Work); err != nil {
			return err
		}
	}
	for _, v := range rig.State() {
		got["state "+v.Name] = Widen(v.Data)
	}
	Same(r.tb, what, got, want)
	Same(r.tb, what+", accumulated twice", sum, twice)
	return r.unchanged(m, s)
}

// unchanged returns an error if a pass wrote to its inputs.
func (r *run[T]) unchanged(m *Mount[T], s Sample[T]) error {
	for i, x := range m.Unit.Layer.Inputs {
		if d := Difference(Outcome{x.Name: Numbers(r.tb, m.In[i])}, Outcome{x.Name: widened(s.Tensor[x])}); d != "" {
			return fmt.Errorf("input %s", d)
		}
	}
	for i, y := range m.Unit.Layer.Outputs {
		if d := Difference(Outcome{"d" + y.Name: Numbers(r.tb, m.DY[i])}, Outcome{"d" + y.Name: widened(s.Tensor[y])}); d != "" {
			return fmt.Errorf("cotangent %s", d)
		}
	}
	return nil
}

// widened is nil of nothing, as numbers of a view are.
func widened[T runtime.Float](x []T) []float64 {
	if len(x) == 0 {
		return nil
	}
	return Widen(x)
}

// alias runs the backward with a gradient in the place of a cotangent or an input:
// that gives the same, or is refused where the kernel must have them apart.
func (r *run[T]) alias(rig *Rig[T], s Sample[T], want Outcome, what string, apart bool) error {
	if r.plot.alias == 0 || len(r.t.Unit.Grads) == 0 {
		return nil
	}
	m := r.mount(rig, s)
	x := r.t.Unit.Grads[0]
	leaves, views := r.t.Unit.Layer.Outputs, m.DY
	if r.plot.alias == 2 {
		leaves, views = r.t.Unit.Layer.Inputs, m.In
	}
	at := likeDims(leaves, x)
	if at < 0 || r.rows == 0 {
		return nil
	}
	if err := m.Forward(); err != nil {
		return err
	}
	m.DX[0] = views[at]
	err := guard.Run(func() error { return m.Backward(runtime.Overwrite) })
	if apart {
		if err == nil || !strings.Contains(err.Error(), "overlaps") {
			return fmt.Errorf("in place: %v, want a panic: the kernel must have them apart", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("in place: %w", err)
	}
	got := Outcome{"d" + x.Name: Numbers(r.tb, m.DX[0])}
	Same(r.tb, what+", in place", got, Outcome{"d" + x.Name: want["d"+x.Name]})
	return nil
}

// likeDims finds a leaf with the axes of x.
func likeDims(leaves []*ir.Leaf, x *ir.Leaf) int {
	for i, l := range leaves {
		if fmt.Sprint(l.Dims) == fmt.Sprint(x.Dims) {
			return i
		}
	}
	return -1
}

// infer infers, into memory of its own or into that of an input.
func (r *run[T]) infer(s Sample[T]) {
	r.tb.Helper()
	s.Keep = nil
	r.ref.Take(s)
	if r.ref.Refuses(r.t.Unit.Eval, false) {
		return
	}
	want := r.ref.Infer(s)
	y := r.t.Unit.Layer.Outputs[0]
	apart := r.ref.variant(r.t.Unit.Eval, r.t.Unit.Infer).Forward.Apart()
	for _, rig := range r.rigs {
		what := r.what(rig, s) + " inferred"
		r.guarded(what, func() error {
			m := r.mount(rig, s)
			if at := likeDims(r.t.Unit.Layer.Inputs, y); r.plot.alias > 0 && at >= 0 && !apart {
				m.Out[0] = m.In[at]
			}
			if err := m.Infer(); err != nil {
				return err
			}
			got := Outcome{}
			m.Outputs(r.tb, got)
			Same(r.tb, what, got, want)
			return nil
		})
	}
}

// gradNames names the gradients of an outcome.
func gradNames(u *plan.Unit) []string {
	var out []string
	for _, x := range u.Grads {
		out = append(out, "d"+x.Name)
	}
	for _, p := range u.Layer.Params {
		out = append(out, "grad "+p.Name)
	}
	return out
}

// doubled are results added to themselves.
func doubled[T runtime.Float](o Outcome, names []string) Outcome {
	out := Outcome{}
	for _, name := range names {
		out[name] = nil
		for _, x := range o[name] {
			out[name] = append(out[name], float64(T(x)+T(x)))
		}
	}
	return out
}
