// Package trial puts generated layers on trial: it compiles them into a program of
// their own and runs that on problems whose results [plan.Eval] knows, to the bit,
// for every set of instructions of the machine and under changing schedules: with
// workers, with streams, on rows that lie apart, in shards.
//
// The program is testdata/run; a problem crosses over to it as a gob.
package trial

// A Problem is one step of a layer in float32, and what it must leave. A layer that
// must refuse it says so before it writes anything.
type Problem struct {
	Layer         string
	What          string // in which mode, on what: for messages
	Mode          Mode
	Sizes, Knobs  []int // arguments of the constructor, and knobs that are sizes
	Rows          []int // sizes of the row axes
	Step          int
	Masks         [][]bool // nil: none is given
	Params        [][]float32
	States        [][]float32
	In, Out       []Tensor // Out is what the forward must write
	DIn, DX       []Tensor // DX is what the backward must write
	Grads         [][]float32
	Stats         []Stat
	Next          [][]float32 // states after the commit
	ForwardFails  bool        // a requirement of the spec, or an unbiased statistic of one element
	Segmented     bool
	BackwardMoves bool // the backward has updates
}

// A Mode says which passes are run.
type Mode uint8

const (
	Train  Mode = iota // forward, backward, commit
	Frozen             // forward and backward of evaluation
	Infer              // the forward of evaluation
)

// A Tensor is a matrix: one row for each row or segment.
type Tensor struct {
	Name       string
	Rows, Cols int
	Data       []float32
}

// A Stat is a statistic that a layer exposes.
type Stat struct {
	Name   string
	Values []float64
}
