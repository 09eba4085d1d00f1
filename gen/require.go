package gen

import "github.com/normgen/normgen/gen/ir"

// require adds a condition to a mode, unless the mode has it.
func (l *lowering) require(mode *ir.Mode, line int, cond func(b *builder) *ir.Value) {
	b := newBuilder(l, mode, ir.ForwardPhase)
	b.f.Name = l.layer.Name + "." + mode.Name + ".require"
	b.f.Out(ir.StatOut, "holds", cond(b), nil)
	for _, r := range mode.Requires {
		if ir.Same(r.Func, b.f) {
			return
		}
	}
	mode.Requires = append(mode.Requires, &ir.Require{Func: b.f, Line: line})
}
