package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/asmgen"
)

// An emitter writes functions for one set of instructions.
type emitter struct {
	*build.Context
	*asmgen.Set
	consts constants
	labels int
}

// constants are those that the file has so far, by name.
type constants map[string]operand.Mem

// function opens a function; its name ends in that of the set.
func (e *emitter) function(name, signature, doc string) {
	name += e.Suffix
	e.Function(name)
	e.Attributes(attr.NOSPLIT)
	e.Pragma("noescape")
	e.SignatureExpr("func" + signature)
	e.Doc(name + " " + doc)
	e.labels = 0
}

// leave ends a function: dirty upper halves would slow SSE code down.
func (e *emitter) leave() {
	e.VZEROUPPER()
	e.RET()
}

// label returns a new name of a label of the function.
func (e *emitter) label(name string) string {
	e.labels++
	return name + string(rune('a'+(e.labels-1)/26)) + string(rune('a'+(e.labels-1)%26))
}

// strip is how many vectors of columns one trip over the rows of a block keeps in registers.
func (e *emitter) strip() int { return e.Vectors() / 8 }

func (e *emitter) vec() reg.VecVirtual {
	if e.Lanes > 8 {
		return e.ZMM()
	}
	return e.YMM()
}

// half is a register of as many float32 as a vector has float64.
func (e *emitter) half() reg.VecVirtual {
	if e.Lanes > 8 {
		return e.YMM()
	}
	return e.XMM()
}

func (e *emitter) vecs(n int) []reg.VecVirtual {
	out := make([]reg.VecVirtual, n)
	for i := range out {
		out[i] = e.vec()
	}
	return out
}

// base loads the address of a slice, length its number of elements.
func (e *emitter) base(param string) reg.GPVirtual {
	r := e.GP64()
	e.Load(e.Param(param).Base(), r)
	return r
}

func (e *emitter) length(param string) reg.GPVirtual {
	r := e.GP64()
	e.Load(e.Param(param).Len(), r)
	return r
}

// single loads a float32 argument, double a float64 one. avo's own choice is of
// SSE, which must not meet dirty upper halves.
func (e *emitter) single(param string) reg.VecVirtual {
	x := e.XMM()
	e.VMOVSS(e.address(e.Param(param)), x)
	return x
}

func (e *emitter) double(param string) reg.VecVirtual {
	x := e.XMM()
	e.VMOVSD(e.address(e.Param(param)), x)
	return x
}

func (e *emitter) returnSingle(x reg.VecVirtual, result string) {
	e.VMOVSS(x, e.address(e.Return(result)))
}

func (e *emitter) returnDouble(x reg.VecVirtual, result string) {
	e.VMOVSD(x, e.address(e.Return(result)))
}

// address finds an argument in the frame.
func (e *emitter) address(c gotypes.Component) operand.Mem {
	b, err := c.Resolve()
	if err != nil {
		panic(err) // the signature is a literal beside the name
	}
	return b.Addr
}

// at is the i-th vector of a pointer to float32 or float64.
func (e *emitter) at(p reg.Register, i int) operand.Mem {
	return operand.Mem{Base: p, Disp: i * 4 * e.Lanes}
}

// spread fills a vector with a constant.
func (e *emitter) spread(name string, v float32) reg.VecVirtual {
	r := e.vec()
	e.VBROADCASTSS(e.float(name, v), r)
	return r
}

func (e *emitter) float(name string, v float32) operand.Mem {
	if _, ok := e.consts[name]; !ok {
		e.consts[name] = e.ConstData(name, operand.U32(math.Float32bits(v)))
	}
	return e.consts[name]
}

// negZero fills a vector with -0, which adds nothing, not even a sign.
func (e *emitter) negZero() reg.VecVirtual {
	return e.spread("negZero", float32(math.Copysign(0, -1)))
}

// addBy adds b to a on the multiplying ports: a*1 + b rounds as a + b does.
func (e *emitter) addBy(one, b, a reg.VecVirtual) { e.VFMADD231PS(one, b, a) }
