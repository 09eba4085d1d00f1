package gen

import (
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/pass"
)

// Middle simplifies every function of u's layer: [pass.Default] for the passes
// of each mode, [pass.Light] for its updates, whose order of evaluation stays
// as written. Each Stat.Value is again the output of its name.
func Middle(u Unit) error {
	for _, m := range u.Layer.Modes {
		for _, f := range []*ir.Func{m.Forward, m.Backward} {
			if err := pass.Run(f, pass.Default); err != nil {
				return err
			}
		}
		for _, up := range m.Updates {
			if err := pass.Run(up.Func, pass.Light); err != nil {
				return err
			}
		}
		Relink(m)
	}
	return nil
}

// Relink points each statistic of m at the output of its name, after a pass
// has replaced the values of m's functions.
func Relink(m *ir.Mode) {
	phases := [...]*ir.Func{ir.ForwardPhase: m.Forward, ir.BackwardPhase: m.Backward}
	for _, s := range m.Stats {
		for _, o := range phases[s.Phase].Outs {
			if o.Kind == ir.StatOut && o.Name == s.Name {
				s.Value = o.Value
			}
		}
	}
}
