package asmgen

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/reg"
)

// passes are those of avo but for the allocation of registers.
func (s *Set) passes() pass.Interface {
	return pass.Concat(
		pass.Verify,
		pass.FunctionPass(pass.PruneJumpToFollowingLabel),
		pass.FunctionPass(pass.PruneDanglingLabels),
		pass.FunctionPass(pass.LabelTarget),
		pass.FunctionPass(pass.CFG),
		pass.InstructionPass(pass.ZeroExtend32BitOutputs),
		pass.FunctionPass(s.allocate),
		pass.FunctionPass(pass.BindRegisters),
		pass.FunctionPass(pass.VerifyAllocation),
		pass.FunctionPass(pass.EnsureBasePointerCalleeSaved),
		pass.FunctionPass(pass.PruneSelfMoves),
		pass.FunctionPass(pass.RequiredISAExtensions),
	)
}

// allocate gives the virtual registers of a function those of the set: again and again
// the one that has the fewest to choose from, the oldest of several, gets its first.
// avo's own pass takes them in the same order, but goes over all pairs that are alive
// together for each, which took most of the time of writing a file; and it knows no set
// of fewer registers than AVX-512 has.
func (s *Set) allocate(f *ir.Function) error {
	f.Allocation = reg.NewEmptyAllocation()
	for _, kind := range []reg.Kind{reg.KindGP, reg.KindVector, reg.KindOpmask} {
		c := colouring{physical: s.registers(kind)}
		if err := c.read(f, kind); err != nil {
			return err
		}
		if err := c.allocate(f.Allocation); err != nil {
			return err
		}
	}
	return nil
}

// registers lists those of a kind that may be given. The base pointer is last: a
// function that writes it must save it.
func (s *Set) registers(kind reg.Kind) []reg.ID {
	var out, last []reg.ID
	for _, r := range reg.FamilyOfKind(kind).Registers() {
		switch {
		case r.Info()&reg.Restricted != 0 || slices.Contains(out, r.ID()):
		case kind == reg.KindVector && int(r.PhysicalIndex()) >= s.Vectors():
		case r.Info()&reg.BasePointer != 0:
			last = []reg.ID{r.ID()}
		default:
			out = append(out, r.ID())
		}
	}
	slices.Sort(out)
	return append(out, last...)
}

// A colouring chooses among at most 32 physical registers for the virtual ones of a
// kind, which it knows by their index.
type colouring struct {
	physical []reg.ID
	waiting  []reg.ID      // virtual registers that have none yet, the oldest first
	choices  []uint32      // that each has left: bits of physical
	apart    [][]reg.Index // from each, those that are alive together with it
}

// read finds the registers of a function and those that are alive together: one that is
// written, and what is read after that.
func (c *colouring) read(f *ir.Function, kind reg.Kind) error {
	is := f.Instructions()
	for _, i := range is {
		for _, r := range ofKind(kind, i.Registers()) {
			if !r.ID().IsVirtual() {
				return errors.New("a physical register is named")
			}
			c.add(r.ID())
		}
	}
	slices.Sort(c.waiting)
	l := live(is, kind)
	if len(l.before[is[0]]) > 0 {
		return errors.New("a register is read before it is written")
	}
	l.walk(func(n int, after *alive) {
		for _, w := range l.written[n] {
			for k, other := range after.registers {
				if after.masks[k]&w.Mask() != 0 {
					c.keepApart(w.ID().Index(), other.Index())
				}
			}
		}
	})
	return nil
}

func (c *colouring) keepApart(a, b reg.Index) {
	if a != b {
		c.apart[a], c.apart[b] = append(c.apart[a], b), append(c.apart[b], a)
	}
}

func (c *colouring) add(r reg.ID) {
	for int(r.Index()) >= len(c.choices) {
		c.choices, c.apart = append(c.choices, 0), append(c.apart, nil)
	}
	if c.choices[r.Index()] == 0 {
		c.choices[r.Index()] = 1<<len(c.physical) - 1
		c.waiting = append(c.waiting, r)
	}
}

func (c *colouring) allocate(to reg.Allocation) error {
	left := func(r reg.ID) int { return bits.OnesCount32(c.choices[r.Index()]) }
	for len(c.waiting) > 0 {
		r := slices.MinFunc(c.waiting, func(a, b reg.ID) int { return left(a) - left(b) })
		if left(r) == 0 {
			return fmt.Errorf("%d registers are too few", len(c.physical))
		}
		first := bits.TrailingZeros32(c.choices[r.Index()])
		to[r] = c.physical[first]
		for _, other := range c.apart[r.Index()] {
			c.choices[other] &^= 1 << first
		}
		c.waiting = slices.DeleteFunc(c.waiting, func(w reg.ID) bool { return w == r })
	}
	return nil
}
