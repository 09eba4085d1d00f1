package runtime

// A Frame is what the kernels of one pass share: sizes, knobs, and the arrays
// that the plan allotted. An array has as many elements as its shape.
type Frame[T Float] struct {
	Rows, Cols  int
	Size        []int // of the spec's axes
	Extent      []int // elements of each of the spec's shapes
	Knob        []float64
	Step        float64
	Count       []float64 // elements of each mask's rows kept, at least 1; Count[0] is all rows
	SegmentRows float64   // rows of a segment; Rows without segments
	Param       [][]T
	State       [][]T // the values before this step
	Col         [][]T
	Wide        [][]float64
	Sum         [][]float64 // finished sums over the batch
	Mean, SS    [][]float64 // finished moments over the batch
}

// A Block is what a sweep sees: up to BlockRows rows of each tensor, all of one
// segment, and the accumulators of its reductions over rows. All arrays start
// at its first row, or at its segment.
type Block[T Float] struct {
	*Frame[T]
	N       int // rows in the block
	In      []ViewOf[T]
	Out     []ViewOf[T]
	Mask    [][]bool
	Row     [][]T // one per row
	Group   [][]T // one per row and element of its shape
	Segment Segment[T]
	Acc     [][]T             // sums of elements, starting from -0
	Small   [][]float64       // sums of row, group and segment values, starting from -0
	Drop    []T               // takes what a masked row must not add
	Temp    [][]T             // scratch rows for what a row reduction adds
	Panel   []ViewOf[T]       // scratch blocks for what moments of elements are taken of
	Values  []ViewOf[float64] // the same for moments of row and group values
	Moment  []BlockMoments

	rows          []int
	shift, s1, s2 []T
}

// A Segment holds the arrays of the segment at hand: the rows that have all
// but the inner row axes in common, such as the tokens of one sample.
type Segment[T Float] struct {
	Col      [][]T
	Wide     [][]float64
	Sum      [][]float64 // finished sums over the segment's rows
	Mean, SS [][]float64
	Count    []float64 // like Frame.Count, of the segment's rows
}

// Width is Cols, as the length of a slice: the compiler knows that such a length
// is not negative, and leaves out the bounds checks of loops up to it.
func (b *Block[T]) Width() int { return len(b.Drop) }

// BlockMoments are the moments of one block: N rows, their means and sums of
// squares.
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

// A Stage is a sweep and what comes before it: a step over the values of the
// batch and one over those of each segment. Any of the three may be nil. A
// stage that is Linked follows the one before segment by segment: it reads what
// that one summed over the same segment, and has no Columns.
type Stage[T Float] struct {
	Columns func(f *Frame[T])
	Begin   func(b *Block[T]) // values of the segment, before its rows
	Sweep   func(b *Block[T])
	Linked  bool
	Sums    []Sum
	Moments []Moment
}

// Scope says what a reduction runs over.
type Scope uint8

const (
	OverRows     Scope = iota // all rows of the batch; done when the sweep is
	OverSegment               // the rows of each segment; done when its rows are
	OverSegments              // one value of each segment, added by Begin
)

// A Sum is a sum over rows. Block.Acc and Block.Small hold the accumulators of
// the stage's sums, each in the order of the stage's list.
type Sum struct {
	Slot  int  // index in the Sum array of its scope
	Small bool // of values below full rank, in Block.Small; else of elements, in Block.Acc
	Shape int  // of a small sum
	Scope Scope
}

// A Moment says where finished moments go and which mask selects the rows.
type Moment struct {
	Slot  int
	Mask  int  // index into Frame.Count; 0 is all rows
	Small bool // of row or group values, from Block.Values
	Shape int
	Scope Scope
}

// A Result is a vector that a kernel leaves behind.
type Result struct {
	Index int // of the parameter or statistic
	Slot  int // in the Wide array of the batch or the segments, or the row or group array
	Rank  ResultRank
}

// ResultRank says which array a result is in.
type ResultRank uint8

const (
	ColResult ResultRank = iota
	RowResult
	GroupResult
	SegmentResult
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
	Axes         []string // axes of known size: those of the columns, then those of states alone
	Cols         int      // how many of Axes are columns
	Shapes       []Shape  // of all arrays; Shapes[0] is the columns
	RowAxes      []string // row axes, if passes need to know their sizes
	Segments     int      // how many of RowAxes, from the outermost, make a segment; 0: none
	Inputs       []TensorSpec
	Outputs      []TensorSpec
	Grads        []int // inputs with a gradient of their own
	KeepsOutputs bool  // the backward reads the outputs of the forward
	Masks        []MaskSpec
	Params       []VectorSpec[T]
	States       []VectorSpec[T]
	Stats        []StatSpec
	Updates      []UpdateSpec[T]
	Train        []Variant[T]
	Frozen       []Variant[T] // nil: as Train
	Infer        []Variant[T] // Forward alone
	Arrays       Arrays       // the most any variant needs
	Scratch      Scratch
}

// A Shape lists the axes that an array varies over, as indices of Spec.Axes. An
// array of no axes has one element.
type Shape []int

// A TensorSpec is an input or output. One that is not whole has a row for each
// segment, of its shape.
type TensorSpec struct {
	Name    string
	Segment bool
	Shape   int
}

// Scratch is the most that one sweep needs.
type Scratch struct {
	Acc, Temp, Panel int
	Values           []int // shape of each panel of values
}

// Arrays lists the shapes of the arrays of a work area.
type Arrays struct {
	Row                                int
	Group                              []int
	Col, Wide, Sum, Moment             []int
	SegCol, SegWide, SegSum, SegMoment []int
	Temp                               []int // float64 scratch of updates
}

// A MaskSpec is a declared mask. Order lists the row axes in declared order, if
// that is not the order of the rows or the mask lacks some of them.
type MaskSpec struct {
	Name  string
	Order []int
}

// A VectorSpec is a parameter or state.
type VectorSpec[T Float] struct {
	Name  string
	Shape int
	Init  func(size []int, knob []float64) float64 // nil: 0
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
	Shape    int
	Backward bool
	Batch    bool // over all rows: its count is of rows, and updates may read it
	Mask     int  // index into Frame.Count
	Merge    Merge
	Mean     int  // MergeVar: the statistic it is centred on
	Unbiased bool // divides by count - 1: one element is an error
	Inside   int  // 1 + the shape of the column axes that it also runs over, whose elements its count contains; 0: none
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
	Size, Extent []int
	Knob         []float64
	Step         float64
	Param        [][]T
	State        [][]T
	Stat         [][]float64
	Count        []float64
	Temp         [][]float64
}
