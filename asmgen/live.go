package asmgen

import (
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/reg"
)

// live says for each instruction which parts of the virtual registers of a kind, by
// their index, are read after it and not written before that, and the same for the
// begin of the function. It is the analysis of avo's pass, over arrays in place of maps.
func live(is []*ir.Instruction, kind reg.Kind, registers int) (begin []uint16, after [][]uint16) {
	at := map[*ir.Instruction]int{}
	before := make([][]uint16, len(is))
	after = make([][]uint16, len(is))
	for n, i := range is {
		at[i], before[n], after[n] = n, make([]uint16, registers), make([]uint16, registers)
	}
	read, written := of(is, kind, ir.Instruction.InputRegisters), of(is, kind, ir.Instruction.OutputRegisters)
	now := make([]uint16, registers)
	for changed := true; changed; {
		changed = false
		for n, i := range slices.Backward(is) {
			for _, next := range i.Succ {
				if next != nil {
					join(after[n], before[at[next]])
				}
			}
			copy(now, after[n])
			for _, r := range written[n] {
				now[r.ID().Index()] &^= r.Mask()
			}
			for _, r := range read[n] {
				now[r.ID().Index()] |= r.Mask()
			}
			if !slices.Equal(now, before[n]) {
				copy(before[n], now)
				changed = true
			}
		}
	}
	return before[0], after
}

func join(into, from []uint16) {
	for r, mask := range from {
		into[r] |= mask
	}
}

// of lists the virtual registers of a kind that each instruction has.
func of(is []*ir.Instruction, kind reg.Kind, have func(ir.Instruction) []reg.Register) [][]reg.Register {
	out := make([][]reg.Register, len(is))
	for n, i := range is {
		out[n] = slices.DeleteFunc(have(*i), func(r reg.Register) bool { return r.Kind() != kind })
	}
	return out
}
