package diff

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/ir"
)

// mutations change what an operation means.
var mutations = [ir.NumOps]func(v *ir.Value){
	ir.Const: func(v *ir.Value) { v.F = 1.25*v.F + 0.01 },
	ir.Add:   func(v *ir.Value) { v.Op = ir.Sub },
	ir.Sub:   func(v *ir.Value) { v.Op = ir.Add },
	ir.Mul:   func(v *ir.Value) { v.Op = ir.Div },
	ir.Rsqrt: func(v *ir.Value) { v.Op = ir.Sqrt },
}

// mutate changes one operation of l that a result depends on, and says which.
func mutate(r *rand.Rand, l *ir.Layer) string {
	m := l.Modes[r.IntN(2)]
	fs := []*ir.Func{m.Forward, m.Backward}
	for _, u := range m.Updates {
		fs = append(fs, u.Func)
	}
	f := fs[r.IntN(len(fs))]
	used := live(f)
	var can []*ir.Value
	for _, v := range f.Values {
		if used[v] && mutations[v.Op] != nil {
			can = append(can, v)
		}
	}
	if len(can) == 0 {
		return ""
	}
	v := can[r.IntN(len(can))]
	what := fmt.Sprintf("%s: v%d %v", f.Name, v.ID, v.Op)
	mutations[v.Op](v)
	return what
}

// live are the values that the results of f depend on.
func live(f *ir.Func) map[*ir.Value]bool {
	out := map[*ir.Value]bool{}
	var visit func(v *ir.Value)
	visit = func(v *ir.Value) {
		out[v] = true
		for _, a := range v.Args {
			visit(a)
		}
	}
	for _, o := range f.Outs {
		if o.Kind != ir.StatOut {
			visit(o.Value)
		}
	}
	return out
}

// A change of one operation, in whatever function of a norm, is found, with a
// case that shows it.
func TestMutants(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, path := range []string{"../../testdata/powernorm.dsl", "../../testdata/standard.dsl"} {
		for _, name := range []string{"PNV", "PowerNorm", "PowerNormReleased", "LayerNorm", "RMSNorm", "BatchNorm"} {
			for range 3 {
				a, b := norms(t, path)[name], norms(t, path)[name]
				if a.Layer == nil {
					continue
				}
				what := mutate(r, b.Layer)
				if what == "" {
					continue
				}
				rep := compare(t, a, b)
				if rep.Equal() {
					t.Errorf("%s was not found", what)
				}
				for i := range rep.Findings {
					if f := &rep.Findings[i]; f.smallest != nil && f.smallest.seen.apart == 0 {
						t.Errorf("%s: the case of %s shows nothing", what, f.name)
					}
				}
			}
		}
	}
}
