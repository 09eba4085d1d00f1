package gen

import (
	"math"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/testdata/vectors"
)

// A replay runs the cases of one operation through a norm, in float64: every
// step's forward, backward and updates, as derived or as simplified.
type replay struct {
	op, spec, norm string
	skip           func(c *vectors.Case) bool
	sizes          func(c *vectors.Case) []int // of the layer's axes
	keep           func(c *vectors.Case, pad []float64) []float64
	knobs          map[string]string // knob: attribute
	states         map[string]string // state: its name in the case
}

var replays = []replay{
	{op: "pn_official", spec: "../testdata/powernorm.dsl", norm: "PowerNormReleased",
		skip: func(c *vectors.Case) bool {
			return len(c.Steps[0].In["x"].Shape) != 3 || c.Attrs["compute"] != "f64"
		},
		sizes: func(c *vectors.Case) []int {
			s, k := c.Steps[0].In["x"].Shape, int(c.Attrs["group_num"].(float64))
			return []int{k, s[2] / k, s[0], s[1]}
		},
		keep:   func(c *vectors.Case, pad []float64) []float64 { return complement(pad) },
		knobs:  map[string]string{"K": "group_num", "W": "warmup_iters", "eps": "eps", "af": "alpha_fwd", "ab": "alpha_bkw"},
		states: map[string]string{"phi": "running_phi", "e": "ema_gz"}},
	{op: "pn_paper", spec: "../testdata/powernorm.dsl", norm: "PowerNorm",
		skip: func(c *vectors.Case) bool {
			return c.Attrs["warmup"].(float64) != 0 || c.Attrs["stat_mask_backward"] != "valid" || c.Class == "huge1e18"
		},
		sizes: rowsAndColumns, keep: transposed,
		knobs:  map[string]string{"eps": "eps", "alpha": "alpha"},
		states: map[string]string{"psi2": "psi2", "nu": "nu"}},
	{op: "masked_batchnorm", spec: "../testdata/standard.dsl", norm: "BatchNorm",
		sizes: rowsAndColumns, keep: transposed,
		knobs:  map[string]string{"eps": "eps", "momentum": "momentum"},
		states: map[string]string{"running_mean": "running_mean", "running_var": "running_var"}},
	{op: "pnv", spec: "../testdata/powernorm.dsl", norm: "PNV",
		skip:  func(c *vectors.Case) bool { return c.Class == "huge1e18" || c.Attrs["affine"] != true },
		sizes: rowsAndColumns, keep: transposed,
		knobs: map[string]string{"eps": "eps"}},
}

func rowsAndColumns(c *vectors.Case) []int {
	s := c.Steps[0].In["x"].Shape
	n := 1
	for _, d := range s[:len(s)-1] {
		n *= d
	}
	return []int{n, s[len(s)-1]}
}

func complement(pad []float64) []float64 {
	out := make([]float64, len(pad))
	for i, p := range pad {
		out[i] = 1 - p
	}
	return out
}

// transposed turns a pad[B T] into a keep over the rows of x[T B C].
func transposed(c *vectors.Case, pad []float64) []float64 {
	s := c.Steps[0].In["x"].Shape
	out := make([]float64, len(pad))
	for t := range s[0] {
		for b := range s[1] {
			out[t*s[1]+b] = 1 - pad[b*s[0]+t]
		}
	}
	return out
}

// The compiler's meaning of a layer is that of the reference, step after step.
func TestVectors(t *testing.T) {
	for _, r := range replays {
		cases, err := vectors.Op(r.op)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, c := range cases {
			if c.ExpectError || len(c.Steps) == 0 || r.skip != nil && r.skip(c) {
				continue
			}
			n++
			for _, simple := range []bool{false, true} {
				r.run(t, c, simple)
			}
		}
		if n == 0 {
			t.Errorf("%s: no case was run", r.op)
		}
	}
}

func (r replay) run(t *testing.T, c *vectors.Case, simple bool) {
	t.Helper()
	for _, u := range lowered(t, r.spec) {
		if u.Layer.Name != r.norm {
			continue
		}
		if simple {
			if err := Middle(u); err != nil {
				t.Fatal(err)
			}
		}
		state := map[string][]float64{}
		for name, theirs := range r.states {
			state[name] = c.State[theirs].Data
		}
		for i := range c.Steps {
			state = r.step(t, u.Layer, c, i, state)
		}
	}
}

// step checks step i of c and returns the state after it.
func (r replay) step(t *testing.T, l *ir.Layer, c *vectors.Case, i int, state map[string][]float64) map[string][]float64 {
	t.Helper()
	s, m := c.Steps[i], l.Modes[0]
	stats := map[string][]float64{}
	env := r.env(l, c, i, state, stats)
	for _, f := range []*ir.Func{m.Forward, m.Backward} {
		for k, x := range results(t, f, env(f)) {
			o := f.Outs[k]
			name := map[ir.OutKind]string{ir.TensorOut: o.Name, ir.GradOut: "d" + o.Name}[o.Kind]
			if o.Kind == ir.StatOut {
				stats[o.Name] = x
			} else {
				agrees(t, c, i, name, x, s.Want[name].Data)
			}
		}
	}
	after := map[string][]float64{}
	for _, up := range m.Updates {
		name := up.State.Name
		after[name] = results(t, up.Func, env(up.Func))[0]
		theirs := r.states[name]
		if theirs == "" && len(r.states) > 0 {
			t.Fatalf("%s: state %s has no counterpart", c.ID, name)
		}
		if theirs != "" {
			agrees(t, c, i, name, after[name], s.Want[theirs].Data)
		}
	}
	return after
}

// env returns what gives a function its leaves, by their names.
func (r replay) env(l *ir.Layer, c *vectors.Case, i int, state, stats map[string][]float64) func(f *ir.Func) interp.Env {
	s := c.Steps[i]
	count := float64(len(s.In["x"].Data)) / float64(r.sizes(c)[len(r.sizes(c))-1])
	var keep []float64
	if pad, ok := s.In["pad"]; ok {
		keep = r.keep(c, pad.Data)
		count = vectors.Dot(keep, keep)
	}
	leaf := func(l *ir.Leaf) []float64 {
		switch l.Kind {
		case ir.KnobLeaf:
			if v, ok := c.Attrs[r.knobs[l.Name]].(float64); ok {
				return []float64{v}
			}
			return []float64{l.Init}
		case ir.MaskLeaf:
			return keep
		case ir.ParamLeaf:
			return c.Params[l.Name].Data
		case ir.StateLeaf:
			return state[l.Name]
		case ir.StatLeaf:
			return stats[l.Name]
		case ir.CountLeaf:
			return []float64{count}
		}
		return s.In[l.Name].Data
	}
	return func(f *ir.Func) interp.Env {
		e := interp.Env{Sizes: r.sizes(c), Leaves: map[*ir.Leaf][]float64{}, Step: float64(i + 1)}
		for _, v := range f.Values {
			if v.Op == ir.Load {
				if x := leaf(v.Leaf); x != nil {
					e.Leaves[v.Leaf] = x
				}
			}
		}
		return e
	}
}

func agrees(t *testing.T, c *vectors.Case, i int, name string, got, want []float64) {
	t.Helper()
	size := 0.0
	for _, w := range want {
		size = math.Max(size, math.Abs(w))
	}
	size = math.Max(size, c.Steps[i].Scale[name])
	for k := range want {
		if !(math.Abs(got[k]-want[k]) <= 1e-11*size) && !(math.IsNaN(got[k]) && math.IsNaN(want[k])) {
			t.Errorf("%s step %d: %s[%d] = %.15g, want %.15g", c.ID, i, name, k, got[k], want[k])
			return
		}
	}
}
