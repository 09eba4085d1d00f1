package plan

import (
	"slices"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// scaled is x times the value of a group and that of a segment's group, shifted by
// bias.
func scaled(bias ir.Axes) *ir.Func {
	f := &ir.Func{Name: "scaled"}
	load := func(name string, kind ir.LeafKind, a ir.Axes) *ir.Value {
		return f.Load(&ir.Leaf{Kind: kind, Name: name, Dims: axesOf(a)})
	}
	x := load("x", ir.InputLeaf, allAxes)
	all := func(v *ir.Value) *ir.Value { return f.Widen(v, allAxes) }
	y := f.Mul(x, all(load("g", ir.ParamLeaf, axisK)))
	y = f.Mul(y, all(f.Sum(x, axisB|axisD, nil)))
	y = f.Add(y, all(load("b", ir.ParamLeaf, bias)))
	f.Out(ir.StatOut, "y", y, nil)
	f.Out(ir.StatOut, "sum", f.Sum(y, axisA|axisB, nil), nil)
	return f
}

// Where a loop reads an array of all columns, no loop is left that reads values of
// groups, each is copied once, and not a bit changes.
func TestSpread(t *testing.T) {
	sp := splitSpaces["segments"]
	f := scaled(axisK | axisD)
	g := sp.spread(f)
	if err := ir.Verify(g); err != nil {
		t.Fatal(err)
	}
	copies := 0
	for _, v := range g.Values {
		if v.Op == ir.Mul && !sp.inLoop(v) {
			copies++
		}
		for _, a := range v.Args {
			if sp.inLoop(v) && sp.grouped(Strip(a)) {
				t.Errorf("v%d reads v%d, which is of groups", v.ID, Strip(a).ID)
			}
		}
	}
	if copies != 2 {
		t.Errorf("%d copies, want 2", copies)
	}
	env := interp.Sample(1, []int{4, 3, 2, 5}, f)
	want, err := interp.Run(f, env)
	if err != nil {
		t.Fatal(err)
	}
	got, err := interp.Run(g, env)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("%s: %v, want %v", f.Outs[i].Name, got[i], want[i])
		}
	}
}

// Where all arrays are of groups, loops by group need no array of all columns,
// which may be images.
func TestSpreadNot(t *testing.T) {
	sp := splitSpaces["segments"]
	if f := scaled(axisK); sp.spread(f) != f {
		t.Error("the function was rewritten")
	}
}
