// Package emulate runs of a function of assembly what addresses, masks and branches are
// made of, and holds each load and store to the slice of its argument.
package emulate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A Machine runs a function: of its instructions what concerns integers and the words of
// tables. What elements are is unknown; where a branch hangs on them the machine is told
// which way to go. An instruction that it does not know is an error.
type Machine struct {
	code   []instruction
	target []int          // of branches, by instruction
	tables map[string]int // slices by name

	signature *gotypes.Signature

	memory  []memory
	args    []Word // by offset
	frame   []Word // by offset / 8
	general [16]Word
	masks   [8]Word
	vectors [32][]byte // nil: unknown

	equal, less Word // what the last instruction with flags left
	unknown     func() bool
	asked       int // how often
}

// A Word is an integer, or what a function makes of elements, or nothing yet.
type Word struct {
	kind  wordKind
	value uint64
}

type wordKind uint8

const (
	absent wordKind = iota
	element
	integer
)

// Element is a word whose value is unknown.
var Element = Word{kind: element}

// Integer is a word that is known.
func Integer(v uint64) Word { return Word{integer, v} }

// Flag is 1 or 0.
func Flag(b bool) Word {
	if b {
		return Integer(1)
	}
	return Integer(0)
}

// A Slice is memory that a function may read, and may write if it is an output.
type Slice struct {
	Name     string
	Bytes    int
	Writable bool
	Content  []byte // of integers; nil: elements
}

// A memory is a slice at an address: slice i is in the range of 2^40 bytes that i is the
// number of.
type memory struct {
	Slice
	base uint64
}

const apart = 40

// An instruction is one with what it takes to run it.
type instruction struct {
	*ir.Instruction
	run func(m *Machine, i *instruction) error

	// Of one on elements:
	memory      operand.Mem // an operand there, if it has bytes
	bytes, size int         // all of them, and those of an element
	stores      bool
	mask        int // the register that leaves lanes out, or none
}

const none = -1

// New decodes a function, and the tables that it reads, words by their names.
func New(f *ir.Function, tables map[string][]uint32) (*Machine, error) {
	m := &Machine{signature: f.Signature, tables: map[string]int{},
		args: make([]Word, f.Signature.Bytes()+8), frame: make([]Word, (f.LocalSize+7)/8)}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		var b []byte
		for _, w := range tables[name] {
			b = binary.LittleEndian.AppendUint32(b, w)
		}
		m.tables[name] = len(m.memory)
		m.add(Slice{Name: name, Bytes: len(b), Content: b}, 0)
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

// Clear forgets all arguments and their slices. Results may be written.
func (m *Machine) Clear() {
	m.memory = m.memory[:len(m.tables)]
	clear(m.args)
	for k := m.signature.Params().Bytes(); k < len(m.args); k++ {
		m.args[k] = Element
	}
}

// Set sets a part of an argument.
func (m *Machine) Set(part gotypes.Component, w Word) error {
	b, err := part.Resolve()
	if err == nil {
		m.args[b.Addr.Disp] = w
	}
	return err
}

// Argument is an argument of the function.
func (m *Machine) Argument(name string) gotypes.Component { return m.signature.Params().Lookup(name) }

// Point points a part of an argument to a slice of its own, so many bytes away from an
// address that 4096 divides.
func (m *Machine) Point(part gotypes.Component, s Slice, off uint64) error {
	return m.PointInto(part, s, off, 0)
}

// PointInto is Point for a part that has the slice from so many bytes on.
func (m *Machine) PointInto(part gotypes.Component, s Slice, off, from uint64) error {
	w := m.add(s, off)
	w.value += from
	return m.Set(part, w)
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

func (m *Machine) add(s Slice, off uint64) Word {
	base := uint64(len(m.memory)+1)<<apart + off
	m.memory = append(m.memory, memory{s, base})
	return Integer(base)
}

// most instructions are more than any function runs on the sizes it is given.
const most = 1 << 24

// Run runs the function to its end, and returns how often a branch hung on elements:
// unknown says then whether they are equal.
func (m *Machine) Run(unknown func() bool) (asked int, err error) {
	m.unknown, m.asked = unknown, 0
	err = m.run()
	return m.asked, err
}

func (m *Machine) run() error {
	m.general, m.masks, m.vectors = [16]Word{}, [8]Word{}, [32][]byte{}
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
func (m *Machine) step(i *instruction) (jump bool, err error) {
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
func (m *Machine) condition(c string) (bool, error) {
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
	case "EQ", "Z":
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
func (m *Machine) compare(a, b Word) {
	if a.kind != integer || b.kind != integer {
		m.equal, m.less = Element, Element
		return
	}
	m.equal, m.less = Flag(a.value == b.value), Flag(int64(a.value) < int64(b.value))
}
