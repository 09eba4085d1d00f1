package vectors

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// StateBound bounds statistics and states, in units of the largest value or of
// the largest term that was averaged. A statistic of normalized values has
// twice their error, three or four units; a state adds half a unit a step and
// the statistic's error by its weight, which for a weight of 0.1 settles at
// five units and the statistic's own.
const StateBound = 8

// Limits say what a subject is held to: the bounds of this package in units of
// its format, with an absolute error free that the format itself makes.
type Limits struct {
	Name   string
	Format Format

	// How far, in units, the mean of a set may be off, for sets that lie together
	// in memory (rows) and for others: not at all, where there is a wider type.
	// This package's reference has a mean of 64 bits, off by 2^-64, and a
	// normalized value is off by that times the mean in spreads: 10000 units at
	// 1e7 spreads.
	RowMean, ColMean float64
}

// InFloat64 are the limits of the interpreter, where every value is one float64,
// a mean too.
var InFloat64 = Limits{Name: "interpreter", Format: Float64, RowMean: 1, ColMean: 1}

// Interpreted are the limits of the interpreter on a case: float32 numbers are
// not known better than to their own units.
func Interpreted(c *Case) Limits {
	if c.Single() {
		return Limits{Name: "interpreter, twins", Format: Float32}
	}
	return InFloat64
}

// Single reports whether the wanted numbers are themselves float32 results, the
// twins of a case in float64.
func (c *Case) Single() bool { return c.Attrs["compute"] == "f32" }

// A Checker compares the steps of one case with what it wants.
type Checker struct {
	Limits
	Case   *Case
	Route  Route
	Report *Report

	// Largest terms so far of what may cancel in means of x and of g*xhat.
	terms, gradTerms float64
}

// Step checks the results of step i, in the names and the memory order of the
// case, and adds their errors to the report. "infer y" is y as inference makes
// it of the same input.
func (k *Checker) Step(i int, got map[string]Tensor) error {
	if err := k.complete(i, got); err != nil || k.Case.ExpectError {
		return k.fail(i, err) // a case that is to be rejected wants nothing
	}
	if k.Format == Float32 {
		if over, err := k.overflow(i, got); over || err != nil {
			return k.fail(i, err)
		}
	}
	errs := []error{k.zeros(i, got), k.tolerances(i, got), k.same(got)}
	raw := k.measure(i, got)
	forgiven := k.forgiven(i, got)
	e := k.measure(i, forgiven)
	s, which := k.states(i, forgiven)
	over, stray := k.excuse(e, s)
	if !over.Within() {
		errs = append(errs, fmt.Errorf("errors %+v, of which the mean explains all but %+v", raw, over))
	}
	if !(stray <= StateBound) {
		errs = append(errs, fmt.Errorf("%s is off by %v units", which, s))
	}
	k.Report.add(k.Case, k.Name, i, [...]float64{e.Y, e.Dx, e.Dgamma, e.Dbeta, s}, raw)
	return k.fail(i, errors.Join(errs...))
}

func (k *Checker) fail(i int, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%v: %v: %s: step %d: %w", k.Case, k.Route, k.Name, i, err)
}

// complete reports what is wanted and was not got.
func (k *Checker) complete(i int, got map[string]Tensor) error {
	want := k.Case.Step(i).Want
	for name, w := range want {
		if g, ok := got[name]; (!ok || len(g.Data) != len(w.Data)) && !k.frozenStatistic(i, name) && !slices.Contains(k.Route.Inner, name) {
			return fmt.Errorf("no %s", name)
		}
	}
	for name := range k.Route.Also {
		if got[name].Data == nil {
			return fmt.Errorf("no %s", name)
		}
	}
	return nil
}

// frozenStatistic reports whether a case names as the mean and rstd of inference
// what are states of the layer.
func (k *Checker) frozenStatistic(i int, name string) bool {
	return i == len(k.Case.Steps) && (name == "mean" || name == "rstd")
}

// same holds results that are one value to be the same.
func (k *Checker) same(got map[string]Tensor) error {
	for name, other := range k.Route.Also {
		for j, v := range got[name].Data {
			if v != got[other].Data[j] {
				return fmt.Errorf("%s[%d] is %v, %s[%d] is %v", name, j, v, other, j, got[other].Data[j])
			}
		}
	}
	return nil
}

// classTolerance are the tolerances that came with the vectors where they are not
// 1e-12: means of 1e4 spreads, and of up to 1e7, where PyTorch's own float64 is
// 9e-10 off.
var classTolerance = map[string]float64{"offset1e4": 1e-11, "tinyvar": 1e-9, "ramp": 1e-9, "offset1e5s1e-2": 1e-9, "offset1e7": 1e-9}

// tolerances holds float64 to those that came with the vectors, on their measure
// and with nothing free. In autograd dx has no scale, and two float64 programs
// agree to 1e-10 where it is all cancellation.
func (k *Checker) tolerances(i int, got map[string]Tensor) error {
	if k.Format != Float64 {
		return nil
	}
	s := k.Case.Step(i)
	for name := range s.Want {
		if kindOf(name) == stateKind {
			continue
		}
		tolerance := max(1e-12, classTolerance[k.Case.Class])
		if name == "dx" && s.Scale == nil && k.Case.Suite == "autograd" {
			tolerance = max(tolerance, 1e-10)
		}
		if e := k.relative(i, got, name) * k.Format.Unit; !(e <= tolerance) {
			return fmt.Errorf("%s is off by %.3g, the tolerance is %.3g", name, e, tolerance)
		}
	}
	return nil
}

// states returns the worst error of the statistics and states, and its name. One
// Grain is free: the mean of denormal inputs has it.
func (k *Checker) states(i int, got map[string]Tensor) (worst float64, which string) {
	k.addTerms(i)
	terms := map[string]float64{"mean": k.terms, "running_mean": k.terms,
		"lambda_stat": k.gradTerms, "nu": k.gradTerms, "ema_gz": k.gradTerms, "buffer_gz": k.gradTerms}
	for name, w := range k.Case.Step(i).Want {
		g, ok := got[name]
		if kindOf(name) != stateKind || !ok {
			continue
		}
		if e := k.Format.relative(g.Data, w.Data, terms[name]) / k.Format.Unit; !(e <= worst) {
			worst, which = e, name
		}
	}
	return worst, which
}

// addTerms takes the largest |x|, and the largest mean over a channel of
// |dy*(y - beta)|, which is |g*xhat|.
func (k *Checker) addTerms(i int) {
	s := k.Case.Step(i)
	for _, x := range s.In["x"].Data {
		k.terms = math.Max(k.terms, math.Abs(x))
	}
	y, dy, beta := s.Want["y"], s.In["dy"].Data, k.Case.Params["beta"].Data
	if y.Data == nil || dy == nil {
		return
	}
	channel, channels := k.channels(y.Shape)
	sums := make([]float64, channels)
	for at, v := range y.Data {
		j := channel(at)
		if len(beta) == channels {
			v -= beta[j]
		}
		sums[j] += math.Abs(dy[at] * v)
	}
	k.gradTerms = math.Max(k.gradTerms, slices.Max(sums)/float64(len(y.Data)/channels))
}

// channels gives the channel of each element, and how many there are. They are
// the last dim, or that after the samples.
func (k *Checker) channels(shape []int) (of func(at int) int, n int) {
	axis := len(shape) - 1
	if strings.HasPrefix(k.Route.Dims, "N C") {
		axis = 1
	}
	inner := size(shape[axis+1:])
	return func(at int) int { return at / inner % shape[axis] }, shape[axis]
}
