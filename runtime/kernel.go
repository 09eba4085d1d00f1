package runtime

// A Kernel is a planned function over a tensor. It may run in place, an output
// being an input, unless it must have them Apart: it stores an element of some
// output before it last reads that element of some input.
type Kernel[T Float] struct {
	Apart      bool
	Stages     []Stage[T]
	Finish     func(f *Frame[T]) // column values after the last sweep; nil if none
	FinishName string
	Grads      []Result // parameter gradients
	Stats      []Result // statistics
}

// A Stage is a sweep and what comes before it: a step over the values of the
// batch and one over those of each segment. Any of the three may be nil. A
// stage that is Linked follows the one before segment by segment: it reads what
// that one summed over the same segment, and has no Columns.
type Stage[T Float] struct {
	Columns func(f *Frame[T])
	Begin   func(b *Block[T]) // values of the segment, before its rows
	Sweep   func(b *Block[T])

	ColumnsName, BeginName, Name string // of the three, which assembly that stands in for them is found by

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
	scopes
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
	Slot  int // in the arrays of its rank
	Rank  ResultRank
}

// ResultRank says which arrays a result is among: Wide, Sum or Mean of the batch, row
// or group arrays, or Wide of the segments.
type ResultRank uint8

const (
	ColResult ResultRank = iota
	SumResult
	MeanResult
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
