package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"slices"
	"strings"
	"testing"

	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"

	"github.com/normgen/normgen/asmgen"
	"github.com/normgen/normgen/asmgen/emulate"
	"github.com/normgen/normgen/gen/plan"
	"github.com/normgen/normgen/testdata/gates"
)

// A primitive is how a function may be called; one that takes rows, with at least one.
type primitive struct {
	outputs string // the slices that it writes
	least   int    // elements
	eights  bool   // only a multiple of eight of them
}

var callable = map[string]primitive{
	"rowSum":        {"", 0, false},
	"rowMoments":    {"", plan.RowShift, false},
	"momentSums":    {"", 0, false},
	"rowMax":        {"", 1, false},
	"columnMoments": {"shift s1 s2", 0, false},
	"columnSums":    {"s1 s2", 0, false},
	"columnStreams": {"shift s1 s2", 0, false},
	"centreColumns": {"mean ss far", 0, true},
	"widen":         {"dst", 0, true},
	"narrow":        {"dst", 0, true},
	"addNarrow":     {"dst", 0, true},
	"addSums":       {"dst", 0, true},
	"joinMoments":   {"mean ss", 0, true},
	"addTo":         {"dst", 0, false},
}

// TestGate06Primitives runs the addresses of all primitives that take arguments, and
// holds each load and store to the slice of its argument.
func TestGate06Primitives(t *testing.T) {
	g := gates.Open(t, 6, "addresses: primitives")
	file, err := compile(asmgen.Sets)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tablesOf(file)
	if err != nil {
		t.Fatal(err)
	}
	functions, runs, most := 0, 0, gates.Sized(300, 4127)
	for _, f := range file.Functions() {
		if f.Signature.Params().Bytes() == 0 {
			continue // pause and fence
		}
		functions++
		r, err := newRunner(f, tables)
		for n := 0; n <= most && err == nil; n++ {
			for _, rows := range [][]int{{2}, {0, 1, 2}, {1, 3, 4, 7}, {0, 1, 2, 3, 5, 6, 7, 8, 9}} {
				err = errors.Join(err, r.run(n, rows))
			}
		}
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		runs += r.runs
	}
	if want := len(callable) * len(asmgen.Sets); functions != want {
		t.Errorf("%d functions, want %d", functions, want)
	}
	g.Figure("%d functions, lengths to %d, %d runs: every access in its slice, stores in outputs", functions, most, runs)
}

// TestPrimitivesLeaveSlices finds where slices are a byte too short, in every function.
func TestPrimitivesLeaveSlices(t *testing.T) {
	file, err := compile(asmgen.Sets)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := tablesOf(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range file.Functions() {
		if f.Signature.Params().Bytes() == 0 {
			continue
		}
		r, err := newRunner(f, tables)
		if r.short = 1; err == nil {
			err = r.run(32, []int{0, 1, 2})
		}
		if err == nil || !strings.Contains(err.Error(), "bytes ") {
			t.Errorf("%s leaves slices unseen: %v", f.Name, err)
		}
	}
}

// tablesOf are the words of the data of a file, by name.
func tablesOf(file *ir.File) (map[string][]uint32, error) {
	out := map[string][]uint32{}
	for _, s := range file.Sections {
		g, ok := s.(*ir.Global)
		if !ok {
			continue
		}
		for _, d := range g.Data {
			switch w := d.Value.(type) {
			case operand.U32:
				out[g.Symbol.Name] = append(out[g.Symbol.Name], uint32(w))
			case operand.U64:
				out[g.Symbol.Name] = append(out[g.Symbol.Name], uint32(w), uint32(w>>32))
			default:
				return nil, fmt.Errorf("%s has a %T", g.Symbol.Name, w)
			}
		}
	}
	return out, nil
}

// A runner runs a function.
type runner struct {
	primitive
	m      *emulate.Machine
	params []*ast.Field
	short  int // bytes that slices lack, for a test of the test
	runs   int
	err    error // of an argument
}

func newRunner(f *ir.Function, tables map[string][]uint32) (*runner, error) {
	name := f.Name
	for _, s := range asmgen.Sets {
		name = strings.TrimSuffix(name, s.Suffix)
	}
	p, ok := callable[name]
	if !ok {
		return &runner{}, errors.New("how it may be called is not said")
	}
	m, err := emulate.New(f, tables)
	if err != nil {
		return &runner{}, err
	}
	text, err := parser.ParseExpr("func" + f.Signature.String())
	if err != nil {
		return &runner{}, err
	}
	return &runner{primitive: p, m: m, params: text.(*ast.FuncType).Params.List}, nil
}

// run runs a call of so many elements, in those rows if it takes rows, three times: branches
// that hang on elements go either way, or in turn.
func (r *runner) run(n int, rows []int) error {
	if n < r.least || r.eights && n%8 != 0 {
		return nil
	}
	for way := range 3 {
		r.m.Clear()
		r.arguments(n, rows, way)
		if r.err != nil {
			return r.err
		}
		turn := false
		if _, err := r.m.Run(func() bool { turn = !turn; return way == 1 || way == 2 && turn }); err != nil {
			return fmt.Errorf("%d elements, rows %v: %w", n, rows, err)
		}
		r.runs++
	}
	return nil
}

// arguments are slices no longer than they must be. The elements of a matrix end with
// those of the last row that is listed.
func (r *runner) arguments(n int, rows []int, off int) {
	stride := n + off
	for k, p := range r.params {
		for _, id := range p.Names {
			arg, place := r.m.Argument(id.Name), uint64(4*off*k)
			s := emulate.Slice{Name: id.Name, Writable: slices.Contains(strings.Fields(r.outputs), id.Name)}
			switch typ := text(p.Type); typ {
			case "[]float32", "[]float64", "[]uint8":
				s.Bytes = n*map[string]int{"[]float32": 32, "[]float64": 64, "[]uint8": 1}[typ]/8 - r.short
				r.point(arg, s, n, place)
			case "[]int":
				for _, row := range rows {
					s.Content = binary.LittleEndian.AppendUint64(s.Content, uint64(row))
				}
				s.Bytes = len(s.Content)
				r.point(arg, s, len(rows), 0)
			case "*float32":
				if len(rows) > 0 {
					s.Bytes = 4 * (slices.Max(rows)*stride + n)
				}
				r.fail(r.m.Point(arg, s, place))
			case "int":
				r.fail(r.m.Set(arg, emulate.Integer(uint64(stride))))
			default:
				r.fail(r.m.Set(arg, emulate.Element))
			}
		}
	}
}

// point makes an argument a slice of n elements.
func (r *runner) point(arg gotypes.Component, s emulate.Slice, n int, off uint64) {
	r.fail(r.m.Point(arg.Base(), s, off))
	r.fail(r.m.Set(arg.Len(), emulate.Integer(uint64(n))))
}

func (r *runner) fail(err error) { r.err = errors.Join(r.err, err) }

// text is a type as it is written.
func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.ArrayType:
		return "[]" + text(e.Elt)
	case *ast.StarExpr:
		return "*" + text(e.X)
	}
	return e.(*ast.Ident).Name
}
