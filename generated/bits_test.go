package generated_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/normgen/normgen/dsl"
	"github.com/normgen/normgen/gen"
	"github.com/normgen/normgen/gen/interp"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/runtime"
)

// compiled plans every norm of the library specs that has one input; those of
// sums have tests of their own.
func compiled(t testing.TB) []*plan.Unit {
	t.Helper()
	specs, err := filepath.Glob("../testdata/*.dsl")
	if err != nil || len(specs) == 0 {
		t.Fatalf("no specs: %v", err)
	}
	var units []*plan.Unit
	for _, s := range specs {
		for _, u := range compileSpec(t, s) {
			if len(u.Layer.Inputs) == 1 {
				units = append(units, u)
			}
		}
	}
	return units
}

func compileSpec(t testing.TB, path string) []*plan.Unit {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, errs := dsl.Parse(filepath.Base(path), src)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	p, errs := dsl.Check(f)
	if errs.HasErrors() {
		t.Fatal(errs)
	}
	units, err := gen.Plan(p)
	if err != nil {
		t.Fatal(err)
	}
	return units
}

// A reference drives plan.Eval through the steps of a layer.
type reference[T runtime.Float] struct {
	unit   *plan.Unit
	frame  plan.Frame[T]
	param  map[*ir.Leaf][]T
	state  map[*ir.Leaf][]T
	step   float64
	knob   map[string]float64
	cols   int
	groups int
}

func newReference[T runtime.Float](u *plan.Unit, cols, groups int, knob map[string]float64) *reference[T] {
	r := &reference[T]{unit: u, param: map[*ir.Leaf][]T{}, state: map[*ir.Leaf][]T{}, step: 1, knob: map[string]float64{}, cols: cols, groups: groups}
	for _, k := range u.Layer.Knobs {
		r.knob[k.Name] = k.Default
	}
	for name, v := range knob {
		r.knob[name] = v
	}
	for _, l := range append(append([]*ir.Leaf{}, u.Layer.Params...), u.Layer.States...) {
		v := make([]T, cols)
		for j := range v {
			v[j] = T(l.Init)
		}
		if l.Kind == ir.ParamLeaf {
			r.param[l] = v
		} else {
			r.state[l] = v
		}
	}
	return r
}

// variant finds the kernels for a step.
func (r *reference[T]) variant(m *plan.Mode, masked bool) *plan.Variant {
	for _, masked := range []bool{masked, false} {
		for _, v := range m.Variants {
			if v.Masked == masked && r.holds(v) {
				return v
			}
		}
	}
	return nil
}

func (r *reference[T]) holds(v *plan.Variant) bool {
	for _, o := range v.When {
		f := &ir.Func{}
		var add func(x *ir.Value)
		add = func(x *ir.Value) {
			for _, a := range x.Args {
				add(a)
			}
			f.Values = append(f.Values, x)
		}
		add(o.Cond)
		if (r.uniform(o.Cond) != 0) != o.Holds {
			return false
		}
	}
	return true
}

func (r *reference[T]) uniform(v *ir.Value) float64 {
	switch v.Op {
	case ir.Const:
		return v.F
	case ir.Step:
		return r.step
	case ir.Load:
		return r.knob[v.Leaf.Name]
	}
	args := make([]float64, len(v.Args))
	for i, a := range v.Args {
		args[i] = r.uniform(a)
	}
	return ir.Ops[v.Op].Eval(args)
}

// A pass is what one step of the reference leaves.
type result[T runtime.Float] struct {
	y, dx []T
	grads map[string][]float64
	stats map[string][]float64
}

// run does forward and backward of one step.
func (r *reference[T]) run(m *plan.Mode, rows int, x, dy []T, keep []bool) result[T] {
	u := r.unit
	v := r.variant(m, keep != nil)
	f := &r.frame
	*f = plan.Frame[T]{Sizes: r.sizes(rows), Tensor: map[*ir.Leaf][]T{}, Mask: map[*ir.Leaf][]bool{},
		Array: map[*ir.Leaf][]T{}, Knob: r.knob, Step: r.step}
	for _, set := range []map[*ir.Leaf][]T{r.param, r.state} {
		for l, v := range set {
			f.Array[l] = v
		}
	}
	if keep != nil {
		f.Mask[u.Layer.Masks[0]] = declaredOrder(u, keep, rows)
	}
	in, out := u.Layer.Inputs[0], u.Layer.Outputs[0]
	res := result[T]{y: make([]T, rows*r.cols), dx: make([]T, rows*r.cols), grads: map[string][]float64{}, stats: map[string][]float64{}}
	f.Tensor[in], f.Tensor[out] = x, res.y
	plan.Eval(v.Forward, f)
	r.collect(v.Forward, res)
	for _, c := range m.Mode.Cotangents {
		f.Tensor[c] = dy
	}
	f.Grad = map[*ir.Leaf][]T{in: res.dx}
	plan.Eval(v.Backward, f)
	r.collect(v.Backward, res)
	return res
}

func (r *reference[T]) collect(k *plan.Kernel, res result[T]) {
	for _, o := range k.Outs {
		if o.Kind == ir.GradOut {
			res.grads[o.Leaf.Name] = r.frame.Result(o)
		} else {
			res.stats[o.Name] = r.frame.Result(o)
		}
	}
}

// update evaluates the updates with the interpreter and rounds once.
func (r *reference[T]) update(m *plan.Mode, keep []bool, rows int, res result[T]) {
	next := map[*ir.Leaf][]T{}
	n := float64(rows)
	if keep != nil {
		n = 0
		for _, k := range keep {
			if k {
				n++
			}
		}
	}
	for _, up := range m.Mode.Updates {
		if n == 0 && len(up.Stats) > 0 {
			continue
		}
		next[up.State] = r.next(up, res, n)
	}
	for l, v := range next {
		r.state[l] = v
	}
	r.step++
}

// sizes are those of the layer's axes.
func (r *reference[T]) sizes(rows int) []int {
	out := make([]int, len(r.unit.Layer.Axes))
	switch u := r.unit; {
	case len(u.Rows) == 1:
		out[u.Rows[0]] = rows
	default:
		out[u.Rows[0]], out[u.Rows[1]] = split(rows)
	}
	switch cols := r.unit.Cols; {
	case len(cols) == 1:
		out[cols[0]] = r.cols
	default:
		out[cols[0]], out[cols[1]] = r.groups, r.cols/r.groups
	}
	return out
}

func (r *reference[T]) next(up *ir.Update, res result[T], n float64) []T {
	env := interp.Env{Sizes: make([]int, len(r.unit.Layer.Axes)), Leaves: map[*ir.Leaf][]float64{}, Step: r.step}
	for i := range env.Sizes {
		env.Sizes[i] = 1
	}
	switch cols := r.unit.Cols; {
	case len(cols) == 1:
		env.Sizes[cols[0]] = r.cols
	default:
		env.Sizes[cols[0]], env.Sizes[cols[1]] = r.groups, r.cols/r.groups
	}
	for _, v := range up.Func.Values {
		if v.Op != ir.Load {
			continue
		}
		switch l := v.Leaf; l.Kind {
		case ir.KnobLeaf:
			env.Leaves[l] = []float64{r.knob[l.Name]}
		case ir.StatLeaf:
			env.Leaves[l] = res.stats[l.Name]
		case ir.CountLeaf:
			env.Leaves[l] = []float64{n}
		case ir.StateLeaf:
			env.Leaves[l] = widen(r.state[l])
		case ir.ParamLeaf:
			env.Leaves[l] = widen(r.param[l])
		}
	}
	outs, err := interp.Run(up.Func, env)
	if err != nil {
		panic(err)
	}
	out := outs[0]
	next := make([]T, r.cols)
	for j := range next {
		next[j] = T(out[j])
	}
	return next
}

func widen[T runtime.Float](x []T) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// fills are the numbers that bits are compared on: easy ones, means far from
// zero, outliers that trip the guards, constants, and a wide range of scales.
var fills = map[string]func(r *rand.Rand, i int) float64{
	"randn":   func(r *rand.Rand, i int) float64 { return r.NormFloat64() },
	"offset":  func(r *rand.Rand, i int) float64 { return 1e4 + r.NormFloat64() },
	"outlier": func(r *rand.Rand, i int) float64 { return math.Exp(12*float64(1/(1+i%97))) * r.NormFloat64() },
	"const":   func(r *rand.Rand, i int) float64 { return 0.1 },
	"scales":  func(r *rand.Rand, i int) float64 { return r.NormFloat64() * math.Exp2(20*r.Float64()-10) },
}

func filled[T runtime.Float](r *rand.Rand, fill string, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = T(float32(fills[fill](r, i)))
	}
	return out
}

func sameBits[T runtime.Float](a, b T) bool {
	return a == b && math.Signbit(float64(a)) == math.Signbit(float64(b)) || a != a && b != b
}

func checkBits[T runtime.Float](t *testing.T, what string, got []T, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !sameBits(got[i], want[i]) {
			t.Fatalf("%s[%d] = %x, plan.Eval has %x", what, i, got[i], want[i])
		}
	}
}

func rounded[T runtime.Float](x []float64) []T {
	out := make([]T, len(x))
	for i, v := range x {
		out[i] = T(v)
	}
	return out
}

// A shape of the bit tests: rows around the block, columns around lanes and
// row blocks.
var shapes = []struct{ rows, cols int }{{0, 8}, {1, 4}, {2, 12}, {31, 32}, {33, 36}, {65, 64}, {100, 100}, {40, 260}, {7, 768}}

// TestBits holds generated Go to plan.Eval, bit for bit: outputs, gradients,
// statistics and states over several steps, with and without masks, in both
// storage types, for several numbers of workers.
func TestBits(t *testing.T) {
	for _, u := range compiled(t) {
		t.Run(u.Name, func(t *testing.T) {
			mk, ok := makers[u.Name]
			if !ok {
				t.Fatalf("no maker for %s: add a row to the table", u.Name)
			}
			t.Run("float32", func(t *testing.T) { bitsOf(t, u, mk.f32) })
			t.Run("float64", func(t *testing.T) { bitsOf(t, u, mk.f64) })
		})
	}
}

func bitsOf[T runtime.Float](t *testing.T, u *plan.Unit, mk func(cols, groups int) (runtime.NormOf[T], error)) {
	pool := map[int]*runtime.Goroutines{}
	for _, workers := range []int{1, 2, 3, 7} {
		pool[workers] = runtime.NewGoroutines(workers)
		pool[workers].ShareFrom(0)
		defer pool[workers].Close()
	}
	for i, s := range shapes {
		for fill := range fills {
			workers := []int{1, 2, 3, 7}[i%4]
			bitsOfShape(t, u, mk, pool[workers], s.rows, s.cols, fill)
		}
	}
}

func bitsOfShape[T runtime.Float](t *testing.T, u *plan.Unit, mk func(cols, groups int) (runtime.NormOf[T], error), pool runtime.Pool, rows, cols int, fill string) {
	t.Helper()
	groups := 1
	if len(u.Cols) > 1 {
		groups = 4
	}
	r := rand.New(rand.NewPCG(1, uint64(rows*1000+cols)))
	layer, err := mk(cols, groups)
	if err != nil {
		t.Fatal(err)
	}
	ref := newReference[T](u, cols, groups, testKnobs(u, groups))
	for i, p := range layer.Params() {
		fillParam(r, p.Data, ref.param[u.Layer.Params[i]])
	}
	w := layer.NewWork(max(rows, 1))
	w.SetPool(pool)
	for step := range 4 {
		what := fmt.Sprintf("%dx%d %s step %d workers %d", rows, cols, fill, step+1, pool.Workers())
		mode := u.Train
		layer.SetMode(runtime.Train)
		if step == 3 {
			mode = u.Eval
			layer.SetMode(runtime.Frozen)
		}
		keep := maskFor(u, r, rows, step)
		compareStep(t, what, u, layer, w, ref, mode, step != 3, rows, filled[T](r, fill, rows*cols), filled[T](r, "randn", rows*cols), keep)
	}
}

func fillParam[T runtime.Float](r *rand.Rand, a, b []T) {
	for j := range a {
		a[j] = T(float32(1 + 0.5*r.NormFloat64()))
		b[j] = a[j]
	}
}

// maskFor alternates no mask, a random one, and one that keeps nothing in a
// whole block.
func maskFor(u *plan.Unit, r *rand.Rand, rows, step int) []bool {
	if len(u.Layer.Masks) == 0 || step%2 == 0 || rows < 2 {
		return nil
	}
	keep := make([]bool, rows)
	for i := range keep {
		keep[i] = r.IntN(3) > 0 && i/32 != 1
	}
	keep[0], keep[1] = true, true
	return keep
}

func compareStep[T runtime.Float](t *testing.T, what string, u *plan.Unit, l runtime.NormOf[T], w *runtime.WorkOf[T], ref *reference[T],
	mode *plan.Mode, train bool, rows int, x, dy []T, keep []bool) {
	t.Helper()
	cols := l.Cols()
	want := ref.run(mode, rows, append([]T{}, x...), dy, keep)
	y, dx := make([]T, rows*cols), make([]T, rows*cols)
	if err := shapeRows(u, w, rows); err != nil {
		t.Fatal(what, err)
	}
	err := l.Forward(w, runtime.Matrix(y, rows, cols), runtime.Matrix(x, rows, cols), declaredOrder(u, keep, rows))
	if err != nil {
		if rows == 1 {
			return // an unbiased statistic over one row
		}
		t.Fatal(what, err)
	}
	if err := l.Backward(w, runtime.Matrix(dx, rows, cols), runtime.Matrix(dy, rows, cols), runtime.Overwrite); err != nil {
		t.Fatal(what, err)
	}
	checkBits(t, what+" y", y, want.y)
	checkBits(t, what+" dx", dx, want.dx)
	for _, g := range l.Grads() {
		checkBits(t, what+" grad "+g.Name, g.Data, rounded[T](want.grads[g.Name]))
	}
	for _, s := range w.Stats() {
		if v, ok := want.stats[s.Name]; ok && s.Count > 0 {
			checkBits(t, what+" stat "+s.Name, s.Values, v)
		}
	}
	if train {
		ref.update(mode, keep, rows, want)
		if err := l.Commit(w); err != nil {
			t.Fatal(what, err)
		}
	}
	for i, s := range l.State() {
		checkBits(t, what+" state "+s.Name, s.Data, ref.state[u.Layer.States[i]])
	}
}

// shapeRows splits the rows for specs whose mask is transposed: two row axes.
func shapeRows[T runtime.Float](u *plan.Unit, w *runtime.WorkOf[T], rows int) error {
	if len(u.Rows) < 2 {
		return nil
	}
	outer, inner := split(rows)
	return w.Shape(outer, inner)
}

func split(rows int) (outer, inner int) {
	for _, n := range []int{5, 4, 3, 2} {
		if rows%n == 0 {
			return rows / n, n
		}
	}
	return rows, 1
}

// declaredOrder turns a mask by row into the order its spec declares, for specs
// with two row axes and a transposed mask.
func declaredOrder(u *plan.Unit, keep []bool, rows int) []bool {
	if keep == nil || len(u.Rows) < 2 || u.Layer.Masks[0].Dims[0] == u.Rows[0] {
		return keep
	}
	outer, inner := split(rows)
	out := make([]bool, 0, rows)
	for j := range inner {
		for i := range outer {
			out = append(out, keep[i*inner+j])
		}
	}
	return out
}
