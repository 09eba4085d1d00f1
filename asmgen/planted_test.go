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

// planted are faults of addresses: what each does to an instruction, if it can.
var planted = []struct {
	what, says string
	fault      func(i *ir.Instruction) bool
}{
	{"a tail of an element more, of AVX2", "bytes ", func(i *ir.Instruction) bool {
		if i.Opcode == "LEAQ" { // AVX2: a window of ones and zeros
			m := i.Operands[0].(operand.Mem)
			m.Disp -= 4
			i.Operands[0] = m
			return m.Symbol.Name == "window"
		}
		return false
	}},
	{"a tail of an element more, of AVX-512", "bytes ", func(i *ir.Instruction) bool {
		if n, ok := i.Operands[0].(operand.U8); ok && i.Opcode == "SHRQ" && n >= 8 { // the mask of the next vector has one lane more; bytes are shifted by less
			i.Operands[0] = n - 1
			return true
		}
		return false
	}},
	{"a step where elements are too few", "bytes ", func(i *ir.Instruction) bool {
		if n, ok := i.Operands[len(i.Operands)-1].(operand.U8); ok && i.Opcode == "CMPQ" && n > 1 {
			i.Operands[1] = n - 1
			return true
		}
		return false
	}},
	{"elements from the next on", "bytes ", func(i *ir.Instruction) bool {
		m, ok := i.Operands[0].(operand.Mem)
		if ok && (i.Opcode == "VMOVUPS" || i.Opcode == "VMASKMOVPS") && m.Symbol.Name == "" && m.Base != reg.StackPointer && m.Index != nil {
			m.Disp += 4
			i.Operands[0] = m
			return true
		}
		return false
	}},
	{"an instruction that is not known", "the emulator does not know it", func(i *ir.Instruction) bool {
		if i.Opcode == "VMULPS" {
			i.Opcode = "VPERMB"
			return true
		}
		return false
	}},
}

// The proof finds each fault in each function that can have it.
func TestAddressesFindFaults(t *testing.T) {
	found := map[string]int{}
	for _, f := range filesOf(t, "../testdata/standard.dsl") {
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
func withFault(w *written, fault func(i *ir.Instruction) bool) (bad *written, has bool) {
	f, out := *w.function, *w
	f.Nodes = slices.Clone(f.Nodes)
	for k, n := range f.Nodes {
		if i, ok := n.(*ir.Instruction); ok && len(i.Operands) > 0 {
			c := *i
			c.Operands = slices.Clone(i.Operands)
			has = fault(&c) || has
			f.Nodes[k] = &c
		}
	}
	out.function = &f
	return &out, has
}
