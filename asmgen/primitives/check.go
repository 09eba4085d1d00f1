package main

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/reg"
)

// check holds a function to what avo does not check: AVX2 has sixteen vector
// registers, an instruction of SSE must not meet dirty upper halves, and every
// return cleans them.
func check(f *ir.Function) error {
	wide := slices.ContainsFunc(f.ISA, func(i string) bool { return len(i) > 6 && i[:6] == "AVX512" })
	var before string
	vectors := false
	for _, i := range f.Instructions() {
		for _, r := range i.Registers() {
			if p := reg.ToPhysical(r); !wide && p != nil && p.Kind() == reg.KindVector && p.PhysicalIndex() >= 16 {
				return fmt.Errorf("%s needs register %d, which AVX2 does not have", i.Opcode, p.PhysicalIndex())
			}
			vectors = vectors || r.Kind() == reg.KindVector
			if r.Kind() == reg.KindVector && i.Opcode[0] != 'V' && i.Opcode[0] != 'K' {
				return fmt.Errorf("%s is an instruction of SSE", i.Opcode)
			}
		}
		if i.Opcode == "RET" && vectors && before != "VZEROUPPER" {
			return fmt.Errorf("RET without VZEROUPPER")
		}
		before = i.Opcode
	}
	return nil
}
