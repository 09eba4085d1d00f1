package diff

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/normgen/normgen/gen/ir"
)

// maxSteps bounds the steps that are tried.
const maxSteps = 24

// stepsOf lists the steps at which the norms may change what they do: the
// first ones, and those around each number that a spec compares the step with.
func stepsOf(sides ...*side) []float64 {
	steps := []float64{1, 2, 3}
	for _, s := range sides {
		for _, m := range s.layer.Modes {
			fs := []*ir.Func{m.Forward, m.Backward}
			for _, u := range m.Updates {
				fs = append(fs, u.Func)
			}
			for _, f := range fs {
				steps = append(steps, s.around(f)...)
			}
		}
	}
	slices.Sort(steps)
	steps = slices.Compact(steps)
	return steps[:min(len(steps), maxSteps)]
}

// turns are the operations that change course at a boundary.
var turns = [ir.NumOps]bool{ir.Less: true, ir.LessEq: true, ir.Equal: true, ir.Max: true, ir.Min: true, ir.Mod: true, ir.Floor: true}

// around lists the steps around the boundaries of f.
func (s *side) around(f *ir.Func) []float64 {
	var out []float64
	parts := map[*ir.Value]schedule{}
	for _, v := range f.Values {
		if parts[v] = s.schedule(v, parts); !turns[v.Op] || !parts[v].step {
			continue
		}
		for _, at := range parts[v].numbers {
			for _, step := range []float64{math.Floor(at) - 1, math.Floor(at), math.Floor(at) + 1} {
				if step >= 1 && step < 1<<52 {
					out = append(out, step)
				}
			}
		}
	}
	return out
}

// A schedule is what is known of a value before there is data: the numbers in
// it, as far as they are known without the step, and whether it has the step.
type schedule struct {
	numbers       []float64
	step, uniform bool
}

func (s *side) schedule(v *ir.Value, parts map[*ir.Value]schedule) schedule {
	switch {
	case v.Op == ir.Const:
		return schedule{[]float64{v.F}, false, true}
	case v.Op == ir.Step:
		return schedule{nil, true, true}
	case v.Op == ir.Load && v.Leaf.Kind == ir.KnobLeaf:
		return schedule{[]float64{s.knobs[v.Leaf.Name]}, false, true}
	case v.Op == ir.Widen:
		return parts[v.Args[0]]
	case ir.Ops[v.Op].Eval == nil:
		return schedule{}
	}
	return combine(v, parts)
}

// combine evaluates v if it is a number, and else joins the numbers in it.
func combine(v *ir.Value, parts map[*ir.Value]schedule) schedule {
	out := schedule{uniform: true}
	for _, a := range v.Args {
		p := parts[a]
		if !p.uniform {
			return schedule{}
		}
		out.step = out.step || p.step
		out.numbers = append(out.numbers, p.numbers...)
	}
	if !out.step {
		return schedule{[]float64{ir.Ops[v.Op].Eval(out.numbers)}, false, true}
	}
	out.numbers = out.numbers[:min(len(out.numbers), maxSteps)]
	return out
}

// stepName writes a step, with the knob that it is next to.
func (c *comparison) stepName(step float64) string {
	text := strconv.FormatFloat(step, 'f', -1, 64)
	if step <= 3 {
		return text
	}
	for _, s := range []*side{c.a, c.b} {
		for _, k := range s.layer.Knobs {
			if d := step - s.knobs[k.Name]; d >= -1 && d <= 1 {
				return fmt.Sprintf("%s (%s.%s%s)", text, s.name, k.Name, map[float64]string{-1: " - 1", 0: "", 1: " + 1"}[d])
			}
		}
	}
	return text
}
