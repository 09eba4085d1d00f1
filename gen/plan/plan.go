// Package plan turns the functions of a layer into sweeps over memory.
//
// A tensor is seen as rows and columns: the last declared axis of the first
// input (with its factors, if it is a product) is the column axis, all others
// are rows. Every value then has a rank: uniform, one per row, one per group of
// a row, one per column, or full. A reduction of a full value over the columns
// finishes inside the row, while the row is still in cache; a reduction over
// the rows finishes only after all of them, so whatever depends on it belongs
// to a later sweep. The number of sweeps is therefore one more than the longest
// chain of row reductions that a full output depends on, and the number of
// tensor passes is what each sweep reads and writes.
//
// Inside a sweep the same rule gives phases: loops over one row, separated by
// the reductions over its columns. Full values are never kept; each phase
// computes the ones it needs from the row's inputs.
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
//
// Storage precision is the type of the tensors. Values below full rank that
// come only from sums, sizes, knobs and constants stay in float64 ("wide") and
// are rounded once, when they meet a stored value or a root.
package plan

import "github.com/normgen/normgen/gen/ir"

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
	Name       string // generated type name
	Layer      *ir.Layer
	Rows       []int      // atomic axes outside, outermost first
	Cols       []int      // atomic axes inside
	Groups     []int      // leading part of Cols that group reductions keep; nil without groups
	Grads      []*ir.Leaf // inputs with a gradient tensor of their own: equal gradients are one
	Shapes     []int      // column counts to specialise for, ascending
	Any        bool       // also a kernel for any column count
	F32        bool
	F64        bool
	Train      *Mode
	Eval       *Mode // the same pointer as Train if the layer behaves alike in both
	Infer      *Kernel
	InferSlots Slots // arrays of the inference kernel

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

// A Kernel is one function over a tensor: sweeps with column steps between.
type Kernel struct {
	Name   string
	Func   *ir.Func
	Given  map[*ir.Value]Slot // values that an earlier kernel of the variant saved
	Slot   map[*ir.Value]Slot // where values that sweeps and later steps read are kept
	Wide   map[*ir.Value]Slot // where column values are kept in float64
	Sums   map[*ir.Value]Slot // where finished column reductions are
	Stages []*Stage
	Finish []*ir.Value // column values computed after the last sweep
	Outs   []Output

	sp    space
	width map[*ir.Value]Width
	op    map[*ir.Value]Width
	rank  map[*ir.Value]Rank
}

// A Stage is a column step and the sweep that needs it.
type Stage struct {
	Columns []*ir.Value // column values in dependency order
	Sweep   *Sweep
}

// A Sweep is one trip over the rows.
type Sweep struct {
	Reads  []*ir.Leaf
	Writes []*ir.Leaf
	Phases []*Phase
	Saves  []*ir.Value // row and group values stored to their slots
}

// A Phase is one loop over the elements of a row.
type Phase struct {
	Grouped    bool        // the loop runs group by group, and so do Head and Tail
	Head       []*ir.Value // row and group values computed before the loop
	Body       []*ir.Value // full values in dependency order
	RowSums    []*ir.Value // Sum, Mean or MaxOf over columns
	RowMoments []Moments
	ColSums    []*ir.Value // Sum, Mean or MaxOf over rows
	ColMoments []Moments
	Stores     []Store
	Tail       []*ir.Value // row and group values that need this loop's reductions
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

// SlotKind says which array of the work area a slot belongs to.
type SlotKind uint8

const (
	NoSlot     SlotKind = iota
	RowSlot             // storage type, one per row
	GroupSlot           // storage type, one per row and group
	ColSlot             // storage type, one per column
	WideSlot            // float64, one per column
	SumSlot             // float64, one per column: a finished column sum
	MomentSlot          // float64 mean and sum of squares, one pair per column
)

// A Slot names an array of the work area.
type Slot struct {
	Kind  SlotKind
	Index int
}

// Rank says over what a value varies, seen as rows and columns.
type Rank uint8

const (
	Uniform Rank = iota
	Row
	Group
	Col
	Full
)

// Width says in what precision a value is computed.
type Width uint8

const (
	Narrow Width = iota // the storage type
	Wide                // float64
	Bool
)

// Rank returns the rank of a value of the kernel.
func (k *Kernel) Rank(v *ir.Value) Rank { return k.rank[v] }

// Width returns the precision in which a value is read.
func (k *Kernel) Width(v *ir.Value) Width { return k.width[v] }

// OpWidth returns the precision in which a value's operation runs. It differs
// from Width for a float64 value that is kept in a row array: that is rounded
// once, when it is made.
func (k *Kernel) OpWidth(v *ir.Value) Width { return k.op[v] }

// Saved returns where a later kernel of the variant finds v.
func (k *Kernel) Saved(v *ir.Value) (Slot, bool) {
	for _, m := range []map[*ir.Value]Slot{k.Wide, k.Slot, k.Sums} {
		if s, ok := m[v]; ok {
			return s, true
		}
	}
	return Slot{}, false
}

// Rounds reports whether v's operation takes its operands in the storage type:
// a narrow one does, and a comparison of elements or with a narrow side.
func (k *Kernel) Rounds(v *ir.Value) bool {
	if k.op[v] != Bool {
		return k.op[v] == Narrow
	}
	if k.rank[v] == Full {
		return true
	}
	for _, a := range v.Args {
		if k.width[a] == Narrow {
			return true
		}
	}
	return false
}

// Apart reports whether an output must not be an input: tensors are read after
// it was stored, by a later sweep or by column moments, which follow the rows.
func (k *Kernel) Apart() bool {
	stored := false
	for _, st := range k.Stages {
		if stored && len(st.Sweep.Reads) > 0 {
			return true
		}
		stored = stored || len(st.Sweep.Writes) > 0
		for _, ph := range st.Sweep.Phases {
			if stored && len(ph.ColMoments) > 0 {
				return true
			}
		}
	}
	return false
}
