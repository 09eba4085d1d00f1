// Package ir holds the meaning of a layer as functions over named axes.
//
// The type of a value is the set of axes it varies over. An elementwise
// operation needs operands of equal type; [Sum] drops axes and [Widen] adds
// them, and each is the other's adjoint. Nothing broadcasts implicitly.
package ir

// Axes is a set of a layer's atomic axes: bit i stands for Layer.Axes[i].
type Axes uint32

// Has reports whether a contains all of b.
func (a Axes) Has(b Axes) bool { return a&b == b }

// An Axis is one atomic axis of a layer.
type Axis struct {
	Name     string
	Variadic bool   // N...: any number of leading axes, folded
	Size     int    // fixed size, or 0
	Knob     string // knob that gives the size, or ""
}

// UnitRow is the row axis of a layer whose tensors have columns only. No spec
// names it.
var UnitRow = Axis{Name: "1", Size: 1}

// A Layer is a norm: what it holds, and its functions in each mode.
type Layer struct {
	Name     string
	Source   string // the spec of this norm, for headers
	File     string // base name of the spec file
	Axes     []Axis
	Products []Product
	Knobs    []Knob
	Inputs   []*Leaf
	Masks    []*Leaf
	Params   []*Leaf
	States   []*Leaf
	Outputs  []*Leaf // names and axes of the outputs
	Modes    []*Mode // train, eval
}

// A Product is an axis split into atomic axes, outermost first: C = K*D.
type Product struct {
	Name    string
	Factors []int
}

// A Knob is a number fixed when a layer is made (or, if Fixed, when it is generated).
type Knob struct {
	Name    string
	Default float64
	Fixed   bool
}

// Knob returns the knob of that name, or nil.
func (l *Layer) Knob(name string) *Knob {
	for i := range l.Knobs {
		if l.Knobs[i].Name == name {
			return &l.Knobs[i]
		}
	}
	return nil
}

// A Mode is a layer's behaviour in training or evaluation.
type Mode struct {
	Name        string
	Requires    []*Require
	Forward     *Func   // outputs, then the forward's statistics
	Backward    *Func   // gradients of inputs and parameters, then the backward's statistics
	Cotangents  []*Leaf // one for each output
	Approximate bool    // the declared gradients are not the derivative
	Stats       []*Stat
	Updates     []*Update
}

// A Require is a condition on sizes and knobs that must hold before a pass.
type Require struct {
	Func *Func // one output without axes
	Line int
}

// Phase says which pass of a step a statistic or update belongs to.
type Phase uint8

const (
	ForwardPhase Phase = iota
	BackwardPhase
)

// A Stat is a named reduction: exposed, and merged over several passes.
type Stat struct {
	Name  string // "" becomes a fixed name if the reduction is anonymous
	Phase Phase
	Axes  Axes
	Value *Value // in Forward or Backward, where it is an output of the same name
	Over  Axes   // reduced axes
	Mask  *Leaf  // domain of the count, or nil for all elements
	Merge Merge
	Mean  *Stat // MergeVar: the statistic it is centred on
}

// Merge says how a statistic of several passes is combined.
type Merge uint8

const (
	MergeNone Merge = iota // depends on another batch statistic: one pass per commit
	MergeMean              // weighted by count
	MergeVar               // biased variance around Mean: (count, mean, M2)
	MergeSum
	MergeMax
)

// An Update is the new value of a state. Value belongs to Func, whose leaves
// are states (before the step), knobs, merged statistics ([StatLeaf]) and their
// counts ([CountLeaf]).
type Update struct {
	State *Leaf
	Phase Phase
	Func  *Func // one output, named like the state
	Stats []*Stat
}

// LeafKind says where a leaf's value comes from.
type LeafKind uint8

const (
	InputLeaf LeafKind = iota
	CotangentLeaf
	MaskLeaf // 0 or 1
	ParamLeaf
	StateLeaf
	KnobLeaf
	StatLeaf   // update functions: a merged statistic
	CountLeaf  // update functions: the merged count of the statistic of that name
	OutputLeaf // names an output; a backward may read it
)

// A Leaf is a named value from outside a function.
type Leaf struct {
	Kind LeafKind
	Name string
	Dims []int   // memory order, outermost first
	Line int     // where the spec declares it, 0 if nowhere
	Init float64 // of parameters and states, if From is nil
	Min  *float64
	Open bool // greater than Min, not equal
	// Where is what a spec says of a state; Min and Open are what is known of it.
	Where *Invariant

	// From gives the initial value where sizes or knobs enter it: one output
	// without axes. The knobs are leaves of the layer.
	From *Func
}

// An Invariant compares a value with a number. Op is written as in Go, which is as in
// specs.
type Invariant struct {
	Op   string
	Than float64
}

// Axes returns the set of the leaf's dims.
func (l *Leaf) Axes() Axes {
	var a Axes
	for _, d := range l.Dims {
		a |= 1 << d
	}
	return a
}

// Elements returns how many elements the leaf has over axes of the given sizes.
func (l *Leaf) Elements(sizes []int) int {
	n := 1
	for _, d := range l.Dims {
		n *= sizes[d]
	}
	return n
}

// A Value is the result of one operation.
type Value struct {
	ID   int
	Op   Op
	Args []*Value
	Axes Axes
	Over Axes    // Sum, Mean, MaxOf, Count, Size, Index and the moments: the axes reduced, counted or indexed
	F    float64 // Const
	Leaf *Leaf   // Load

	Name string // source name, or "" for an intermediate without one
	Line int    // line of the spec, 0 if none
	Span Span   // of the expression in the spec, zero if the compiler made the value
	Atom bool   // a named or centred value: algebra never looks inside
}

// A Span is a piece of the spec; lines and columns count from 1.
type Span struct{ Line, Col, EndLine, EndCol int }

// A Func is a list of values in dependency order.
type Func struct {
	Name   string
	Values []*Value
	Outs   []Out
}

// OutKind says what an output is for.
type OutKind uint8

const (
	TensorOut OutKind = iota // an output of the layer
	StatOut
	GradOut // gradient of the input or parameter Leaf
	StateOut
)

// An Out is a named result of a function.
type Out struct {
	Kind  OutKind
	Name  string
	Value *Value
	Leaf  *Leaf // the output, parameter, input or state it belongs to; nil for a statistic
}

// Op is an operation.
type Op uint8

const (
	Invalid Op = iota

	// Leaves.
	Const // F
	Load  // Leaf
	Step  // commits + 1
	Size  // product of the sizes of Over
	Count // elements of the domain Over, of those where the mask Args[0] holds; at least 1
	Index // position along Over (row-major over its axes, Layer order), from 0

	// Elementwise.
	Neg
	Add
	Sub
	Mul
	Div
	Pow // Args[1] is uniform
	Sqrt
	Rsqrt
	Exp
	Log
	Tanh
	Erf
	Abs
	Floor
	Mod
	Max // a > b ? a : b
	Min // a < b ? a : b
	Detach

	// Conditions: 0 or 1.
	Less
	LessEq
	Equal
	And
	Or
	Not
	Select // Args[0] != 0 ? Args[1] : Args[2]

	// Axes.
	Sum   // Args[0] summed over Over; Args[1], if present, is a mask that selects
	Mean  // Sum / Count of the same domain; 0 over an empty domain
	MaxOf // largest element over Over, Args[1] a mask
	Widen // Args[0] repeated over Axes

	// Centred moments of Args[0] over Over, Args[1] an optional mask.
	// MomentHi + MomentLo is the mean to twice the storage precision, so that
	// (x - hi) - lo is exact to one rounding however far the mean is from zero.
	MomentMean // hi + lo
	MomentHi
	MomentLo
	MomentSS // sum of (x - mean)^2

	NumOps
)
