package generated_test

import (
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/vectors"
	"github.com/normgen/normgen/testdata/vectors/replay"
)

// A subject is the Go of a generated layer, as vectors are replayed through it.
type subject[T runtime.Float] struct {
	*rig[T]
}

// newSubject makes the layer that a route names, for columns of sizes.
func newSubject[T runtime.Float](r vectors.Route, n normtest.Norm, sizes map[string]int) (*subject[T], error) {
	m, err := normtest.Construct[T](n, sizes, r.Knobs)
	if err != nil {
		return nil, err
	}
	return &subject[T]{m}, nil
}

func (s *subject[T]) Set(params, states map[string][]float64) {
	load(s.Params(), params)
	load(s.State(), states)
}

// load leaves vectors that the case does not have at their initial values: a
// layer without gamma is one whose gamma is 1.
func load[T runtime.Float](to []runtime.NamedOf[T], from map[string][]float64) {
	for _, v := range to {
		for j, x := range from[v.Name] {
			v.Data[j] = T(x)
		}
	}
}

// Pass runs forward, backward if there are cotangents, and then commits a step of
// training or infers of the same input.
func (s *subject[T]) Pass(c replay.Call) (map[string][]float64, error) {
	m := s.arrange(c)
	s.SetMode(runtime.Train)
	if !c.Train {
		s.SetMode(runtime.Frozen)
	}
	if err := m.Forward(); err != nil {
		return nil, err
	}
	got := map[string][]float64{}
	give(m, got, "")
	if len(c.Cotangents) > 0 {
		if err := m.Backward(runtime.Overwrite); err != nil {
			return nil, err
		}
		giveGradients(m, got)
	}
	for _, st := range m.Work.Stats() {
		if st.Count > 0 {
			got[st.Name] = st.Values
		}
	}
	if err := s.end(m, c, got); err != nil {
		return nil, err
	}
	for _, v := range s.State() {
		got[v.Name] = normtest.Widen(v.Data)
	}
	got["commits"] = []float64{float64(s.Step() - 1)}
	return got, nil
}

// end commits, or infers.
func (s *subject[T]) end(m *mount[T], c replay.Call, got map[string][]float64) error {
	if c.Train {
		return s.Commit(m.Work)
	}
	if err := m.Infer(); err != nil {
		return err
	}
	give(m, got, "infer ")
	return nil
}

// arrange mounts the tensors of a call.
func (s *subject[T]) arrange(c replay.Call) *mount[T] {
	given := sample[T]{Sizes: c.Sizes, Tensor: map[*ir.Leaf][]T{}}
	for _, l := range s.Unit.Layer.Inputs {
		given.Tensor[l] = normtest.Rounded[T](c.In[l.Name])
	}
	for _, l := range s.Unit.Layer.Outputs {
		if dy, ok := c.Cotangents[l.Name]; ok {
			given.Tensor[l] = normtest.Rounded[T](dy)
		}
	}
	m := s.Mount(s.NewWork(normtest.Along(s.Unit.Rows, c.Sizes)), given, 0)
	for i := range m.Masks {
		m.Masks[i] = c.Keep
	}
	return m
}

// give adds the outputs.
func give[T runtime.Float](m *mount[T], got map[string][]float64, prefix string) {
	for i, l := range m.Unit.Layer.Outputs {
		got[prefix+l.Name] = normtest.Widen(m.Out[i].Data)
	}
}

// giveGradients adds them by the names of all inputs that share one.
func giveGradients[T runtime.Float](m *mount[T], got map[string][]float64) {
	for i, l := range m.Unit.Grads {
		for _, x := range m.Unit.EqualGrads(l) {
			got["d"+x.Name] = normtest.Widen(m.DX[i].Data)
		}
	}
	for _, p := range m.Grads() {
		got["d"+p.Name] = normtest.Widen(p.Data)
	}
}
