package runtime

// A Frame is what the kernels of one pass share: sizes, knobs, and the arrays
// that the plan allotted. Column arrays have Cols elements.
type Frame[T Float] struct {
	Rows, Cols, Groups int
	Knob               []float64
	Step               float64
	Count              []float64 // elements of each mask's rows kept, at least 1; Count[0] is all rows
	Param              [][]T
	State              [][]T // the values before this step
	Col                [][]T
	Wide               [][]float64
	Sum                [][]float64 // finished column sums
	Mean, SS           [][]float64 // finished column moments
}

// A Block is what a sweep sees: up to BlockRows rows of each tensor, and the
// accumulators of its column reductions. All arrays start at its first row.
type Block[T Float] struct {
	*Frame[T]
	N      int // rows in the block
	In     []ViewOf[T]
	Out    []ViewOf[T]
	Mask   [][]bool
	Row    [][]T       // one per row
	Group  [][]T       // Groups per row
	Acc    [][]T       // column sums of the sweep, starting from -0
	Drop   []T         // takes what a masked row must not add
	Temp   [][]T       // scratch rows for what a row reduction adds
	Panel  []ViewOf[T] // scratch blocks for what column moments are taken of
	Moment []BlockMoments

	rows          []int
	shift, s1, s2 []T
}

// Width is Cols, as the length of a slice: the compiler knows that such a length
// is not negative, and leaves out the bounds checks of loops up to it.
func (b *Block[T]) Width() int { return len(b.Drop) }

// BlockMoments are the column moments of one block: N rows, their means and
// sums of squares.
type BlockMoments struct {
	Mask     int // index into Frame.Count; 0 is all rows
	N        float64
	Mean, SS []float64
}

// A Kernel is a planned function over a tensor. It may run in place, an output
// being an input, unless it must have them Apart: it stores an element of some
// output before it last reads that element of some input.
type Kernel[T Float] struct {
	Apart  bool
	Stages []Stage[T]
	Finish func(f *Frame[T]) // column values after the last sweep; nil if none
	Grads  []Result          // parameter gradients
	Stats  []Result          // statistics
}

// A Stage is a column step (nil if there is none) and a sweep.
type Stage[T Float] struct {
	Columns func(f *Frame[T])
	Sweep   func(b *Block[T])
	Sums    []int    // index in Frame.Sum of each accumulator
	Moments []Moment // moments of the sweep
}

// A Moment says where the finished moments go and which mask selects its rows.
type Moment struct {
	Slot int
	Mask int // index into Frame.Count; 0 is all rows
}

// A Result is a vector that a kernel leaves behind.
type Result struct {
	Index int // of the parameter or statistic
	Slot  int // Frame.Wide, or the row or group array
	Rank  ResultRank
}

// ResultRank says which array a result is in.
type ResultRank uint8

const (
	ColResult ResultRank = iota
	RowResult
	GroupResult
)

// A Variant is the pair of kernels for one outcome of the uniform conditions.
type Variant[T Float] struct {
	Masked   bool
	When     func(knob []float64, step float64) bool // nil: always
	Forward  Kernel[T]
	Backward Kernel[T]
}

// A Spec is a generated norm: everything the engine needs to know.
type Spec[T Float] struct {
	Name         string
	Inputs       []string
	Outputs      []string
	Grads        []string // inputs with a gradient of their own; nil: all of them
	KeepsOutputs bool     // the backward reads the outputs of the forward
	Masks        []MaskSpec
	Params       []VectorSpec
	States       []VectorSpec
	Stats        []StatSpec
	Updates      []UpdateSpec[T]
	Train        []Variant[T]
	Frozen       []Variant[T] // nil: as Train
	Infer        Kernel[T]
	Arrays       Arrays // the most any variant needs
	Scratch      Scratch
	RowAxes      []string // names of the row axes, if a mask declares them in another order
}

// Scratch is the most that one sweep needs.
type Scratch struct{ Acc, Temp, Panel, Moment int }

// Arrays counts the arrays of a work area.
type Arrays struct{ Row, Group, Col, Wide, Sum, Moment int }

// A MaskSpec is a declared mask. Order lists the row axes in declared order, if
// that is not the order of the rows.
type MaskSpec struct {
	Name  string
	Order []int
}

// A VectorSpec is a parameter or state of one value per column.
type VectorSpec struct {
	Name string
	Init float64
}

// Merge says how a statistic of several passes is combined; see gen/ir.
type Merge uint8

const (
	MergeNone Merge = iota
	MergeMean
	MergeVar
	MergeSum
	MergeMax
)

// A StatSpec is a statistic.
type StatSpec struct {
	Name     string
	Backward bool
	Batch    bool // over rows: its count is of rows, and updates may read it
	Mask     int  // index into Frame.Count
	Merge    Merge
	Mean     int  // MergeVar: the statistic it is centred on
	Unbiased bool // divides by count - 1: one element is an error
}

// An UpdateSpec computes the next value of a state from an Updater.
type UpdateSpec[T Float] struct {
	State    int
	Backward bool
	Stats    []int
	Next     func(u *Updater[T], next []T)
}

// An Updater is what an update reads: states before the step, merged
// statistics and their counts.
type Updater[T Float] struct {
	Cols, Groups int
	Knob         []float64
	Step         float64
	Param        [][]T
	State        [][]T
	Stat         [][]float64
	Count        []float64
}

// gradNames are the names of the backward's outputs.
func (s *Spec[T]) gradNames() []string {
	if s.Grads != nil {
		return s.Grads
	}
	return s.Inputs
}

// keptNames are the names of the tensors that a backward reads besides the
// cotangents.
func (s *Spec[T]) keptNames() []string {
	if s.KeepsOutputs {
		return append(append([]string{}, s.Inputs...), s.Outputs...)
	}
	return s.Inputs
}
