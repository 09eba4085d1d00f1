package plan

import (
	"fmt"
	"math"
	"testing"

	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
)

// The axes of the split tests, in memory order: rows and columns.
const (
	axisA, axisB = ir.Axes(1), ir.Axes(2) // rows; A may be the segments
	axisK, axisD = ir.Axes(4), ir.Axes(8) // columns
	allAxes      = axisA | axisB | axisK | axisD
)

// splitSpaces see the axes with and without segments.
var splitSpaces = map[string]space{
	"rows":     {dims: []int{0, 1, 2, 3}, rows: axisA | axisB, cols: axisK | axisD},
	"segments": {dims: []int{0, 1, 2, 3}, rows: axisA | axisB, segs: axisA, cols: axisK | axisD},
}

var splitOps = []ir.Op{ir.Sum, ir.Mean, ir.MaxOf, ir.MomentMean, ir.MomentHi, ir.MomentLo, ir.MomentSS}

// Every reduction over some rows and some columns, of a tensor and of what a
// segment has, with every mask on the rows, becomes reductions over one or the
// other that say the same.
func TestSplit(t *testing.T) {
	for name, sp := range splitSpaces {
		for _, operand := range []ir.Axes{allAxes, axisA | axisK | axisD} {
			for over := ir.Axes(1); over <= allAxes; over++ {
				if over&sp.rows == 0 || over&sp.cols == 0 || !operand.Has(over) {
					continue
				}
				for _, mask := range []ir.Axes{0, axisA, axisB, axisA | axisB} {
					if mask == 0 || operand.Has(mask) && mask&over != 0 {
						t.Run(fmt.Sprintf("%s/%04b/over%04b/mask%02b", name, operand, over, mask), func(t *testing.T) { splits(t, &sp, operand, over, mask) })
					}
				}
			}
		}
	}
}

// splits compares one function that has every reduction with what becomes of it.
func splits(t *testing.T, sp *space, operand, over, mask ir.Axes) {
	f := &ir.Func{Name: "reductions"}
	x := f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: axesOf(operand)})
	var keep *ir.Value
	if mask != 0 {
		keep = f.Load(&ir.Leaf{Kind: ir.MaskLeaf, Name: "keep", Dims: axesOf(mask)})
	}
	for _, op := range splitOps {
		f.Out(ir.StatOut, op.String(), f.Reduce(op, x, over, keep), nil)
	}
	g := sp.split(f)
	for _, h := range []*ir.Func{f, g} {
		if err := ir.Verify(h); err != nil {
			t.Fatal(err)
		}
	}
	for _, v := range g.Values {
		if v.Op.Reduces() && v.Over&sp.rows != 0 && v.Over&sp.cols != 0 {
			t.Errorf("v%d (%s) still reduces rows and columns", v.ID, v.Op)
		}
	}
	env := interp.Sample(uint64(operand+16*over+256*mask), []int{4, 3, 2, 5}, f)
	want, err := interp.Run(f, env)
	if err != nil {
		t.Fatal(err)
	}
	got, err := interp.Run(g, env)
	if err != nil {
		t.Fatal(err)
	}
	for i, op := range splitOps {
		for j := range want[i] {
			// Some hundred elements of size 1 in float64.
			if d := math.Abs(got[i][j] - want[i][j]); len(got[i]) != len(want[i]) || !(d <= 1e-13*(1+math.Abs(want[i][j]))) {
				t.Fatalf("%s: %v, want %v", op, got[i], want[i])
			}
		}
	}
}

func axesOf(a ir.Axes) []int {
	var out []int
	for d := range 4 {
		if a.Has(1 << d) {
			out = append(out, d)
		}
	}
	return out
}

// A part that several reductions share is computed once: the four moments of one
// domain take one mean and one sum of squares of the inner axes.
func TestSplitShares(t *testing.T) {
	sp := splitSpaces["rows"]
	f := &ir.Func{}
	x := f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: axesOf(allAxes)})
	for _, op := range splitOps[3:] {
		f.Out(ir.StatOut, op.String(), f.Reduce(op, x, allAxes, nil), nil)
	}
	n := 0
	for _, v := range sp.split(f).Values {
		if v.Op.Reduces() && v.Args[0].Op == ir.Load {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d reductions of x, want 2", n)
	}
}
