package vectors

import "fmt"

// layout says how a case's tensors fall into sets.
type layout struct {
	view  func(Tensor) Tensor                         // as a matrix
	sets  func(rows, cols int) [][]int                // of the matrix
	param func(i, cols int) int                       // the element of gamma for element i of the matrix
	norm  func(x []float64, keep []bool, set int) Set // the statistics of a set

	rowwise    bool   // sets lie together in memory
	gain, bias string // the parameters
}

func (c *Case) layout(i int) (layout, error) {
	eps, _ := c.Attrs["eps"].(float64)
	x := c.Step(i).In["x"].Shape
	switch c.Op {
	case "layernorm":
		return rowLayout(c.Int("normalized_dims"), centred(eps)), nil
	case "add_layernorm":
		return rowLayout(1, centred(eps)), nil
	case "add_rmsnorm":
		return rowLayout(1, uncentred(eps)), nil
	case "adaln":
		return sampleLayout(x, centred(eps)), nil
	case "rmsnorm":
		if c.Attrs["partial"] == nil && c.Attrs["eps_mode"] == "inside" {
			return rowLayout(c.normalizedDims(), uncentred(eps)), nil
		}
	case "batchnorm":
		return channelLayout(c.batchStatistics(i, eps)), nil
	case "groupnorm":
		return groupLayout(x, c.Int("groups"), centred(eps)), nil
	case "instancenorm":
		if i < len(c.Steps) {
			return groupLayout(x, x[1], centred(eps)), nil
		}
	case "pnv":
		return tokenLayout(uncentred(eps)), nil
	case "masked_batchnorm":
		if i < len(c.Steps) {
			return tokenLayout(centred(eps)), nil
		}
	case "pn_paper":
		return tokenLayout(c.powerStatistics(i, eps)), nil
	}
	return layout{}, fmt.Errorf("vectors: %v: no sets are known for step %d", c, i)
}

type normFunc = func(x []float64, keep []bool, set int) Set

func centred(eps float64) normFunc {
	return func(x []float64, keep []bool, _ int) Set { return Centred(x, keep, eps) }
}

func uncentred(eps float64) normFunc {
	return func(x []float64, keep []bool, _ int) Set { return Uncentred(x, keep, eps) }
}

// batchStatistics are the batch's own in training, and in inference without
// running statistics.
func (c *Case) batchStatistics(i int, eps float64) normFunc {
	if i < len(c.Steps) || !c.Bool("track_running_stats") {
		return centred(eps)
	}
	s := c.before(i)
	return func(x []float64, _ []bool, k int) Set {
		return Frozen(x, s["running_mean"].Data[k], s["running_var"].Data[k], eps)
	}
}

// powerStatistics are PowerNorm's: the batch's own in warm-up, then those of
// the state before the step, nu in the backward of training too.
func (c *Case) powerStatistics(i int, eps float64) normFunc {
	if i < c.Int("warmup") {
		return uncentred(eps)
	}
	s := c.before(i)
	return func(x []float64, _ []bool, k int) Set {
		set := Frozen(x, 0, s["psi2"].Data[k], eps)
		if i < len(c.Steps) {
			set.Coef = s["nu"].Data[k]
		}
		return set
	}
}

// before is the state that step i reads.
func (c *Case) before(i int) map[string]Tensor {
	if i == 0 {
		return c.State
	}
	return c.Steps[i-1].Want
}

func (c *Case) normalizedDims() int {
	if d, ok := c.Attrs["normalized_dims"].(float64); ok {
		return int(d)
	}
	return 1
}

// multiplier is the gain, or 1 plus it where the operation stores it without
// the 1.
func (c *Case) multiplier(l layout) []float64 {
	gain := c.Params[l.gain].Data
	if c.Attrs["unit_offset"] != true && c.Op != "adaln" {
		return gain
	}
	out := Repeat(1, len(gain))
	for i, g := range gain {
		out[i] += g
	}
	return out
}

func rowLayout(dims int, norm normFunc) layout {
	view := func(t Tensor) Tensor { return Matrix(t, dims) }
	return layout{view, RowSets, column, norm, true, "gamma", "beta"}
}

func tokenLayout(norm normFunc) layout {
	view := func(t Tensor) Tensor { return Matrix(t, 1) }
	return layout{view, ColSets, column, norm, false, "gamma", "beta"}
}

func channelLayout(norm normFunc) layout {
	view := func(t Tensor) Tensor { return Matrix(ChannelsLast(t, 1), 1) }
	return layout{view, ColSets, column, norm, false, "gamma", "beta"}
}

// groupLayout sees a (N, C, ...) tensor as N*groups rows, with a parameter for
// each channel.
func groupLayout(shape []int, groups int, norm normFunc) layout {
	c, plane := shape[1], size(shape[2:])
	view := func(t Tensor) Tensor {
		return Tensor{Shape: []int{shape[0] * groups, c / groups * plane}, Data: t.Data}
	}
	channel := func(i, _ int) int { return i / plane % c }
	return layout{view, RowSets, channel, norm, true, "gamma", "beta"}
}

// sampleLayout sees a (B, T, C) tensor as rows, with parameters for each sample.
func sampleLayout(shape []int, norm normFunc) layout {
	l := rowLayout(1, norm)
	l.gain, l.bias = "scale", "shift"
	l.param = func(i, cols int) int { return i/(shape[1]*cols)*cols + i%cols }
	return l
}

func column(i, cols int) int { return i % cols }

// unview is the inverse of view, for data of a tensor of the given shape.
func (l layout) unview(data []float64, shape []int) []float64 {
	number := Tensor{Shape: shape, Data: make([]float64, len(data))}
	for i := range number.Data {
		number.Data[i] = float64(i)
	}
	out := make([]float64, len(data))
	for from, to := range l.view(number).Data {
		out[int(to)] = data[from]
	}
	return out
}

// biasOf is what element i of the matrix has added.
func (l layout) biasOf(c *Case, i, cols int) float64 {
	return at(c.Params[l.bias].Data, l.param(i, cols), 0)
}
