package vectors

import (
	"fmt"
	"strings"
)

// Routes lists the layers that c is a case of, with eps as the case has it.
func (c *Case) Routes() ([]Route, error) {
	find := routes[c.Op]
	if find == nil {
		return nil, fmt.Errorf("vectors: %v: no layer is known for operation %s", c, c.Op)
	}
	rs := find(c)
	eps, ok := c.Attrs["eps"].(float64)
	for i := range rs {
		knobs := map[string]float64{}
		if ok {
			knobs["eps"] = eps
		}
		for layer, attr := range rs[i].attrs {
			if v, ok := c.Attrs[attr].(float64); ok {
				knobs[layer] = v
			}
		}
		for name, v := range rs[i].Knobs {
			knobs[name] = v
		}
		rs[i].Knobs = knobs
	}
	return rs, nil
}

// routes gives the layers of each operation.
var routes = map[string]func(c *Case) []Route{
	"layernorm": func(c *Case) []Route {
		return []Route{{Spec: "standard", Layer: "LayerNorm", Dims: rows(c.normalizedDims()), Derived: rstdOf("var")}}
	},
	"rmsnorm":    rmsRoutes,
	"batchnorm":  batchRoutes,
	"groupnorm":  groupRoutes,
	"scalenorm":  scaleRoutes("ScaleNorm"),
	"l2norm":     scaleRoutes("L2Norm"),
	"weightnorm": weightRoutes,
	"weightstd":  standardizationRoutes,
	"instancenorm": func(c *Case) []Route {
		r := Route{Spec: "spatial", Layer: "InstanceNorm", Dims: "N C S...", Derived: rstdOf("var")}
		if c.Bool("track_running_stats") {
			r.Layer, r.attrs = "InstanceNormRunning", knobs{"momentum": "momentum"}
		}
		return r.inLayouts("NCS", "NSC")
	},
	"masked_batchnorm": func(c *Case) []Route {
		return []Route{{Spec: "standard", Layer: "BatchNorm", Dims: tokens, attrs: knobs{"momentum": "momentum"}}}
	},
	"official_mask_batchnorm": func(c *Case) []Route {
		return []Route{{Spec: "batch", Layer: "BatchNormMeanFill", Dims: tokens, attrs: knobs{"momentum": "momentum"}}}
	},
	"batchrenorm": func(c *Case) []Route {
		return []Route{{Spec: "batch", Layer: "BatchRenorm", Dims: tokens, Inner: []string{"r", "d"},
			attrs: knobs{"momentum": "momentum", "rmax": "rmax", "dmax": "dmax"},
			Knobs: map[string]float64{"start": 0, "rend": 0, "dend": 0}}} // limits are open from the first step
	},
	"add_layernorm": addRoutes("AddLayerNorm"),
	"add_rmsnorm":   addRoutes("AddRMSNorm"),
	"adaln": func(c *Case) []Route {
		return []Route{{Spec: "conditional", Layer: "AdaLN", Dims: "B T C",
			Names: map[string]string{"scale": "scales", "shift": "shifts", "dscale": "dscales", "dshift": "dshifts"}}}
	},
	"dyt": func(c *Case) []Route { return []Route{{Spec: "pointwise", Layer: "DyT", Dims: rows(1)}} },
	"derf": func(c *Case) []Route {
		return []Route{{Spec: "pointwise", Layer: "Derf", Dims: rows(1), Names: map[string]string{"shift": "s", "dshift": "ds"}}}
	},
	"pnv": func(c *Case) []Route {
		return []Route{{Spec: "powernorm", Layer: "PNV", Dims: tokens, Names: map[string]string{"psi2": "ms"}}}
	},
	"pn_paper":    powerRoutes,
	"pn_official": releasedRoutes,
	"mabn": func(c *Case) []Route {
		r := Route{Spec: "batch", Layer: "MABN", Dims: "N C P...", Names: map[string]string{"iters": "commits"},
			attrs: knobs{"momentum": "momentum", "W": "warmup_iters", "T": "r_clip_from_iter"}}
		return r.inLayouts("NCP", "NPC")
	},
	"un": func(c *Case) []Route {
		return []Route{{Spec: "batch", Layer: "UN", Dims: tokens, Names: map[string]string{"iters": "commits"},
			attrs: knobs{"momentum": "momentum", "W": "warmup_iters"}}}
	},
}

// knobs are the layer's, by the attribute that gives each its value.
type knobs = map[string]string

// tokens are the dims of rows that share statistics.
const tokens = "N... C"

// rows are the dims of rows of dims dims.
func rows(dims int) string { return "R... " + strings.Repeat("C ", dims) }

func rstdOf(stat string) map[string]Derived { return map[string]Derived{"rstd": {stat, rootOver}} }

// inLayouts is the route through each layout of a layer. Where channels are
// innermost, the places of one channel lie apart.
func (r Route) inLayouts(names ...string) []Route {
	var out []Route
	for _, n := range names {
		one := r
		one.Layer += n
		one.Apart = strings.HasSuffix(n, "C")
		out = append(out, one)
	}
	return out
}

func rmsRoutes(c *Case) []Route {
	r := Route{Spec: "variants", Dims: rows(c.normalizedDims()), Derived: rstdOf("ms")}
	switch {
	case c.Attrs["partial"] != nil:
		r.Layer, r.attrs = "RMSNormPartial", knobs{"p": "partial"}
	case c.Attrs["eps_mode"] == "outside":
		r.Layer, r.Derived = "RMSNormOutside", map[string]Derived{"rstd": {"ms", rootOutside}}
	case c.Bool("unit_offset"):
		r.Layer = "RMSNormUnit"
	case c.Bool("bias"):
		r.Layer = "RMSNormBias"
	default:
		return plainRMSRoutes(c, r)
	}
	return []Route{r}
}

// plainRMSRoutes sees the last leading dim as heads too, if there are any.
func plainRMSRoutes(c *Case, r Route) []Route {
	r.Spec, r.Layer = "standard", "RMSNorm"
	shape := c.Steps[0].In["x"].Shape
	if len(shape) < 2 || c.normalizedDims() != 1 || shape[len(shape)-2] == 0 {
		return []Route{r}
	}
	heads := Route{Spec: "scale", Layer: "QKNorm", Dims: "R... H D", Derived: r.Derived,
		Knobs: map[string]float64{"H": float64(shape[len(shape)-2])}}
	return []Route{r, heads}
}

func batchRoutes(c *Case) []Route {
	r := Route{Spec: "standard", Layer: "BatchNorm", Dims: "N C N...", Derived: rstdOf("var"), attrs: knobs{"momentum": "momentum"}}
	spatial := Route{Spec: "spatial", Layer: "BatchNormSpatial", Dims: "N C S...", Derived: r.Derived, attrs: r.attrs}
	switch _, ema := c.Attrs["momentum"].(float64); {
	case c.ExpectError:
	case !c.Bool("track_running_stats"):
		r.Spec, r.Layer, r.attrs = "variants", "BatchNormUntracked", nil
		return []Route{r}
	case !ema:
		r.Spec, r.Layer, r.attrs = "variants", "BatchNormCumulative", nil
		return []Route{r}
	}
	return append([]Route{r}, spatial.inLayouts("NCS", "NSC")...)
}

func groupRoutes(c *Case) []Route {
	r := Route{Spec: "spatial", Layer: "GroupNorm", Dims: "N C S...", Derived: rstdOf("var"), attrs: knobs{"G": "groups"}}
	return r.inLayouts("NCS", "NSC")
}

func scaleRoutes(layer string) func(c *Case) []Route {
	return func(c *Case) []Route {
		return []Route{{Spec: "scale", Layer: layer, Dims: rows(1), Derived: map[string]Derived{"norm": {"ss", root}}}}
	}
}

// weightRoutes: dims before that of the outputs are one axis.
func weightRoutes(c *Case) []Route {
	r := Route{Spec: "weights", Layer: "WeightNorm", Dims: "O I...", Derived: map[string]Derived{"norm": {"ss", root}}}
	switch dim, ok := c.Attrs["dim"].(float64); {
	case !ok:
		r.Layer, r.Dims = "WeightNormWhole", "I..."
	case dim > 0:
		r.Layer, r.Dims = "WeightNormMiddle", strings.Repeat("P ", int(dim))+"O I..."
	}
	return []Route{r}
}

func standardizationRoutes(c *Case) []Route {
	r := Route{Spec: "weights", Layer: "WeightStandardization", Dims: "O I...", Names: map[string]string{"x": "w", "dx": "dw"}}
	if c.Attrs["variant"] == "std_unbiased_outside" {
		r.Layer = "WeightStandardizationUnbiased"
	}
	return []Route{r}
}

// addRoutes: the gradients of both inputs are one value.
func addRoutes(layer string) func(c *Case) []Route {
	return func(c *Case) []Route {
		return []Route{{Spec: "residual", Layer: layer, Dims: rows(1), Names: map[string]string{"h": "hout", "dh_out": "dhout"},
			Also: map[string]string{"dresidual": "dx"}}}
	}
}

func powerRoutes(c *Case) []Route {
	r := Route{Spec: "powernorm", Layer: "PowerNorm", Dims: tokens, attrs: knobs{"alpha": "alpha"},
		Names: map[string]string{"psi2_batch": "b", "gamma_stat": "Gam", "lambda_stat": "Lam"}}
	if c.Float("warmup") > 0 {
		r.Spec, r.Layer, r.attrs = "variants", "PowerNormWarm", knobs{"alpha": "alpha", "W": "warmup"}
	}
	return []Route{r}
}

// releasedRoutes: a matrix is one time step.
func releasedRoutes(c *Case) []Route {
	r := Route{Spec: "powernorm", Layer: "PowerNormReleased", Dims: "T B C",
		attrs: knobs{"K": "group_num", "W": "warmup_iters", "af": "alpha_fwd", "ab": "alpha_bkw"},
		Names: map[string]string{"running_phi": "phi", "ema_gz": "e", "iters": "commits"}}
	if len(c.Steps[0].In["x"].Shape) == 2 {
		r.Dims = "T=1 B C"
	}
	return []Route{r}
}
