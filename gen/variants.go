package gen

import (
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/pass"
	"github.com/normgen/normgen/gen/plan"
)

// maxConditions bounds the uniform conditions of a kernel: four outcomes.
const maxConditions = 2

// assume splits fs on its first uniform condition, and each half again.
func assume(l *ir.Layer, fs plan.Funcs, left int) ([]plan.Funcs, error) {
	c := firstCondition(fs)
	if c == nil {
		rows := l.Inputs[0].Axes() &^ plan.Columns(l)
		fs.Forward, fs.Backward = pass.MaskWithin(fs.Forward, rows), pass.MaskWithin(fs.Backward, rows)
		return []plan.Funcs{fs}, nil
	}
	if left == 0 {
		return nil, l.Refuse(c.Line, "more than %d conditions on the step and knobs steer the kernels", maxConditions)
	}
	var out []plan.Funcs
	for _, holds := range []bool{true, false} {
		half := plan.Funcs{Masked: fs.Masked, When: append(append([]plan.Outcome{}, fs.When...), plan.Outcome{Cond: c, Holds: holds}),
			Forward: pass.Assume(fs.Forward, c, holds), Backward: pass.Assume(fs.Backward, c, holds)}
		split, err := assume(l, half, left-1)
		if err != nil {
			return nil, err
		}
		out = append(out, split...)
	}
	return out, nil
}

func firstCondition(fs plan.Funcs) *ir.Value {
	for _, f := range []*ir.Func{fs.Forward, fs.Backward} {
		if cs := pass.Conditions(f); len(cs) > 0 {
			return cs[0]
		}
	}
	return nil
}
