package asmgen

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// constants are the read-only data of a file, by name: words in memory order.
type constants map[string][]uint32

func (c constants) use(name string, words ...uint32) operand.Mem {
	c[name] = words
	return operand.NewDataAddr(operand.NewStaticSymbol(name), 0)
}

func (c constants) single(x float32) operand.Mem {
	return c.use(c.name(x), math.Float32bits(x))
}

// name is the symbol of a float32.
func (c constants) name(x float32) string { return fmt.Sprintf("single_%08x", math.Float32bits(x)) }

func (c constants) double(x float64) operand.Mem {
	b := math.Float64bits(x)
	return c.use(fmt.Sprintf("double_%016x", b), uint32(b), uint32(b>>32))
}

// window is a step of ones and then a step of zeros: read from left elements
// before its middle on, it masks the first left lanes.
func (c constants) window() operand.Mem {
	words := make([]uint32, 2*fullStep)
	for i := range fullStep {
		words[i] = math.MaxUint32
	}
	return c.use("window", words...)
}

// define writes the data.
func (c constants) define(ctx *build.Context) {
	for _, name := range slices.Sorted(maps.Keys(c)) {
		ctx.StaticGlobal(name)
		ctx.DataAttributes(attr.RODATA | attr.NOPTR)
		for i, w := range c[name] {
			ctx.AddDatum(4*i, operand.U32(w))
		}
	}
}
