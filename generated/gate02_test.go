package generated_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/normtest"
	"github.com/normgen/normgen/runtime"
	"github.com/normgen/normgen/testdata/gates"
	"github.com/normgen/normgen/testdata/vectors"
)

// exactFill is the rule of oneDNN's benchdnn: numbers whose mean and squares add up
// exactly in float32, in any order. Neighbours lie as far above the mean, a power of
// two, as below it, and few bits vary.
func exactFill(r *rand.Rand, n int) (x []float32, mean float64) {
	mean = math.Exp2(float64(r.IntN(7) - 2))
	bits := max(1, int((24-math.Log2(float64(n)))/2)-1)
	for range n / 2 {
		d := mean * float64(r.IntN(1<<bits)) / float64(int(1)<<bits)
		x = append(x, float32(mean+d), float32(mean-d))
	}
	return x, mean
}

// TestGate02ExactFill holds means and variances of such numbers to the exact ones,
// bit for bit, and outputs and gradients to the roundings that no order avoids.
func TestGate02ExactFill(t *testing.T) {
	g := gates.Open(t, 2, "exact fill")
	// y: var + eps, the root, its reciprocal, the difference and the product are each
	// rounded once, half of that for what is under the root: 4 u. dx has two products
	// more, and the difference of terms as large.
	const mostY, mostDx = 4, 8
	r := rand.New(rand.NewPCG(2, 2))
	var worstY, worstDx float64
	shapes := 0
	for _, name := range []string{"LayerNorm", "BatchNorm", "BatchNormUntracked", "InstanceNormNCS", "InstanceNormNSC"} {
		for range 40 {
			n := 2 * (2 + r.IntN([]int{10, 100, 700}[shapes%3]))
			y, dx := exact(t, r, name, n, 1+r.IntN(4))
			worstY, worstDx = max(worstY, y), max(worstDx, dx)
			shapes++
		}
	}
	if worstY > mostY || worstDx > mostDx {
		t.Errorf("y %.2f u, dx %.2f u, want at most %d and %d", worstY, worstDx, mostY, mostDx)
	}
	g.Figure("%d shapes: mean and variance exact, y %.2f u of %d, dx %.2f u of %d", shapes, worstY, mostY, worstDx, mostDx)
}

// exact runs a norm over sets of n exact numbers and returns the errors of outputs and
// gradients in units.
func exact(t *testing.T, r *rand.Rand, name string, n, sets int) (y, dx float64) {
	t.Helper()
	u := planned(t)[name]
	columns := u.Layer.Axes[u.Rows[0]].Name == "N" && len(u.Rows) == 1
	var sizes []int
	member := vectors.RowSets(sets, n)
	switch {
	case name[:8] == "Instance" && u.Layer.Name[len(name)-3:] == "NSC":
		sizes, member = axisSizes(u.Layer, map[string]int{"N": 1, "S": n, "C": sets}), vectors.ColSets(n, sets)
	case name[:8] == "Instance":
		sizes = axisSizes(u.Layer, map[string]int{"N": 1, "C": sets, "S": n})
	case columns:
		sizes, member = normtest.EvenSizes(u, n, sets), vectors.ColSets(n, sets)
	default:
		sizes = normtest.EvenSizes(u, sets, n)
	}
	rig := newRig[float32](t, name, sizes)
	s := normtest.NewSample[float32](u, r, sizes, "randn", nil)
	x, dy := s.Tensor[u.Layer.Inputs[0]], s.Tensor[u.Layer.Outputs[0]]
	means := make([]float64, sets)
	for k, at := range member {
		var fill []float32
		fill, means[k] = exactFill(r, n)
		for i, a := range at {
			x[a] = fill[i]
		}
	}
	m := rig.Mount(rig.NewWork(normtest.Along(u.Rows, sizes)), s, 0)
	if err := m.Forward(); err != nil {
		t.Fatal(name, err)
	}
	if err := m.Backward(runtime.Overwrite); err != nil {
		t.Fatal(name, err)
	}
	o := outcome{}
	m.Outputs(t, o)
	m.Gradients(t, o)
	m.Left(o)
	for k, at := range member {
		set := vectors.Centred(vectors.Gather(normtest.Widen(x), at), nil, rig.Knobs["eps"])
		for what, want := range map[string]float64{"stat mean": means[k], "stat var": set.Var} {
			if got := o[what][k]; float32(got) != float32(want) {
				t.Errorf("%s, %d elements: %s is %v, want exactly %v", name, n, what, got, want)
			}
		}
		g := vectors.Gather(normtest.Widen(dy), at)
		y = max(y, vectors.Float32.Forward(vectors.Gather(o["y"], at), set.Y(nil, nil), set, nil, nil))
		dx = max(dx, vectors.Float32.Dx(vectors.Gather(o["dx"], at), set.Dx(g), set, g))
	}
	return y, dx
}

// axisSizes are sizes by the names of axes; others are 1.
func axisSizes(l *ir.Layer, by map[string]int) []int {
	out := make([]int, len(l.Axes))
	for i, a := range l.Axes {
		out[i] = max(1, by[a.Name])
	}
	return out
}
