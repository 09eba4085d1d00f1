package gen

import (
	"math"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
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
		l := r.layer(u.Layer, c)
		for i := range c.Steps {
			r.step(t, l, c, i)
		}
	}
}

// layer is l with the knobs, parameters and states of c.
func (r replay) layer(l *ir.Layer, c *vectors.Case) *train.Layer {
	n := train.New(l)
	for knob, theirs := range r.knobs {
		if v, ok := c.Attrs[theirs].(float64); ok {
			n.Knobs[knob] = v
		}
	}
	for _, p := range l.Params {
		n.Values[p] = c.Params[p.Name].Data
	}
	for _, s := range l.States {
		if theirs, ok := r.states[s.Name]; ok {
			n.Values[s] = c.State[theirs].Data
		}
	}
	return n
}

// step trains l on step i of c and checks what comes out.
func (r replay) step(t *testing.T, l *train.Layer, c *vectors.Case, i int) {
	t.Helper()
	s := c.Steps[i]
	b := train.Batch{Sizes: r.sizes(c), Inputs: [][]float64{s.In["x"].Data}, Cotangents: [][]float64{s.In["dy"].Data}}
	if pad, ok := s.In["pad"]; ok {
		b.Masks = [][]float64{r.keep(c, pad.Data)}
	}
	p, err := l.Run(l.Modes[0], b)
	if err == nil {
		err = l.Commit(p)
	}
	if err != nil {
		t.Fatal(err)
	}
	agrees(t, c, i, "y", p.Outputs[0], s.Want["y"].Data)
	agrees(t, c, i, "dx", p.Grads[0], s.Want["dx"].Data)
	for k, param := range l.Params {
		agrees(t, c, i, "d"+param.Name, p.Grads[1+k], s.Want["d"+param.Name].Data)
	}
	for _, state := range l.States {
		theirs := r.states[state.Name]
		if theirs == "" && len(r.states) > 0 {
			t.Fatalf("%s: state %s has no counterpart", c.ID, state.Name)
		}
		if theirs != "" {
			agrees(t, c, i, state.Name, l.Values[state], s.Want[theirs].Data)
		}
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
