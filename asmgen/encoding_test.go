package asmgen

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// half are instructions of AVX-512 on registers of 32 bytes, by the name that specs have.
var half = &Set{Name: "avx512", Suffix: "Half", Lanes: 8, EVEX: true, Needs: Sets[len(Sets)-1].Needs}

// A set is its row: half takes nothing else.
func TestHalfRegisters(t *testing.T) {
	f := half.NewFile("t.dsl")
	loops := []*plan.Loop{square(3)}
	for _, op := range []ir.Op{ir.Neg, ir.Floor, ir.Rsqrt, ir.Tanh, ir.Erf} {
		loops = append(loops, unaryLoop(op, false), unaryLoop(op, true))
	}
	for i, l := range loops {
		if _, err := f.Loop(fmt.Sprintf("f%d", i), l); err != nil {
			t.Errorf("%s: %v", equations(l), err)
		}
	}
	out, err := f.Write("t.s")
	if err != nil {
		t.Fatal(err)
	}
	if long := regexp.MustCompile(`.*\bZ[0-9].*`).Find(out[0].Data); long != nil {
		t.Errorf("a register is too long: %s", long)
	}
	for _, want := range []string{`\bK1\b`, `VPXORD\b.*Y`, `VRNDSCALEPS\b.*Y`, `VEXTRACTF32X4\b.*Y`} {
		if !regexp.MustCompile(want).Match(out[0].Data) {
			t.Errorf("no %s in\n%s", want, out[0].Data)
		}
	}
}

// Two rows in flight are folded in any of the registers, and stay in their slices.
func TestHalfRows(t *testing.T) {
	folds := 0
	for _, f := range filesOf(t, "../testdata/standard.dsl", half) {
		out, err := f.Write("t.s")
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range f.loops {
			p, err := newProof(w)
			if err == nil {
				err = p.all()
			}
			if err != nil {
				t.Errorf("%s: %v", w.name, err)
			}
		}
		if bytes.Contains(out[0].Data, []byte("F128")) {
			t.Errorf("%s: AVX2 has registers 0 to 15 alone", f.loops[0].name)
		}
		folds += bytes.Count(out[0].Data, []byte("VSHUFF64X2"))
	}
	if folds == 0 {
		t.Error("no two rows are in flight")
	}
}
