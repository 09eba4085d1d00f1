package gen

import (
	"fmt"
	"math/rand/v2"
	"slices"
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
// times what inputs that are off by some units in their last place lead to. A random
// program may have a difference that cancels, or a condition at its edge.
func (a *agreement) conditioned(k *plan.Kernel, i int) float64 {
	r := rand.New(rand.NewPCG(a.seed, 5))
	want, err := interp.Run(k.Func, a.env)
	if err != nil {
		a.t.Fatal(err)
	}
	worst := 0.0
	for range 6 {
		env := a.env
		env.Leaves = map[*ir.Leaf][]float64{}
		for leaf, x := range a.env.Leaves {
			env.Leaves[leaf] = x
			if leaf.Kind != ir.MaskLeaf && leaf.Kind != ir.KnobLeaf {
				env.Leaves[leaf] = off(r, x)
			}
		}
		got, err := interp.Run(k.Func, env)
		if err != nil {
			a.t.Fatal(err)
		}
		worst = max(worst, apart(got[i], want[i]))
	}
	return 100 * worst
}

func off(r *rand.Rand, x []float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] *= 1 + 8*0x1p-53*(2*r.Float64()-1)
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
