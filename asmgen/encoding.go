package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An encoding is what depends on how instructions are encoded, and not on how long
// registers are: how lanes are left out, how conditions are held, and what operations on
// bits are called.
type encoding interface {
	mask(left reg.GPVirtual)                      // masks for the last left elements of a step
	choose(v int)                                 // those of vector v
	maskArrays(left reg.GPVirtual)                // masks for the last left elements of arrays, in both widths
	read(m operand.Mem, r reg.VecVirtual)         // lanes left out are zero
	readDoubles(m operand.Mem, r reg.VecVirtual)  // likewise
	write(r reg.VecVirtual, m operand.Mem)        // lanes left out stay
	writeDoubles(r reg.VecVirtual, m operand.Mem) // likewise
	add(x, acc reg.VecVirtual, masked bool)       // lanes left out add nothing
	addProduct(x, y, acc reg.VecVirtual)          // likewise, in one instruction

	compare(predicate uint8, a, b reg.VecVirtual) operand.Op
	nonzero(x reg.VecVirtual) operand.Op                       // the condition that a number stands for
	blend(cond operand.Op, a, b reg.VecVirtual) reg.VecVirtual // a where cond holds, else b
	and(a, b operand.Op) operand.Op
	or(a, b operand.Op) operand.Op
	not(a operand.Op) operand.Op
	asBits(cond operand.Op) reg.VecVirtual // ones where cond holds

	compareDoubles(predicate uint8, a, b reg.VecVirtual) operand.Op // as many as there are rows in flight
	bitsOfDoubles(cond operand.Op, bits reg.GPVirtual)              // a bit of each, from the lowest on
	moveByDoubles(cond operand.Op, x, dst reg.VecVirtual)           // float32 where cond of as many float64 holds

	andBits(a, b, dst reg.VecVirtual)
	orBits(a, b, dst reg.VecVirtual)
	xorBits(a, b, dst reg.VecVirtual)
	floor(a, dst reg.VecVirtual)
	upper(x, half reg.VecVirtual)    // the upper four of eight lanes
	lowers(a, b, dst reg.VecVirtual) // of each, the lower four of eight lanes
	uppers(a, b, dst reg.VecVirtual) // the upper four
}

// Predicates of comparisons; but for notEqual they do not hold for what is unordered.
const (
	equal     = 0x00
	notEqual  = 0x04
	less      = 0x11
	lessEqual = 0x12
	greater   = 0x1e
)

// downward is how to round to an integer below, without an exception of being inexact.
const downward = 9

func (e *emitter) newEncoding() encoding {
	if e.set.EVEX {
		return &evex{emitter: e}
	}
	return &vex{emitter: e}
}
