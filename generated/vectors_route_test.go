package generated_test

import (
	"math"
	"reflect"
	"strings"

	"github.com/normgen/normgen/generated/powernorm"
	"github.com/normgen/normgen/generated/standard"
	"github.com/normgen/normgen/generated/variants"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/vectors"
)

// A route says how a case is driven: the norm that it is a case of, its knobs,
// and how its tensors are rows of channels.
type route struct {
	norm  string
	knobs map[string]float64
	dims  int               // trailing axes that make a row
	first bool              // channels are axis 1 and go last
	names map[string]string // what the case calls a state or statistic of the norm
	order bool              // the mask is declared (B, T) over rows (T, B)
}

// routeOf finds the route of a case. It panics on an operation that no test
// asks for.
func routeOf(c *vectors.Case) route {
	r := routes[c.Op](c)
	if r.knobs == nil {
		r.knobs = map[string]float64{}
	}
	if eps, ok := c.Attrs["eps"].(float64); ok {
		r.knobs["eps"] = eps
	}
	return r
}

var routes = map[string]func(c *vectors.Case) route{
	"layernorm": func(c *vectors.Case) route { return route{norm: "LayerNorm", dims: c.Int("normalized_dims")} },
	"rmsnorm":   rmsRoute,
	"batchnorm": batchRoute,
	"masked_batchnorm": func(c *vectors.Case) route {
		return route{norm: "BatchNorm", dims: 1, knobs: map[string]float64{"momentum": c.Float("momentum")}}
	},
	"pnv": func(c *vectors.Case) route {
		return route{norm: "PNV", dims: 1, names: map[string]string{"psi2": "ms"}}
	},
	"pn_paper":    powerRoute,
	"pn_official": releasedRoute,
}

func rmsRoute(c *vectors.Case) route {
	r := route{norm: "RMSNorm", dims: 1}
	if d, ok := c.Attrs["normalized_dims"].(float64); ok {
		r.dims = int(d)
	}
	switch {
	case c.Attrs["partial"] != nil:
		r.norm, r.knobs = "RMSNormPartial", map[string]float64{"p": c.Float("partial")}
	case c.Attrs["eps_mode"] == "outside":
		r.norm = "RMSNormOutside"
	case c.Bool("unit_offset"):
		r.norm = "RMSNormUnit"
	case c.Bool("bias"):
		r.norm = "RMSNormBias"
	}
	return r
}

func batchRoute(c *vectors.Case) route {
	r := route{norm: "BatchNorm", dims: 1, first: true}
	switch m, ok := c.Attrs["momentum"].(float64); {
	case c.ExpectError:
	case !c.Bool("track_running_stats"):
		r.norm = "BatchNormUntracked"
	case !ok:
		r.norm = "BatchNormCumulative"
	default:
		r.knobs = map[string]float64{"momentum": m}
	}
	return r
}

func powerRoute(c *vectors.Case) route {
	r := route{norm: "PowerNorm", dims: 1, knobs: map[string]float64{"alpha": c.Float("alpha")},
		names: map[string]string{"psi2_batch": "b", "gamma_stat": "Gam", "lambda_stat": "Lam"}}
	if w := c.Float("warmup"); w > 0 {
		r.norm = "PowerNormWarm"
		r.knobs["W"] = w
	}
	return r
}

func releasedRoute(c *vectors.Case) route {
	r := route{norm: "PowerNormReleased", dims: 1, order: true,
		names: map[string]string{"running_phi": "phi", "ema_gz": "e", "iters": "commits"}}
	r.knobs = map[string]float64{"K": c.Float("group_num")}
	if !c.ExpectError {
		r.knobs["W"], r.knobs["af"], r.knobs["ab"] = c.Float("warmup_iters"), c.Float("alpha_fwd"), c.Float("alpha_bkw")
	}
	return r
}

// matrix is t as rows of channels.
func (r route) matrix(t vectors.Tensor) vectors.Tensor {
	if r.first {
		t = vectors.ChannelsLast(t, 1)
	}
	return vectors.Matrix(t, r.dims)
}

// tensor is the inverse of matrix for a tensor of the given shape.
func (r route) tensor(data []float64, shape []int) vectors.Tensor {
	if !r.first {
		return vectors.Tensor{Shape: shape, Data: data}
	}
	last := append(append([]int{shape[0]}, shape[2:]...), shape[1])
	return vectors.ChannelsFirst(vectors.Tensor{Shape: last, Data: data}, 1)
}

// A call is one step of a case, as rows of channels.
type call struct {
	x, dy      []float64
	rows, cols int
	sizes      []int  // of two row axes, for norms that declare both
	keep       []bool // in declared order
	train      bool   // else the pass is frozen
}

func (r route) call(s vectors.Step, train bool) call {
	x := r.matrix(s.In["x"])
	c := call{x: x.Data, rows: x.Shape[0], cols: x.Shape[1], train: train}
	if dy, ok := s.In["dy"]; ok {
		c.dy = r.matrix(dy).Data
	}
	pad := s.In["pad"]
	if r.order {
		c.sizes = []int{1, c.rows} // (N, C) is one time step of N sequences
		if shape := s.In["x"].Shape; len(shape) == 3 {
			c.sizes = shape[:2]
		}
	} else if pad.Data != nil {
		pad = vectors.Transpose(pad)
	}
	c.keep = vectors.Keep(pad)
	return c
}

// A construct makes a norm of each storage type.
type construct struct {
	f32 func(cols int, knobs map[string]float64) (runtime.Norm, error)
	f64 func(cols int, knobs map[string]float64) (runtime.Norm64, error)
}

// constructs are the generated norms by name.
var constructs = map[string]construct{
	"LayerNorm":           constructOf(standard.NewLayerNorm, standard.NewLayerNorm64),
	"RMSNorm":             constructOf(standard.NewRMSNorm, standard.NewRMSNorm64),
	"BatchNorm":           constructOf(standard.NewBatchNorm, standard.NewBatchNorm64),
	"PNV":                 constructOf(powernorm.NewPNV, powernorm.NewPNV64),
	"PowerNorm":           constructOf(powernorm.NewPowerNorm, powernorm.NewPowerNorm64),
	"PowerNormReleased":   constructOf(powernorm.NewPowerNormReleased, powernorm.NewPowerNormReleased64),
	"RMSNormBias":         constructOf(variants.NewRMSNormBias, variants.NewRMSNormBias64),
	"RMSNormUnit":         constructOf(variants.NewRMSNormUnit, variants.NewRMSNormUnit64),
	"RMSNormOutside":      constructOf(variants.NewRMSNormOutside, variants.NewRMSNormOutside64),
	"RMSNormPartial":      constructOf(variants.NewRMSNormPartial, variants.NewRMSNormPartial64),
	"BatchNormCumulative": constructOf(variants.NewBatchNormCumulative, variants.NewBatchNormCumulative64),
	"BatchNormUntracked":  constructOf(variants.NewBatchNormUntracked, variants.NewBatchNormUntracked64),
	"PowerNormWarm":       constructOf(variants.NewPowerNormWarm, variants.NewPowerNormWarm64),
}

func constructOf[O any, A runtime.NormOf[float32], B runtime.NormOf[float64]](
	f32 func(int, O) (A, error), f64 func(int, O) (B, error)) construct {
	return construct{
		func(cols int, knobs map[string]float64) (runtime.Norm, error) {
			return norm[float32](f32(cols, options[O](knobs)))
		},
		func(cols int, knobs map[string]float64) (runtime.Norm64, error) {
			return norm[float64](f64(cols, options[O](knobs)))
		}}
}

// options sets the fields named like the knobs. A knob without a field is a
// mistake in a route.
func options[O any](knobs map[string]float64) O {
	var o O
	v := reflect.ValueOf(&o).Elem()
	for name, k := range knobs {
		f := v.FieldByName(strings.ToUpper(name[:1]) + name[1:])
		switch {
		case f.Kind() == reflect.Int:
			f.SetInt(int64(math.Round(k)))
		case k == 0:
			f.SetFloat(runtime.Zero)
		default:
			f.SetFloat(k)
		}
	}
	return o
}
