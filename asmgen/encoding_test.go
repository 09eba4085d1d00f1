package asmgen

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// A set is its row: instructions of AVX-512 on registers of 32 bytes take nothing else.
func TestHalfRegisters(t *testing.T) {
	s := &Set{Name: "half", Suffix: "Half", Lanes: 8, EVEX: true, Needs: Sets[1].Needs}
	f := s.NewFile("t.dsl")
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
