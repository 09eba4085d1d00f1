package emulate

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func index(r operand.Op) int { return int(r.(reg.Physical).PhysicalIndex()) }

// read returns an operand as an integer of so many bytes.
func (m *Machine) read(o operand.Op, bytes int) (Word, error) {
	switch o := o.(type) {
	case reg.Physical:
		var w Word
		switch o.Kind() {
		case reg.KindGP:
			w = m.general[o.PhysicalIndex()]
		case reg.KindOpmask:
			w = m.masks[o.PhysicalIndex()]
		}
		if w.kind == absent {
			return w, errors.New("the register is nothing yet")
		}
		w.value &= low(min(bytes, int(o.Size())))
		return w, nil
	case operand.Mem:
		if b := m.content(o, bytes); b != nil {
			return Integer(littleEndian(b)), nil
		}
		p, err := m.cell(o, bytes)
		if err == nil && p.kind == absent {
			err = errors.New("the memory is nothing yet")
		}
		if err != nil {
			return Word{}, err
		}
		return *p, nil
	}
	v := reflect.ValueOf(o)
	if v.CanInt() {
		return Integer(uint64(v.Int())), nil
	}
	return Integer(v.Uint()), nil
}

// write sets a register or a cell.
func (m *Machine) write(o operand.Op, w Word, bytes int) error {
	switch o := o.(type) {
	case reg.Physical:
		if o.Kind() == reg.KindOpmask {
			m.masks[o.PhysicalIndex()] = w
		} else {
			m.general[o.PhysicalIndex()] = w
		}
		return nil
	case operand.Mem:
		if o.Base != reg.FramePointer && o.Base != reg.StackPointer {
			return m.access(o, 0, bytes, true)
		}
		p, err := m.cell(o, bytes)
		if err == nil {
			*p = w
		}
		return err
	}
	return fmt.Errorf("%T is written", o)
}

// cell is an argument or a place of the frame that holds an integer, or elements.
func (m *Machine) cell(o operand.Mem, bytes int) (*Word, error) {
	if err := m.access(o, 0, bytes, false); err != nil {
		return nil, err
	}
	if o.Base == reg.FramePointer {
		return &m.args[o.Disp], nil
	}
	at, err := m.address(o)
	if err != nil || o.Base != reg.StackPointer {
		return nil, errors.New("an integer is among elements")
	}
	switch w := &m.frame[at/8]; {
	case at%8 == 0:
		return w, nil
	case w.kind == element: // the other half of two
		return &Word{kind: element}, nil
	}
	return nil, errors.New("half of an integer is read")
}

// access requires that so many bytes from o on, from the first on, are in the slice that
// o points into, the argument or the frame; that is an output if they are written.
func (m *Machine) access(o operand.Mem, first, bytes int, store bool) error {
	switch o.Base {
	case reg.FramePointer:
		if o.Disp < 0 || o.Disp >= len(m.args) || m.args[o.Disp].kind == absent || o.Disp+bytes > len(m.args) {
			return errors.New("it is no argument")
		}
		return nil
	case reg.StackPointer:
		a, err := m.address(o)
		at := int64(a)
		if err != nil || at < 0 || at+int64(bytes) > int64(8*len(m.frame)) {
			return fmt.Errorf("it is outside the frame: %v", err)
		}
		if store {
			for k := at / 8; 8*k < at+int64(bytes); k++ {
				m.frame[k] = Element
			}
		}
		return nil
	}
	a, err := m.address(o)
	if err != nil {
		return err
	}
	a += uint64(first)
	k := int(a>>apart) - 1
	if k < 0 || k >= len(m.memory) {
		return fmt.Errorf("%#x is in no slice", a)
	}
	s := &m.memory[k]
	if at := int64(a - s.base); at < 0 || at+int64(bytes) > int64(s.Bytes) {
		return fmt.Errorf("bytes %d to %d of the %d of %s", at, at+int64(bytes), s.Bytes, s.Name)
	}
	if store && !s.Writable {
		return fmt.Errorf("%s is no output", s.Name)
	}
	return nil
}

// address is where an operand lies, in slices or tables.
func (m *Machine) address(o operand.Mem) (uint64, error) {
	a := uint64(int64(o.Disp))
	switch o.Base {
	case reg.StackPointer: // from where the frame begins
	case reg.StaticBase:
		a += m.memory[m.tables[o.Symbol.Name]].base
	default:
		w := m.general[index(o.Base)]
		if w.kind != integer {
			return 0, errors.New("the address is not known")
		}
		a += w.value
	}
	if o.Index != nil {
		w := m.general[index(o.Index)]
		if w.kind != integer {
			return 0, errors.New("the index is not known")
		}
		a += w.value * uint64(o.Scale)
	}
	return a, nil
}

// content are the bytes that o points to, if they are integers.
func (m *Machine) content(o operand.Mem, bytes int) []byte {
	if o.Base == reg.FramePointer || o.Base == reg.StackPointer || m.access(o, 0, bytes, false) != nil {
		return nil
	}
	a, err := m.address(o)
	if err != nil {
		return nil
	}
	s := m.memory[a>>apart-1]
	if s.Content == nil {
		return nil
	}
	return s.Content[a-s.base:][:bytes]
}

func littleEndian(b []byte) (v uint64) {
	for k, x := range b {
		v |= uint64(x) << (8 * k)
	}
	return v
}
