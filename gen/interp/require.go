package interp

import (
	"fmt"

	"github.com/normgen/normgen/gen/ir"
)

// Check reports a requirement of m, a mode of l, that e does not meet.
func Check(l *ir.Layer, m *ir.Mode, e Env) error {
	for _, r := range m.Requires {
		outs, err := Run(r.Func, e)
		if err != nil {
			return err
		}
		if outs[0][0] == 0 {
			return fmt.Errorf("%s:%d: %s requires %s", l.File, r.Line, l.Name, l.Equation(r.Func.Outs[0].Value))
		}
	}
	return nil
}
