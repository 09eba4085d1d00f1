package plan

import "github.com/normgen/normgen/gen/ir"

// A Loop is a loop over elements of one row, or of a few that have everything
// but their tensors in common: what a back end of vector instructions writes as
// one function. Lane l of [Lanes] takes the elements l, l+Lanes, ...
type Loop struct {
	Kernel *Kernel
	Body   []*ir.Value        // full values in dependency order, for each row
	Left   map[*ir.Value]bool // products that are rounded with the addition behind them
	Rows   int                // 0: it walks over those of matrices, whose number comes first
	Params []Param            // of the function, after the number of elements; sums are its results
	Runs   bool               // over some runs of a row, one after another, whose number comes first; sums are slices
	Past   bool               // it may write past the caches: it writes tensors alone, from their first element to the last
	Step   bool               // over arrays below full rank, some in float64: part of a [Step]
}

// Stores past the caches take whole lines. Loops that may write past the caches take
// where what fills none is kept, two lines for each tensor that is written, and how many
// elements are, and return how many will be; nowhere means that they write to the caches.
const (
	LineElements = 16
	LineTensors  = 2 // written side by side, at most
)

// ParamKind says what a loop does with a parameter.
type ParamKind uint8

const (
	StoreParam  ParamKind = iota // a slice that Value is stored to
	AddParam                     // a slice that Value of all rows is added to, row by row
	VectorParam                  // a slice that has Value's elements
	ScalarParam                  // Value, the same for all elements; a condition is 1 or 0
	SumParam                     // a number and a result: the row sum of Value, from [Param.Start] on
	RunParam                     // a slice that has Value for each run
)

// A Param is a parameter or result of a loop.
type Param struct {
	Kind  ParamKind
	Name  string
	Value *ir.Value // stripped
	Row   int       // of those that each row has: stores, sums, and slices of tensors

	Matrix bool // a tensor of all rows: the elements from one row to the next follow the slice
	Wide   bool // of a step: float64
	Part   Part // of a step: what is read of a mean
}

// Part says what of a float64 an operand is.
type Part uint8

const (
	Whole Part = iota
	High       // rounded to the storage type
	Low        // what that leaves, rounded
)

// Pointer reports whether the parameter is a slice.
func (p Param) Pointer() bool { return p.Kind <= VectorParam }

// Start names the parameter of a sum that says what it begins with. A row that is more
// than one call goes on with the sum of those before, at a multiple of [RowBlock].
func (p Param) Start() string { return p.Name + "Start" }

// Walks reports whether the loop is over the rows of matrices too. Its function also
// takes whether these are near, in a cache that jumps from row to row cost little in.
func (l *Loop) Walks() bool { return l.Rows == 0 && !l.Step }

// Stores reports whether the loop writes to slices other than sums. If it walks, its
// function also takes whether to write past the caches.
func (l *Loop) Stores() bool {
	for _, p := range l.Params {
		if p.Kind == StoreParam {
			return true
		}
	}
	return false
}
