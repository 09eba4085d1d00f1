package interp

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// RunDual evaluates f and its directional derivative: dots holds the direction
// of those leaves that move. It shares nothing with the gradient rules of
// [ir.Ops], so the two check each other.
func RunDual(f *ir.Func, e Env, dots map[*ir.Leaf][]float64) (outs, dot [][]float64, err error) {
	m := machine{env: e, val: make([][]float64, len(f.Values))}
	d := make([][]float64, len(f.Values))
	for _, v := range f.Values {
		if m.val[v.ID], err = m.eval(v); err != nil {
			return nil, nil, fmt.Errorf("interp: %s: v%d: %w", f.Name, v.ID, err)
		}
		d[v.ID] = m.tangent(v, d, dots)
	}
	return m.outs(f, m.val), m.outs(f, d), nil
}

func (m *machine) tangent(v *ir.Value, d [][]float64, dots map[*ir.Leaf][]float64) []float64 {
	n := m.size(v.Axes)
	if v.Op == ir.Load {
		if x, ok := dots[v.Leaf]; ok {
			return fromDims(x, v.Leaf.Dims, m.env.Sizes)
		}
	}
	if fn := linear[v.Op]; fn != nil {
		return fn(m, v, d[v.Args[0].ID])
	}
	fn := slopes[v.Op]
	out := make([]float64, n)
	if fn == nil {
		return out
	}
	a, dot := make([]float64, len(v.Args)), make([]float64, len(v.Args))
	for i := range out {
		for k, x := range v.Args {
			a[k], dot[k] = m.val[x.ID][i], d[x.ID][i]
		}
		out[i] = fn(a, dot, m.val[v.ID][i])
	}
	return out
}

// slopes is the derivative of an elementwise operation along dot, y its value.
// An operation without one is locally constant.
var slopes = [ir.NumOps]func(a, dot []float64, y float64) float64{
	ir.Neg:   func(a, t []float64, y float64) float64 { return -t[0] },
	ir.Add:   func(a, t []float64, y float64) float64 { return t[0] + t[1] },
	ir.Sub:   func(a, t []float64, y float64) float64 { return t[0] - t[1] },
	ir.Mul:   func(a, t []float64, y float64) float64 { return t[0]*a[1] + a[0]*t[1] },
	ir.Div:   func(a, t []float64, y float64) float64 { return (t[0] - y*t[1]) / a[1] },
	ir.Pow:   func(a, t []float64, y float64) float64 { return t[0] * a[1] * math.Pow(a[0], a[1]-1) },
	ir.Sqrt:  func(a, t []float64, y float64) float64 { return t[0] / (2 * y) },
	ir.Rsqrt: func(a, t []float64, y float64) float64 { return -t[0] * y / (2 * a[0]) },
	ir.Exp:   func(a, t []float64, y float64) float64 { return t[0] * y },
	ir.Log:   func(a, t []float64, y float64) float64 { return t[0] / a[0] },
	ir.Tanh:  func(a, t []float64, y float64) float64 { return t[0] / (math.Cosh(a[0]) * math.Cosh(a[0])) },
	ir.Erf:   func(a, t []float64, y float64) float64 { return t[0] * 2 / math.SqrtPi * math.Exp(-a[0]*a[0]) },
	ir.Abs:   func(a, t []float64, y float64) float64 { return t[0] * sign(a[0]) },
	ir.Mod:   func(a, t []float64, y float64) float64 { return t[0] - t[1]*math.Floor(a[0]/a[1]) },
	ir.Max:   func(a, t []float64, y float64) float64 { return pick(a[0] > a[1], t[0], t[1]) },
	ir.Min:   func(a, t []float64, y float64) float64 { return pick(a[0] < a[1], t[0], t[1]) },
	ir.Select: func(a, t []float64, y float64) float64 {
		return pick(a[0] != 0, t[1], t[2])
	},
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func pick(c bool, a, b float64) float64 {
	if c {
		return a
	}
	return b
}

// linear is the derivative of the other operations along the operand's t.
var linear = [ir.NumOps]func(m *machine, v *ir.Value, t []float64) []float64{
	ir.Sum:        (*machine).sumOf,
	ir.Mean:       (*machine).meanOf,
	ir.MomentMean: (*machine).meanOf,
	ir.MomentHi:   (*machine).meanOf,
	ir.Widen: func(m *machine, v *ir.Value, t []float64) []float64 {
		return m.spread(t, v.Args[0].Axes, v.Axes)
	},
	ir.MomentSS: func(m *machine, v *ir.Value, t []float64) []float64 {
		c := m.centred(v)
		for i := range c {
			c[i] *= 2 * t[i]
		}
		return m.sumOf(v, c)
	},
	ir.MaxOf: (*machine).maxTangent,
}

// maxTangent is the mean slope of the elements that equal the maximum.
func (m *machine) maxTangent(v *ir.Value, t []float64) []float64 {
	x, y := m.val[v.Args[0].ID], m.val[v.ID]
	out, n := make([]float64, len(y)), make([]float64, len(y))
	m.selected(v, func(i, to int) {
		if x[i] == y[to] {
			out[to] += t[i]
			n[to]++
		}
	})
	for i := range out {
		out[i] /= max(1, n[i])
	}
	return out
}
