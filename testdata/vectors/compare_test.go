package vectors

import (
	"maps"
	"math"
	"testing"
)

// evaluate is the reference's own answer to step i.
func evaluate(c *Case, i int, l layout) (got map[string]Tensor, slack float64) {
	s := c.Step(i)
	x, dy := l.view(s.normalized()), l.view(s.In["dy"]).Data
	m := measurement{layout: l, x: x}
	gamma, beta := m.spread(c.multiplier(l)), m.spread(c.Params[l.bias].Data)
	keep := Keep(transposed(s.In["pad"]))
	y, dx := make([]float64, len(x.Data)), make([]float64, len(x.Data))
	dgamma, dbeta := make([]float64, len(c.Params[l.gain].Data)), make([]float64, len(c.Params[l.bias].Data))
	for k, set := range l.sets(x.Shape[0], x.Shape[1]) {
		n := l.norm(Gather(x.Data, set), setKeep(keep, set, x.Shape[1]), k)
		slack = max(slack, n.slack())
		scatter(y, set, n.Y(Gather(gamma, set), Gather(beta, set)))
		if dy == nil {
			continue
		}
		g := Gather(dy, set)
		scatter(dx, set, n.Dx(Mul(g, Gather(gamma, set))))
		for j, at := range set {
			p := l.param(at, x.Shape[1])
			if len(dgamma) > 0 {
				dgamma[p] += g[j] * n.Xhat[j]
			}
			if len(dbeta) > 0 {
				dbeta[p] += g[j]
			}
		}
	}
	dx = l.unview(dx, s.In["x"].Shape)
	for j, dh := range s.In["dh_out"].Data {
		dx[j] += dh
	}
	shape := s.In["x"].Shape
	return map[string]Tensor{"y": {Shape: shape, Data: l.unview(y, shape)}, "dx": {Shape: shape, Data: dx},
		"d" + l.gain: {Data: dgamma}, "d" + l.bias: {Data: dbeta}}, slack
}

func scatter(data []float64, set []int, values []float64) {
	for i, at := range set {
		data[at] = values[i]
	}
}

func each(t *testing.T, f func(c *Case, i int, l layout)) {
	measured := map[string]int{}
	for _, c := range all(t) {
		if c.ExpectError {
			continue
		}
		n := len(c.Steps)
		if c.Eval != nil {
			n++
		}
		for i := range n {
			if l, err := c.layout(i); err == nil {
				f(c, i, l)
				measured[c.Op]++
			}
		}
	}
	for _, op := range []string{"layernorm", "rmsnorm", "batchnorm", "groupnorm", "instancenorm", "pnv", "masked_batchnorm", "pn_paper",
		"add_layernorm", "add_rmsnorm", "adaln"} {
		if measured[op] == 0 {
			t.Errorf("no step of %s was measured", op)
		}
	}
}

// TestReference holds the plain reference and the stored numbers to each other
// at float64 precision.
func TestReference(t *testing.T) {
	each(t, func(c *Case, i int, l layout) {
		got, slack := evaluate(c, i, l)
		e, err := c.Measure(Float64, i, got)
		if err != nil {
			t.Error(err)
		}
		e.Y -= slack
		e.Dx -= slack
		e.Dgamma -= slack * dgammaSlack(c, i, l)
		if !e.Within() {
			t.Errorf("%v step %d: %+v u (%v u free)", c, i, e, slack)
		}
	})
}

// dgammaSlack is the factor by which an error of xhat, relative to its set's
// maximum, can be larger relative to the terms of some dgamma.
func dgammaSlack(c *Case, i int, l layout) float64 {
	s := c.Step(i)
	x, dy := l.view(s.normalized()), l.view(s.In["dy"]).Data
	terms, size := map[int]float64{}, map[int]float64{}
	for k, set := range l.sets(x.Shape[0], x.Shape[1]) {
		n := l.norm(Gather(x.Data, set), setKeep(Keep(transposed(s.In["pad"])), set, x.Shape[1]), k)
		var top float64
		for _, v := range n.Xhat {
			top = max(top, math.Abs(v))
		}
		for j, at := range set {
			if dy != nil {
				p := l.param(at, x.Shape[1])
				terms[p] += math.Abs(dy[at] * n.Xhat[j])
				size[p] += math.Abs(dy[at]) * top
			}
		}
	}
	worst := 1.0
	for p := range terms {
		if terms[p] > 0 {
			worst = max(worst, size[p]/terms[p])
		}
	}
	return worst
}

// TestMeasureSees plants an error in each output in turn.
func TestMeasureSees(t *testing.T) {
	for _, id := range []string{"layernorm_3x17_d1_randn", "batchnorm_2x3x5x5_randn", "groupnorm_2x6x7_g3_randn", "pnv_5x3x8_randn"} {
		c := find(t, "zoo/"+id)
		for _, name := range []string{"y", "dx", "dgamma", "dbeta"} {
			got := maps.Clone(c.Steps[0].Want)
			v := got[name]
			v.Data = append([]float64{v.Data[0] + 1e-3}, v.Data[1:]...)
			got[name] = v
			e, err := c.Measure(Float32, 0, got)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]float64{"y": e.Y, "dx": e.Dx, "dgamma": e.Dgamma, "dbeta": e.Dbeta}
			for other, u := range seen {
				if (u > 0) != (other == name) {
					t.Errorf("%v: an error in %s gives %s %v u", c, name, other, u)
				}
			}
			if e.Within() {
				t.Errorf("%v: an error in %s is within bounds: %+v", c, name, e)
			}
		}
	}
}

func TestMeasureUnknown(t *testing.T) {
	c := find(t, "zoo/dyt_3x17_randn")
	if _, err := c.Measure(Float32, 0, c.Steps[0].Want); err == nil {
		t.Error("an operation without sets was measured")
	}
}

func TestRelative(t *testing.T) {
	tests := []struct {
		got, want []float64
		scale, e  float64
	}{
		{[]float64{1, 2}, []float64{1, 2}, 0, 0},
		{[]float64{0}, []float64{0}, 0, 0},
		{[]float64{1, 2.5}, []float64{1, 2}, 0, 0.25},
		{[]float64{1, 2.5}, []float64{1, 2}, 5, 0.1},
		{[]float64{1e-20}, []float64{0}, 0, math.Inf(1)},
		{[]float64{math.NaN()}, []float64{1}, 0, math.Inf(1)},
	}
	for _, tt := range tests {
		if e := Relative(tt.got, tt.want, tt.scale); e != tt.e {
			t.Errorf("Relative(%v, %v, %v) = %v, want %v", tt.got, tt.want, tt.scale, e, tt.e)
		}
	}
}
