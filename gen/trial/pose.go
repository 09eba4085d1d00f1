package trial

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/gen/reference"
)

// stretch makes the outermost open row axis or the innermost open column axis
// longer, so that sums have several blocks; 0 leaves it small.
type stretch struct{ rows, cols int }

// shapes are tried with so many fills each.
var shapes = []struct {
	stretch
	fills int
}{{stretch{0, 0}, 14}, {stretch{67, 0}, 2}, {stretch{2, 261}, 2}, {stretch{1, 37}, 2}}

// steps are tried until one takes a variant: before, at and after the warm-up that
// specs may have.
var steps = []int{1, 2, 3, 7, 20_001}

// Problems poses problems for every variant of every mode of a unit. They depend on
// the seed alone. Variants whose conditions hold at none of the steps, because a knob
// has another default, have none.
func Problems(u *plan.Unit, seed uint64) []Problem {
	var out []Problem
	modes := []*plan.Mode{u.Train}
	if u.Eval != u.Train {
		modes = append(modes, u.Eval)
	}
	for i, m := range modes {
		for _, v := range m.Variants {
			out = append(out, variantProblems(u, &posed{unit: u, mode: m, variant: v, kind: Mode(i)}, seed)...)
		}
	}
	eval := &plan.Mode{Name: "infer", Mode: u.Eval.Mode}
	for _, v := range u.Infer {
		out = append(out, variantProblems(u, &posed{unit: u, mode: eval, variant: v, kind: Infer}, seed)...)
	}
	return out
}

func variantProblems(u *plan.Unit, like *posed, seed uint64) []Problem {
	var out []Problem
	at := like.steps()
	if len(at) == 0 {
		return nil
	}
	for i, s := range shapes {
		for f := range s.fills {
			p := *like
			n := len(out)
			p.rand = rand.New(rand.NewPCG(seed, uint64(1000*i+f)))
			p.fill = Fills[(f+int(seed)*s.fills)%len(Fills)]
			p.step = at[n%len(at)]
			p.sizes = sizesOf(u, p.rand, s.stretch)
			p.mask = masks[n%len(masks)]
			out = append(out, p.solve())
		}
	}
	return out
}

// A posed is a problem in the making.
type posed struct {
	unit    *plan.Unit
	mode    *plan.Mode
	variant *plan.Variant
	kind    Mode
	rand    *rand.Rand
	fill    Fill
	mask    func(r *rand.Rand, i int) bool
	step    int
	sizes   []int
	frame   *plan.Frame[float32]
}

// sizesOf draws small sizes and stretches one of rows and one of columns.
func sizesOf(u *plan.Unit, r *rand.Rand, s stretch) []int {
	l := u.Layer
	sizes := make([]int, len(l.Axes))
	for i, a := range l.Axes {
		sizes[i] = 2 + r.IntN(5)
		switch {
		case a.Size > 0:
			sizes[i] = a.Size
		case a.Knob != "":
			sizes[i] = 1 + r.IntN(3)
		}
	}
	open := func(d int) bool { return l.Axes[d].Size == 0 && l.Axes[d].Knob == "" }
	if i := slices.IndexFunc(u.Rows, open); i >= 0 && s.rows > 0 {
		sizes[u.Rows[i]] = s.rows
	}
	for _, d := range slices.Backward(u.Cols) {
		if open(d) && s.cols > 0 {
			sizes[d] = s.cols
			break
		}
	}
	return sizes
}

// knobs are the defaults, and the sizes of axes that a knob gives.
func (p *posed) knobs() map[string]float64 {
	out := map[string]float64{}
	for _, k := range p.unit.Layer.Knobs {
		out[k.Name] = k.Default
		for i, a := range p.unit.Layer.Axes {
			if a.Knob == k.Name && p.sizes != nil {
				out[k.Name] = float64(p.sizes[i])
			}
		}
	}
	return out
}

// steps lists two steps at which the variant is taken, or fewer.
func (p *posed) steps() []int {
	var out []int
	for _, s := range steps {
		if len(out) < 2 && p.taken(s) {
			out = append(out, s)
		}
	}
	return out
}

func (p *posed) taken(step int) bool {
	at := plan.Frame[float32]{Sizes: p.sizes, Knob: p.knobs(), Step: float64(step)}
	return reference.Pass[float32]{Unit: p.unit, Mode: p.mode, Frame: &at}.Taken(p.variant)
}

func (p *posed) along(axes []int) int {
	n := 1
	for _, d := range axes {
		n *= p.sizes[d]
	}
	return n
}

// String says what is tried.
func (p *posed) String() string {
	return fmt.Sprintf("%s masked %v step %d sizes %v %s", p.mode.Name, p.variant.Masked, p.step, p.sizes, p.fill.Name)
}
