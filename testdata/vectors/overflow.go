package vectors

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// overflow handles a step of float32 in which a sum of squares leaves the
// format. Then each set has the IEEE result of its infinite variance, which is
// beta or NaN, or it is right; nothing finite is wrong. It reports whether a set
// is not right: block sums are joined in float64, so a long one may be, and so
// are all whose elements do not lie together.
func (k *Checker) overflow(i int, got map[string]Tensor) (bool, error) {
	l, err := k.Case.layout(i)
	if err != nil || !l.rowwise || k.Route.Apart {
		return false, nil
	}
	x := l.view(k.Case.Step(i).normalized())
	sets := l.sets(x.Shape[0], x.Shape[1])
	if !slices.ContainsFunc(sets, func(set []int) bool { return overflows(Gather(x.Data, set)) }) {
		return false, nil
	}
	var errs []error
	right := make([]bool, len(sets))
	for n, set := range sets {
		right[n] = k.setRight(i, got, set)
		if !right[n] && !k.setIEEE(l, got, set, x.Shape[1]) {
			errs = append(errs, fmt.Errorf("set %d overflows to something finite and wrong: y %v, dx %v", n,
				Gather(l.view(got["y"]).Data, set), Gather(l.view(got["dx"]).Data, set)))
		}
	}
	if !slices.Contains(right, false) {
		return false, errors.Join(errs...)
	}
	errs = append(errs, k.overflowParams(l, i, got, right))
	return true, errors.Join(errs...)
}

func overflows(set []float64) bool { return Dot(set, set) > math.MaxFloat32 }

// setRight replaces all other sets by what is wanted and measures. The views of
// sets that lie together share their data with the case.
func (k *Checker) setRight(i int, got map[string]Tensor, set []int) bool {
	want := k.Case.Step(i).Want
	one := map[string]Tensor{}
	for _, name := range []string{"y", "dx"} {
		data := append([]float64{}, want[name].Data...)
		for _, at := range set {
			data[at] = got[name].Data[at]
		}
		one[name] = Tensor{Shape: want[name].Shape, Data: data}
	}
	e, err := k.Case.Measure(k.Format, i, one)
	return err == nil && e.Within()
}

// setIEEE reports whether a set is what an infinite variance makes of it: an
// xhat of 0 or NaN, and a dx of 0 or NaN.
func (k *Checker) setIEEE(l layout, got map[string]Tensor, set []int, cols int) bool {
	for _, at := range set {
		y, dx := got["y"].Data[at], got["dx"].Data[at]
		if !math.IsNaN(y) && y != l.biasOf(k.Case, at, cols) || !math.IsNaN(dx) && dx != 0 {
			return false
		}
	}
	return true
}

// overflowParams holds dgamma to the sum over the sets that are right, or NaN,
// and dbeta to its value: it does not see the statistics.
func (k *Checker) overflowParams(l layout, i int, got map[string]Tensor, right []bool) error {
	s := k.Case.Step(i)
	x, dy := l.view(s.normalized()), l.view(s.In["dy"]).Data
	gain, bias := sums{}, sums{}
	for n, set := range l.sets(x.Shape[0], x.Shape[1]) {
		norm := l.norm(Gather(x.Data, set), nil, n)
		for j, at := range set {
			p := l.param(at, x.Shape[1])
			bias.add(p, dy[at])
			if right[n] {
				gain.add(p, dy[at]*norm.Xhat[j])
			}
		}
	}
	for p, g := range got["d"+l.gain].Data {
		if !math.IsNaN(g) && !(k.Format.Param(g, gain[p].sum, gain[p].size) <= ParamBound) {
			return fmt.Errorf("d%s[%d] is %v, the sets that are right have %v", l.gain, p, g, gain[p].sum)
		}
	}
	for p, g := range got["d"+l.bias].Data {
		if !(k.Format.Param(g, bias[p].sum, bias[p].size) <= ParamBound) {
			return fmt.Errorf("d%s[%d] is %v, want %v", l.bias, p, g, bias[p].sum)
		}
	}
	return nil
}

// sums are sums and the sums of their magnitudes, by parameter.
type sums map[int]struct{ sum, size float64 }

func (s sums) add(p int, v float64) {
	t := s[p]
	t.sum, t.size = t.sum+v, t.size+math.Abs(v)
	s[p] = t
}
