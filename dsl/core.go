package dsl

// A Program is a checked file: what [Check] returns and the compiler lowers.
type Program struct {
	File  string  // base name of the spec, for headers and messages
	Norms []*Core // in source order
	Gens  []*Gen  // what to generate; a norm without a gen item gets one default Gen
}

// A Core is the checked meaning of one norm: equations only (clauses are
// expanded), names resolved, every expression carrying its axes.
type Core struct {
	Name     string
	Pos      Pos       // of the name: where the norm is declared or used
	File     string    // base name of the file that declares the norm
	Source   string    // the norm's source text, formatted, for generated headers
	Axes     []Axis    // atomic axes, in order of first mention
	Products []Product // declared splits such as C = K*D
	Knobs    []*Symbol
	Inputs   []*Symbol
	Masks    []*Symbol
	Params   []*Symbol
	States   []*Symbol
	Outputs  []*Symbol // in source order; one cotangent each
	Modes    []*Mode   // always train and eval, in this order

	source *source
}

// At is a place in the file that declares the norm.
func (c *Core) At(line, col int) Pos { return Pos{line, col, c.source} }

// AxisSet is a set of atomic axes: bit i stands for Core.Axes[i].
type AxisSet uint32

// An Axis is an atomic axis: one that is not a product of others.
type Axis struct {
	Name     string
	Variadic bool    // N... folds any number of leading axes
	Size     int     // axis S = 4: the size; otherwise 0
	Knob     *Symbol // the knob of the same name that gives the size (K of C = K*D), or nil
	Pos      Pos
}

// A Product is an axis that is split into atomic axes, outermost first.
type Product struct {
	Name    string
	Factors []int // indices into Core.Axes
	Pos     Pos
}

// SymbolKind says what a name stands for.
type SymbolKind uint8

const (
	KnobSymbol SymbolKind = iota
	InputSymbol
	MaskSymbol
	ParamSymbol
	StateSymbol
	LetSymbol
	StatSymbol
	OutputSymbol
	CotangentSymbol // dy of backward (dy)
)

// A Symbol is a declared or defined name.
type Symbol struct {
	Kind  SymbolKind
	Name  string
	Pos   Pos
	Axes  []int   // declared memory order, outermost first (products replaced by their factors)
	Set   AxisSet // the same as a set; inferred for lets
	Bool  bool    // masks and lets that hold a condition
	Init  Expr    // knob default, initial value of a parameter or state; nil if none
	Where Expr    // state invariant (psi2 >= 0), or nil
}

// A Mode is one checked mode: the common items and its own, in source order.
type Mode struct {
	Name     string // "train" or "eval"
	Requires []Expr // conditions on sizes and knobs
	Forward  []*Equation
	Backward *Backward // nil: everything is derived
}

// A Backward is a declared backward. What it does not declare is derived.
type Backward struct {
	Pos         Pos
	Approximate bool
	Cotangents  []*Symbol // one for each output, in order
	Equations   []*Equation
}

// EquationKind says what an equation defines.
type EquationKind uint8

const (
	LetEquation EquationKind = iota
	StatEquation
	OutEquation
	UpdateEquation // Symbol is the state
	GradEquation   // Symbol is the input, parameter or intermediate
)

// An Equation defines, updates or declares the gradient of Symbol.
type Equation struct {
	Kind   EquationKind
	Symbol *Symbol
	X      Expr
	Pos    Pos
}

// An Expr is a checked expression: a [Num], [Ref], [Step], [Size], [Index],
// [Unary], [Binary], [Call], [If] or [Reduce]. Operands of an elementwise node
// may vary over different axes; the node varies over their union.
type Expr interface {
	Position() Pos
	Extent() Span
	AxisSet() AxisSet
}

// Node holds what every expression has.
type Node struct {
	Span
	Axes AxisSet
}

func (n *Node) Position() Pos    { return n.Pos }
func (n *Node) AxisSet() AxisSet { return n.Axes }

type (
	// Num is a literal.
	Num struct {
		Node
		Value float64
	}
	// Ref is a use of a symbol.
	Ref struct {
		Node
		Symbol *Symbol
	}
	// Step is the built-in step: commits + 1.
	Step struct{ Node }
	// Size is size(C): the number of elements along the axes Of.
	Size struct {
		Node
		Of AxisSet
	}
	// Index is index(C): the position along an axis, from 0. Of lists the
	// atomic axes, outermost first.
	Index struct {
		Node
		Of []int
	}
	// Unary is -x or not c.
	Unary struct {
		Node
		Op UnaryOp
		X  Expr
	}
	// Binary is x op y.
	Binary struct {
		Node
		Op   BinaryOp
		X, Y Expr
	}
	// Call is a function applied to values.
	Call struct {
		Node
		Fn   Function
		Args []Expr
	}
	// If is if Cond then Then else Else.
	If struct {
		Node
		Cond, Then, Else Expr
	}
	// Reduce is mean<N | keep>(x).
	Reduce struct {
		Node
		Fn   Reduction
		Over AxisSet
		Mask *Symbol // | keep; nil without a mask or with | all
		All  bool    // | all was written
		X    Expr
	}
)

// UnaryOp is an operator of one operand.
type UnaryOp uint8

const (
	Neg UnaryOp = iota
	Not
)

// BinaryOp is an operator of two operands.
type BinaryOp uint8

const (
	Add BinaryOp = iota
	Sub
	Mul
	Div
	Pow // the exponent is a uniform expression without data
	Lt
	Le
	Gt
	Ge
	Eq
	Ne
	And
	Or
)

// Function is a built-in function.
type Function uint8

const (
	Sqrt     Function = iota
	Rsqrt             // 1/sqrt(x)
	Exp               //
	Log               //
	Tanh              //
	Erf               //
	Abs               //
	Floor             //
	Mod               // mod(a, b)
	Max               // max(a, b): a > b ? a : b
	Min               // min(a, b)
	Clip              // clip(x, lo, hi)
	Detach            // value with no gradient
	Ema               // ema(old, new, m) = (1-m)*old + m*new
	Unbiased          // unbiased(stat): var * n/(n-1), n the count of the stat's domain
	Derived           // derived(x): the derived gradient, inside backward only
)

// Reduction is a built-in reduction.
type Reduction uint8

const (
	Mean Reduction = iota
	Sum
	MaxOf
)

// A Gen says what to generate from a norm.
type Gen struct {
	Norm    *Core
	Name    string             // generated name; the norm's own unless "as" renames it
	Pos     Pos                //
	Knobs   map[string]float64 // knobs fixed by gen Norm(K = 4)
	Shapes  []Shape            // sizes of the named axis; empty means any
	Dtypes  []string           // f32, f64
	Targets []string           // of [Targets]
	Fast    bool               // assembly may fuse a product with the addition behind it
	Layout  []int              // atomic axes of the first input, outermost first; nil means as declared
}

// A Shape lists the sizes an axis is specialised for.
type Shape struct {
	Axis  string // an atomic axis or a product
	Sizes []int  // ascending
	Any   bool
}
