package asmgen

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/build"
	avo "github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/pass"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// Where avo's own pass finds registers of the set, each register is the one that it
// chooses; where it does not, or chooses those of another set, there is an error.
func TestAllocate(t *testing.T) {
	same, refused := 0, 0
	for _, s := range Sets {
		for n := range 14 {
			for _, l := range []*plan.Loop{square(n), polynomial(n)} {
				ours, theirs := functionOf(t, s, l), functionOf(t, s, l)
				err := s.passes().Execute(ours)
				want := pass.Compile.Execute(theirs)
				text := printed(t, theirs)
				if want != nil || !s.EVEX && beyond.Match(text) {
					refused++
					if err == nil || !strings.HasSuffix(err.Error(), "registers are too few") {
						t.Errorf("%s: %d: %v", s.Name, n, err)
					}
					continue
				}
				same++
				if pass.IncludeTextFlagHeader(ours) != nil || err != nil || !bytes.Equal(printed(t, ours), text) {
					t.Errorf("%s: %d: other registers than avo's: %v", s.Name, n, err)
				}
			}
		}
	}
	if same < 20 || refused < 4 {
		t.Errorf("%d functions had registers, and %d none", same, refused)
	}
}

func functionOf(t *testing.T, s *Set, l *plan.Loop) *avo.File {
	t.Helper()
	c := build.NewContext()
	e := &emitter{Context: c, set: s, loop: l, consts: constants{}, schedule: s.schedule(l, 0)}
	e.function("f")
	f, err := c.Result()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func printed(t *testing.T, f *avo.File) []byte {
	t.Helper()
	out, err := text(f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// polynomial keeps n powers of x until they are added: y = exp(x) + x + x^2 + ...
func polynomial(n int) *plan.Loop {
	l := square(0)
	x, f := l.Params[1].Value, &ir.Func{}
	powers := []*ir.Value{x}
	for i := range 3 * n {
		powers = append(powers, f.Apply(ir.Mul, powers[i], x))
	}
	y := f.Apply(ir.Exp, x)
	l.Body = append(powers[1:len(powers):len(powers)], y)
	for i := range powers {
		y = f.Apply(ir.Add, powers[len(powers)-1-i], y)
		l.Body = append(l.Body, y)
	}
	l.Params[0].Value = y
	return l
}
