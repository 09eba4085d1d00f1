package runtime

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
	Params       []VectorSpec
	States       []VectorSpec
	Stats        []StatSpec
	Updates      []UpdateSpec[T]
	Requires     []Require[T] // of training
	FrozenNeeds  []Require[T] // of frozen passes and of inference
	Train        []Variant[T]
	Frozen       []Variant[T] // nil: as Train
	Infer        []Variant[T] // Forward alone
	Arrays       Arrays       // the most any variant needs
	Scratch      Scratch
	Assembly     []Assembly // of the float32 layer
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
type VectorSpec struct {
	Name  string
	Shape int
	Init  float64
	From  func(size []int, knob []float64) float64 // gives the initial value if it depends on sizes or knobs
	Where Invariant                                // of a state
}

// An Invariant is what each value of a state fulfils. The zero Invariant holds for all
// numbers.
type Invariant struct {
	Text  string // as the spec says it
	Holds func(v float64) bool
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
	Batch    bool // the same for all rows: its count is of rows unless Columns, and updates may read it
	Columns  bool // over column axes alone: rows do not count
	Segments bool // over one value of each segment: its count is of segments
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

// A Require is a condition on sizes and knobs that a pass of any rows must meet.
type Require[T Float] struct {
	Text  string
	Holds func(f *Frame[T]) bool
}
