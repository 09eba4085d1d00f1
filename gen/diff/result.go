package diff

import (
	"math"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/train"
)

// A result is what one step computes and both sides have.
type result struct {
	name string
	pair pair
	k    float64 // b's is k times a's
	of   func(s *side, p *train.Pass, l *train.Layer, leaf *ir.Leaf, n []int) []float64
}

// resultsOf lists the results in the order in which they cause each other.
func (p *pairing) resultsOf() []result {
	var out []result
	for _, y := range p.outputs {
		out = append(out, result{both("", y), y, 1, outputOf})
	}
	for _, x := range append(append([]pair{}, p.inputs...), p.params...) {
		out = append(out, result{both("d", x), x, 1, gradOf})
	}
	for _, s := range p.states {
		out = append(out, result{both("", s.pair), s.pair, s.k, stateOf})
	}
	return out
}

// both names a pair: once, if the names agree.
func both(prefix string, p pair) string {
	if p.a.Name == p.b.Name {
		return prefix + p.a.Name
	}
	return prefix + p.a.Name + " ~ " + prefix + p.b.Name
}

func outputOf(s *side, p *train.Pass, _ *train.Layer, leaf *ir.Leaf, _ []int) []float64 {
	return p.Outputs[index(s.layer.Outputs, leaf)]
}

func gradOf(s *side, p *train.Pass, _ *train.Layer, leaf *ir.Leaf, _ []int) []float64 {
	if i := index(s.layer.Inputs, leaf); i >= 0 {
		return p.Grads[i]
	}
	return p.Grads[len(s.layer.Inputs)+index(s.layer.Params, leaf)]
}

func stateOf(_ *side, _ *train.Pass, l *train.Layer, leaf *ir.Leaf, n []int) []float64 {
	return l.Value(leaf, n)
}

func index(leaves []*ir.Leaf, l *ir.Leaf) int {
	for i, x := range leaves {
		if x == l {
			return i
		}
	}
	return -1
}

// What two orders of evaluation may differ by: roundings of 1e-16 that badly
// conditioned sums make larger, and that are all there is where a result should
// vanish. Values are of the order of 1.
const relative, absolute = 1e-9, 1e-12

// apart is the largest difference of two tensors relative to their largest
// element, 0 if it is no more than rounding. NaN equals NaN.
func apart(a, b []float64) float64 {
	var d, size float64
	for i := range a {
		switch {
		case a[i] == b[i] || math.IsNaN(a[i]) && math.IsNaN(b[i]):
		case math.IsNaN(a[i]-b[i]) || math.IsInf(a[i]-b[i], 0):
			return 1
		default:
			d = max(d, math.Abs(a[i]-b[i]))
		}
		if e := max(math.Abs(a[i]), math.Abs(b[i])); !math.IsNaN(e) && !math.IsInf(e, 0) {
			size = max(size, e)
		}
	}
	if d <= relative*size+absolute {
		return 0
	}
	return d / size
}
