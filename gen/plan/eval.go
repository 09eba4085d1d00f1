package plan

import (
	"math"
	"slices"

	"github.com/normgen/normgen/gen/elementary"
	"github.com/normgen/normgen/gen/ir"
)

// Float is a storage type.
type Float interface{ float32 | float64 }

// A Frame holds the numbers that kernels of one variant work on. Arrays are
// dense, in the order of their leaf's Dims.
type Frame[T Float] struct {
	Sizes  []int            // of the layer's axes
	Tensor map[*ir.Leaf][]T // inputs, cotangents and outputs
	Grad   map[*ir.Leaf][]T // gradients, by the input they belong to
	Mask   map[*ir.Leaf][]bool
	Array  map[*ir.Leaf][]T // parameters and states
	Knob   map[string]float64
	Step   float64
	Fast   bool // as assembly of units in fast arithmetic computes; for float32

	narrow map[Slot][]T
	wide   map[Slot][]float64
	square map[Slot][]float64 // moments: the sums of squares beside the means
}

// Result returns the numbers of an output below full rank: for each row or
// segment, over the columns of its slot, outermost first.
func (f *Frame[T]) Result(o Output) []float64 {
	if o.Slot.Wide() {
		return f.wide[o.Slot]
	}
	out := make([]float64, len(f.narrow[o.Slot]))
	for i, x := range f.narrow[o.Slot] {
		out[i] = float64(x)
	}
	return out
}

// Eval executes a kernel in the storage type T, one element at a time: the
// reference for bits. It is written for plainness; what it shares with the back
// ends is the plan alone.
func Eval[T Float](k *Kernel, f *Frame[T]) {
	if f.narrow == nil {
		f.narrow, f.wide, f.square = map[Slot][]T{}, map[Slot][]float64{}, map[Slot][]float64{}
	}
	n := len(k.Func.Values)
	e := &evaluator[T]{k: k, f: f, axes: k.sp.order(^ir.Axes(0)), pos: make([]int, len(f.Sizes)), val: make([]float64, n), seen: make([]int, n)}
	for r := range Full + 1 {
		e.renew(r)
	}
	for i := 0; i < len(k.Stages); {
		n := i + 1
		for n < len(k.Stages) && k.Stages[n].Linked {
			n++
		}
		e.steps(k.Stages[i].Columns, Col)
		e.segments(k.Stages[i:n])
		i = n
	}
	e.steps(k.Finish, Col)
}

type evaluator[T Float] struct {
	k *Kernel
	f *Frame[T]

	axes []int // all, in the order of arrays
	pos  []int // where the loops are, axis by axis

	// val holds the values of the element, row, group, segment or column at hand.
	// One is current if seen has its rank's epoch, which renew ends.
	val   []float64
	seen  []int
	epoch [Full + 1]int
	count int

	args [3]float64         // of the operation at hand
	step bool               // in a step, which reads float64 arrays
	left map[*ir.Value]bool // of the phase at hand, in fast arithmetic
}

// renew forgets the values of a rank.
func (e *evaluator[T]) renew(r Rank) {
	e.count++
	e.epoch[r] = e.count
}

func (e *evaluator[T]) set(v *ir.Value, x float64) {
	e.val[v.ID], e.seen[v.ID] = x, e.epoch[e.k.rank[v.ID]]
}

func (e *evaluator[T]) current(v *ir.Value) bool {
	return e.seen[v.ID] == e.epoch[e.k.rank[v.ID]]
}

// size returns the number of elements along a set of axes.
func (e *evaluator[T]) size(a ir.Axes) int {
	n := 1
	for d, s := range e.f.Sizes {
		if a.Has(1 << d) {
			n *= s
		}
	}
	return n
}

// at is where the loops are in an array over axes, in that order.
func (e *evaluator[T]) at(axes []int) int {
	i := 0
	for _, d := range axes {
		i = i*e.f.Sizes[d] + e.pos[d]
	}
	return i
}

// along is where the loops are in an array over axes, in the order of arrays.
func (e *evaluator[T]) along(a ir.Axes) int {
	i := 0
	for _, d := range e.axes {
		if a.Has(1 << d) {
			i = i*e.f.Sizes[d] + e.pos[d]
		}
	}
	return i
}

// each calls fn for every position along a set of axes, in memory order.
func (e *evaluator[T]) each(a ir.Axes, fn func()) {
	before := slices.Clone(e.pos)
	axes := e.k.sp.order(a)
	for i := range e.size(a) {
		for _, d := range slices.Backward(axes) {
			e.pos[d], i = i%e.f.Sizes[d], i/e.f.Sizes[d]
		}
		fn()
	}
	copy(e.pos, before)
}

// place is where the loops are in the array of a slot.
func (e *evaluator[T]) place(s Slot) int {
	var outer ir.Axes
	switch {
	case s.Kind == RowSlot || s.Kind == GroupSlot:
		outer = e.k.sp.rows
	case s.Kind >= SegColSlot:
		outer = e.k.sp.segs
	}
	return e.along(outer | s.Shape)
}

// room is the number of elements of the array of a slot.
func (e *evaluator[T]) room(s Slot) int {
	n := e.size(s.Shape)
	switch {
	case s.Kind == RowSlot || s.Kind == GroupSlot:
		n *= e.size(e.k.sp.rows)
	case s.Kind >= SegColSlot:
		n *= e.size(e.k.sp.segs)
	}
	return n
}

func (e *evaluator[T]) store(s Slot, x float64) {
	if n := e.room(s); len(e.f.narrow[s]) != n {
		e.f.narrow[s] = make([]T, n)
	}
	e.f.narrow[s][e.place(s)] = T(x)
}

func (e *evaluator[T]) storeWide(m map[Slot][]float64, s Slot, x float64) {
	if n := e.room(s); len(m[s]) != n {
		m[s] = make([]float64, n)
	}
	m[s][e.place(s)] = x
}

// get returns an operand: from the loop at hand, its array, or its leaf.
func (e *evaluator[T]) get(v *ir.Value) float64 {
	v = Strip(v)
	if e.current(v) {
		return e.val[v.ID]
	}
	switch {
	case e.k.rank[v.ID] == Uniform:
		e.set(v, e.steadyValue(v))
		return e.val[v.ID]
	case v.Op == ir.Load:
		return e.leaf(v.Leaf)
	case v.Op == ir.Index && e.step:
		return float64(e.along(v.Over))
	}
	return e.kept(v)
}

// leaf reads a tensor, mask, parameter or state.
func (e *evaluator[T]) leaf(l *ir.Leaf) float64 {
	switch l.Kind {
	case ir.MaskLeaf:
		return truth(e.f.Mask[l][e.at(l.Dims)])
	case ir.ParamLeaf, ir.StateLeaf:
		return float64(e.f.Array[l][e.at(l.Dims)])
	}
	return float64(e.f.Tensor[l][e.at(l.Dims)])
}

// kept reads a value from its array. Sweeps read columns and segments in the
// storage type, steps in float64 if there is such an array.
func (e *evaluator[T]) kept(v *ir.Value) float64 {
	s, _ := e.k.SweepArray(v)
	if e.step {
		s, _ = e.k.StepArray(v)
	}
	if s.Wide() {
		return e.finished(v, s)
	}
	return float64(e.f.narrow[s][e.place(s)])
}

// finished reads a float64 array.
func (e *evaluator[T]) finished(v *ir.Value, s Slot) float64 {
	if s.Moments() {
		return pickMoment[T](v.Op, e.f.wide[s][e.place(s)], e.f.square[s][e.place(s)])
	}
	return e.f.wide[s][e.place(s)]
}

// pickMoment picks one of the four moments from a mean and a sum of squares.
func pickMoment[T Float](op ir.Op, mean, ss float64) float64 {
	switch op {
	case ir.MomentHi:
		return float64(T(mean))
	case ir.MomentLo:
		return float64(T(mean - float64(T(mean))))
	case ir.MomentSS:
		return ss
	}
	return mean
}

// steadyValue computes a uniform value.
func (e *evaluator[T]) steadyValue(v *ir.Value) float64 {
	switch v.Op {
	case ir.Const:
		return v.F
	case ir.Load:
		return e.f.Knob[v.Leaf.Name]
	case ir.Step:
		return e.f.Step
	case ir.Size:
		return float64(e.size(v.Over))
	case ir.Count:
		return e.counted(v)
	}
	args := make([]float64, len(v.Args))
	for i, a := range v.Args {
		args[i] = e.get(a)
	}
	return wide(v.Op, args)
}

// counted is the number of elements of a domain, of the segment at hand if it is
// one of segments; at least 1.
func (e *evaluator[T]) counted(v *ir.Value) float64 {
	if len(v.Args) == 0 {
		return math.Max(1, float64(e.size(v.Over)))
	}
	mask := Strip(v.Args[0])
	over := mask.Axes & v.Over
	n := 0.0
	e.each(over, func() { n += e.condition(mask) })
	return math.Max(1, n*float64(e.size(v.Over&^over)))
}

// condition computes a condition on masks and positions where the loops are.
func (e *evaluator[T]) condition(v *ir.Value) float64 {
	v = Strip(v)
	switch {
	case v.Op == ir.Index:
		return float64(e.along(v.Over))
	case v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf:
		return e.leaf(v.Leaf)
	case e.k.rank[v.ID] == Uniform:
		return e.get(v)
	}
	args := make([]float64, len(v.Args))
	for i, a := range v.Args {
		args[i] = e.condition(a)
	}
	return wide(v.Op, args)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// apply computes v from its operands in its width.
func (e *evaluator[T]) apply(v *ir.Value) float64 {
	if isLeaf(v) {
		return e.get(v)
	}
	if x, ok := e.fused(v); ok {
		return x
	}
	args := e.args[:len(v.Args)]
	rounds := e.k.Rounds(v)
	for i, a := range v.Args {
		args[i] = e.get(a)
		if rounds && e.k.width[a.ID] != Bool {
			args[i] = float64(T(args[i]))
		}
	}
	if e.k.op[v.ID] != Narrow {
		return wide(v.Op, args)
	}
	return float64(narrow[T](v.Op, args))
}

// wide is one operation in float64.
func wide(op ir.Op, args []float64) float64 {
	if elementary.Has(op) {
		return elementary.Eval64(op, args[0])
	}
	return ir.Ops[op].Eval(args)
}

// narrow is one operation in the storage type. For float32 the float64
// operation rounded once is the correctly rounded float32 operation for +, -,
// *, / and the square root (53 >= 2*24 + 2).
func narrow[T Float](op ir.Op, args []float64) T {
	switch {
	case op == ir.Rsqrt:
		return 1 / T(math.Sqrt(args[0]))
	case elementary.Has(op):
		return elementary.Eval(op, T(args[0]))
	}
	return T(ir.Ops[op].Eval(args))
}
