package gen

import (
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/pass"
)

// A function assumed to be past its warm-up is the function, past its warm-up,
// and asks no more.
func TestAssume(t *testing.T) {
	for _, u := range lowered(t, "../testdata/powernorm.dsl") {
		if err := Middle(u); err != nil {
			t.Fatal(err)
		}
		if u.Layer.Name != "PowerNormReleased" {
			continue
		}
		m := u.Layer.Modes[0]
		for _, f := range []*ir.Func{m.Forward, m.Backward} {
			conds := pass.Conditions(f)
			if len(conds) != 1 {
				t.Fatalf("%s: %d conditions\n%s", f.Name, len(conds), u.Layer.Dump(f))
			}
			for step, holds := range map[float64]bool{1: true, 20000: false} {
				g := pass.Assume(f, pass.Conditions(m.Forward)[0], holds)
				if n := len(pass.Conditions(g)); n != 0 {
					t.Errorf("%s: %d conditions left", f.Name, n)
				}
				e := interp.Sample(5, interp.Sizes(u.Layer, 5), f)
				e.Step = step
				x, y := results(t, f, e), results(t, g, e)
				for i := range x {
					if d := distance(x[i], y[i]); !(d < 1e-12) {
						t.Errorf("%s: %s differs by %.3g at step %g", f.Name, f.Outs[i].Name, d, step)
					}
				}
			}
		}
		after := pass.Assume(m.Forward, pass.Conditions(m.Forward)[0], false)
		if depends(after.Outs[0].Value, u.Layer, "TB") {
			t.Errorf("after warm-up the output waits for a batch statistic:\n%s", u.Layer.Dump(after))
		}
	}
}

// depends reports whether v depends on a reduction over axes.
func depends(v *ir.Value, l *ir.Layer, axes string) bool {
	if v.Op.Reduces() && name(l, v.Over) == axes {
		return true
	}
	for _, a := range v.Args {
		if depends(a, l, axes) {
			return true
		}
	}
	return false
}

func name(l *ir.Layer, a ir.Axes) string {
	s := ""
	for i, x := range l.Axes {
		if a.Has(1 << i) {
			s += x.Name
		}
	}
	return s
}
