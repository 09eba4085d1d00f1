package emulate

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"github.com/mmcloughlin/avo/reg"
)

// onElements runs an instruction on elements: all that is known of its result is what
// it reads of a table.
func onElements(m *Machine, i *instruction) error {
	if i.bytes > 0 {
		if err := m.elements(i); err != nil {
			return err
		}
	}
	for _, o := range i.Outputs {
		r, ok := o.(reg.Physical)
		switch {
		case !ok:
		case r.Kind() == reg.KindVector:
			m.vectors[r.PhysicalIndex()] = m.table(i)
		case r.Kind() == reg.KindOpmask:
			m.masks[r.PhysicalIndex()] = Element
		default:
			m.general[r.PhysicalIndex()] = Element
		}
	}
	return nil
}

// elements holds an access to memory to its slice, that of lanes that are left out apart.
func (m *Machine) elements(i *instruction) error {
	lanes, err := m.lanes(i)
	if err != nil || lanes == 0 {
		return err
	}
	first, end := bits.TrailingZeros64(lanes), bits.Len64(lanes) // those between lie in the slice if these do
	if i.Opcode == "VMOVNTPS" {
		if a, err := m.address(i.memory); err != nil || a%uint64(i.bytes) != 0 {
			return fmt.Errorf("it is not aligned: %v", err)
		}
	}
	return m.access(i.memory, first*i.size, (end-first)*i.size, i.stores)
}

// lanes returns which lanes an instruction touches in memory.
func (m *Machine) lanes(i *instruction) (lanes uint64, err error) {
	all := ^uint64(0) >> (64 - i.bytes/i.size)
	switch {
	case strings.HasPrefix(i.Opcode, "VMASKMOV"):
		return m.signs(i)
	case i.mask == none:
		return all, nil
	case m.masks[i.mask].kind != integer:
		return 0, errors.New("the mask is not known")
	}
	return m.masks[i.mask].value & all, nil
}

// signs reads the mask of a masked move of AVX2: the sign bits of a register, which
// comes before the last operand of a load, and of a store.
func (m *Machine) signs(i *instruction) (lanes uint64, err error) {
	mask := m.vectors[index(i.Operands[1])]
	if len(mask) < i.bytes {
		return 0, errors.New("the mask is not known")
	}
	for k := range i.bytes / i.size {
		lanes |= uint64(mask[(k+1)*i.size-1]>>7) << k
	}
	return lanes, nil
}

// table is what a plain load reads of a table; nil if it reads something else.
func (m *Machine) table(i *instruction) []byte {
	o := i.memory
	if i.bytes == 0 || i.stores || i.Opcode != "VMOVUPS" && i.Opcode != "VMOVDQU" || i.mask != none {
		return nil
	}
	return m.content(o, i.bytes)
}

// width is that of the widest vector register.
func width(i *instruction) int {
	n := 0
	for _, o := range i.Operands {
		if r, ok := o.(reg.Physical); ok && r.Kind() == reg.KindVector {
			n = max(n, int(r.Size()))
		}
	}
	return n
}
