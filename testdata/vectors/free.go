package vectors

import (
	"fmt"
	"math"
)

// zeros holds sets that are constant to y = beta, exactly.
func (k *Checker) zeros(i int, got map[string]Tensor) error {
	l, err := k.Case.layout(i)
	if err != nil {
		return nil // no sets, nothing is constant
	}
	x, y := l.view(k.Case.Step(i).normalized()), l.view(got["y"])
	for n, set := range l.sets(x.Shape[0], x.Shape[1]) {
		if len(set) == 0 || !constant(x.Data, set) || !l.norm(Gather(x.Data, set), nil, n).removesMean() {
			continue
		}
		for _, at := range set {
			if want := l.biasOf(k.Case, at, x.Shape[1]); y.Data[at] != want {
				return fmt.Errorf("y is %v for a constant set, want beta, %v", y.Data[at], want)
			}
		}
	}
	return nil
}

func constant(x []float64, set []int) bool {
	for _, at := range set {
		if x[at] != x[set[0]] {
			return false
		}
	}
	return true
}

// forgiven moves results towards what is wanted by what is free: what the mean's
// rounding does, and the grain of the format, which every term of dgamma has
// where x is denormal.
func (k *Checker) forgiven(i int, got map[string]Tensor) map[string]Tensor {
	free := k.free(i)
	out := map[string]Tensor{}
	for name, g := range got {
		if f, ok := free[name]; ok {
			g.Data = forgive(g.Data, k.Case.Step(i).Want[name].Data, f)
		}
		out[name] = g
	}
	return out
}

func forgive(got, want, free []float64) []float64 {
	out := make([]float64, len(got))
	for i, g := range got {
		d := g - want[i]
		if math.Abs(d) <= free[i] {
			out[i] = want[i]
			continue
		}
		out[i] = g - math.Copysign(free[i], d)
	}
	return out
}

// free returns the absolute errors that are free, by result.
func (k *Checker) free(i int) map[string][]float64 {
	s := k.Case.Step(i)
	l, err := k.Case.layout(i)
	if err != nil || i == len(k.Case.Steps) || s.In["dy"].Data == nil {
		return nil
	}
	f := freedom{Checker: k, layout: l, x: l.view(s.normalized()), dy: l.view(s.In["dy"]).Data,
		gain: k.Case.multiplier(l), perGain: map[int]float64{}}
	f.y, f.dx = make([]float64, len(f.dy)), make([]float64, len(f.dy))
	keep := Keep(transposed(s.In["pad"]))
	for n, set := range l.sets(f.x.Shape[0], f.x.Shape[1]) {
		f.set(l.norm(Gather(f.x.Data, set), setKeep(keep, set, f.x.Shape[1]), n), set)
	}
	return f.results(s)
}

// freedom is the work of free, over a matrix.
type freedom struct {
	*Checker
	layout
	x              Tensor
	dy, gain       []float64
	y, dx          []float64
	perGain        map[int]float64
	variance, rstd []float64 // of each set
}

// results gives what is free the memory order of the case.
func (f *freedom) results(s Step) map[string][]float64 {
	out := map[string][]float64{"y": f.unview(f.y, s.In["x"].Shape), "dx": f.unview(f.dx, s.In["x"].Shape),
		"var": f.variance, "running_var": f.variance, "rstd": f.rstd}
	gain := make([]float64, len(s.Want["d"+f.layout.gain].Data))
	for p, v := range f.perGain {
		if p < len(gain) {
			gain[p] = v
		}
	}
	out["d"+f.layout.gain] = gain
	for name, v := range out {
		if len(v) != len(s.Want[name].Data) {
			delete(out, name) // not wanted, or of another kind
		}
	}
	return out
}

func (f *freedom) set(s Set, set []int) {
	var off float64 // of a normalized value
	if s.removesMean() {
		mean := f.ColMean
		if f.rowwise && !f.Route.Apart {
			mean = f.RowMean
		}
		off = mean * f.Format.Unit * math.Abs(s.Mean) * s.Rstd
	}
	f.elements(set, s, off)
	for j, at := range set {
		dy := math.Abs(f.dy[at])
		f.perGain[f.layout.param(at, f.x.Shape[1])] += off*dy*(1+math.Abs(s.Xhat[j])) + f.Format.Grain*(1+s.Rstd)*(1+dy)
	}
	f.variance, f.rstd = append(f.variance, 2*off*s.Var), append(f.rstd, off*s.Rstd)
}

// removesMean reports whether the set is normalized around its own mean.
func (s Set) removesMean() bool { return s.centred && !s.frozen }

// elements: y is gamma*xhat, and dx = rstd*(g - mean(g) - xhat*mean(g*xhat)),
// where rstd is off by as much as xhat, relatively.
func (f *freedom) elements(set []int, s Set, off float64) {
	var sumG, sumGX, maxG float64
	for j, at := range set {
		g := math.Abs(f.dy[at] * f.gainOf(at))
		sumG, sumGX, maxG = sumG+g, sumGX+g*math.Abs(s.Xhat[j]), math.Max(maxG, g)
	}
	n := float64(s.N)
	for j, at := range set {
		xh := math.Abs(s.Xhat[j])
		f.y[at] = off * math.Abs(f.gainOf(at)) * (1 + xh)
		f.dx[at] = off * s.Rstd * (maxG + sumG/n*(1+xh) + sumGX/n*(1+2*xh))
	}
}

func (f *freedom) gainOf(i int) float64 {
	if f.gain == nil {
		return 1
	}
	return at(f.gain, f.layout.param(i, f.x.Shape[1]), 1)
}
