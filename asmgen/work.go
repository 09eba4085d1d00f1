package asmgen

import (
	"strings"

	"github.com/normgen/normgen/gen/elementary"
	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Work counts the instructions of a loop for one vector of each of its rows, by
// what they wait for. It is in units of 64 bytes: two vectors of AVX2 take as long
// as one of AVX-512 on processors with 256-bit units, Zen 4 among them.
type Work struct {
	Loads, Stores int
	Adds, Muls    int // additions and comparisons; products
	Bits          int // bit operations and choices, on any port
	Slow          int // cycles of quotients and roots
}

// Cycles that one instruction of 64 bytes holds its port, as measured on Zen 4: an
// addition, a product and a load 1, a store 2, a bit operation half of one. Quotients
// and roots are not pipelined.
const (
	storeCycles = 2
	divCycles   = 6
	rootCycles  = 10
)

// ports is the least time that each kind of port needs.
func (w Work) ports() map[string]int {
	return map[string]int{
		"loads":            w.Loads,
		"stores":           storeCycles * w.Stores,
		"additions":        w.Adds,
		"products":         w.Muls,
		"all arithmetic":   (w.Adds + w.Muls + w.Bits + 1) / 2,
		"quotients, roots": w.Slow,
	}
}

// Cycles is the least time for 64 bytes of each row, if all data is in the first
// cache, and the port that it waits for.
func (w Work) Cycles() (cycles int, port string) {
	for p, n := range w.ports() {
		if n > cycles || n == cycles && p < port {
			cycles, port = n, p
		}
	}
	return cycles, port
}

func (w Work) String() string {
	out := []string{count(w.Loads, "load"), count(w.Stores, "store"), count(w.Adds, "addition"), count(w.Muls, "product")}
	if w.Bits > 0 {
		out = append(out, count(w.Bits, "bit operation"))
	}
	if w.Slow > 0 {
		out = append(out, count(w.Slow, "cycle")+" of quotients and roots")
	}
	return strings.Join(out, ", ")
}

// work counts a loop that computes so many rows at a time.
func work(l *plan.Loop, rows int) Work {
	var w Work
	each := func(p plan.Param) int {
		if p.Matrix {
			return rows
		}
		return 1
	}
	for _, v := range l.Body {
		w.add(v.Op, rows)
	}
	for _, p := range l.Params {
		switch p.Kind {
		case plan.StoreParam:
			w.Stores += each(p)
		case plan.VectorParam:
			w.Loads += each(p)
		case plan.AddParam:
			w.Loads++
			w.Stores++
			w.Adds += rows
		case plan.SumParam:
			w.Adds++
		}
	}
	return w
}

// add counts an operation of each row.
func (w *Work) add(op ir.Op, rows int) {
	switch {
	case op == ir.Load || op == ir.Detach:
	case op == ir.Add || op == ir.Sub || op == ir.Max || op == ir.Min || op == ir.Floor:
		w.Adds += rows
	case op == ir.Less || op == ir.LessEq || op == ir.Equal:
		w.Adds += rows
	case op == ir.Mul:
		w.Muls += rows
	case op == ir.Div:
		w.Slow += rows * divCycles
	case op == ir.Sqrt:
		w.Slow += rows * rootCycles
	case op == ir.Rsqrt:
		w.Slow += rows * (rootCycles + divCycles)
	case elementary.Has(op):
		w.addProgram(elementary.Float32.Program(op), rows)
	default:
		w.Bits += rows
	}
}

func (w *Work) addProgram(p *elementary.Program, rows int) {
	for _, s := range p.Values {
		switch s.Op {
		case elementary.Input, elementary.Const:
		case elementary.Add, elementary.Sub, elementary.Less:
			w.Adds += rows
		case elementary.Mul:
			w.Muls += rows
		case elementary.Div:
			w.Slow += rows * divCycles
		default:
			w.Bits += rows
		}
	}
}
