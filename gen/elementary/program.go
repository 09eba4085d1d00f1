// Package elementary holds exp, log, tanh and erf as programs of a few machine
// operations, one for each storage type. A program is the only definition of
// its function: [Eval] runs it, package write prints it as the Go of package
// runtime, and an emitter of vector code takes it lane by lane. All have the
// same bits, whatever the processor, since every operation is either exact or
// rounded once by IEEE 754. There are no tables, no fused operations and no
// branches; a choice is made after both sides have been computed.
//
// In float32 the largest error over all arguments is 0.90 units in the last
// place for exp, 0.85 for log, 1.06 for tanh and 1.00 for erf; in float64, where
// not all can be tried, two units are promised and less than 1.1 was found.
package elementary

import (
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// An Op is an operation on registers of the format's width. What a register
// holds, a number, bits or a mask, is a matter of who reads it: as in a vector
// register nothing is converted.
type Op uint8

const (
	Input Op = iota
	Const

	// Numbers, rounded to the nearest, ties to even.
	Add
	Sub
	Mul
	Div

	Less   // a mask, ones where a < b and zeros elsewhere
	Select // by a mask, the second operand or the third, which are numbers

	// Unsigned integers that wrap around.
	And
	Or
	Plus
	Minus
	Shl // by a constant
	Shr
	numOps
)

// A Value is one step of a program and the register that it sets.
type Value struct {
	ID   int
	Op   Op
	Args []*Value

	Pattern uint64 // of a Const
	Shift   uint   // of Shl and Shr

	Name, Note string // for readers of generated code; Note is a sentence

	p *Program
}

// A Program computes a function of one number.
type Program struct {
	Op     ir.Op
	Format *Format
	Values []*Value
	Out    *Value
}

// In is the argument.
func (p *Program) In() *Value { return p.Values[0] }

func (p *Program) append(v *Value) *Value {
	v.ID, v.p = len(p.Values), p
	p.Values = append(p.Values, v)
	return v
}

// bits is the constant of a pattern; equal ones are one value.
func (p *Program) bits(pattern uint64) *Value {
	for _, v := range p.Values {
		if v.Op == Const && v.Pattern == pattern {
			return v
		}
	}
	return p.append(&Value{Op: Const, Pattern: pattern})
}

// number is the constant x, rounded to the format.
func (p *Program) number(x float64) *Value { return p.bits(p.Format.Pattern(x)) }

func (p *Program) inf() *Value { return p.number(math.Inf(1)) }

func (v *Value) apply(op Op, args ...*Value) *Value {
	return v.p.append(&Value{Op: op, Args: append([]*Value{v}, args...)})
}

func (v *Value) add(w *Value) *Value   { return v.apply(Add, w) }
func (v *Value) sub(w *Value) *Value   { return v.apply(Sub, w) }
func (v *Value) mul(w *Value) *Value   { return v.apply(Mul, w) }
func (v *Value) div(w *Value) *Value   { return v.apply(Div, w) }
func (v *Value) less(w *Value) *Value  { return v.apply(Less, w) }
func (v *Value) and(w *Value) *Value   { return v.apply(And, w) }
func (v *Value) or(w *Value) *Value    { return v.apply(Or, w) }
func (v *Value) plus(w *Value) *Value  { return v.apply(Plus, w) }
func (v *Value) minus(w *Value) *Value { return v.apply(Minus, w) }

// choose is a where the mask v is set, else b.
func (v *Value) choose(a, b *Value) *Value { return v.apply(Select, a, b).as("y") }

func (v *Value) shl(n uint) *Value { return v.shift(Shl, n) }
func (v *Value) shr(n uint) *Value { return v.shift(Shr, n) }

func (v *Value) shift(op Op, n uint) *Value {
	return v.p.append(&Value{Op: op, Args: []*Value{v}, Shift: n})
}

// as names a value, with a note if there is one.
func (v *Value) as(name string, note ...string) *Value {
	v.Name = name
	for _, n := range note {
		v.Note = n
	}
	return v
}

// poly is c[0] + c[1]*x + c[2]*x*x + ..., by Horner's rule.
func (x *Value) poly(c []float64) *Value {
	sum := x.p.number(c[len(c)-1])
	for i := len(c) - 2; i >= 0; i-- {
		sum = sum.mul(x).add(x.p.number(c[i])).as("p")
	}
	return sum
}
