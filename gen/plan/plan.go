// Package plan turns the functions of a layer into sweeps over memory.
//
// A tensor is seen as rows and columns. The columns are the innermost axes, from
// the outermost one that a parameter or state varies over; all others are rows.
// Every value then has a rank: uniform, one for each column or some part of the
// columns, one per segment (the rows that have all but the inner row axes in
// common, such as the tokens of a sample), one per row, one per group of
// neighbours in a row, or full.
//
// Reductions finish at three levels. One over the columns of a row finishes
// inside the row, while the row is still in cache; one over the rows of a segment
// after these; one over all rows after all of them. Whatever depends on a
// reduction belongs to a later loop of the level: phases over the elements of a
// row, sweeps over the rows of a segment, stages over the segments. The number
// of sweeps is one more than the longest chain of reductions over rows that a
// full output depends on, and the number of tensor passes is what each sweep
// reads and writes.
//
// Full values are never kept; each phase computes the ones it needs from the
// row's inputs. Values of other ranks are kept in arrays where a later loop reads
// them. Those of columns and segments are computed in steps between the sweeps.
//
// # The reduction tree
//
// Bits depend on the order of every addition, so the order is fixed here and
// nowhere else. Blocks, workers, vector width and shards are schedule.
//
//   - Row sum: blocks of [RowBlock] consecutive elements. In a block, lane l of
//     [Lanes] adds the elements l, l+Lanes, l+2*Lanes, ... in order, starting
//     from -0 (so an absent element contributes nothing, not even a sign); the
//     lanes fold by 16, 8, 4, 2, 1 in storage precision; the block sums are
//     added in order in float64.
//   - Row moments: the shift is the mean of the first p elements, p the largest
//     power of two up to min([RowShift], n), by the same fold. With d = x - shift,
//     S1 and S2 are the row sums of d and d*d; in float64 c = S1/n and
//     SS = S2 - S1*c. If c*S1 > SS (the shift is more than one deviation off) the
//     sums are taken once more around shift + c. SS is at least 0. The mean is
//     hi + lo: shift + c rounded, and the rest.
//   - Column sum: the rows of a block of [ColBlock] rows are added in order in
//     storage precision, starting from -0. The blocks are float64 leaves of a
//     binary tree over the absolute block index: aligned pairs are joined first,
//     and what is left when the rows end is joined from the right.
//   - Column moments: in a block, the shift is the mean of the first p kept rows,
//     p the largest power of two up to min([ColShift], kept), by the fold p/2, ...,
//     1. The kept rows are added four at a time, (d0 + d2) + (d1 + d3), the quads
//     in order: one by one they were measured to lose up to 8.8 u. Then as for
//     rows, with the same guard for each column. A leaf is (n, shift + c, SS), and
//     leaves are joined by Chan's formula.
//   - Sums of row, group and segment values over rows: in float64, row by row in
//     a block from -0, blocks as above. Moments of such values: in a block the
//     mean, then the mean of what is left, which corrects it, and then the squares
//     around it, row by row in float64.
//   - Sums and moments of arrays along some of their axes: in float64, in order,
//     moments likewise.
//
// Storage precision is the type of the tensors. Values below full rank that
// come only from sums, sizes, knobs and constants stay in float64 ("wide") and
// are rounded once, when they meet a stored value or a root.
package plan

import (
	"slices"

	"github.com/normgen/normgen/gen/ir"
)

// The constants of the reduction tree. Changing one changes bits everywhere.
const (
	Lanes    = 32  // virtual lanes of a row sum
	RowBlock = 256 // elements a lane tree covers before its sum goes to float64
	RowShift = 16  // most elements that make the shift of a row
	ColBlock = 32  // rows that are added in storage precision
	ColShift = 8   // most rows that make the shift of a column block
)

// A Unit is the plan of one generated norm.
type Unit struct {
	Name     string // generated type name
	Layer    *ir.Layer
	Rows     []int      // atomic axes outside, outermost first
	Segments int        // how many of them make the segments; 0 without
	Cols     []int      // atomic axes inside
	Grads    []*ir.Leaf // inputs with a gradient tensor of their own: equal gradients are one
	Shapes   []int      // column counts to specialise for, ascending
	Any      bool       // also a kernel for any column count
	F32      bool
	F64      bool
	Targets  []string // go, avx2 and others by their names
	Fast     bool     // assembly may fuse a product with the addition behind it
	Train    *Mode
	Eval     *Mode      // the same pointer as Train if the layer behaves alike in both
	Infer    []*Variant // their Forward alone, for the outcomes of the uniform conditions
	Updates  []*Update  // of Train

	sp    space
	funcs []Funcs // as given
}

// A Mode is the plan of one mode: a pair of kernels for each variant.
type Mode struct {
	Name     string
	Mode     *ir.Mode
	Variants []*Variant
}

// A Variant is the pair of kernels that run under one outcome of the uniform
// conditions, with or without masks.
type Variant struct {
	Masked   bool
	When     []Outcome
	Forward  *Kernel
	Backward *Kernel
	Slots    Slots // arrays of the work area
}

// An Outcome says that a uniform condition holds, or does not.
type Outcome struct {
	Cond  *ir.Value
	Holds bool
}

// A Kernel is one function over a tensor: sweeps with steps between.
type Kernel struct {
	Name   string
	Func   *ir.Func
	Given  map[*ir.Value]Slot // values that an earlier kernel of the variant saved
	Slot   map[*ir.Value]Slot // where values that sweeps and later steps read are kept
	Wide   map[*ir.Value]Slot // where values of columns and segments are kept in float64
	Sums   map[*ir.Value]Slot // where finished reductions over rows are
	Stages []*Stage
	Finish []*Step // column values computed after the last sweep
	Fast   bool    // that of the unit
	Outs   []Output

	sp        space
	width, op byID[Width]
	rank      byID[Rank]
}

// A Stage is a sweep and the steps before it.
type Stage struct {
	Linked  bool        // follows the stage before segment by segment
	Columns []*Step     // values of columns; none if linked
	Begin   []*Step     // values of the segment
	Sums    []*ir.Value // of segment values over the segments, added by Begin
	Moments []Moments   // likewise
	Stores  []Store     // segment values that Begin writes to tensors
	Sweep   *Sweep
}

// A Step computes values of one shape in a loop over its elements.
type Step struct {
	Shape  ir.Axes     // without the axes of segments
	Values []*ir.Value // in dependency order
	Outs   []Output    // results copied to their arrays
}

// A Sweep is one trip over the rows.
type Sweep struct {
	Reads  []*ir.Leaf
	Writes []*ir.Leaf
	Phases []*Phase
	Saves  []*ir.Value // row and group values stored to their slots
}

// A Phase is one loop over a row, group by group of Level, and inside a group
// run by run.
type Phase struct {
	Level ir.Axes     // columns that a group has in common; none: the group is the row
	Run   ir.Axes     // columns that a run has in common: its elements differ in all others
	Head  []*ir.Value // row and group values computed before the elements
	Body  []*ir.Value // full values in dependency order

	Left map[*ir.Value]bool // in fast arithmetic, products that are rounded with the addition behind them

	RowSums    []*ir.Value // reductions of elements over the group
	RowMoments []Moments
	ColSums    []*ir.Value // reductions of elements over rows
	ColMoments []Moments
	Stores     []Store

	Tail         []*ir.Value // row and group values that need this loop's reductions
	SmallSums    []*ir.Value // reductions of row and group values over rows
	SmallMoments []Moments
}

// Moments are the centred moments of one value over one domain; the four
// moment operations on it share them.
type Moments struct {
	Of     *ir.Value
	Over   ir.Axes
	Mask   *ir.Value
	Values []*ir.Value // the moment operations served
}

// A Store writes a full value to a tensor.
type Store struct {
	Leaf  *ir.Leaf
	Value *ir.Value
}

// An Output is a result below full rank that a kernel leaves behind.
type Output struct {
	ir.Out
	Slot Slot
}

// SlotKind says which arrays of the work area a slot belongs to.
type SlotKind uint8

const (
	NoSlot     SlotKind = iota
	RowSlot             // storage type, one element per row
	GroupSlot           // storage type, one per row and element of the shape
	ColSlot             // storage type
	WideSlot            // float64
	SumSlot             // float64: a finished sum over rows
	MomentSlot          // float64 mean and sum of squares: finished moments over rows
	SegColSlot          // the last four for each segment
	SegWideSlot
	SegSumSlot
	SegMomentSlot
	NumSlots
)

// A Slot names an array of the work area: one of a kind and shape.
type Slot struct {
	Kind  SlotKind
	Shape ir.Axes // the columns, and axes of states, that it varies over
	Index int     // among those of its kind and shape
}

// Rank says over what a value varies, seen as rows and columns.
type Rank uint8

const (
	Uniform Rank = iota
	Col          // some columns, or an array of one
	Seg          // segments, and some columns
	Row
	Group
	Full
)

// Width says in what precision a value is computed.
type Width uint8

const (
	Narrow Width = iota // the storage type
	Wide                // float64
	Bool
)

// byID is something of each value of a function, by the value's number.
type byID[T any] []T

// of is that of v, or zero in a kernel that was made by hand, without a function.
func (b byID[T]) of(v *ir.Value) (x T) {
	if v.ID < len(b) {
		x = b[v.ID]
	}
	return x
}

// Rank returns the rank of a value of the kernel.
func (k *Kernel) Rank(v *ir.Value) Rank { return k.rank.of(v) }

// Width returns the precision in which a value is read.
func (k *Kernel) Width(v *ir.Value) Width { return k.width.of(v) }

// OpWidth returns the precision in which a value's operation runs. It differs
// from Width for a float64 value that is kept in a row array: that is rounded
// once, when it is made.
func (k *Kernel) OpWidth(v *ir.Value) Width { return k.op.of(v) }

// Rounds reports whether v's operation takes its operands in the storage type:
// a narrow one does, and a comparison of elements or with a narrow side.
func (k *Kernel) Rounds(v *ir.Value) bool {
	if k.op.of(v) != Bool {
		return k.op.of(v) == Narrow
	}
	if k.rank.of(v) == Full {
		return true
	}
	for _, a := range v.Args {
		if k.width.of(a) == Narrow {
			return true
		}
	}
	return false
}

// Apart reports whether an output must not be an input: tensors are read after
// it was stored, by a later sweep, by column moments, which follow the rows, or by
// the copy of an input to another output.
func (k *Kernel) Apart() bool {
	stored := false
	for _, st := range k.Stages {
		if stored && len(st.Sweep.Reads) > 0 {
			return true
		}
		stored = stored || len(st.Sweep.Writes) > 0
		for _, ph := range st.Sweep.Phases {
			if stored && len(ph.ColMoments) > 0 || len(ph.Stores) > 1 && slices.ContainsFunc(ph.Stores, copies) {
				return true
			}
		}
	}
	return false
}

// copies reports whether a store writes a tensor as it was read.
func copies(s Store) bool { return Strip(s.Value).Op == ir.Load }

// Group returns the columns that value v has in common with the group it
// belongs to: what of the columns it varies over.
func (k *Kernel) Group(v *ir.Value) ir.Axes { return v.Axes & k.sp.cols }

// Order lists axes outermost first.
func (u *Unit) Order(a ir.Axes) []int { return u.sp.order(a) }

// Partly reports whether the value of leaf l is one row for each segment.
func (u *Unit) Partly(l *ir.Leaf) bool { return l.Axes()&u.sp.rows != u.sp.rows }

// Small is a leaf's or value's axes without the rows.
func (u *Unit) Small(a ir.Axes) ir.Axes { return a &^ u.sp.rows }

// Equation writes a value of the kernel in the notation of specs.
func (k *Kernel) Equation(v *ir.Value) string { return k.sp.layer.Equation(v) }
