package asmgen

import (
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"reflect"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An emulator runs of a function what addresses, masks and branches are made of: integers
// and the words of tables. What elements are is unknown; where a branch hangs on them
// the emulator is told which way to go. An instruction that it does not know is an error.
type emulator struct {
	code   []instruction
	target []int          // of branches, by instruction
	tables map[string]int // slices by name

	memory  []slice
	args    []word // by offset
	frame   []word // by offset / 8
	general [16]word
	masks   [8]word
	vectors [32][]byte // nil: unknown

	equal, less word // what the last instruction with flags left
	unknown     func() bool
	asked       int // how often
}

// A word is an integer, or what the function wrote of elements, or nothing yet.
type word struct {
	kind  wordKind
	value uint64
}

type wordKind uint8

const (
	absent wordKind = iota
	element
	integer
)

func known(v uint64) word { return word{integer, v} }

func flag(b bool) word {
	if b {
		return known(1)
	}
	return known(0)
}

// A slice is memory that a function may read, and may write if it is an output. Slice i
// is in the range of 2^40 bytes that i is the number of.
type slice struct {
	name     string
	base     uint64
	bytes    int
	writable bool
	content  []byte // of tables
}

const apart = 40

// An instruction is one with what it takes to run it.
type instruction struct {
	*ir.Instruction
	run func(m *emulator, i *instruction) error

	// Of one on elements:
	memory      operand.Mem // an operand there, if it has bytes
	bytes, size int         // all of them, and those of an element
	stores      bool
	mask        int // the register that leaves lanes out, or none
}

const none = -1

// newEmulator decodes a function.
func newEmulator(f *ir.Function, consts constants) (*emulator, error) {
	m := &emulator{tables: map[string]int{}, args: make([]word, f.Signature.Bytes()+8), frame: make([]word, (f.LocalSize+7)/8)}
	for _, name := range slices.Sorted(maps.Keys(consts)) {
		var b []byte
		for _, w := range consts[name] {
			b = append(b, byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
		}
		m.tables[name] = len(m.memory)
		m.add(slice{name: name, bytes: len(b), content: b}, 0)
	}
	labels := map[string]int{}
	for _, n := range f.Nodes {
		switch n := n.(type) {
		case ir.Label:
			labels[string(n)] = len(m.code)
		case *ir.Instruction:
			i, err := decode(n)
			if err != nil {
				return nil, err
			}
			m.code = append(m.code, i)
		}
	}
	m.target = make([]int, len(m.code))
	for k, i := range m.code {
		if l := i.TargetLabel(); l != nil {
			m.target[k] = labels[string(*l)]
		}
	}
	return m, nil
}

// decode finds what an instruction does.
func decode(n *ir.Instruction) (instruction, error) {
	i := instruction{Instruction: n, run: runs[n.Opcode], size: 4, mask: none}
	bytes := touched[n.Opcode]
	if i.run == nil && bytes == nil {
		return i, fmt.Errorf("%s: the emulator does not know it", n.Opcode)
	}
	if bytes == nil {
		return i, nil
	}
	i.run = onElements
	for _, o := range n.Operands {
		if o, ok := o.(operand.Mem); ok {
			i.memory, i.bytes = o, bytes(&i)
		}
	}
	for _, o := range n.Outputs {
		_, i.stores = o.(operand.Mem)
	}
	for _, o := range n.Inputs {
		if r, ok := o.(reg.Physical); ok && r.Kind() == reg.KindOpmask {
			i.mask = index(r)
		}
	}
	if strings.HasSuffix(n.Opcode, "PD") {
		i.size = 8
	}
	return i, nil
}

// add makes room for a slice, so many bytes away from an address that 4096 divides.
func (m *emulator) add(s slice, off uint64) word {
	s.base = uint64(len(m.memory)+1)<<apart + off
	m.memory = append(m.memory, s)
	return known(s.base)
}

// most instructions are more than any function runs on the sizes it is given.
const most = 1 << 24

// start runs the function to its end.
func (m *emulator) start() error {
	m.general, m.masks, m.vectors, m.asked = [16]word{}, [8]word{}, [32][]byte{}, 0
	clear(m.frame)
	for pc, n := 0, 0; ; n++ {
		i := &m.code[pc]
		switch jump, err := m.step(i); {
		case i.Opcode == "RET":
			return nil
		case err != nil:
			return fmt.Errorf("instruction %d, %s: %w", pc, textOf(i), err)
		case n > most:
			return errors.New("it does not end")
		case jump:
			pc = m.target[pc]
		default:
			pc++
		}
	}
}

// step runs an instruction, and reports whether it jumps.
func (m *emulator) step(i *instruction) (jump bool, err error) {
	if !i.IsBranch {
		return false, i.run(m, i)
	}
	return m.condition(i.Opcode[1:])
}

func textOf(i *instruction) string {
	var ops []string
	for _, o := range i.Operands {
		ops = append(ops, o.Asm())
	}
	return i.OpcodeWithSuffixes() + " " + strings.Join(ops, ", ")
}

// condition says whether one of the flags holds.
func (m *emulator) condition(c string) (bool, error) {
	if c == "MP" {
		return true, nil
	}
	if m.equal.kind == absent {
		return false, errors.New("the flags are nothing")
	}
	e, l := m.equal.value == 1, m.less.value == 1
	if m.equal.kind == element {
		m.asked++
		e, l = m.unknown(), false
	}
	switch c {
	case "EQ":
		return e, nil
	case "NE":
		return !e, nil
	case "LT":
		return l, nil
	case "LE":
		return l || e, nil
	case "GT":
		return !l && !e, nil
	case "GE":
		return !l, nil
	}
	return false, fmt.Errorf("the emulator does not know the condition %s", c)
}

// compare sets the flags to those of a - b, as signed numbers.
func (m *emulator) compare(a, b word) {
	if a.kind != integer || b.kind != integer {
		m.equal, m.less = word{kind: element}, word{kind: element}
		return
	}
	m.equal, m.less = flag(a.value == b.value), flag(int64(a.value) < int64(b.value))
}

func index(r operand.Op) int { return int(r.(reg.Physical).PhysicalIndex()) }

// read returns an operand as an integer of so many bytes.
func (m *emulator) read(o operand.Op, bytes int) (word, error) {
	switch o := o.(type) {
	case reg.Physical:
		var w word
		switch o.Kind() {
		case reg.KindGP:
			w = m.general[o.PhysicalIndex()]
		case reg.KindOpmask:
			w = m.masks[o.PhysicalIndex()]
		}
		if w.kind == absent {
			return w, errors.New("the register is nothing yet")
		}
		w.value &= ^uint64(0) >> (64 - 8*min(bytes, int(o.Size())))
		return w, nil
	case operand.Mem:
		p, err := m.cell(o, bytes)
		if err == nil && p.kind == absent {
			err = errors.New("the memory is nothing yet")
		}
		if err != nil {
			return word{}, err
		}
		return *p, nil
	}
	v := reflect.ValueOf(o)
	if v.CanInt() {
		return known(uint64(v.Int())), nil
	}
	return known(v.Uint()), nil
}

// write sets a register or a cell.
func (m *emulator) write(o operand.Op, w word, bytes int) error {
	switch o := o.(type) {
	case reg.Physical:
		if o.Kind() == reg.KindOpmask {
			m.masks[o.PhysicalIndex()] = w
		} else {
			m.general[o.PhysicalIndex()] = w
		}
		return nil
	case operand.Mem:
		p, err := m.cell(o, bytes)
		if err == nil {
			*p = w
		}
		return err
	}
	return fmt.Errorf("%T is written", o)
}

// cell is an argument or a place of the frame that holds an integer.
func (m *emulator) cell(o operand.Mem, bytes int) (*word, error) {
	if err := m.access(o, 0, bytes, false); err != nil {
		return nil, err
	}
	switch {
	case o.Base == reg.FramePointer:
		return &m.args[o.Disp], nil
	case o.Base == reg.StackPointer && o.Disp%8 == 0:
		return &m.frame[o.Disp/8], nil
	}
	return nil, errors.New("an integer is among elements")
}

// access requires that so many bytes from o on, from the first on, are in the slice that
// o points into, the argument or the frame; that is an output if they are written.
func (m *emulator) access(o operand.Mem, first, bytes int, store bool) error {
	switch o.Base {
	case reg.FramePointer:
		if o.Disp < 0 || o.Disp >= len(m.args) || m.args[o.Disp].kind == absent || o.Disp+bytes > len(m.args) {
			return errors.New("it is no argument")
		}
		return nil
	case reg.StackPointer:
		if o.Index != nil || o.Disp < 0 || o.Disp+bytes > 8*len(m.frame) {
			return errors.New("it is outside the frame")
		}
		if store {
			for k := o.Disp / 8; 8*k < o.Disp+bytes; k++ {
				m.frame[k] = word{kind: element}
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
	if at := int64(a - s.base); at < 0 || at+int64(bytes) > int64(s.bytes) {
		return fmt.Errorf("bytes %d to %d of the %d of %s", at, at+int64(bytes), s.bytes, s.name)
	}
	if store && !s.writable {
		return fmt.Errorf("%s is no output", s.name)
	}
	return nil
}

// address is where an operand lies, in slices or tables.
func (m *emulator) address(o operand.Mem) (uint64, error) {
	a := uint64(int64(o.Disp))
	if o.Base == reg.StaticBase {
		a += m.memory[m.tables[o.Symbol.Name]].base
	} else if w := m.general[index(o.Base)]; w.kind != integer {
		return 0, errors.New("the address is not known")
	} else {
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

// onElements runs an instruction on elements: all that is known of its result is what
// it reads of a table.
func onElements(m *emulator, i *instruction) error {
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
			m.masks[r.PhysicalIndex()] = word{kind: element}
		default:
			m.general[r.PhysicalIndex()] = word{kind: element}
		}
	}
	return nil
}

// elements holds an access to memory to its slice, that of lanes that are left out apart.
func (m *emulator) elements(i *instruction) error {
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
func (m *emulator) lanes(i *instruction) (lanes uint64, err error) {
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
func (m *emulator) signs(i *instruction) (lanes uint64, err error) {
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
func (m *emulator) table(i *instruction) []byte {
	o := i.memory
	if i.bytes == 0 || i.stores || i.Opcode != "VMOVUPS" || i.mask != none || o.Base == reg.FramePointer || o.Base == reg.StackPointer {
		return nil
	}
	a, err := m.address(o)
	if err != nil {
		return nil
	}
	s := m.memory[a>>apart-1]
	if s.content == nil {
		return nil
	}
	return s.content[a-s.base:][:i.bytes]
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
