package asmgen

import (
	"slices"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/normgen/normgen/gen/plan"
)

// planted are faults of addresses: what each does to an instruction, if it can, and puts
// before it.
var planted = []struct {
	what, says string
	fault      func(i *ir.Instruction) (before []ir.Node, has bool)
}{
	{"a tail of an element more, of AVX2", "bytes ", func(i *ir.Instruction) (before []ir.Node, has bool) {
		if i.Opcode == "LEAQ" { // AVX2: a window of ones and zeros
			m := i.Operands[0].(operand.Mem)
			m.Disp -= 4
			i.Operands[0] = m
			return nil, m.Symbol.Name == "window"
		}
		return nil, false
	}},
	{"a tail of an element more, of AVX-512", "bytes ", func(i *ir.Instruction) (before []ir.Node, has bool) {
		if r, ok := i.Operands[0].(reg.GP); ok && i.Opcode == "KMOVW" { // each vector's mask
			bits := r.As64()
			return []ir.Node{
				&ir.Instruction{Opcode: "ADDQ", Operands: []operand.Op{bits, bits}},
				&ir.Instruction{Opcode: "ORQ", Operands: []operand.Op{operand.U8(1), bits}},
			}, true
		}
		return nil, false
	}},
	{"a step where elements are too few", "bytes ", func(i *ir.Instruction) (before []ir.Node, has bool) {
		if n, ok := i.Operands[len(i.Operands)-1].(operand.U8); ok && i.Opcode == "CMPQ" && n > 1 {
			i.Operands[1] = n - 1
			return nil, true
		}
		return nil, false
	}},
	{"elements from the next on", "bytes ", func(i *ir.Instruction) (before []ir.Node, has bool) {
		m, ok := i.Operands[0].(operand.Mem)
		if ok && (i.Opcode == "VMOVUPS" || i.Opcode == "VMASKMOVPS") && m.Symbol.Name == "" && m.Base != reg.StackPointer && m.Index != nil {
			m.Disp += 4
			i.Operands[0] = m
			return nil, true
		}
		return nil, false
	}},
	{"an instruction that is not known", "the emulator does not know it", func(i *ir.Instruction) (before []ir.Node, has bool) {
		if i.Opcode == "VMULPS" {
			i.Opcode = "VPERMB"
			return nil, true
		}
		return nil, false
	}},
}

// The proof finds each fault in each function that can have it.
func TestAddressesFindFaults(t *testing.T) {
	found := map[string]int{}
	for _, f := range filesOf(t, "../testdata/standard.dsl", Sets...) {
		for _, w := range f.loops {
			for _, c := range planted {
				if bad, has := withFault(w, c.fault); has {
					finds(t, bad, c.what, c.says)
					found[c.what]++
				}
			}
			if bad, has := withoutOutputs(w); has {
				finds(t, bad, noOutput, noOutput)
				found[noOutput]++
			}
		}
	}
	t.Log(found)
	if len(found) != len(planted)+1 {
		t.Errorf("some faults have no function: %v", found)
	}
}

const noOutput = "is no output"

func finds(t *testing.T, bad *written, what, says string) {
	t.Helper()
	p, err := newProof(bad)
	if err == nil {
		err = p.all()
	}
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: %s is not found: %v", bad.name, what, err)
	}
}

// withoutOutputs is a function that must not write its column sums and row values.
func withoutOutputs(w *written) (bad *written, has bool) {
	out := *w
	if w.rows != nil {
		l := *w.rows
		l.Params = slices.Clone(l.Params)
		for k, p := range l.Params {
			if p.Kind == plan.AddColumns || p.Kind == plan.SaveRows {
				l.Params[k].Kind, has = plan.ReadRows, true
				if p.Kind == plan.AddColumns {
					l.Params[k].Kind = plan.ReadColumns
				}
			}
		}
		out.rows = &l
		return &out, has
	}
	l := *w.loop
	l.Params = slices.Clone(l.Params)
	for k, p := range l.Params {
		if p.Kind == plan.AddParam {
			l.Params[k].Kind, has = plan.VectorParam, true
		}
	}
	out.loop = &l
	return &out, has
}

// withFault is a function with a fault in each instruction that can have it.
func withFault(w *written, fault func(i *ir.Instruction) (before []ir.Node, has bool)) (bad *written, has bool) {
	f, out := *w.function, *w
	f.Nodes = nil
	for _, n := range w.function.Nodes {
		if i, ok := n.(*ir.Instruction); ok && len(i.Operands) > 0 {
			c := *i
			c.Operands = slices.Clone(i.Operands)
			before, faulty := fault(&c)
			f.Nodes = append(f.Nodes, before...)
			n, has = &c, has || faulty
		}
		f.Nodes = append(f.Nodes, n)
	}
	out.function = &f
	return &out, has
}
