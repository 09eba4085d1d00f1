package elementary

import (
	"fmt"
	"math"

	"github.com/normgen/normgen/gen/ir"
)

// builders is the table of functions.
var builders = [ir.NumOps]func(p *Program, x *Value) *Value{
	ir.Exp:  (*Program).exp,
	ir.Log:  (*Program).log,
	ir.Tanh: (*Program).tanh,
	ir.Erf:  (*Program).erf,
}

var programs32, programs64 = build(Float32), build(Float64)

func build(f *Format) (all [ir.NumOps]*Program) {
	for op, fn := range builders {
		if fn != nil {
			p := &Program{Op: ir.Op(op), Format: f}
			p.Out = fn(p, p.append(&Value{Op: Input, Name: "x"}))
			all[op] = p
		}
	}
	return all
}

// Programs returns the programs of a format, in the order of their operations.
func Programs(f *Format) []*Program {
	var out []*Program
	for op := range builders {
		if p := f.Program(ir.Op(op)); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// Program returns the program of an operation, or nil.
func (f *Format) Program(op ir.Op) *Program {
	if f == Float32 {
		return programs32[op]
	}
	return programs64[op]
}

// Has reports whether op is one of the functions.
func Has(op ir.Op) bool { return builders[op] != nil }

// Eval computes op of x in x's type.
func Eval[T float32 | float64](op ir.Op, x T) T {
	switch x := any(x).(type) {
	case float32:
		return T(Eval32(op, x))
	case float64:
		return T(Eval64(op, x))
	}
	panic(fmt.Sprintf("elementary: %T", x))
}

// Eval32 computes op of x in float32.
func Eval32(op ir.Op, x float32) float32 {
	return math.Float32frombits(uint32(programs32[op].run(&eval32, uint64(math.Float32bits(x)))))
}

// Eval64 computes op of x in float64.
func Eval64(op ir.Op, x float64) float64 {
	return math.Float64frombits(programs64[op].run(&eval64, math.Float64bits(x)))
}
