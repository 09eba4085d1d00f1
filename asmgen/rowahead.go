package asmgen

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// ahead lists the tensors whose next row a row loop asks for while it computes a row:
// those that it reads, if there are two or more and it walks over a row more than once.
// Each walk but the first finds its row in a cache, so that the memory would rest, and
// the processor, which runs ahead of one tensor by itself, falls behind with more: the
// backward of LayerNorm took 1.2 to 1.4 times as long out of cache. With one tensor,
// asking cost LayerNorm's forward as much.
func ahead(l *plan.RowLoop) []int {
	var read []int
	for k, p := range l.Params {
		if p.Kind == plan.ReadTensor {
			read = append(read, k)
		}
	}
	if len(read) < 2 || walks(l) < 2 {
		return nil
	}
	return read
}

// walks counts the phases with elements.
func walks(l *plan.RowLoop) int {
	n := 0
	for _, ph := range l.Phases {
		if ph.HasElements() {
			n++
		}
	}
	return n
}

// nextRow addresses the next row of the tensors to ask for, where rows are computed one
// by one, as they are if stores stream. Several are in flight only in the caches.
func (e *rowEmitter) nextRow() []reg.GPVirtual {
	if e.rows > 1 {
		return nil
	}
	var out []reg.GPVirtual
	for _, k := range ahead(e.sweep) {
		p := e.GP64()
		e.MOVQ(e.argument(e.sweep.Params[k].Name+"Stride"), p)
		e.LEAQ(operand.Mem{Base: e.base[k], Index: p, Scale: 4}, p)
		out = append(out, p)
	}
	return out
}

// prefetch asks for what a step needs of the next row, in the second cache: the first
// is full of this row. Walks take turns line by line, so that all keep the memory busy.
// Behind the last row there may be nothing; a prefetch reads it for nobody and never
// faults.
func (e *rowEmitter) prefetch(next []reg.GPVirtual) {
	for _, p := range next {
		for l := range fullStep / plan.LineElements {
			if l%walks(e.sweep) == e.turn {
				e.PREFETCHT1(operand.Mem{Base: p, Index: e.offset[0], Scale: 1, Disp: 4 * plan.LineElements * l})
			}
		}
	}
}
