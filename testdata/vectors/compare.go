package vectors

import "math"

// Errors are the worst errors of one step over all its sets, in units u.
type Errors struct{ Y, Dx, Dgamma, Dbeta float64 }

// Within reports whether every error is within its bound.
func (e Errors) Within() bool {
	return e.Y <= ForwardBound && e.Dx <= DxBound && e.Dgamma <= ParamBound && e.Dbeta <= ParamBound
}

// Step returns step i of the case; the one after the last is Eval.
func (c *Case) Step(i int) Step {
	if i == len(c.Steps) {
		return *c.Eval
	}
	return c.Steps[i]
}

// Measure compares the outputs of step i with what the case wants, by the
// measures of Format. The step after the last is Eval. Of y, dx, dgamma and
// dbeta it compares those that got holds; they have the layout of the case.
//
// It knows the operations whose elements fall into sets: layernorm, rmsnorm (of
// the whole row, eps inside), their sums with a residual, adaln, batchnorm,
// groupnorm, instancenorm, pnv, masked_batchnorm and pn_paper. For another it
// returns an error; use Relative.
func (c *Case) Measure(f Format, i int, got map[string]Tensor) (Errors, error) {
	l, err := c.layout(i)
	if err != nil {
		return Errors{}, err
	}
	s := c.Step(i)
	m := measurement{f: f, layout: l, got: got, want: s.Want, x: l.view(s.normalized())}
	if dy := s.In["dy"]; dy.Data != nil {
		m.dy = l.view(dy).Data
	}
	m.gamma, m.beta = m.spread(c.multiplier(l)), m.spread(c.Params[l.bias].Data)
	m.gainTerms, m.biasTerms = map[int]float64{}, map[int]float64{}
	keep := Keep(transposed(s.In["pad"]))
	var e Errors
	for k, set := range l.sets(m.x.Shape[0], m.x.Shape[1]) {
		y, dx := m.set(l.norm(Gather(m.x.Data, set), setKeep(keep, set, m.x.Shape[1]), k), set)
		e.Y, e.Dx = math.Max(e.Y, y), math.Max(e.Dx, dx)
	}
	e.Dgamma, e.Dbeta = m.paramError("d"+l.gain, m.gainTerms), m.paramError("d"+l.bias, m.biasTerms)
	return e, nil
}

// normalized is what a layer normalizes: x, or its sum with the residual.
func (s Step) normalized() Tensor {
	x, residual := s.In["x"], s.In["residual"]
	if residual.Data == nil {
		return x
	}
	sum := make([]float64, len(x.Data))
	for i := range sum {
		sum[i] = x.Data[i] + residual.Data[i]
	}
	return Tensor{Shape: x.Shape, Data: sum}
}

// Relative is the measure for operations without sets: the largest difference
// over the largest wanted magnitude or the scale of the step, whichever is
// more. It is not in units; 0/0 is 0.
func Relative(got, want []float64, scale float64) float64 {
	return Format{}.relative(got, want, scale)
}

// relative is Relative with the format's grain free.
func (f Format) relative(got, want []float64, scale float64) float64 {
	for _, v := range want {
		scale = math.Max(scale, math.Abs(v))
	}
	d := f.distance(got, want, 0)
	if d == 0 {
		return 0
	}
	return d / scale
}

// measurement is the work of Measure.
type measurement struct {
	layout
	f           Format
	got, want   map[string]Tensor
	x           Tensor
	dy          []float64
	gamma, beta []float64 // for every element of x

	gainTerms, biasTerms map[int]float64 // magnitudes that each parameter's gradient sums
}

// set returns the errors of y and dx of one set, and adds its share to the
// terms.
func (m *measurement) set(s Set, set []int) (y, dx float64) {
	w, b := Gather(m.gamma, set), Gather(m.beta, set)
	if got, want, ok := m.pair("y", set); ok {
		y = m.f.Forward(got, want, s, w, b)
	}
	if m.dy == nil {
		return y, 0
	}
	dy := Gather(m.dy, set)
	if got, want, ok := m.pair("dx", set); ok {
		dx = m.f.Dx(got, want, s, Mul(dy, w))
	}
	for i, at := range set {
		p := m.layout.param(at, m.x.Shape[1])
		m.gainTerms[p] += math.Abs(dy[i] * s.Xhat[i])
		m.biasTerms[p] += math.Abs(dy[i])
	}
	return y, dx
}

// pair gathers a set from what was got and what is wanted.
func (m *measurement) pair(name string, set []int) (got, want []float64, ok bool) {
	g, ok := m.got[name]
	w, wanted := m.want[name]
	if !ok || !wanted {
		return nil, nil, false
	}
	return Gather(m.view(g).Data, set), Gather(m.view(w).Data, set), true
}

// paramError returns the error of a parameter's gradient.
func (m *measurement) paramError(name string, terms map[int]float64) float64 {
	got, ok := m.got[name]
	want, wanted := m.want[name]
	if !ok || !wanted {
		return 0
	}
	var worst float64
	for p := range want.Data {
		worst = math.Max(worst, m.f.Param(got.Data[p], want.Data[p], terms[p]))
	}
	return worst
}

// spread gives every element of x its value of a parameter.
func (m *measurement) spread(p []float64) []float64 {
	if p == nil {
		return nil
	}
	out := make([]float64, len(m.x.Data))
	for i := range out {
		out[i] = p[m.layout.param(i, m.x.Shape[1])]
	}
	return out
}

func transposed(pad Tensor) Tensor {
	if pad.Data == nil {
		return pad
	}
	return Transpose(pad)
}

// setKeep is the mask of a set; masks are per row of the matrix.
func setKeep(keep []bool, set []int, cols int) []bool {
	if keep == nil {
		return nil
	}
	out := make([]bool, len(set))
	for i, at := range set {
		out[i] = keep[at/cols]
	}
	return out
}
