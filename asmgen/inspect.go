package asmgen

import (
	"fmt"
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// everywhere is what all amd64 processors have. Its instructions on vectors are no kernel's:
// [Set.Lint] refuses them.
const everywhere = "SSE2"

// inspect holds a function, which has its registers, to what its text does not show:
// its instructions need no more than the dispatch of the set asks for, and it stores
// through the parameters that it may, to its results and to its own frame alone.
func (s *Set) inspect(f *ir.Function, may map[string]bool) error {
	from := map[reg.ID]string{} // the parameter that a register was loaded from
	for _, i := range f.Instructions() {
		for _, need := range i.ISA {
			if need != everywhere && !slices.Contains(s.Needs, need) {
				return fmt.Errorf("%s needs %s, which the dispatch does not ask for", i.Opcode, need)
			}
		}
		for _, out := range i.Outputs {
			switch o := out.(type) {
			case operand.Mem:
				if err := stores(f, o, from, may); err != nil {
					return fmt.Errorf("%s: %w", i.Opcode, err)
				}
			case reg.Register:
				follow(i, o, from)
			}
		}
	}
	return nil
}

// position is the key of an argument in which a function keeps where it is: it may
// store to the argument, but not to where that points.
func position(argument string) string { return "position in " + argument }

// stores returns an error if a function must not store to m.
func stores(f *ir.Function, m operand.Mem, from map[reg.ID]string, may map[string]bool) error {
	switch m.Base {
	case reg.FramePointer:
		if !may[m.Symbol.Name] && !may[position(m.Symbol.Name)] {
			return fmt.Errorf("stores to the argument %s", m.Symbol.Name)
		}
		return nil
	case reg.StackPointer:
		if m.Disp < 0 || m.Disp >= f.LocalSize || m.Index != nil {
			return fmt.Errorf("stores to %s, outside the frame of %d bytes", m.Asm(), f.LocalSize)
		}
		return nil
	}
	if m.Base == nil || !may[from[m.Base.(reg.Physical).ID()]] {
		return fmt.Errorf("stores to %s, which is no output", m.Asm())
	}
	return nil
}

// follow notes where a general register comes from: it is a parameter's after a load
// of it and as long as numbers are added to it.
func follow(i *ir.Instruction, r reg.Register, from map[reg.ID]string) {
	p, ok := r.(reg.Physical)
	if !ok || p.Kind() != reg.KindGP {
		return
	}
	if m, load := i.Operands[0].(operand.Mem); load && i.Opcode == "MOVQ" && m.Base == reg.FramePointer {
		from[p.ID()] = m.Symbol.Name
	} else if i.Opcode != "ADDQ" && i.Opcode != "SUBQ" {
		delete(from, p.ID())
	}
}
