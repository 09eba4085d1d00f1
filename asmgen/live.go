package asmgen

import (
	"slices"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/reg"
)

// A liveness says which parts of the registers of a kind are read later and not written
// before that. It is the analysis of avo's pass, which keeps a map for each instruction;
// this keeps one for each that is jumped to.
type liveness struct {
	is            []*ir.Instruction
	read, written [][]reg.Register // by each
	before        map[*ir.Instruction]reg.MaskSet
}

// live analyses instructions.
func live(is []*ir.Instruction, kind reg.Kind) *liveness {
	l := &liveness{is: is, before: map[*ir.Instruction]reg.MaskSet{is[0]: {}}}
	for n, i := range is {
		l.read = append(l.read, ofKind(kind, i.InputRegisters()))
		l.written = append(l.written, ofKind(kind, i.OutputRegisters()))
		for _, to := range i.Succ {
			if !l.follows(n, to) {
				l.before[to] = reg.MaskSet{}
			}
		}
	}
	for l.walk(func(int, *alive) {}) {
	}
	return l
}

func ofKind(kind reg.Kind, list []reg.Register) []reg.Register {
	return slices.DeleteFunc(list, func(r reg.Register) bool { return r.Kind() != kind })
}

// follows reports whether to, where instruction n may go on, is the next or none.
func (l *liveness) follows(n int, to *ir.Instruction) bool {
	return to == nil || n+1 < len(l.is) && to == l.is[n+1]
}

// walk visits all instructions, the last first, with what is alive after each. It
// reports whether more is alive than it knew before.
func (l *liveness) walk(visit func(n int, after *alive)) (more bool) {
	now := &alive{}
	for n, i := range slices.Backward(l.is) {
		if n+1 < len(l.is) && !slices.Contains(i.Succ, l.is[n+1]) {
			*now = alive{}
		}
		for _, to := range i.Succ {
			if !l.follows(n, to) {
				for r, mask := range l.before[to] {
					now.add(r, mask)
				}
			}
		}
		visit(n, now)
		for _, w := range l.written[n] {
			now.remove(w.ID(), w.Mask())
		}
		for _, r := range l.read[n] {
			now.add(r.ID(), r.Mask())
		}
		if before, ok := l.before[i]; ok {
			for k, r := range now.registers {
				more = before.Add(r, now.masks[k]) || more
			}
		}
	}
	return more
}

// alive lists the registers that are alive and the masks of the parts that are; they are few.
type alive struct {
	registers []reg.ID
	masks     []uint16
}

func (a *alive) add(r reg.ID, mask uint16) {
	if k := slices.Index(a.registers, r); k >= 0 {
		a.masks[k] |= mask
		return
	}
	a.registers, a.masks = append(a.registers, r), append(a.masks, mask)
}

func (a *alive) remove(r reg.ID, mask uint16) {
	k := slices.Index(a.registers, r)
	if k < 0 {
		return
	}
	if a.masks[k] &^= mask; a.masks[k] == 0 {
		a.registers, a.masks = slices.Delete(a.registers, k, k+1), slices.Delete(a.masks, k, k+1)
	}
}
