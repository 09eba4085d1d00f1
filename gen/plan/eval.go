package plan

import (
	"math"

	"github.com/normgen/normgen/gen/elementary"
	"github.com/normgen/normgen/gen/ir"
)

// Float is a storage type.
type Float interface{ float32 | float64 }

// A Frame holds the numbers that kernels of one variant work on. Tensors are
// dense, row by row; column vectors have one element per column.
type Frame[T Float] struct {
	Rows, Cols, Groups int
	Tensor             map[*ir.Leaf][]T // inputs, cotangents and outputs
	Grad               map[*ir.Leaf][]T // gradients, by the input they belong to
	Mask               map[*ir.Leaf][]bool
	Column             map[*ir.Leaf][]T // parameters and states
	Knob               map[string]float64
	Step               float64

	narrow map[Slot][]T
	wide   map[Slot][]float64
	square map[Slot][]float64 // moments: the sums of squares beside the means
}

// Result returns the numbers of an output below full rank.
func (f *Frame[T]) Result(o Output) []float64 {
	if o.Slot.wide() {
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
	e := &evaluator[T]{k: k, f: f, val: make([]float64, len(k.Func.Values)), seen: make([]int, len(k.Func.Values))}
	e.renew(Uniform)
	for _, st := range k.Stages {
		e.columns(st.Columns, nil)
		e.sweep(st.Sweep)
	}
	e.columns(k.Finish, k.Outs)
}

type evaluator[T Float] struct {
	k *Kernel
	f *Frame[T]

	// val holds the values of the element, row, group or column at hand. One is
	// current if seen has its rank's epoch, which renew ends.
	val   []float64
	seen  []int
	epoch [Full + 1]int
	count int

	step      bool // in a column step, which reads float64 arrays
	row, col  int
	grp, base int
}

// renew forgets the values of a rank.
func (e *evaluator[T]) renew(r Rank) {
	e.count++
	e.epoch[r] = e.count
}

func (e *evaluator[T]) set(v *ir.Value, x float64) {
	e.val[v.ID], e.seen[v.ID] = x, e.epoch[e.k.rank[v]]
}

func (e *evaluator[T]) current(v *ir.Value) bool {
	return e.seen[v.ID] == e.epoch[e.k.rank[v]]
}

// columns computes the column values of a step, column by column, and the
// outputs among them.
func (e *evaluator[T]) columns(vals []*ir.Value, outs []Output) {
	e.step = true
	defer func() { e.step = false }()
	for j := range e.f.Cols {
		e.col = j
		e.renew(Col)
		for _, v := range vals {
			x := e.column(v)
			e.set(v, x)
			if s, ok := e.k.Slot[v]; ok {
				e.store(s, e.f.Cols, j, x)
			}
			if s, ok := e.k.Wide[v]; ok {
				e.storeWide(s, j, x)
			}
		}
		for _, o := range outs {
			if o.Slot.Kind == WideSlot {
				e.storeWide(o.Slot, j, e.get(o.Value))
			}
		}
	}
}

func (e *evaluator[T]) store(s Slot, n, i int, x float64) {
	if e.f.narrow[s] == nil || len(e.f.narrow[s]) != n {
		e.f.narrow[s] = make([]T, n)
	}
	e.f.narrow[s][i] = T(x)
}

func (e *evaluator[T]) storeWide(s Slot, j int, x float64) {
	if len(e.f.wide[s]) != e.f.Cols {
		e.f.wide[s] = make([]float64, e.f.Cols)
	}
	e.f.wide[s][j] = x
}

// column computes one column value that a step defines.
func (e *evaluator[T]) column(v *ir.Value) float64 {
	if s, ok := e.k.Sums[v]; ok {
		return e.sum(v, s)
	}
	if s, ok := e.k.Given[v]; ok && s.wide() {
		return e.sum(v, s)
	}
	if v.Op == ir.Index {
		return float64(e.col)
	}
	return e.apply(v)
}

// sum reads a finished column reduction.
func (e *evaluator[T]) sum(v *ir.Value, s Slot) float64 {
	if s.Kind == MomentSlot {
		return e.moment(v.Op, e.f.wide[s][e.col], e.f.square[s][e.col])
	}
	return e.f.wide[s][e.col]
}

// moment picks one of the four moments from a mean and a sum of squares.
func (e *evaluator[T]) moment(op ir.Op, mean, ss float64) float64 {
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

// get returns an operand: from the loop at hand, its array, or its leaf.
func (e *evaluator[T]) get(v *ir.Value) float64 {
	v = Strip(v)
	if e.current(v) {
		return e.val[v.ID]
	}
	switch e.k.rank[v] {
	case Uniform:
		e.set(v, e.scalar(v))
		return e.val[v.ID]
	case Row, Group:
		return e.rowOperand(v)
	case Col:
		return e.colOperand(v)
	}
	return float64(e.f.Tensor[v.Leaf][e.row*e.f.Cols+e.base+e.col])
}

func (e *evaluator[T]) rowOperand(v *ir.Value) float64 {
	if v.Op == ir.Load && v.Leaf.Kind == ir.MaskLeaf {
		return truth(e.f.Mask[v.Leaf][e.row])
	}
	s, ok := e.k.Given[v]
	if !ok {
		s = e.k.Slot[v]
	}
	if s.Kind == GroupSlot {
		return float64(e.f.narrow[s][e.row*e.f.Groups+e.grp])
	}
	return float64(e.f.narrow[s][e.row])
}

func (e *evaluator[T]) colOperand(v *ir.Value) float64 {
	j := e.base + e.col
	if v.Op == ir.Load {
		return float64(e.f.Column[v.Leaf][j])
	}
	if s, ok := e.k.Wide[v]; ok && e.step {
		return e.f.wide[s][j]
	}
	if s, ok := e.k.Sums[v]; ok && e.step {
		return e.sum(v, s)
	}
	if s, ok := e.k.Slot[v]; ok {
		return float64(e.f.narrow[s][j])
	}
	if s := e.k.Given[v]; s.wide() {
		return e.sum(v, s)
	}
	return float64(e.f.narrow[e.k.Given[v]][j])
}

// scalar computes a uniform value.
func (e *evaluator[T]) scalar(v *ir.Value) float64 {
	switch v.Op {
	case ir.Const:
		return v.F
	case ir.Load:
		return e.f.Knob[v.Leaf.Name]
	case ir.Step:
		return e.f.Step
	case ir.Size:
		return e.size(v.Over)
	case ir.Count:
		return e.countOf(v)
	}
	args := make([]float64, len(v.Args))
	for i, a := range v.Args {
		args[i] = e.get(a)
	}
	return wide(v.Op, args)
}

// size returns the number of elements along a set of axes.
func (e *evaluator[T]) size(a ir.Axes) float64 {
	n := 1
	r, c := a&e.k.sp.rows, a&e.k.sp.cols
	switch {
	case r != 0:
		n *= e.f.Rows
	}
	switch g := e.k.sp.groups; {
	case c == e.k.sp.cols && c != 0:
		n *= e.f.Cols
	case c != 0 && c == g:
		n *= e.f.Groups
	case c != 0:
		n *= e.f.Cols / e.f.Groups
	}
	return float64(n)
}

func (e *evaluator[T]) countOf(v *ir.Value) float64 {
	if len(v.Args) == 0 {
		return math.Max(1, e.size(v.Over))
	}
	n := 0.0
	if mask := Strip(v.Args[0]); e.k.rank[mask] == Row {
		for _, kept := range e.f.Mask[mask.Leaf] {
			n += truth(kept)
		}
	} else {
		n = e.countColumns(mask)
	}
	return math.Max(1, n)
}

// countColumns counts the columns where a condition on their index holds.
func (e *evaluator[T]) countColumns(cond *ir.Value) float64 {
	n, col := 0.0, e.col
	for e.col = range e.f.Cols {
		n += e.condition(cond)
	}
	e.col = col
	return n
}

func (e *evaluator[T]) condition(v *ir.Value) float64 {
	v = Strip(v)
	switch {
	case v.Op == ir.Index:
		return float64(e.col)
	case e.k.rank[v] == Uniform:
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
	var buf [3]float64
	args := buf[:len(v.Args)]
	rounds := e.k.Rounds(v)
	for i, a := range v.Args {
		args[i] = e.get(a)
		if rounds && e.k.width[a] != Bool {
			args[i] = float64(T(args[i]))
		}
	}
	if e.k.op[v] != Narrow {
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
