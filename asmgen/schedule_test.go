package asmgen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/normgen/normgen/gen/ir"
	"github.com/normgen/normgen/gen/plan"
)

// unaryLoop is the loop y = op(x), with the row sum of y if sum is set.
func unaryLoop(op ir.Op, sum bool) *plan.Loop {
	f := &ir.Func{}
	x := f.Load(&ir.Leaf{Kind: ir.InputLeaf, Name: "x", Dims: []int{0}})
	y := f.Apply(op, x)
	kind := plan.StoreParam
	if sum {
		kind = plan.SumParam
	}
	return &plan.Loop{Rows: 1, Past: !sum, Kernel: &plan.Kernel{}, Body: []*ir.Value{y},
		Params: []plan.Param{{Kind: plan.VectorParam, Name: "x", Value: x}, {Kind: kind, Name: "y", Value: y}}}
}

// The schedule of a loop follows from its work: long elements are taken one vector
// at a time, sums by all lanes, and only what is not read again may stream, if that is
// what it waits for.
func TestSchedule(t *testing.T) {
	for _, s := range Sets {
		for _, c := range []struct {
			loop    *plan.Loop
			step    int
			sums    int
			streams bool
		}{
			{square(3), 32, 0, true},
			{unaryLoop(ir.Neg, false), 32, 0, true},
			{unaryLoop(ir.Neg, true), 32, 32/s.Lanes + 1, false},
			{unaryLoop(ir.Rsqrt, false), s.Lanes, 0, false}, // 16 cycles, more than a store takes
			{unaryLoop(ir.Tanh, false), s.Lanes, 0, false},
			{unaryLoop(ir.Tanh, true), 32, 32/s.Lanes + 1, false},
		} {
			if got := s.schedule(c.loop, 0); got.Step != c.step || got.Sums != c.sums || got.Streams != c.streams {
				t.Errorf("%s: %s: %+v, want step %d, sums %d, streams %v", s.Name, equations(c.loop), got, c.step, c.sums, c.streams)
			}
		}
	}
}

// Work counts what the loop does to 64 bytes, and names the port that is full.
func TestWork(t *testing.T) {
	for _, c := range []struct {
		loop *plan.Loop
		want string
	}{
		{square(0), "1 load, 1 store, 0 additions, 1 product: 2 stores"},                                                                // y = x*x
		{square(3), "4 loads, 1 store, 3 additions, 1 product: 4 loads"},                                                                // y = x*x + va + vb + vc
		{unaryLoop(ir.Neg, true), "1 load, 0 stores, 1 addition, 0 products, 1 bit operation: 1 additions"},                             // a sum is an addition
		{unaryLoop(ir.Rsqrt, false), "1 load, 1 store, 0 additions, 0 products, 16 cycles of quotients and roots: 16 quotients, roots"}, // not pipelined
	} {
		w := work(c.loop, c.loop.Rows)
		cycles, port := w.Cycles()
		if got := fmt.Sprintf("%v: %d %s", w, cycles, port); got != c.want {
			t.Errorf("%s: %s, want %s", equations(c.loop), got, c.want)
		}
	}
}

// Every function of a file is explained, with the registers that it really has.
func TestExplain(t *testing.T) {
	for _, s := range Sets {
		f := s.NewFile("t.dsl")
		for i, l := range []*plan.Loop{square(2), unaryLoop(ir.Tanh, true)} {
			if err := f.Check(l); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Loop(fmt.Sprintf("f%d", i), l); err != nil {
				t.Fatal(err)
			}
		}
		list, err := f.Explain()
		if err != nil || len(list) != 2 || list[0].Name != "f0"+s.Suffix {
			t.Fatal(list, err)
		}
		for _, fn := range list {
			text := ""
			for _, c := range fn.Choices {
				text += fmt.Sprintln(c.What, c.Value)
			}
			for _, want := range []string{"rows 1\n", "step 32 elements", "of " + fmt.Sprint(s.Vectors()) + "\n", " of 15\n"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: no %q in\n%s", fn.Name, want, text)
				}
			}
			for _, none := range []string{"vectors 0", "general 0"} {
				if strings.Contains(text, none) {
					t.Errorf("%s: %s", fn.Name, none)
				}
			}
		}
	}
}

// Where registers are few the totals of row sums wait in the frame, and only there.
func TestTotalsInFrame(t *testing.T) {
	l := unaryLoop(ir.Neg, true)
	for i := range 2 { // more sums, and so many operands at once that none is left
		p := l.Params[1]
		p.Name = fmt.Sprintf("y%d", i)
		l.Params = append(l.Params, p)
	}
	for _, s := range Sets {
		f := s.NewFile("t.dsl")
		if _, err := f.Loop("f", l); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		out, err := f.Write("t.s")
		if err != nil {
			t.Fatal(err)
		}
		inFrame := regexp.MustCompile(`VADDSD +y0\+`).Match(out[0].Data)
		if want := s.Vectors() == 16; inFrame != want { // three sums of four vectors, and 13 + 2 for the rest
			t.Errorf("%s: totals are in the frame: %v, want %v", s.Name, inFrame, want)
		}
	}
}

// A loop over arrays takes a register of float64 at a time, and says so.
func TestExplainArrays(t *testing.T) {
	l := unaryLoop(ir.Neg, false)
	l.Step = true
	for _, s := range Sets {
		f := s.NewFile("t.dsl")
		if _, err := f.Loop("f", l); err != nil {
			t.Fatal(err)
		}
		list, err := f.Explain()
		if err != nil {
			t.Fatal(err)
		}
		want := Choice{"step", fmt.Sprintf("%d elements, 1 vector", s.Lanes/2), "as many float64 as a register has; float32 beside them fill half of one"}
		if got := list[0].Choices; !slices.Contains(got, want) {
			t.Errorf("%s: no %v in %v", s.Name, want, got)
		}
	}
}

// A row loop asks for the next row where it reads two tensors and walks over them again.
func TestAhead(t *testing.T) {
	walk := plan.RowPhase{Phase: &plan.Phase{Stores: []plan.Store{{}}}}
	scalars := plan.RowPhase{Phase: &plan.Phase{}}
	read, write, columns := plan.RowParam{Kind: plan.ReadTensor}, plan.RowParam{Kind: plan.WriteTensor}, plan.RowParam{Kind: plan.ReadColumns}
	for _, c := range []struct {
		what   string
		phases []plan.RowPhase
		params []plan.RowParam
		want   []int
	}{
		{"a backward", []plan.RowPhase{walk, scalars, walk}, []plan.RowParam{read, columns, read, write}, []int{0, 2}},
		{"a forward", []plan.RowPhase{walk, walk}, []plan.RowParam{read, columns, write}, nil},
		{"a sum of two", []plan.RowPhase{walk, scalars}, []plan.RowParam{read, read, write}, nil},
	} {
		if got := ahead(&plan.RowLoop{Phases: c.phases, Params: c.params}); !slices.Equal(got, c.want) {
			t.Errorf("%s asks for %v, want %v", c.what, got, c.want)
		}
	}
}
