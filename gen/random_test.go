package gen

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// planned returns the units of a spec's text, or why it has none.
func planText(text string) ([]*plan.Unit, error) {
	f, errs := dsl.Parse("random.dsl", []byte(text))
	if errs.HasErrors() {
		return nil, errs
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		return nil, errs
	}
	return Plan(p)
}

// findings collects the errors of checks. What stops a test stops them.
type findings struct {
	testing.TB
	list []string
}

func (f *findings) Helper() {}

func (f *findings) Errorf(format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

func (f *findings) Fatal(args ...any) {
	f.list = append(f.list, fmt.Sprint(args...))
	panic(f)
}

// examine holds the plans of a text to their invariants, and plan.Eval in float64
// to the interpreter. A text without a plan has no findings.
func examine(t testing.TB, text string) (units []*plan.Unit, list []string, refusal error) {
	f := &findings{TB: t}
	defer func() {
		if r := recover(); r != nil && r != any(f) {
			f.list = append(f.list, fmt.Sprintf("panic: %v", r))
		}
		list = f.list
	}()
	if units, refusal = planText(text); refusal != nil {
		return nil, nil, refusal
	}
	for _, u := range units {
		checkUnit(f, u)
		evalAgreesWithin(f, u, (*agreement).conditioned)
	}
	return units, nil, nil
}

// conditioned is the distance that the function itself makes of roundings: a hundred
// times what it leads to that every number on the way is off by some units in its last
// place. A random program may have a difference that cancels, or a condition at its
// edge: two means that are one number, added up in different orders.
func (a *agreement) conditioned(k *plan.Kernel, i int) float64 {
	r := rand.New(rand.NewPCG(a.seed, 5))
	want, err := interp.Run(k.Func, a.env)
	if err != nil {
		a.t.Fatal(err)
	}
	worst := 0.0
	for range 6 {
		got, err := interp.Run(a.rounded(r, k.Func))
		if err != nil {
			a.t.Fatal(err)
		}
		worst = max(worst, apart(got[i], want[i]))
	}
	return 100 * worst
}

// rounded returns f with a factor near 1 at every value that rounds, and where the
// factors are.
func (a *agreement) rounded(r *rand.Rand, f *ir.Func) (*ir.Func, interp.Env) {
	env := a.env
	env.Leaves = maps.Clone(env.Leaves)
	g, m := &ir.Func{Name: f.Name}, make(map[*ir.Value]*ir.Value, len(f.Values))
	for _, v := range f.Values {
		w := *v
		w.Args = nil
		for _, x := range v.Args {
			w.Args = append(w.Args, m[x])
		}
		m[v] = g.New(w)
		if isRounded(v) {
			l := &ir.Leaf{Name: "rounding", Dims: dims(v.Axes)}
			env.Leaves[l] = nearOne(r, l.Elements(a.sizes))
			m[v] = g.Mul(m[v], g.Load(l))
		}
	}
	for _, o := range f.Outs {
		o.Value = m[o.Value]
		g.Outs = append(g.Outs, o)
	}
	return g, env
}

// isRounded reports whether a plan may have v with another rounding than the interpreter.
func isRounded(v *ir.Value) bool {
	switch v.Op {
	case ir.Load:
		return v.Leaf.Kind != ir.MaskLeaf && v.Leaf.Kind != ir.KnobLeaf
	case ir.Add, ir.Sub, ir.Mul, ir.Div, ir.Pow, ir.Sqrt, ir.Rsqrt, ir.Exp, ir.Log, ir.Tanh, ir.Erf, ir.Mod,
		ir.Sum, ir.MomentMean, ir.MomentHi, ir.MomentSS:
		return true
	}
	return false
}

// nearOne draws n factors, each off by up to 8 units in the last place.
func nearOne(r *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1 + 8*0x1p-53*(2*r.Float64()-1)
	}
	return out
}

// renamed gives the norm of a text another name, so that several fit one package.
func renamed(text string, n int) string {
	before, rest, _ := strings.Cut(text, "norm ")
	end := strings.IndexAny(rest, "( {")
	if end < 0 {
		return text
	}
	return fmt.Sprintf("%snorm Norm%d%s", before, n, rest[end:])
}
