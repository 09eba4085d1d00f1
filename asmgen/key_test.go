package asmgen

import (
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Loops are one function if they compute the same from the same parameters, whatever
// their tensors are called.
func TestKey(t *testing.T) {
	f := &ir.Func{}
	load := func(name string) *ir.Value {
		return f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: name, Dims: []int{0}})
	}
	x, z, dy, w := load("x"), load("z"), load("dy"), load("w")
	// difference is a - b of two rows, the first row's parameters first.
	difference := func(a, b *ir.Value, params ...*ir.Value) string {
		y := f.Sub(a, b)
		l := &plan.Loop{Rows: 2, Kernel: &plan.Kernel{}, Body: []*ir.Value{y}}
		for i, v := range params {
			l.Params = append(l.Params, plan.Param{Kind: plan.VectorParam, Value: v, Row: i / 2})
		}
		for row := range 2 {
			l.Params = append(l.Params, plan.Param{Kind: plan.StoreParam, Value: y, Row: row})
		}
		return key(l)
	}
	first := difference(x, z, x, z, x, z)
	if other := difference(dy, w, dy, w, dy, w); first != other {
		t.Errorf("x - z is %s, dy - w is %s", first, other)
	}
	for what, other := range map[string]string{
		"z - x":                       difference(z, x, x, z, x, z),
		"x - z, whose rows alternate": difference(x, z, x, z, z, x),
	} {
		if first == other {
			t.Errorf("x - z and %s are %s", what, first)
		}
	}
}
