package ir

import "math"

// An OpInfo is one row of the op table: all that the compiler knows about an
// operation, so that a new one costs one row.
type OpInfo struct {
	Name     string
	Min, Max int // number of operands

	// Eval is the value of an elementwise operation; nil for the others.
	Eval func(a []float64) float64

	// Grad returns the adjoint of each operand of v, nil where there is none,
	// given v's adjoint g. It appends to f.
	Grad func(f *Func, v, g *Value) []*Value

	Commutes bool // operands may be swapped
	Cond     bool // the result is 0 or 1

	axes func(v *Value) (Axes, string) // the type rule; see verify.go
}

// Ops describes every operation.
var Ops = [NumOps]OpInfo{
	Const: {Name: "const", axes: scalar},
	Load:  {Name: "load", axes: leafAxes},
	Step:  {Name: "step", axes: scalar},
	Size:  {Name: "size", axes: scalar},
	Count: {Name: "count", Max: 1, axes: countAxes},
	Index: {Name: "index", axes: indexAxes},

	Neg:    {Name: "neg", Min: 1, Max: 1, Eval: evalNeg, Grad: gradNeg, axes: elementwise},
	Add:    {Name: "add", Min: 2, Max: 2, Eval: evalAdd, Grad: gradAdd, Commutes: true, axes: elementwise},
	Sub:    {Name: "sub", Min: 2, Max: 2, Eval: evalSub, Grad: gradSub, axes: elementwise},
	Mul:    {Name: "mul", Min: 2, Max: 2, Eval: evalMul, Grad: gradMul, Commutes: true, axes: elementwise},
	Div:    {Name: "div", Min: 2, Max: 2, Eval: evalDiv, Grad: gradDiv, axes: elementwise},
	Pow:    {Name: "pow", Min: 2, Max: 2, Eval: evalPow, Grad: gradPow, axes: elementwise},
	Sqrt:   {Name: "sqrt", Min: 1, Max: 1, Eval: evalSqrt, Grad: gradSqrt, axes: elementwise},
	Rsqrt:  {Name: "rsqrt", Min: 1, Max: 1, Eval: evalRsqrt, Grad: gradRsqrt, axes: elementwise},
	Exp:    {Name: "exp", Min: 1, Max: 1, Eval: evalExp, Grad: gradExp, axes: elementwise},
	Log:    {Name: "log", Min: 1, Max: 1, Eval: evalLog, Grad: gradLog, axes: elementwise},
	Tanh:   {Name: "tanh", Min: 1, Max: 1, Eval: evalTanh, Grad: gradTanh, axes: elementwise},
	Erf:    {Name: "erf", Min: 1, Max: 1, Eval: evalErf, Grad: gradErf, axes: elementwise},
	Abs:    {Name: "abs", Min: 1, Max: 1, Eval: evalAbs, Grad: gradAbs, axes: elementwise},
	Floor:  {Name: "floor", Min: 1, Max: 1, Eval: evalFloor, Grad: gradNone, axes: elementwise},
	Mod:    {Name: "mod", Min: 2, Max: 2, Eval: evalMod, Grad: gradMod, axes: elementwise},
	Max:    {Name: "max", Min: 2, Max: 2, Eval: evalMax, Grad: gradMax, axes: elementwise},
	Min:    {Name: "min", Min: 2, Max: 2, Eval: evalMin, Grad: gradMin, axes: elementwise},
	Detach: {Name: "detach", Min: 1, Max: 1, Eval: evalDetach, Grad: gradNone, axes: elementwise},

	Less:   {Name: "less", Min: 2, Max: 2, Eval: evalLess, Grad: gradNone, Cond: true, axes: elementwise},
	LessEq: {Name: "lesseq", Min: 2, Max: 2, Eval: evalLessEq, Grad: gradNone, Cond: true, axes: elementwise},
	Equal:  {Name: "equal", Min: 2, Max: 2, Eval: evalEqual, Grad: gradNone, Commutes: true, Cond: true, axes: elementwise},
	And:    {Name: "and", Min: 2, Max: 2, Eval: evalAnd, Grad: gradNone, Commutes: true, Cond: true, axes: elementwise},
	Or:     {Name: "or", Min: 2, Max: 2, Eval: evalOr, Grad: gradNone, Commutes: true, Cond: true, axes: elementwise},
	Not:    {Name: "not", Min: 1, Max: 1, Eval: evalNot, Grad: gradNone, Cond: true, axes: elementwise},
	Select: {Name: "select", Min: 3, Max: 3, Eval: evalSelect, Grad: gradSelect, axes: elementwise},

	Sum:   {Name: "sum", Min: 1, Max: 2, Grad: gradSum, axes: reduceAxes},
	Mean:  {Name: "mean", Min: 1, Max: 2, Grad: gradMean, axes: reduceAxes},
	MaxOf: {Name: "maxof", Min: 1, Max: 2, Grad: gradMaxOf, axes: reduceAxes},
	Widen: {Name: "widen", Min: 1, Max: 1, Grad: gradWiden, axes: widenAxes},

	MomentMean: {Name: "momentmean", Min: 1, Max: 2, axes: reduceAxes},
	MomentHi:   {Name: "momenthi", Min: 1, Max: 2, axes: reduceAxes},
	MomentLo:   {Name: "momentlo", Min: 1, Max: 2, axes: reduceAxes},
	MomentSS:   {Name: "momentss", Min: 1, Max: 2, axes: reduceAxes},
}

func (op Op) String() string {
	if op >= NumOps || Ops[op].Name == "" {
		return "invalid"
	}
	return Ops[op].Name
}

// Reduces reports whether op drops the axes Over of its first operand. Its
// second operand, if there is one, is a mask.
func (op Op) Reduces() bool {
	return op >= Sum && op <= MaxOf || op >= MomentMean && op <= MomentSS
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func evalNeg(a []float64) float64    { return -a[0] }
func evalAdd(a []float64) float64    { return a[0] + a[1] }
func evalSub(a []float64) float64    { return a[0] - a[1] }
func evalMul(a []float64) float64    { return a[0] * a[1] }
func evalDiv(a []float64) float64    { return a[0] / a[1] }
func evalPow(a []float64) float64    { return math.Pow(a[0], a[1]) }
func evalSqrt(a []float64) float64   { return math.Sqrt(a[0]) }
func evalRsqrt(a []float64) float64  { return 1 / math.Sqrt(a[0]) }
func evalExp(a []float64) float64    { return math.Exp(a[0]) }
func evalLog(a []float64) float64    { return math.Log(a[0]) }
func evalTanh(a []float64) float64   { return math.Tanh(a[0]) }
func evalErf(a []float64) float64    { return math.Erf(a[0]) }
func evalAbs(a []float64) float64    { return math.Abs(a[0]) }
func evalFloor(a []float64) float64  { return math.Floor(a[0]) }
func evalMod(a []float64) float64    { return a[0] - a[1]*math.Floor(a[0]/a[1]) }
func evalDetach(a []float64) float64 { return a[0] }

func evalMax(a []float64) float64 {
	if a[0] > a[1] {
		return a[0]
	}
	return a[1]
}

func evalMin(a []float64) float64 {
	if a[0] < a[1] {
		return a[0]
	}
	return a[1]
}

func evalLess(a []float64) float64   { return bit(a[0] < a[1]) }
func evalLessEq(a []float64) float64 { return bit(a[0] <= a[1]) }
func evalEqual(a []float64) float64  { return bit(a[0] == a[1]) }
func evalAnd(a []float64) float64    { return bit(a[0] != 0 && a[1] != 0) }
func evalOr(a []float64) float64     { return bit(a[0] != 0 || a[1] != 0) }
func evalNot(a []float64) float64    { return bit(a[0] == 0) }

func evalSelect(a []float64) float64 {
	if a[0] != 0 {
		return a[1]
	}
	return a[2]
}
